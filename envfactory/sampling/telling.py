"""What the answer to a turn must state: the field that was asked, what a write came to, why something is refused."""

from __future__ import annotations

import random
import re
from collections.abc import Collection, Mapping, Sequence
from typing import Any

from envfactory.sampling.paths import Record
from envfactory.sampling.selecting import Selector
from envfactory.sampling.views import EnvironmentView, ToolView, looks_like_code
from envfactory.tasks.model import Fact, FactKind

_WORDS = re.compile(r"[A-Za-z][a-z]{3,}")
_DULL = frozenset(
    "that this with from have there their they been only more than which must already does what when your about into "
    "such before after other every will can't cannot isn't doesn't these those were been very".split()
)
_DATE, _MOMENT, _TIME = (
    re.compile(pattern)
    for pattern in (r"^\d{4}-\d{2}-\d{2}$", r"^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}Z$", r"^\d{2}:\d{2}$")
)
_CURRENCY = re.compile(r"[A-Z]{3}")
_FEW, _DATED = 4, 3
_UNTOLD = ("_id", "id", "created_at")


class Teller:
    """Finds the facts of calls in one environment."""

    def __init__(self, view: EnvironmentView, selector: Selector) -> None:
        self._view = view
        self._selector = selector
        self.currency = _currency(view)

    def facts(
        self,
        tool: ToolView,
        everything: Sequence[Record],
        call: int,
        rng: random.Random,
        known: Collection[tuple[str, str]] = (),
        said: Collection[Any] = (),
    ) -> list[Fact]:
        """Return the facts of an accepted call: of a write all that it came to, of a read one or two things asked.

        Nothing is asked that is `known` (name and value) from an earlier answer, or that the asking words have `said`.
        """

        def new(fact: Fact) -> bool:
            return (fact.name, repr(fact.value)) not in known and (compared or not _is_said(fact.value, said))

        # what is compared was named to be compared: its names are no news, its figures are
        compared = any(slot.many for slot in tool.slots.values())

        if tool.kind == "read" and any(record.listed for record in everything) and tool.verb in ("search", "list"):
            rows = self._rows(tool, everything, call)
            return rows if any(map(new, rows)) else []
        found = self._declared(tool, everything, call)
        wanted = tool.frames.get("wants", {})
        if tool.kind == "write":
            plain = self._plain(tool, everything, call) if not tool.frames else []
            return found or [fact for fact in plain if fact.kind in ("money", "date", "datetime")][:2]
        if wanted:
            found = [fact for fact in found if fact.name in wanted]
        if not found and not wanted:
            found = self._plain(tool, everything, call)
        if not found and any(record.listed for record in everything):
            found = self._rows(tool, everything, call)
        found = [fact for fact in found if new(fact)]
        if not found and not wanted:
            plain = self._plain(tool, everything, call)
            found = [fact for fact in plain if new(fact)]
        if len(found) > 1:
            count = 1 if rng.random() < 0.7 else 2
            found = sorted(rng.sample(found, min(count, len(found))), key=lambda fact: fact.path)
        return found

    def refusal(self, tool: ToolView, code: str, call: int) -> list[Fact]:
        """Return the fact that something is refused, with the words of the reason."""
        declared = tool.contract.errors.get(code)
        texts = [declared.message if declared else "", str(tool.frames.get("errors", {}).get(code, "")), code.lower()]
        words = dict.fromkeys(
            word.lower() for text in texts for word in _WORDS.findall(re.sub(r"\{[^}]*\}|_", " ", text))
        )
        terms = [word for word in words if word not in _DULL]
        return [Fact(name="refusal", kind="refusal", value=code, call=call, terms=terms)]

    def _declared(self, tool: ToolView, everything: Sequence[Record], call: int) -> list[Fact]:
        """Return the facts that the frames name and the result holds."""
        found = []
        for name, words in tool.frames.get("facts", {}).items():
            holders = [record for record in everything if not record.listed and name in record.fields]
            if holders and holders[0].fields[name] not in (None, 0, False, ""):
                value, path = holders[0].fields[name], holders[0].at(name)
                found.append(self._fact(name, value, call, path, str(words), currency_of(holders[0])))
        return found

    def _plain(self, tool: ToolView, everything: Sequence[Record], call: int) -> list[Fact]:
        """Return what a result shows outside its lists and a person can take in."""
        found = []
        for record in everything:
            for name, value in record.fields.items():
                shown = tool.shown.get(record.at(name))
                own = shown is not None and shown.column is not None and shown.column[0] == self._view.people
                told = (
                    not record.listed
                    and not name.endswith(_UNTOLD)
                    and not looks_like_code(value)
                    and not (own and isinstance(value, str))
                )
                if told and value not in (None, "") and not isinstance(value, float | bool):
                    found.append(self._fact(name, value, call, record.at(name), currency=currency_of(record)))
        return found

    def _rows(self, tool: ToolView, everything: Sequence[Record], call: int) -> list[Fact]:
        """Return the names of a few rows, or how many there are.

        One's own of the same name are told apart by their days; what nothing tells apart is only counted. Rows that
        offer the same thing again (a flight at every fare) are one thing, told once.
        """
        rows = self.main_rows(everything)
        names = [(row, self._selector.name_of(tool, row)) for row in rows]
        named = [(row, name) for row, name in names if name is not None]
        if not named or len(named) < len(rows):
            return self._count(rows, call)
        values = list(dict.fromkeys(row.fields[name] for row, name in named))
        apart = len({self._thing(tool, row) for row in rows}) == len(rows)
        if len(rows if apart else values) > _FEW:
            return self._count(rows, call)
        alike = apart and len(values) < len(rows)
        if alike and len({(row.fields[name], self._day(tool, row)) for row, name in named}) < len(rows):
            return self._count(rows, call)
        first = {row.fields[name]: (row, name) for row, name in reversed(named)}
        found = [self._fact(first[value][1], value, call, first[value][0].at(first[value][1])) for value in values]
        days = self._days(tool, rows, call) if alike or len(rows) <= _DATED else []
        return found + [fact for fact in days if fact.path not in {each.path for each in found}]

    def _thing(self, tool: ToolView, row: Record) -> Any:
        """Return the key of the thing that a row is about; the row's own place where it shows none."""
        for name, value in row.fields.items():
            shown = tool.shown.get(f"{row.place}.{name}" if row.place else name)
            if shown is not None and shown.key is not None and self._view.names_row(shown.key):
                return value
        return row.path

    def _day(self, tool: ToolView, row: Record) -> Any:
        name = self._selector.day_of(tool, row)
        return row.fields[name] if name is not None else None

    def _days(self, tool: ToolView, rows: Sequence[Record], call: int) -> list[Fact]:
        """Return the days of a person's own few things, which they are known by."""
        found = []
        for row in rows:
            name = self._selector.day_of(tool, row)
            if name is not None:
                found.append(self._fact(name, row.fields[name], call, row.at(name)))
        return found

    def _count(self, rows: Sequence[Record], call: int) -> list[Fact]:
        """Return how many rows there are; its path is that of the list."""
        path = rows[0].path.rpartition("[")[0] if rows else ""
        return [Fact(name="count", kind="number", value=len(rows), call=call, path=f"{path}[]")] if rows else []

    def main_rows(self, everything: Sequence[Record]) -> list[Record]:
        """Return the rows of a result's first list."""
        place = next((record.place for record in everything if record.listed), None)
        return [record for record in everything if record.place == place]

    def best(self, everything: Sequence[Record], row: Record, field: str, call: int, tool: ToolView) -> list[Fact]:
        """Return the facts of the row that stands first in a ranking: its name, and what it is ranked by."""
        rows = self.main_rows(everything)
        name = self._selector.name_of(tool, row)
        found = []
        for each in dict.fromkeys([name, field]):
            if each is not None:
                rivals = [one.fields.get(each) for one in rows if one.fields.get(each) != row.fields[each]]
                fact = self._fact(each, row.fields[each], call, row.at(each), currency=currency_of(row))
                found.append(fact.model_copy(update={"rivals": list(dict.fromkeys(rivals))[:8]}))
        return found

    def _fact(self, name: str, value: Any, call: int, path: str, words: str = "", currency: str = "") -> Fact:
        kind = kind_of(name, value, words)
        unit = (currency or self.currency) if kind == "money" else ""
        return Fact(name=name, kind=kind, value=value, call=call, path=path, unit=unit)


def _is_said(value: Any, said: Collection[Any]) -> bool:
    """Tell whether words give a value, be it as a part: the day of a moment that was named."""
    if not isinstance(value, str):
        return False
    return any(isinstance(each, str) and each.casefold().startswith(value.casefold()) for each in said)


def kind_of(name: str, value: Any, words: str = "") -> FactKind:
    """Return how a value is told and graded."""
    if isinstance(value, bool):
        return "boolean"
    if isinstance(value, int | float):
        return "money" if "{money}" in words or name.endswith(("_cents", "_minor", "_pence")) else "number"
    text = str(value)
    if _DATE.match(text):
        return "date"
    if _MOMENT.match(text):
        return "datetime"
    return "time" if _TIME.match(text) else "text"


def currency_of(record: Record) -> str:
    """Return the currency that a record names beside its sums, empty where it names none."""
    named = (value for name, value in record.fields.items() if name.endswith("currency"))
    return next((value for value in named if isinstance(value, str) and _CURRENCY.fullmatch(value)), "")


def _currency(view: EnvironmentView) -> str:
    """Return the currency that the frames name; where they name a parameter or none, that of most rows, else EUR."""
    for tool in view.tools.values():
        for slot in tool.frames.get("slots", {}).values():
            named = slot.get("money") if isinstance(slot, Mapping) else None
            if isinstance(named, str) and _CURRENCY.fullmatch(named):
                return named
    held = [
        str(row[column])
        for table, facts in view.schema.tables.items()
        for column in facts.columns
        if column.endswith("currency")
        for row in view.world.rows(table)
    ]
    known = sorted(each for each in held if _CURRENCY.fullmatch(each))
    return max(known, key=known.count) if known else "EUR"
