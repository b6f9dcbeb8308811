"""The seed with more of everything: numbers a hundredfold, and more than a hundred rows where rows are listed.

Code that caps what the contract does not (a price, a page) agrees with it as long as the data stay below the cap. So
it is asked again in a world of other magnitudes. Columns grow together with those of the same kind (the same last word
of the name), where constraints and invariants let them, and where calls are still accepted: time limits a hundred
times as long would only make every call refused. Rows are multiplied with what belongs to them, so that sums stay
true.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Any

from envfactory.bench.inputs import diverse
from envfactory.bench.inputs.crowds import moved
from envfactory.bench.inputs.world import Place, World
from envfactory.bench.madeup import Rows, SeedTrial
from envfactory.bench.sql.schema import Schema, TableFacts
from envfactory.sandbox.session import Probe

if TYPE_CHECKING:
    from envfactory.bench.bench import Bench

TIMES, ROWS = 100, 110
_BASES = 3
_SAMPLES, _MOST_KIN, _NUMBERS = 6, 6, 6
_PLAIN, _DRAWS, _ABOUT, _FAR_AHEAD = 12, 6, 3, 500
Column = tuple[str, str]


def ample_seed(bench: Bench) -> Rows:
    """Return the seed with as many columns grown and tables multiplied as the rules allow."""
    with SeedTrial(bench) as trial:
        rows = _grown(bench, trial)
        for table in _listed(bench):
            tried = _multiplied(rows, table, bench.inputs.schema)
            rows = next((made for made in tried if trial.holds(made)), rows)
    return rows


def in_plenty(bench: Bench, tool: str) -> list[Probe]:
    """Return calls of a tool for the ample seed: some accepted before, some drawn, and some about what has become many.

    Each is made with what is optional left out too.
    """
    world = World(bench.inputs.schema, bench.ample_rows)
    accepted = [seen for seen in bench.inputs.seen(tool) if seen[1].ok and not seen[0].setup]
    draw = bench.inputs.draw(tool, world, "plenty")
    known = [probe for probe, _ in diverse(accepted, _PLAIN)]
    made = [probe.arguments for probe in [*known, *_asking_times(known[:_BASES])]] + [draw() for _ in range(_DRAWS)]
    for kin in _many(bench, world):
        said = _said(bench, tool, kin)
        made += [draw(focus=kin[:1]) for _ in range(_ABOUT)] if said else []
        made += [{**probe.arguments, **said} for probe in known[:_BASES]] if said else []
    parameters = bench.contracts.tool(tool).parameters
    bare = [{name: value for name, value in call.items() if parameters[name].required} for call in made]
    return [Probe(tool, arguments) for arguments in [*made, *bare]]


def asking_more(bench: Bench, tool: str, accepted: Iterable[Probe]) -> list[Probe]:
    """Return accepted calls that ask for more: numbers as large as is admitted and as rows hold, dates far ahead."""
    world = World(bench.inputs.schema, bench.ample_rows)
    leaves = bench.inputs.facts[tool].leaves
    made = []
    for probe in accepted:
        made.append(probe._replace(arguments=moved(probe.arguments, _FAR_AHEAD)))
        held = [value for place in _named(bench, tool, probe, world) for value in place.row.values() if _counts(value)]
        for name, parameter in bench.contracts.tool(tool).parameters.items():
            if parameter.type in ("integer", "number") and parameter.enum is None:
                most = [parameter.maximum] if parameter.maximum is not None else []
                for value in dict.fromkeys([*most, *sorted(set(held), reverse=True)[:_NUMBERS]]):
                    if leaves[name].admits(value):
                        made.append(probe._replace(arguments={**probe.arguments, name: value}))
    return made


# Numbers.


def _grown(bench: Bench, trial: SeedTrial) -> Rows:
    plain = [probe for tool in bench.contracts.tools for probe in _accepted(bench, tool.name)]
    bases = [*plain, *_asking_times(plain)]
    rows: Rows = bench.tables
    refused: list[Column] = []
    for group in _kinds(bench.inputs.schema):
        grown = _times(rows, group)
        if trial.holds(grown) and trial.accept(grown, bases):
            rows = grown
        else:
            refused += group
    together = _times(rows, refused)
    return together if trial.holds(together) and trial.accept(together, bases) else rows


def _accepted(bench: Bench, tool: str) -> list[Probe]:
    plain = [seen for seen in bench.inputs.seen(tool) if seen[1].ok and not seen[0].setup]
    return [probe for probe, _ in diverse(plain, _BASES)]


def _asking_times(probes: Sequence[Probe]) -> list[Probe]:
    """Return calls with their numbers grown as the rows are."""
    grown = ({name: v * TIMES if _counts(v) else v for name, v in probe.arguments.items()} for probe in probes)
    return [probe._replace(arguments=arguments) for probe, arguments in zip(probes, grown, strict=True)]


def _kinds(schema: Schema) -> list[list[Column]]:
    """The columns that hold amounts, those of one kind together: neither keys nor references nor choices of few."""
    kinds: dict[str, list[Column]] = {}
    for table, facts in schema.tables.items():
        bound = {column for key in facts.keys for column in key} | set(facts.primary_key)
        bound |= {column for reference in facts.references for column in reference.columns}
        for name, column in facts.columns.items():
            if column.type in ("INTEGER", "REAL") and name not in bound and not column.values:
                kinds.setdefault(name.rpartition("_")[2], []).append((table, name))
    return list(kinds.values())


def _times(rows: Rows, columns: Iterable[Column]) -> Rows:
    grown = dict(rows)
    for table, column in columns:
        grown[table] = [{**row, column: row[column] and row[column] * TIMES} for row in grown[table]]
    return grown


# Rows.


def _listed(bench: Bench) -> Iterator[str]:
    """The tables that some contract reads whose rows have a key of one text column, which a twin can be told by."""
    for name, facts in bench.inputs.schema.tables.items():
        read = any(name in tool.tables for tool in bench.inputs.facts.values())
        key = facts.primary_key
        if read and len(key) == 1 and facts.columns[key[0]].type == "TEXT":
            yield name


def _multiplied(rows: Rows, table: str, schema: Schema) -> Iterator[Rows]:
    """Yield the rows with more than a hundred twins of one of a table: with twins of what belongs to it, and without."""
    facts = schema.tables[table]
    states = [name for name, column in facts.columns.items() if column.values]
    last = {repr([row[name] for name in states]): row for row in rows[table]}
    first = {repr([row[name] for name in states]): row for row in reversed(rows[table])}
    samples = {id(row): Place(table, row) for row in [*first.values(), *last.values()]}
    families = [_family(rows, place, schema) for place in [*samples.values()][:_SAMPLES]]
    alone = [family[:1] for family in families if len(family) > 1]
    for family in [*(family for family in families if len(family) <= _MOST_KIN), *alone]:
        made = {name: list(of_table) for name, of_table in rows.items()}
        for number, place in itertools.product(range(ROWS), family):
            made[place.table].append(_twin(place, family, number, schema))
        yield made


def _family(rows: Rows, place: Place, schema: Schema) -> list[Place]:
    """Return a row with all that refer to it, and those that refer to them; where they are many, with some of them."""
    world, found = World(schema, rows), [place]
    for member in found:
        for table in schema.tables if len(found) <= _MOST_KIN else ():
            found += [Place(table, row) for row in world.children(member, table) if Place(table, row) not in found]
    return found


def _twin(place: Place, family: list[Place], number: int, schema: Schema) -> dict[str, Any]:
    """Return a row under another name, its texts that must be its own likewise, belonging to twins of its family."""
    facts = schema.tables[place.table]
    own = {column for key in facts.keys for column in key if _is_free(facts, column)}
    twin = {name: _renamed(value, number) if name in own else value for name, value in place.row.items()}
    renamed = {(kin.table, value) for kin in family for value in kin.row.values() if isinstance(value, str)}
    for reference in facts.references:
        for column, to in zip(reference.columns, reference.to_columns, strict=False):
            target = schema.tables[reference.to_table]
            if to in target.primary_key and (reference.to_table, place.row[column]) in renamed:
                twin[column] = _renamed(place.row[column], number)
    return twin


def _is_free(facts: TableFacts, column: str) -> bool:
    refers = any(column in reference.columns for reference in facts.references)
    return facts.columns[column].type == "TEXT" and not refers


def _renamed(value: Any, number: int) -> Any:
    return f"{value}_{number}" if isinstance(value, str) else value


# Calls.


def _many(bench: Bench, world: World) -> Iterator[tuple[Place, ...]]:
    """Yield, for each table with more rows than before, one that has become many with those it belongs to."""
    for table, rows in bench.ample_rows.items():
        for row in rows[len(bench.tables[table]) :][:1]:
            yield world.ancestry(Place(table, row))


def _said(bench: Bench, tool: str, places: Sequence[Place]) -> dict[str, Any]:
    """Return what a call can say of some rows, as far as the parameters have to do with their columns."""
    held = {(place.table, column): value for place in reversed(places) for column, value in place.row.items()}
    said = {}
    for path, leaf in bench.inputs.facts[tool].leaves.items():
        value = next((held[column] for column in leaf.columns if held.get(column) is not None), None)
        if path in bench.contracts.tool(tool).parameters and value is not None and leaf.admits(value):
            said[path] = value
    return said


def _named(bench: Bench, tool: str, probe: Probe, world: World) -> Iterator[Place]:
    for path, leaf in bench.inputs.facts[tool].leaves.items():
        if leaf.parameter.ref and leaf.columns and path in probe.arguments:
            table, column = leaf.columns[0]
            for row in world.where(table, column, probe.arguments[path])[:1]:
                yield from world.ancestry(Place(table, row))


def _counts(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and value > 1
