"""One value: as a generator of the document says, or as the column's type, bounds, format and name suggest."""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from envfactory.errors import DesignError
from envfactory.synthesis.annotations import Generator
from envfactory.synthesis.seed import moments, naming, phrases
from envfactory.synthesis.seed.patterns import filled, matching
from envfactory.synthesis.seed.people import KINDS, Person, email_of
from envfactory.synthesis.seed.reference_data import records
from envfactory.synthesis.tables import Column

_MAX_SPAN = 10_000
_ENDINGS = (0, 0, 50, 90, 95, 99, 25, 75)
_MANY_EXAMPLES = 3


@dataclass(frozen=True)
class Drawing:
    """What a value is drawn from: a stream, a clock, the row's person and number, and what the table calls a row."""

    rng: random.Random
    clock: str
    person: Person
    index: int
    noun: str
    place: str
    row: Mapping[str, Any]


def from_generator(generator: Generator, column: Column, drawing: Drawing) -> Any:
    """Return a value of a generator (not of one that is SQL)."""
    rng = drawing.rng
    if generator.null and rng.random() < generator.null:
        return None
    if generator.values is not None:
        return rng.choices(generator.values, weights=generator.weights)[0]
    if generator.cycle is not None:
        return generator.cycle[drawing.index % len(generator.cycle)]
    if generator.range is not None:
        return _ranged(generator, column, drawing)
    if generator.pattern is not None:
        return filled(generator.pattern, rng)
    return natural(column, drawing) if generator.kind is None else _of_kind(generator, column, drawing)


def natural(column: Column, drawing: Drawing) -> Any:
    """Return a value that fits the column's enumeration, examples, format, pattern, name and bounds."""
    if column.enum:
        return drawing.rng.choice(column.enum)
    if len(column.examples) >= _MANY_EXAMPLES:
        return drawing.rng.choice(column.examples)
    return _NATURAL[column.type](column, drawing)


def _of_kind(generator: Generator, column: Column, drawing: Drawing) -> str:
    kind = generator.kind or ""
    if kind not in KINDS:
        raise DesignError(f"{drawing.place}: there is no kind {kind}", remedy=f"the kinds are {', '.join(KINDS)}")
    if kind == "email" and generator.of:
        return email_of(str(drawing.row.get(generator.of) or drawing.person.value("person")), drawing.rng)
    return _cut(drawing.person.value(kind), column)


def _ranged(generator: Generator, column: Column, drawing: Drawing) -> Any:
    low, high = generator.range or (0, 0)
    if column.format in ("date", "date-time"):
        date = moments.date_range(low, high, int(generator.step or 1), drawing.clock, drawing.rng, drawing.place)
        return date if column.format == "date" else moments.some_time(date, drawing.rng)
    if moments.is_time_of_day(low) and moments.is_time_of_day(high):
        return moments.time_range(str(low), str(high), int(generator.step or 1), drawing.rng, drawing.place)
    if isinstance(low, str) or isinstance(high, str) or low > high:
        raise DesignError(
            f"{drawing.place}: {[low, high]} is no range",
            remedy="write [least, most] in numbers, dates or times of day",
        )
    return _stepped(low, high, generator.step, drawing.rng, whole=column.type == "integer")


def _stepped(low: float, high: float, step: float | None, rng: random.Random, *, whole: bool) -> int | float:
    if whole or (isinstance(low, int) and isinstance(high, int) and step is None):
        size = max(int(step or 1), 1)
        return int(low) + size * rng.randrange((int(high) - int(low)) // size + 1)
    fine = step or 0.01
    drawn = low + fine * rng.randrange(int((high - low) / fine + 1e-9) + 1)
    return round(drawn, 6)


def _text(column: Column, drawing: Drawing) -> str:
    if made := _formatted(column, drawing):
        return made
    if column.pattern and (text := matching(column.pattern, drawing.rng)) is not None:
        return text
    kind = naming.text_kind(column.name, drawing.noun)
    if column.examples and not kind:
        return _like_example(str(column.examples[0]), drawing.rng)
    return _cut(_named(kind, column, drawing), column)


def _formatted(column: Column, drawing: Drawing) -> str:
    rng, span = drawing.rng, naming.days(column.name)
    if column.format == "date":
        return moments.day(drawing.clock, rng.randint(*span))
    if column.format == "date-time":
        return moments.some_time(moments.day(drawing.clock, rng.randint(*span)), rng)
    if column.format == "time":
        return moments.some_time_of_day(rng)
    kind = {"email": "email", "uri": "url", "url": "url", "uuid": "uuid"}.get(column.format)
    return drawing.person.value(kind) if kind else ""


def _named(kind: str, column: Column, drawing: Drawing) -> str:
    rng = drawing.rng
    if kind in KINDS:
        return drawing.person.value(kind)
    if kind in ("currency", "language"):
        return rng.choice(
            {"currency": ("EUR", "EUR", "GBP", "USD", "CHF"), "language": ("en", "de", "fr", "es", "it")}[kind]
        )
    if kind == "timezone":
        return str(rng.choice(records("cities", {}, place="timezone")[:80])["timezone"])
    if kind == "code":
        return naming.code(column.name, rng)
    if kind == "title":
        return phrases.title(drawing.noun if column.name in ("name", "title") else "", rng)
    return f"{rng.choice(phrases.WORDS)} {column.name.replace('_', ' ')}"


def _like_example(example: str, rng: random.Random) -> str:
    """An example with other digits."""
    return "".join(rng.choice("0123456789") if character.isdigit() else character for character in example)


def _cut(text: str, column: Column) -> str:
    if column.max_length is None or len(text) <= column.max_length:
        return text
    shorter = text[: column.max_length].rstrip()
    return shorter.rsplit(" ", 1)[0].rstrip(",;") if " " in shorter[column.max_length // 2 :] else shorter


def _number(column: Column, drawing: Drawing) -> int | float:
    whole = column.type == "integer"
    low, high, step = _within(naming.scale(column.name, whole=whole), column, 1 if whole else 0.01)
    drawn = _stepped(low, min(high, low + _MAX_SPAN * max(step, 1) * 10), step, drawing.rng, whole=whole)
    return _priced(int(drawn), low, high, drawing.rng) if whole and high - low > _MAX_SPAN else drawn


def _within(scale: naming.Scale, column: Column, smallest: float) -> naming.Scale:
    """The usual scale, moved and cut to the column's bounds."""
    low, high, step = scale
    least = column.minimum if column.above is None else column.above + smallest
    most = column.maximum if column.below is None else column.below - smallest
    if least is not None and (least > high or low < least):
        low, high = least, max(high, least + (high - low))
    if most is not None and high > most:
        lowest = most - (high - low) if low > most else low
        low, high = lowest if least is None else max(least, lowest), most
    return naming.Scale(low, high, step)


def _priced(drawn: int, low: float, high: float, rng: random.Random) -> int:
    """A whole amount that ends like prices do, and now and then does not."""
    ending = drawn // 100 * 100 + rng.choice(_ENDINGS)
    return ending if low <= ending <= high and rng.random() < 0.8 else drawn


def _boolean(_column: Column, drawing: Drawing) -> bool:
    return drawing.rng.random() < 0.5


def _json(column: Column, drawing: Drawing) -> Any:
    if column.examples:
        return drawing.rng.choice(column.examples)
    return json_value(column.items or {}, column.name, drawing)


def json_value(schema: Mapping[str, Any], name: str, drawing: Drawing) -> Any:
    """Return a value for a schema in normal form, lists and objects included."""
    kind = schema.get("type", "string")
    if kind == "object":
        return {key: json_value(inner, key, drawing) for key, inner in schema.get("properties", {}).items()}
    if kind == "array":
        items = [json_value(schema.get("items", {}), name, drawing) for _ in range(drawing.rng.randint(1, 3))]
        return [item for place, item in enumerate(items) if item not in items[:place]]
    column = Column(
        name=name,
        type=kind,
        enum=tuple(schema.get("enum", ())),
        minimum=schema.get("minimum"),
        maximum=schema.get("maximum"),
        format=schema.get("format", ""),
        pattern=schema.get("pattern", ""),
        max_length=schema.get("maxLength"),
        examples=tuple(schema.get("examples", ())),
    )
    return natural(column, drawing)


_NATURAL: Mapping[str, Callable[[Column, Drawing], Any]] = {
    "string": _text,
    "integer": _number,
    "number": _number,
    "boolean": _boolean,
    "json": _json,
}
