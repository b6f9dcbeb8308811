"""The rows of a list that a read found, each by what tells it apart: "at Cedrus on Friday 3 March at 20:00; ...".

All rows of the list are told, also those of which no fact is asked: who hears "you have these tickets" takes them for
all they have. Of a long list some are told, as some. What is on offer at several rates is one thing: "the RJ 61 (saver
€21.00, flex €34.00)".
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from random import Random
from typing import Any

from envfactory.phrasing import stating
from envfactory.phrasing.assistant import Knowledge, fact_words
from envfactory.phrasing.lexicon import plural, singular, with_article
from envfactory.phrasing.lore import Lore
from envfactory.runtime.paths import value_at
from envfactory.tasks.model import Fact, GoldCall

# Where one of these is nothing, a thing is free; a fee or refund of nothing says nothing.
_ASKED = frozenset("price total fare cost rate".split())
_OVER = re.compile(r"cancel|refund|closed|expired|lapsed|withdrawn|settled|attended|returned|completed|no_show|left$")
_TIME_IN_HANDLE = re.compile(r" (?:at \d\d:\d\d|(?:on|from) (?:Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)day)")
_LEADS = ("at ", "on ", "in ", "from ", "to ", "for ", "of ", "with ")
_ALL = 8
_RATES = 4


@dataclass(frozen=True)
class _Row:
    """One row that is told: the object, what its key says, the facts of it."""

    shown: Any
    table: str
    key: Any
    facts: Sequence[Fact]
    is_asked: bool


def listed_rows(known: Knowledge, call: GoldCall, facts: Sequence[Fact], rng: Random) -> str:
    """Return the rows of the list that facts are of: "You have these bookings: in Ghent from Friday 5 March, and …"."""
    lore = known.after[call.environment]
    told, place = _rows(lore, call, facts)
    table = told[0].table
    is_owned = lore.is_owned(table)
    items = list((_own if is_owned else _offered)(known, call, told))
    shown = [item for item, is_asked in items if is_asked or len(items) <= _ALL]
    noun = row_noun(lore, re.split(r"[\[.]", place)[0], [row.shown for row in told])
    start = rng.choice(["You have", "I see"] if is_owned else ["I found", "There's", "I can see"])
    return _sentence(start, noun, shown, len(items))


def row_noun(lore: Lore, name: str, rows: Sequence[Any]) -> str:
    """Return what the rows of a list are called: the noun of the thing that each is, else the list's own name."""
    table = next((key[0] for key in (row_key(lore, row) for row in rows) if key), "")
    parts = not table or _is_part_of_offer(lore, table, rows[0])
    return singular(name.replace("_", " ")) if parts else lore.noun(table)


def _sentence(start: str, noun: str, items: Sequence[str], total: int) -> str:
    if total == 1:
        bare = not items[0].startswith(_LEADS)
        return f"{start} {f'{with_article(noun)}:' if bare else f'one {noun}'} {items[0]}"
    bare_items = [item.removeprefix("the ") for item in items]
    parted = any(re.search(r", |\d\d:\d\d", each) for each in bare_items)
    many = f"{total} {plural(noun)}, among them" if total > len(items) else f"these {plural(noun)}:"
    start = "There are" if start == "There's" else start
    return f"{start} {many} {'; '.join(bare_items) if parted else stating.listed(bare_items)}"


# --- which rows -------------------------------------------------------------------------------------------------------


def _rows(lore: Lore, call: GoldCall, facts: Sequence[Fact]) -> tuple[list[_Row], str]:
    """Return the rows of the list that facts are of, and its path."""
    asked: dict[str, list[Fact]] = {}
    for fact in facts:
        asked.setdefault(fact.path.rpartition(".")[0], []).append(fact)
    place = re.sub(r"\[\d+\]$", "", next(iter(asked)))
    everything = value_at(call.result, place)
    holders = [f"{place}[{number}]" for number in range(len(everything))] if isinstance(everything, list) else [*asked]
    told = []
    for holder in holders:
        row = value_at(call.result, holder)
        table, key = row_key(lore, row) or ("", None)
        told.append(_Row(row, table, key, _alike(facts, row, holder), holder in asked))
    return told, place


def _alike(facts: Sequence[Fact], row: Any, holder: str) -> list[Fact]:
    """Return of a row what is told of any: its own facts, and the like of the others'."""
    held = row if isinstance(row, dict) else {}
    first: dict[str, Fact] = {}
    for fact in facts:
        first.setdefault(fact.path.rpartition(".")[2], fact)
    return [
        fact.model_copy(update={"value": held[name], "path": f"{holder}.{name}"})
        for name, fact in first.items()
        if held.get(name) is not None and not isinstance(held[name], dict | list)
    ]


def row_key(lore: Lore, row: Any) -> tuple[str, Any] | None:
    """Return the table and key of an object: its first field that is a key, else nothing."""
    if not isinstance(row, dict):
        return None
    return next(
        ((lore.tables[name], key) for name, key in row.items() if name in lore.tables and key is not None), None
    )


def _is_part_of_offer(lore: Lore, table: str, row: Any) -> bool:
    """Tell whether a row puts several things together (a car for an area) and is not one to choose of this table."""
    several = {lore.tables[name] for name in row if name in lore.tables} if isinstance(row, dict) else set()
    entity = lore.contracts.entities.get(table, {})
    return len(several) > 1 and not entity.get("rank") and not entity.get("owner")


# --- how each is told -------------------------------------------------------------------------------------------------


def _own(known: Knowledge, call: GoldCall, told: Sequence[_Row]) -> Iterator[tuple[str, bool]]:
    """Yield each row of what is the person's own, and whether it is asked of: with its state where not all are alike."""
    are_alike = len({_status(row.shown) for row in told}) == 1
    for row in told:
        name = _item(known, call, row, _handle(known, call, row))
        status = "" if are_alike else _status(row.shown)
        yield _bracketed(name, [status] if status and status not in name else []), row.is_asked


def _offered(known: Knowledge, call: GoldCall, told: Sequence[_Row]) -> Iterator[tuple[str, bool]]:
    """Yield each thing on offer with its price, or its prices by what else it comes with, and whether it is asked of."""
    groups: dict[str, list[_Row]] = {}
    for row in told:
        groups.setdefault(_item(known, call, row, _handle(known, call, row)), []).append(row)
    for name, rows in groups.items():
        prices = _prices(known, call, rows)
        yield _bracketed(name, [each for each in prices if each not in name]), any(row.is_asked for row in rows)


def _prices(known: Knowledge, call: GoldCall, rows: Sequence[_Row]) -> list[str]:
    """Return what rows of one thing cost: by the rate, where rates have names; else from the least on."""
    amounts = [_price(known, call, row) for row in rows]
    others = _others(known.after[call.environment], rows)
    if not all(amounts) or len(set(amounts)) == 1:
        return [each for each in amounts[:1] if all(amounts)]
    if all(others) and len(rows) <= _RATES:
        return [f"{other} {amount}" for other, amount in zip(others, amounts, strict=True)]
    cheapest = min(rows, key=lambda row: float(next(row.shown[name] for name in row.shown if name.endswith("_cents"))))
    return [f"from {_price(known, call, cheapest)}"]


def _handle(known: Knowledge, call: GoldCall, row: _Row) -> str:
    """Return what a row is known by, be it its day (the nights of a calendar)."""
    handle = known.after[call.environment].handle(row.table, row.key) if row.key is not None else ""
    held = row.shown.values() if isinstance(row.shown, dict) else []
    days = [value for value in held if re.fullmatch(r"\d{4}-\d\d-\d\d", str(value))]
    told = {fact.value for fact in row.facts}
    return handle or (stating.day(days[0], known.now(call)) if len(days) == 1 and days[0] not in told else "")


def _others(lore: Lore, rows: Sequence[_Row]) -> list[str]:
    """Return for rows of one thing what each comes with, by name: the rate of a room, the car for a place."""
    keys = [name for name in rows[0].shown if name in lore.tables] if isinstance(rows[0].shown, dict) else []
    told = next((name for name in keys if len({row.shown.get(name) for row in rows}) == len(rows)), "")
    return [_named(row.shown, told) if told else "" for row in rows]


def _named(row: Mapping[str, Any], key: str) -> str:
    """Return the name that a row gives to what it has the key of, be it that the key is a plain word (`saver`)."""
    stem = key.removesuffix("_id")
    told = [row.get(name) for name in (f"{stem}_name", stem, stem.partition("_")[0], stem.rpartition("_")[2], key)]
    return next((each for each in told if isinstance(each, str) and re.fullmatch(r"[A-Za-z][a-z ]{2,}", each)), "")


def _status(row: Any) -> str:
    """Return the state of what is over and done with, for a row that shows it."""
    held = str(row.get("status") or "") if isinstance(row, dict) else ""
    return held.replace("_", " ") if _OVER.search(held) else ""


def _price(known: Knowledge, call: GoldCall, row: _Row) -> str:
    """Return what a row on offer costs, where it has one price and no fact has told an amount."""
    amounts = [name for name in row.shown if name.endswith("_cents")] if isinstance(row.shown, dict) else []
    unit = known.currency(call)
    if len(amounts) != 1 or not unit or any(fact.kind == "money" for fact in row.facts):
        return ""
    if row.shown[amounts[0]] == 0:
        return "free" if amounts[0].removesuffix("_cents").split("_")[-1] in _ASKED else ""
    return stating.amount(row.shown[amounts[0]], unit)


def _bracketed(item: str, besides: Sequence[str]) -> str:
    """Return a row with remarks in brackets, in those it has."""
    if not besides:
        return item
    told = ", ".join(besides)
    return f"{item[:-1]}, {told})" if item.endswith(")") else f"{item} ({told})"


def _item(known: Knowledge, call: GoldCall, row: _Row, handle: str) -> str:
    """Return one row by what tells it apart; its facts stand in it, in brackets where nothing else binds them."""
    entity = known.after[call.environment].contracts.entities.get(row.table, {})
    apart = []
    for fact in row.facts:
        said = fact_words(known, call, fact)
        if said in handle:
            continue
        bound = _dated(handle, fact, said) if fact.kind in ("date", "datetime") else _placed(handle, fact, said, entity)
        handle, left = (bound, "") if bound else (handle, said)
        apart += [left] if left and left not in apart else []
    if any(each.startswith(handle) for each in apart):
        return ", ".join(apart)
    return _bracketed(handle, apart)


def _dated(handle: str, fact: Fact, said: str) -> str:
    """Return what a row is known by with a fact's day and time in it; empty where there is no place for them."""
    time, _, day = said.rpartition(" on ")
    if day in handle:
        return handle.replace(day, f"{day} at {time}") if time else handle
    told = f"on {day} at {time}" if time else f"on {said}"
    return f"{handle} {told}".strip() if not handle or handle.startswith(_LEADS) else f"{handle} ({told})"


def _placed(handle: str, fact: Fact, said: str, entity: Mapping[str, Any]) -> str:
    """Return what a row is known by with a fact beside it by the preposition that it has among what the row is known by."""
    field = fact.path.rpartition(".")[2]
    for each in entity.get("identify") or []:
        path, _, preposition = str(each).partition(":")
        names = path.split(".")
        if field in ("_".join(names[-2:]), *names[-2:]) and f"{preposition} " in _LEADS and handle.startswith(_LEADS):
            time = _TIME_IN_HANDLE.search(handle)
            cut = time.start() if time else len(handle)
            return f"{handle[:cut]} {preposition} {said}{handle[cut:]}"
    return ""
