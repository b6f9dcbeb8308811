"""A task on a page, so that a person can judge it: who speaks, each turn with its calls and where every argument comes
from, what must have changed, what the grader accepts and rejects, and what was measured.
"""

from __future__ import annotations

import textwrap
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from rich.text import Text

from envfactory.cli.pages import BAD, GOOD, OPEN
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
from envfactory.tasks.model import Path, Task, Turn

WIDTH = 100
NARROWEST = 60
_LABEL = 11
_DEEPEST = 24  # an argument with a long name still has room for its value
_STATUS = {"pass": GOOD, "fail": BAD, "error": BAD, "skip": OPEN}
_OUTCOME = {"done": GOOD, "informed": "cyan", "refused": OPEN, "declined": OPEN, "chat": "dim"}
_PURPOSES = {"resolve": "looks up", "establish": "prepares", "goal": "goal", "check": "checks"}
_SIGNS = {"insert": "+", "update": "~", "delete": "-"}


class _Part(NamedTuple):
    """A paragraph: its text, what its first line and the others begin with; or a heading, ruled off up to the margin."""

    text: Text
    first: str = ""
    later: str = ""
    ruled: bool = False


def task_page(task: Task, width: int = WIDTH) -> Iterator[Text]:
    """Yield the lines of a task's page, none wider than `width`."""
    for part in _parts(task):
        if part.ruled:
            yield Text.assemble(part.text, " ", "─" * max(width - len(part.text.plain) - 1, 0))
        else:
            yield from _wrapped(part, width)


def _parts(task: Task) -> Iterator[_Part]:
    yield from _head(task)
    for number, turn in enumerate(task.turns):
        yield _BLANK
        yield from _turn(task, number, turn)
    yield _BLANK
    yield from _goal(task)
    yield from _paths("accepted", task.accept)
    yield from _paths("rejected", task.reject)
    yield from _checks(task)


_BLANK = _Part(Text())


def signature(task: Task) -> str:
    """Say in a few words what a task is made of."""
    turns, calls = len(task.turns), len(task.gold)
    return f"{turns} turn{'s'[: turns != 1]}, {calls} call{'s'[: calls != 1]}"


def _head(task: Task) -> Iterator[_Part]:
    names = ", ".join(reference.name for reference in task.environments)
    told = f"  {names}  {task.split}  {signature(task)}, {task.shape}"
    yield _Part(Text.assemble((task.id, "bold"), told), later="  ")
    yield from _labelled("story", " · ".join(part for part in (task.story, task.focus) if part))
    persona = task.persona
    party = f", party of {persona.party}" if persona.party else ""
    yield from _labelled("speaker", f"{persona.tone}{party}{f': {persona.situation}' if persona.situation else ''}")
    for profile in task.profile:
        columns = ", ".join(f"{column} {shown(value)}" for column, value in profile.columns.items())
        yield from _labelled("signed in", f"{columns} ({profile.environment}.{profile.table})")
    for reference in task.environments:
        yield from _labelled("world", f"{reference.name} {reference.content_hash[:12]}, clock {reference.now}")
    yield from _labelled("distractors", ", ".join(reference.name for reference in task.distractors))
    yield from _labelled("withheld", ", ".join(task.withheld))
    yield from _labelled("graded", _graded(task))


def _graded(task: Task) -> Text:
    passed = sum(verdict.status == "pass" for verdict in task.verdicts.values())
    verdict = ("verified", GOOD) if task.verified else ("not verified", BAD if task.verdicts else OPEN)
    told = Text.assemble(verdict, f", {passed} of {len(task.verdicts)} checks" if task.verdicts else "")
    tried = task.calibration
    if tried is not None:
        calls = f" in {_span(tried.calls)} calls" if tried.calls else ""
        told.append(f"; solved {tried.solved} of {tried.attempts} times by {tried.solver}{calls}")
        told.append("; ambiguous" if tried.ambiguous else "", style=BAD)
    return told


def _span(numbers: Sequence[int]) -> str:
    low, high = min(numbers), max(numbers)
    return str(low) if low == high else f"{low} to {high}"


def _turn(task: Task, number: int, turn: Turn) -> Iterator[_Part]:
    heading = Text.assemble("── ", (f"turn {number + 1}", "bold"), " ", (turn.outcome, _OUTCOME[turn.outcome]))
    yield _Part(heading, ruled=True)
    yield from _labelled("says", Text(turn.text, style="bold"))
    if turn.plain and turn.plain != turn.text:
        yield from _labelled("plainly", Text(turn.plain, style="dim"))
    for reply in turn.replies:
        yield from _labelled("if asked", f"{reply.question}")
        yield from _labelled("  replies", Text(reply.text, style="bold"))
    operators = "; ".join(operator_words(task, number, record) for record in turn.operators)
    yield from _labelled("operators", operators)
    for place in range(*turn.calls):
        yield from _call(task, number, place)
    for fact in turn.facts:
        yield from _labelled("must state", fact_words(fact))
    yield from _labelled("answers", Text(gold_answer(task, number), style="italic"))


def _call(task: Task, turn: int, place: int) -> Iterator[_Part]:
    call, arguments = task.gold[place], list(argument_leaves(task.gold[place].arguments))
    name = f"{call.environment}.{call.tool}" if len(task.environments) > 1 else call.tool
    verdict = "" if call.outcome == "ok" else f"  {call.outcome}"
    yield _Part(
        Text.assemble((name, "cyan"), (f"  {_PURPOSES[call.purpose]}", "dim"), (verdict, OPEN)), f"{place + 1:>3}  "
    )
    width = max((len(path) for path, _ in arguments), default=0)
    for path, value in arguments:
        told = Text.assemble(f"{path:<{width}}  ", (shown(value), "bold"), ("  ← ", "dim"))
        told.append_text(source_words(task, turn, call.sources.get(path)))
        yield _Part(told, "       ", " " * min(9 + width, _DEEPEST))
    for number, line in enumerate(result_words(task, place)):
        yield _Part(line, "       " if number else "     → ", "         ")


def _goal(task: Task) -> Iterator[_Part]:
    changes = [(name, change) for name, each in task.goal.changes.items() for change in each]
    yield _Part(Text("must have changed" if changes else "nothing may have changed", style="bold"))
    for environment, change in changes:
        where = f"{environment}." if len(task.environments) > 1 else ""
        key = ", ".join(map(str, change.key))
        head = f"{_SIGNS[change.op]} {where}{change.table} {key}  "
        yield _Part(Text.assemble((head, "cyan"), difference(change)), "  ", "      ")
    rules = "; ".join(f"{column} {rule}" for column, rule in task.goal.text_rules.items())
    yield from _labelled("text", rules)


def _paths(title: str, paths: list[Path]) -> Iterator[_Part]:
    if not paths:
        return
    yield _BLANK
    kinds = Counter(path.kind for path in paths)
    yield _Part(Text(f"{title}: {len(paths)} paths", style="bold"))
    for kind, count in kinds.items():
        notes = [path.note for path in paths if path.kind == kind and path.note]
        times = f" × {count}" if count > 1 else ""
        yield _Part(Text(f"{kind}{times}{f'  {_unique(notes)}' if notes else ''}"), "  ", "      ")


def _unique(notes: Iterable[str], most: int = 3) -> str:
    distinct = list(dict.fromkeys(notes))
    more = f"; and {len(distinct) - most} more" if len(distinct) > most else ""
    return "; ".join(distinct[:most]) + more


def _checks(task: Task) -> Iterator[_Part]:
    if not task.verdicts:
        return
    yield _BLANK
    passed = [name for name, verdict in task.verdicts.items() if verdict.status == "pass"]
    yield _Part(Text(f"checks: {len(passed)} of {len(task.verdicts)} passed", style="bold"))
    if passed:
        yield _Part(Text(", ".join(passed)), "  ", "  ")
    for name, verdict in task.verdicts.items():
        if verdict.status != "pass":
            told = f"  {verdict.evidence}{f' ({verdict.remedy})' if verdict.remedy else ''}"
            yield _Part(Text.assemble(name, " ", (verdict.status, _STATUS[verdict.status]), told), "  ", "      ")


def _labelled(label: str, told: str | Text) -> Iterator[_Part]:
    """Yield a labelled paragraph; nothing where there is nothing to tell."""
    text = Text(told) if isinstance(told, str) else told
    if text.plain:
        yield _Part(text, f"{label:<{_LABEL}} ", " " * (_LABEL + 1))


def _wrapped(part: _Part, width: int) -> Iterator[Text]:
    """Yield a paragraph in lines of the page's width, styles kept."""
    text = Text(" ").join(part.text.split("\n"))
    lines = textwrap.wrap(
        text.plain,
        width,
        initial_indent=part.first,
        subsequent_indent=part.later,
        break_long_words=True,
        break_on_hyphens=False,
    )
    place = 0
    for number, line in enumerate(lines or [""]):
        indent = part.later if number else part.first
        body = line[len(indent) :]
        place = text.plain.index(body, place) if body and body in text.plain[place:] else place
        shown = Text(indent, style="dim")
        shown.append_text(text[place : place + len(body)])
        place += len(body)
        yield shown
