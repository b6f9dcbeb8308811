"""Two net diffs compared: equal up to a consistent renaming of new ids, and what differs in readable lines.

The values of generated columns in inserted rows are *new ids*. A diff is taken as rows whose cells may hold new ids
(whole, or within a text such as a message or a JSON list); the two diffs are equal if some one-to-one renaming of
new ids turns one into the other. Ids are told apart by refining colours (an id's colour is where and beside what it
stands) and, where rows are alike, by trying: pick an undecided id, try its partners, refine again. Trying is
bounded.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from envfactory.reading.words import squeezed
from envfactory.tasks.columns import ColumnFacts, column_facts
from envfactory.tasks.model import Change, Goal, TextRule
from envfactory.tasks.play import Changes
from envfactory.tasks.scope import Scope

Id = str | int
Renaming = dict[Id, Id]
_HOLE = "\x00"
_MOST_TRIES = 500
_DISTINCTIVE = 5  # an id at least this long is recognised within a longer text
_MOST_LINES = 12


class Rules(NamedTuple):
    """How one environment's diffs are compared: generated columns, text rules by (table, column), initial values."""

    facts: ColumnFacts
    text: Mapping[tuple[str, str], TextRule]
    initial: frozenset[Any]


class Comparison(NamedTuple):
    """What came of comparing: `renaming` (gold id to actual id) by environment where equal; else the differences."""

    same: bool
    renaming: Mapping[str, Renaming] = {}
    differences: list[str] = []


def rules_for(scope: Scope, name: str, goal: Goal) -> Rules:
    """Return how diffs of an environment are compared under a goal's text rules."""
    text = {
        (table, column): rule
        for place, rule in goal.text_rules.items()
        for environment, table, column in [place.split(".")]
        if environment == name
    }
    return Rules(column_facts(scope, name), text, scope.initial_values(name))


def compare(wanted: Changes, found: Changes, scope: Scope, goal: Goal, *, explained: bool = False) -> Comparison:
    """Compare two diffs over all environments; an environment that is absent has no changes.

    What differs is told row by row only if `explained`: it costs more than the comparison.
    """
    renaming: dict[str, Renaming] = {}
    differences: list[str] = []
    for name in sorted({*wanted, *found}):
        ours, theirs = wanted.get(name, []), found.get(name, [])
        rules = rules_for(scope, name, goal)
        matched = match(ours, theirs, rules)
        if matched is None and not explained:
            return Comparison(False, {}, [f"{name}: the changes are not those wanted"])
        if matched is None:
            differences += [f"{name}: {line}" for line in explain(ours, theirs, rules)]
        else:
            renaming[name] = matched
    return Comparison(not differences, renaming, differences)


def new_ids(changes: Iterable[Change], rules: Rules) -> list[Id]:
    """Return the new ids of a diff, in order of appearance."""
    found: dict[Id, None] = {}
    for change in changes:
        if change.op == "insert" and change.after:
            for column, value in change.after.items():
                generated = (change.table, column) in rules.facts.generated
                if generated and isinstance(value, str | int) and not _is_old(value, rules):
                    found[value] = None
    return list(found)


def _is_old(value: Id, rules: Rules) -> bool:
    return isinstance(value, str) and value in rules.initial


# --- rows with holes --------------------------------------------------------------------------------------------------


class _Row(NamedTuple):
    """A changed row: its kind (table, op), and cells of column, text with holes, and the new ids in the holes."""

    kind: tuple[str, str]
    cells: tuple[tuple[str, str, tuple[Id, ...]], ...]


class _Reader:
    """Takes changes apart into rows with holes."""

    def __init__(self, changes: Sequence[Change], rules: Rules) -> None:
        self._rules = rules
        self.ids = new_ids(changes, rules)
        self._known = set(self.ids)
        inside = [re.escape(each) for each in self.ids if isinstance(each, str) and len(each) >= _DISTINCTIVE]
        self._pattern = re.compile("|".join(sorted(inside, key=len, reverse=True))) if inside else None
        self.rows = [self._row(change) for change in changes]

    def _row(self, change: Change) -> _Row:
        cells = [] if change.op == "insert" else [self._cell(change.table, "", key) for key in change.key]
        for column, value in sorted((change.after or {}).items()):
            rule = self._rules.text.get((change.table, column), "exact")
            if rule != "free":
                cells.append(self._cell(change.table, column, _normal(value) if rule == "normalised" else value))
        return _Row((change.table, change.op), tuple(cells))

    def _cell(self, table: str, column: str, value: Any) -> tuple[str, str, tuple[Id, ...]]:
        if isinstance(value, str):
            if value in self._known:
                return column, _HOLE, (value,)
            if self._pattern is not None and self._pattern.search(value):
                return column, repr(self._pattern.sub(_HOLE, value)), tuple(self._pattern.findall(value))
        elif value in self._known and not isinstance(value, bool) and self._holds_ids(table, column):
            return column, _HOLE, (value,)
        return column, repr(value), ()

    def _holds_ids(self, table: str, column: str) -> bool:
        return (table, column) in self._rules.facts.generated or (table, column) in self._rules.facts.refer


def _normal(value: Any) -> Any:
    """Return a text without case, punctuation and spacing; JSON lists of texts item by item."""
    if not isinstance(value, str):
        return value
    if value.startswith("["):
        try:
            items = json.loads(value)
        except ValueError:
            return squeezed(value)
        return json.dumps([_normal(item) for item in items]) if isinstance(items, list) else squeezed(value)
    return squeezed(value)


# --- matching ---------------------------------------------------------------------------------------------------------


def match(wanted: Sequence[Change], found: Sequence[Change], rules: Rules) -> Renaming | None:
    """Return the renaming of new ids that makes two diffs of one environment equal; None where none is found."""
    if wanted == found:
        return {each: each for each in new_ids(wanted, rules)}
    if len(wanted) != len(found) or Counter(map(_place, wanted)) != Counter(map(_place, found)):
        return None
    ours, theirs = _Reader(wanted, rules), _Reader(found, rules)
    if len(ours.ids) != len(theirs.ids):
        return None
    return _Matcher(ours, theirs).match(dict.fromkeys(ours.ids, 0), dict.fromkeys(theirs.ids, 0))


def _place(change: Change) -> tuple[Any, ...]:
    """Return what no renaming alters: table, kind of change, and the key of a row that was there before."""
    return (change.table, change.op, *(() if change.op == "insert" else change.key))


Colours = dict[Id, int]


class _Side(NamedTuple):
    """One diff as the matcher sees it: its new ids, and each row as a number for its text and the ids in its holes."""

    ids: list[Id]
    rows: list[tuple[int, list[Id]]]


class _Matcher:
    def __init__(self, ours: _Reader, theirs: _Reader) -> None:
        self._names: dict[Any, int] = {}
        self._ours, self._theirs = self._side(ours), self._side(theirs)
        self._tries = _MOST_TRIES

    def _side(self, reader: _Reader) -> _Side:
        rows = []
        for row in reader.rows:
            text = self._name((row.kind, tuple([(column, text) for column, text, _ in row.cells])))
            rows.append((text, [each for _, _, ids in row.cells for each in ids]))
        return _Side(reader.ids, rows)

    def match(self, ours: Colours, theirs: Colours) -> Renaming | None:
        ours, theirs = self._refined(ours, theirs)
        if Counter(ours.values()) != Counter(theirs.values()):
            return None
        if Counter(self._signatures(self._ours, ours)) != Counter(self._signatures(self._theirs, theirs)):
            return None
        counts = Counter(ours.values())
        open_ = next((each for each in self._ours.ids if counts[ours[each]] > 1), None)
        if open_ is None:
            by_colour = {colour: each for each, colour in theirs.items()}
            return {each: by_colour[colour] for each, colour in ours.items()}
        return self._try(open_, ours, theirs)

    def _try(self, open_: Id, ours: Colours, theirs: Colours) -> Renaming | None:
        for partner in [each for each in self._theirs.ids if theirs[each] == ours[open_]]:
            self._tries -= 1
            if self._tries < 0:
                return None
            fresh = self._name(("tried", self._tries))
            matched = self.match({**ours, open_: fresh}, {**theirs, partner: fresh})
            if matched is not None:
                return matched
        return None

    def _refined(self, ours: Colours, theirs: Colours) -> tuple[Colours, Colours]:
        """Recolour until no further ids are told apart."""
        count = len({*ours.values(), *theirs.values()})
        while ours:
            ours, theirs = self._recoloured(self._ours, ours), self._recoloured(self._theirs, theirs)
            now = len({*ours.values(), *theirs.values()})
            if now <= count:
                break
            count = now
        return ours, theirs

    def _recoloured(self, side: _Side, colours: Colours) -> Colours:
        places: dict[Id, list[tuple[int, int]]] = {each: [] for each in side.ids}
        for (_, ids), signature in zip(side.rows, self._signatures(side, colours), strict=True):
            for at, each in enumerate(ids):
                places[each].append((signature, at))
        return {each: self._name((colours[each], tuple(sorted(spots)))) for each, spots in places.items()}

    def _signatures(self, side: _Side, colours: Colours) -> list[int]:
        return [self._name((text, tuple([colours[each] for each in ids]))) for text, ids in side.rows]

    def _name(self, what: Any) -> int:
        return self._names.setdefault(what, len(self._names) + 1)


# --- explaining -------------------------------------------------------------------------------------------------------


def explain(wanted: Sequence[Change], found: Sequence[Change], rules: Rules) -> list[str]:
    """Return what differs between two diffs, a line each: rows that are missing, extra or different."""
    ours, theirs = _Reader(wanted, rules), _Reader(found, rules)
    missing, extra = list(range(len(wanted))), list(range(len(found)))
    lines: list[str] = []
    for most in range(_MOST_LINES):
        for here in list(missing):
            there = next((at for at in extra if _distance(ours.rows[here], theirs.rows[at]) == most), None)
            if there is not None:
                missing.remove(here)
                extra.remove(there)
                lines += _differing(wanted[here], found[there], ours.rows[here], theirs.rows[there])
    lines += [f"missing: {describe(wanted[at])}" for at in missing]
    lines += [f"extra: {describe(found[at])}" for at in extra]
    return lines[:_MOST_LINES] or ["the new ids do not stand in the same places"]


def _distance(ours: _Row, theirs: _Row) -> int:
    """Return in how many cells two rows differ; very many where they are not the same row or share too little."""
    keys = [[text for column, text, _ in row.cells if not column] for row in (ours, theirs)]
    if ours.kind != theirs.kind or keys[0] != keys[1]:
        return 99
    mine, yours = ({column: text for column, text, _ in row.cells} for row in (ours, theirs))
    differing = sum(mine.get(column) != yours.get(column) for column in {*mine, *yours})
    return differing if ours.kind[1] != "insert" or 2 * differing <= len(mine) else 99


def _differing(wanted: Change, found: Change, ours: _Row, theirs: _Row) -> list[str]:
    mine, yours = ({column: text for column, text, _ in row.cells} for row in (ours, theirs))
    return [
        f"different: {_name(wanted)}.{column} is {_shown(found, column)} instead of {_shown(wanted, column)}"
        for column in sorted({*mine, *yours})
        if mine.get(column) != yours.get(column)
    ]


def _shown(change: Change, column: str) -> str:
    after = change.after or {}
    return json.dumps(after[column], ensure_ascii=False) if column in after else "unchanged"


def _name(change: Change) -> str:
    return change.table if change.op == "insert" else f"{change.table}[{', '.join(map(str, change.key))}]"


def describe(change: Change) -> str:
    """Return a change in a line."""
    if change.op == "delete":
        return f"delete of {_name(change)}"
    told = ", ".join(f"{k}={json.dumps(v, ensure_ascii=False)}" for k, v in (change.after or {}).items())
    return f"{change.op} of {_name(change)}: {told}"
