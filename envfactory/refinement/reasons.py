"""Reasons that go with what is done: nobody stays longer by ending earlier, or brings the dog along without one.

A document's reasons are words; those that tell a direction (longer, earlier, more) fit only where the change goes that way.
Of a turn that changes nothing no direction is known, and only the others are left.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import datetime
from itertools import pairwise
from typing import Any, Literal, NamedTuple

from envfactory.phrasing.frames import EnvironmentFrames
from envfactory.refinement.rehearsal import steps_of
from envfactory.tasks.model import Change, Task
from envfactory.tasks.play import play
from envfactory.tasks.scope import Scope

Way = Literal["longer", "shorter", "later", "earlier", "more", "fewer", "pets"]
_TELLS: tuple[tuple[Way, re.Pattern[str]], ...] = (
    ("shorter", re.compile(r"\bgo home early|\bleav\w+ (?:\w+ )*earlier")),
    ("longer", re.compile(r"\bstay\w* (?:\w+ )*longer|\badding a \w+|\bone more (?:day|night)|\bfew more days")),
    ("later", re.compile(r"\blater\b|\bnot get up that early|\blonger to pack|\bday longer|\bsleep in|\bin time\b")),
    ("earlier", re.compile(r"\bearlier\b")),
    ("pets", re.compile(r"\b(?:dog|cat|pet)\b")),
    ("more", re.compile(r"\bjoining us|\bcoming (?:along|too|after all)|\bmore (?:are|space|room|comfort|luggage)\b")),
    ("fewer", re.compile(r"\bone of us can't|\bfewer of us|\bcan't come after all")),
)
_STAMPS = ("%Y-%m-%dT%H:%M:%SZ", "%Y-%m-%d")
_ENDS = re.compile(r"^(?:ends?|until|return|check_out|departure|leav|to)(?:_|$)")
_KEPT = re.compile(r"(?:updated|changed|modified|moved)_(?:at|on)")  # kept by the tool, moved by nobody
_PEOPLE = re.compile(r"people|adults|children|guests|party|passengers|persons|members|seats|bags|sleeps|berths")
_PETS = re.compile(r"pets?|dogs?|animals?")


class Moved(NamedTuple):
    """A column that a turn changed, with its values before and after."""

    column: str
    before: Any
    after: Any


def direction(reason: str) -> Way | None:
    """Return which way a reason says that something goes, None where it says none."""
    return next((way for way, words in _TELLS if words.search(reason.lower())), None)


def ways(moved: Iterable[Moved]) -> set[Way]:
    """Return the ways in which changed columns went."""
    return {way for each in moved for way in _ways_of(each)}


def _ways_of(moved: Moved) -> Iterator[Way]:
    if isinstance(moved.before, int) and isinstance(moved.after, int):
        more = moved.after > moved.before
        if _PETS.search(moved.column) and more:
            yield "pets"
        if _PEOPLE.search(moved.column):
            yield "more" if more else "fewer"
        return
    before, after = _moment(moved.before), _moment(moved.after)
    if before and after and before != after:
        yield "later" if after > before else "earlier"
        if _ENDS.match(moved.column):
            yield "longer" if after > before else "shorter"


def _moment(value: Any) -> datetime | None:
    for stamp in _STAMPS:
        try:
            return datetime.strptime(str(value), stamp)
        except ValueError:
            continue
    return None


def moves(task: Task, scope: Scope) -> list[list[Moved]]:
    """Return for every turn the columns that it changed, those of a row that is pointed elsewhere followed."""
    ends = [turn.calls[1] for turn in task.turns]
    played = play(scope, steps_of(task.gold), marks=[0, *ends]) if task.gold else None
    if played is None or not played.played:
        return [[] for _ in task.turns]
    marked = [dict(played.marked.get(each, {})) for each in [0, *ends]]
    return [
        [each for name in after for each in _columns(before.get(name, []), after[name], name, scope)]
        for before, after in pairwise(marked)
    ]


def _columns(before: list[Change], after: list[Change], environment: str, scope: Scope) -> Iterator[Moved]:
    known = {(each.table, repr(each.key)): each.after or {} for each in before}
    for change in after:
        made = known.get((change.table, repr(change.key)))
        old = {**(change.before or {}), **(made or {})}
        for column, value in (change.after or {}).items() if change.op == "update" or made else ():
            if old.get(column) != value and not _KEPT.match(column):
                yield Moved(column, old.get(column), value)
                yield from _target(column, old.get(column), value, change.table, environment, scope)


def _target(column: str, old: Any, new: Any, table: str, environment: str, scope: Scope) -> Iterator[Moved]:
    """Yield the days of the rows that a reference was moved between: from one departure to a later one."""
    target = scope.schema(environment).target(table, column)
    if target is None:
        return
    rows = {row[target[1]]: row for row in scope.initial_rows(environment).get(target[0], [])}
    for name, value in rows.get(old, {}).items():
        if new in rows and (_moment(value) or _PEOPLE.search(name)):
            yield Moved(name, value, rows[new].get(name))


def with_fitting_reasons(known: EnvironmentFrames, moved: Iterable[Moved]) -> EnvironmentFrames:
    """Return frames whose tools give only the reasons that go with what a turn changed."""
    went = ways(moved)
    tools = {
        name: replace(tool, reasons=tuple(each for each in tool.reasons if direction(each) in (None, *went)))
        for name, tool in known.tools.items()
    }
    return replace(known, tools=tools)
