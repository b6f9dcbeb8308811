"""The page of a run: what came of it, when who was at work, what it cost, and every step with all that was said in it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import zip_longest
from typing import Any

from markupsafe import Markup

from envfactory.config import AUTHORS, BUILDERS
from envfactory.environments.report import CheckResult
from envfactory.pages.bodies import Bodies, Body
from envfactory.pages.document import fragment
from envfactory.pages.environments import check_facts
from envfactory.pages.links import NOTHING, Link, Made
from envfactory.pages.timeline import timeline
from envfactory.traces.changes import changes
from envfactory.traces.search import THOUGHT, speaker_of
from envfactory.traces.store import TraceStore
from envfactory.traces.story import (
    Chapter,
    Exchange,
    Message,
    Span,
    Step,
    Story,
    is_bad,
    is_recorded,
    seconds,
    spent_by_role,
)

_TOLD = ("check", "started")


class Known(dict[str, Any]):
    """What is known of something; anything else is empty, not an error: a run that is on knows little yet."""

    def __missing__(self, name: str) -> str:
        return ""


@dataclass(frozen=True)
class Row:
    """A line that opens: a step or a model call, and what is found in it."""

    id: str
    kind: str
    role: str
    environment: str
    label: str
    told: str
    status: str
    state: str
    seconds: float
    tokens: str
    cost: float | None
    failed: bool
    said: list[tuple[str, Body]] = field(default_factory=list)
    changes: list[tuple[str, Body]] = field(default_factory=list)
    checks: list[dict[str, Any]] = field(default_factory=list)
    events: list[str] = field(default_factory=list)
    calls: list[Row] = field(default_factory=list)


@dataclass(frozen=True)
class Section:
    """An environment: what came of it, its steps, and the pages of what was made."""

    name: str
    title: str
    facts: Mapping[str, Any]
    status: str
    state: str
    tasks: Mapping[str, Any] | None
    events: list[str]
    rows: list[Row]
    environment: Link | None
    links: Sequence[Link]
    spent: Mapping[str, Any]


def run_page(
    name: str,
    store: TraceStore,
    story: Story,
    bodies: Bodies,
    made: Made = NOTHING,
    record: Mapping[str, Any] | None = None,
) -> Markup:
    """Return the content of a run's page. `record` is what the run's folder says of it."""
    sections = [_section(store, story, chapter, made) for chapter in story.chapters]
    spent = spent_by_role(story.steps())
    return fragment(
        "run",
        bodies,
        name=name,
        run=story.run,
        state="bad" if record and record.get("status") == "died" else _state(story.run),
        record=Known(record or {}),
        events=_events(story, story.run),
        took=(story.run["end_ns"] or story.ends) - story.run["start_ns"],
        sections=sections,
        environments=[section for section in sections if section.name],
        kept=sum(section.tasks["kept"] or 0 for section in sections if section.tasks),
        spent=spent,
        total=_total(spent),
        timeline=timeline(story),
        roles=[each.role for each in spent],
    )


def _total(spent: Sequence[Any]) -> dict[str, Any]:
    costs = [each.cost for each in spent if each.cost is not None]
    counted = ("calls", "recorded", "input_tokens", "output_tokens")
    summed = {name: sum(getattr(each, name) for each in spent) for name in counted}
    return summed | {"cost": sum(costs) if costs else None, "failed": sum(each.failed for each in spent)}


def _section(store: TraceStore, story: Story, chapter: Chapter, made: Made) -> Section:
    replaced = changes(store, chapter)
    span, tasks = chapter.span, chapter.tasks
    return Section(
        name=chapter.name,
        title=str(span["attributes"].get("title", "")) if chapter.name else "The run itself",
        facts=Known(span["attributes"] if chapter.name else {}),
        status=span["status"],
        state=_state(span),
        tasks=None if tasks is None else Known(tasks["attributes"], status=tasks["status"], state=_state(tasks)),
        events=_events(story, span) if chapter.name else [],
        rows=[_row(store, story, step, replaced.get(step.span["span_id"], [])) for step in chapter.steps],
        environment=made.environments.get(chapter.name),
        links=made.tasks.get(chapter.name, ()),
        spent=_total(spent_by_role(chapter.steps)),
    )


def _row(store: TraceStore, story: Story, step: Step, replaced: Sequence[Any]) -> Row:
    span = step.span
    said = _handed(store, step) if span["kind"] != "chat" else _conversation(store, step.messages)
    return Row(
        **_common(span),
        kind=span["kind"],
        label=_label(step),
        told=_told(span),
        failed=step.failed,
        said=said,
        changes=[(each.part, Body(f"d.{span['span_id']}.{each.part}", "diff", 0, each.read)) for each in replaced],
        checks=_checks(span),
        events=_events(story, span),
        calls=[
            _call(store, call, number, sent_back=_sent_back(call, after))
            for number, (call, after) in enumerate(zip_longest(step.calls, step.calls[1:]), 1)
        ],
    )


def _call(store: TraceStore, call: Exchange, number: int, *, sent_back: bool) -> Row:
    recorded = ", from the record" if is_recorded(call.span) else ""
    return Row(
        **_common(call.span),
        kind="chat",
        label=f"call {number}",
        told=f"{call.span['model'] or ''}{recorded}{': the answer was sent back' if sent_back else ''}",
        failed=is_bad(call.span),
        said=_conversation(store, call.messages),
    )


def _sent_back(call: Exchange, after: Exchange | None) -> bool:
    """Tell whether the next call goes on with the same conversation, in which somebody objects to this one's answer."""
    if after is None or call.span["agent"] not in BUILDERS or len(after.messages) < len(call.messages) + 2:
        return False
    answer, objection = after.messages[len(call.messages) - 1 : len(call.messages) + 1]
    return (speaker_of(answer.role), speaker_of(objection.role)) == ("assistant", "user")


def _common(span: Span) -> dict[str, Any]:
    tokens = f"{span['input_tokens'] or 0:,} → {span['output_tokens'] or 0:,}" if span["output_tokens"] else ""
    return {
        "id": span["span_id"],
        "role": span["agent"] or "",
        "environment": span["environment"] or "",
        "status": span["status"],
        "state": _state(span),
        "seconds": seconds(span),
        "tokens": tokens,
        "cost": span["cost"],
    }


def _label(step: Step) -> str:
    if step.span["kind"] == "chat":
        return "a call of no step"
    if step.role in AUTHORS:
        return f"share {step.revision}" + (f", round {step.turn + 1}" if step.turn else "")
    return f"revision {step.revision}" + (f", again ({step.turn + 1})" if step.turn else "")


def _told(span: Span) -> str:
    told = span["attributes"]
    if span["kind"] == "gate":
        return f"{told['passed']} of {told['total']} checks pass" if "total" in told else "no report"
    backend = "" if span["model"] in (None, "rules") else f"{span['model']}: "
    return backend + str(told.get("detail", ""))


def _state(span: Span) -> str:
    if span["status"] in ("open", "stopped"):
        return "open"
    return "bad" if is_bad(span) else "good"


def _handed(store: TraceStore, step: Step) -> list[tuple[str, Body]]:
    """Return what a role was given and what it made: the first and the last message of its span."""
    names = ("given", "made") if step.span["status"] == "ok" else ("given", "came to")
    found = [(name, _body(store, message)) for name, message in zip(names, step.messages, strict=False)]
    return [(name, body) for name, body in found if body.size]


def _conversation(store: TraceStore, messages: Sequence[Message]) -> list[tuple[str, Body]]:
    found = []
    for message in messages:
        if message.thought:
            found.append((THOUGHT, _body(store, message, thought=True)))
        found.append((speaker_of(message.role), _body(store, message)))
    return found


def _body(store: TraceStore, message: Message, *, thought: bool = False) -> Body:
    def read() -> str:
        told = store.message(message.span, message.n)
        return "" if told is None else told[thought]

    key = f"{'t' if thought else 'm'}.{message.span}.{message.n}"
    return Body(key, "text", message.thought if thought else message.size, read)


def _checks(span: Span) -> list[dict[str, Any]]:
    report = span["attributes"].get("report") or {}
    return [check_facts(span["span_id"], CheckResult.model_validate(check)) for check in report.get("checks", [])]


def _events(story: Story, span: Span) -> list[str]:
    """Return what was told of a span besides its checks."""
    told = (event for event in story.events.get(span["span_id"], ()) if event["name"] not in _TOLD)
    return [" ".join([event["name"].replace("_", " "), *map(str, event["data"].values())]) for event in told]
