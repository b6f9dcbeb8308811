"""A trace as a story: a chapter an environment, its steps in order (a role's answer or a gate), each with its model calls.

Pages, comparisons and searches read this instead of spans. Nothing of what was said is held: a step knows its messages
by their place and length, and reads them when they are wanted.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from envfactory.traces.store import LOST, TraceStore

Span = dict[str, Any]
Event = dict[str, Any]
GOOD = ("ok", "verified", "finished", "full")
UNDECIDED = ("open", "stopped")


class Message(NamedTuple):
    """Where a message lies: the n-th of a span, said by `role`, so many characters of text and of reasoning."""

    span: str
    n: int
    role: str
    size: int
    thought: int


@dataclass
class Exchange:
    """One model call: its span and its conversation, the answer last."""

    span: Span
    messages: list[Message] = field(default_factory=list)


@dataclass
class Step:
    """A role's answer (what it was given, what it made) or a gate; `turn` counts those of one role, revision and chapter."""

    span: Span
    turn: int
    messages: list[Message] = field(default_factory=list)
    calls: list[Exchange] = field(default_factory=list)

    @property
    def role(self) -> str:
        return str(self.span["agent"] or "")

    @property
    def revision(self) -> int:
        return int(self.span["revision"] or 0)

    @property
    def key(self) -> tuple[str, str, int, int]:
        """What makes it the same step in another run."""
        return self.span["environment"] or "", self.role, self.revision, self.turn

    @property
    def failed(self) -> bool:
        """Whether it, or a model call of it, did not end well."""
        return any(is_bad(span) for span in (self.span, *(call.span for call in self.calls)))


@dataclass
class Chapter:
    """An environment (or, under the name "", the run itself): its span, that of its tasks, and its steps by start."""

    name: str
    span: Span
    tasks: Span | None = None
    steps: list[Step] = field(default_factory=list)


@dataclass
class Story:
    """A whole run, with the events of each span. `ends` is the last moment that anything is known of, in nanoseconds."""

    run: Span
    chapters: list[Chapter]
    ends: int
    events: dict[str, list[Event]]

    def steps(self) -> Iterator[Step]:
        """Yield every step, chapter by chapter."""
        for chapter in self.chapters:
            yield from chapter.steps

    def chapter(self, name: str) -> Chapter | None:
        """Return the chapter of an environment."""
        return next((chapter for chapter in self.chapters if chapter.name == name), None)


def is_bad(span: Span) -> bool:
    """Tell whether a span did not end well; one that goes on, or was stopped, is not judged."""
    return span["status"] not in (*GOOD, *UNDECIDED)


def is_recorded(span: Span) -> bool:
    """Tell whether a model call was answered from a recording."""
    return bool(span["attributes"].get("recorded"))


def read_story(store: TraceStore) -> Story | None:
    """Return a trace's story, or None where nothing has begun."""
    spans = store.spans()
    run = next((span for span in spans if span["kind"] == "run"), None)
    if run is None:
        return None
    chapters, steps, calls = _placed(run, spans)
    for message in store.outline():
        holder = steps.get(message[0]) or calls.get(message[0])
        if holder is not None:
            holder.messages.append(Message(*message))
    ends = max(max(span["start_ns"], span["end_ns"] or 0) for span in spans)
    events: dict[str, list[Event]] = {}
    for event in store.all_events():
        events.setdefault(event["span_id"] or run["span_id"], []).append(event)
    return Story(run, list(chapters.values()), ends, events)


def _placed(run: Span, spans: list[Span]) -> tuple[dict[str, Chapter], dict[str, Step], dict[str, Exchange]]:
    chapters = {"": Chapter("", run)}
    steps: dict[str, Step] = {}
    calls: dict[str, Exchange] = {}
    turns: dict[tuple[str, str, int], int] = {}
    for span in spans:
        name = span["environment"] or ""
        if span["kind"] == "environment":
            chapters.setdefault(name, Chapter(name, span))
        elif span["kind"] == "tasks":
            chapters.setdefault(name, Chapter(name, span)).tasks = span
        elif span["kind"] in ("role", "gate"):
            key = (name, span["agent"], span["revision"])
            turns[key] = turns.get(key, -1) + 1
            steps[span["span_id"]] = Step(span, turns[key])
            chapters.setdefault(name, Chapter(name, span)).steps.append(steps[span["span_id"]])
    for span in spans:  # a call's start is reckoned back from its end, and may seem to lie before its step's
        if span["kind"] == "chat":
            _place_call(Exchange(span), chapters[""], steps, calls)
    return chapters, steps, calls


def _place_call(call: Exchange, at_large: Chapter, steps: dict[str, Step], calls: dict[str, Exchange]) -> None:
    """Put a model call below its role; one whose role is unknown is a step of the run's own."""
    span = call.span
    calls[span["span_id"]] = call
    if span["parent_id"] in steps:
        steps[span["parent_id"]].calls.append(call)
    else:
        at_large.steps.append(Step(span, len(at_large.steps), call.messages))


@dataclass
class Spent:
    """What a role came to: answers, bad ones among them, model calls, tokens, seconds at work, cost where it is known.

    `recorded` are the calls that were answered from a recording.
    """

    role: str
    backends: list[str] = field(default_factory=list)
    answers: int = 0
    failed: int = 0
    calls: int = 0
    recorded: int = 0
    input_tokens: int = 0
    output_tokens: int = 0
    seconds: float = 0.0
    cost: float | None = None

    def add_step(self, step: Step) -> None:
        """Count a step with its model calls."""
        self.answers += 1
        self.failed += step.failed
        self.seconds += seconds(step.span)
        if step.span["model"] and step.span["model"] not in self.backends:
            self.backends.append(step.span["model"])
        calls = step.calls or ([Exchange(step.span)] if step.span["kind"] == "chat" else [])
        for call in calls:
            self.add_call(call.span)

    def add_call(self, span: Span) -> None:
        """Count a model call."""
        self.calls += 1
        self.recorded += is_recorded(span)
        self.input_tokens += span["input_tokens"] or 0
        self.output_tokens += span["output_tokens"] or 0
        if span["cost"] is not None:
            self.cost = (self.cost or 0.0) + span["cost"]


def spent_by_role(steps: Iterable[Step]) -> list[Spent]:
    """Return what each role came to, in order of their first step."""
    found: dict[str, Spent] = {}
    for step in steps:
        found.setdefault(step.role, Spent(step.role)).add_step(step)
    return list(found.values())


def seconds(span: Span) -> float:
    """Return how long a span took; 0 while it is open or where its process died in it."""
    return 0.0 if span["end_ns"] is None or span["status"] == LOST else float(span["end_ns"] - span["start_ns"]) / 1e9
