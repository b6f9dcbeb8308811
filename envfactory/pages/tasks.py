"""The page of a task: the conversation with every call and where its arguments come from, the goal, the proof, the solve rate."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import Any, NamedTuple

from markupsafe import Markup, escape
from rich.text import Text

from envfactory.environments.artefact import dump
from envfactory.environments.report import CheckResult
from envfactory.pages.bodies import Bodies, Body
from envfactory.pages.document import fragment
from envfactory.pages.environments import check_facts
from envfactory.pages.links import Link
from envfactory.pages.taskwords import (
    difference,
    fact_words,
    gold_answer,
    operator_words,
    result_words,
    shown,
    source_words,
)
from envfactory.sampling.antecedents import argument_leaves
from envfactory.tasks.model import Mention, Path, Task

_PURPOSES = {"resolve": "looks up", "establish": "prepares", "goal": "goal", "check": "checks"}


class Piece(NamedTuple):
    """A stretch of what a person says; a mention where something stands behind it."""

    text: str
    mention: Mention | None = None


def task_page(task: Task, bodies: Bodies, environments: Sequence[Link] = ()) -> Markup:
    """Return the content of a task's page. `environments` are the pages of those that it plays in."""
    return fragment(
        "task",
        bodies,
        task=task,
        turns=[_turn(task, number) for number in range(len(task.turns))],
        changes=[(name, change, difference(change)) for name, own in task.goal.changes.items() for change in own],
        paths=[("accepted", _paths(task, task.accept, "accept")), ("rejected", _paths(task, task.reject, "reject"))],
        checks_told=[_verdict(task, name) for name in task.verdicts],
        passed=sum(verdict.status == "pass" for verdict in task.verdicts.values()),
        profile=[
            f"{', '.join(f'{column} {shown(value)}' for column, value in each.columns.items())} "
            f"({each.environment}.{each.table})"
            for each in task.profile
        ],
        written_by=", ".join(f"{part}: {backend}" for part, backend in task.written_by.items()),
        whole=_json(f"k.{task.id}.task", dump(task)),
        environments=environments,
    )


def pieces(text: str, mentions: Sequence[Mention]) -> Iterator[Piece]:
    """Yield a text cut at its mentions; a mention that overlaps an earlier one is left out."""
    place = 0
    spoken = (mention for mention in mentions if mention.span is not None)
    for mention in sorted(spoken, key=lambda each: each.span or (0, 0)):
        start, end = mention.span or (0, 0)
        if place <= start < end <= len(text):
            yield Piece(text[place:start])
            yield Piece(text[start:end], mention)
            place = end
    yield Piece(text[place:])


def styled(text: Text) -> Markup:
    """Return text for a terminal as markup: each stretch escaped, its styles as classes of ours."""
    plain, marks = text.plain, sorted({0, len(text.plain), *(end for s in text.spans for end in (s.start, s.end))})
    told = []
    for start, end in pairwise(marks):
        styles = [str(span.style) for span in text.spans if span.start <= start and end <= span.end]
        classes = " ".join(
            f"t-{word}" for style in [str(text.style), *styles] for word in style.split() if word.isalpha()
        )
        told.append(Markup('<span class="{}">{}</span>').format(classes, plain[start:end]))
    return Markup("").join(told) if told else escape(plain)


def _turn(task: Task, number: int) -> dict[str, Any]:
    turn = task.turns[number]
    return {
        "turn": turn,
        "pieces": list(pieces(turn.text, turn.mentions)),
        "replies": [(reply.question, list(pieces(reply.text, reply.mentions))) for reply in turn.replies],
        "operators": [(operator_words(task, number, each), json.dumps(each.evidence)) for each in turn.operators],
        "calls": [_call(task, number, place) for place in range(*turn.calls)],
        "facts": [styled(fact_words(fact)) for fact in turn.facts],
        "answer": gold_answer(task, number),
    }


def _call(task: Task, turn: int, place: int) -> dict[str, Any]:
    call = task.gold[place]
    name = f"{call.environment}.{call.tool}" if len(task.environments) > 1 else call.tool
    return {
        "number": place + 1,
        "name": name,
        "purpose": _PURPOSES[call.purpose],
        "outcome": call.outcome,
        "arguments": [
            (path, shown(value), styled(source_words(task, turn, call.sources.get(path))))
            for path, value in argument_leaves(call.arguments)
        ],
        "told": [styled(line) for line in result_words(task, place)],
        "result": None if call.result is None else _json(f"k.{task.id}.result{place}", call.result),
    }


def _paths(task: Task, paths: Sequence[Path], title: str) -> list[dict[str, Any]]:
    """Return the paths by kind: how many, what was done to the gold, and the paths in full."""
    found = []
    for kind, count in Counter(path.kind for path in paths).items():
        own = [path for path in paths if path.kind == kind]
        notes = list(dict.fromkeys(path.note for path in own if path.note))
        body = _json(f"k.{task.id}.{title}.{kind}", [dump(path) for path in own])
        found.append({"kind": kind, "count": count, "notes": notes, "body": body})
    return found


def _verdict(task: Task, name: str) -> dict[str, Any]:
    verdict = task.verdicts[name]
    told = f"{verdict.evidence}{f' ({verdict.remedy})' if verdict.remedy else ''}"
    check = CheckResult(id=name, status="fail", summary=told, measured=verdict.measured)
    return check_facts(task.id, check) | {"status": "fail" if verdict.status == "error" else verdict.status}


def _json(key: str, value: Any) -> Body:
    text = json.dumps(value, ensure_ascii=False)
    return Body(key, "json", len(text), lambda: text)
