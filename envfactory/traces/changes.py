"""What each revision changed: the parts of an environment (code, contracts, seed data, schema, cases) before and after.

Products are read from the answers on record, not from what came of them, so a rejected revision is told as well.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any, NamedTuple

from envfactory.traces.legible import indented, opened
from envfactory.traces.lines import unified
from envfactory.traces.store import TraceStore
from envfactory.traces.story import Chapter, Message, Step

_PARTS: dict[str, tuple[str, ...]] = {
    "code": ("code", "source"),
    "contracts": ("design", "contracts"),
    "schema": ("design", "schema_sql"),
    "seed data": ("design", "seed_rows"),
    "cases": ("cases", "cases"),
}
_MAKERS = {"schema_designer": "design", "coder": "code", "tester": "cases"}


class Change(NamedTuple):
    """A part that a step replaced. `read` computes the unified diff."""

    part: str
    read: Callable[[], str]


class _Answer(NamedTuple):
    """Where a product lies: an answer of a role, whole or, in a reviser's, under its name."""

    message: Message
    whole: bool


def changes(store: TraceStore, chapter: Chapter) -> dict[str, list[Change]]:
    """Return what steps of a chapter changed, by span; the first version of a part is no change."""
    standing: dict[str, _Answer] = {}
    found: dict[str, list[Change]] = {}
    for step in chapter.steps:
        answer = _answer(step)
        if answer is None:
            continue
        for holder in _replaced(store, step, answer):
            if holder in standing:
                own = found.setdefault(step.span["span_id"], [])
                own.extend(_changes(store, holder, standing[holder], answer))
            standing[holder] = answer
    return {span: own for span, own in found.items() if own}


def _answer(step: Step) -> _Answer | None:
    good = step.span["status"] == "ok" and len(step.messages) > 1
    known = good and step.role in (*_MAKERS, "reviser")
    return _Answer(step.messages[1], step.role in _MAKERS) if known else None


def _replaced(store: TraceStore, step: Step, answer: _Answer) -> list[str]:
    """Return which products an answer holds."""
    if answer.whole:
        return [_MAKERS[step.role]]
    told = _told(store, answer)
    return [holder for holder in dict.fromkeys(_MAKERS.values()) if told.get(holder)]


def _changes(store: TraceStore, holder: str, before: _Answer, after: _Answer) -> list[Change]:
    return [
        Change(part, partial(_difference, store, part, before, after))
        for part, path in _PARTS.items()
        if path[0] == holder and _part(store, part, before) != _part(store, part, after)
    ]


def _difference(store: TraceStore, part: str, before: _Answer, after: _Answer) -> str:
    return "\n".join(unified(_lines(_part(store, part, before)), _lines(_part(store, part, after))))


def _part(store: TraceStore, part: str, answer: _Answer) -> Any:
    """Return a part of the product that an answer is or holds; None where it lacks it."""
    holder, *inner = _PARTS[part]
    value: Any = _told(store, answer)
    for name in inner if answer.whole else (holder, *inner):
        value = value.get(name) if isinstance(value, dict) else None
    return value


def _told(store: TraceStore, answer: _Answer) -> dict[str, Any]:
    told = store.message(answer.message.span, answer.message.n)
    value = opened(told[0]) if told else None
    return value if isinstance(value, dict) else {}


def _lines(part: Any) -> list[str]:
    return part.splitlines() if isinstance(part, str) else list(indented(part))
