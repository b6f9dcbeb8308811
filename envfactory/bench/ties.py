"""The seed with equal ranks: where rows are put in order, all of them get the same rank, so that what breaks ties shows.

A seed with two candidates of one price in every place would be an odd world; whether code breaks ties as its contract
does is asked in such a world beside the real one. Where a constraint or an invariant forbids it, only the rows that no
other row refers to are made equal; where that will not do either, the column stays as it is.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any

from envfactory.bench.inputs.world import Place, World
from envfactory.bench.madeup import Rows, SeedTrial
from envfactory.bench.sql.schema import Schema, TableFacts
from envfactory.sandbox.session import Probe

if TYPE_CHECKING:
    from envfactory.bench.bench import Bench

_RANKED = re.compile(
    r"\bORDER\s+BY\b(.*?)(?=\bLIMIT\b|\)\s*(?:,|AND|OR|FROM|AS|$)|$)|\b(?:MIN|MAX)\s*\(([^()]*)\)", re.I | re.S
)
_NAME = re.compile(r"(?:\b\w+\.)?\b([A-Za-z_]\w*)")


def tied_seed(bench: Bench) -> Rows:
    """Return the seed with as many ranks made equal as the rules allow; the seed itself where none can be."""
    rows: Rows = bench.tables
    with SeedTrial(bench) as trial:
        for table, column in _ranks(bench):
            candidates = (_tied(rows, table, column, lone) for lone in (None, bench.inputs.schema))
            rows = next((tied for tied in candidates if tied != rows and trial.holds(tied)), rows)
    return rows


def among_equals(bench: Bench, tool: str, most: int) -> list[Probe]:
    """Return calls of a tool drawn about rows of equal rank; none where it names no such rows."""
    facts = bench.inputs.facts[tool]
    tables = {leaf.columns[0][0] for leaf in facts.leaves.values() if leaf.parameter.ref and leaf.columns}
    places = [place for place in _equals(bench.tables, bench.tied_rows) if place.table in tables]
    draw = bench.inputs.draw(tool, World(bench.inputs.schema, bench.tied_rows), "ties")
    return [Probe(tool, draw(focus=places)) for _ in range(most)] if places else []


def _equals(rows: Rows, tied: Rows) -> Iterator[Place]:
    for table, made in tied.items():
        changed = [(c, new[c]) for old, new in zip(rows[table], made, strict=True) for c in new if new[c] != old[c]]
        for column, value in dict.fromkeys(changed):
            yield from (Place(table, row) for row in made if row[column] == value)


def _ranks(bench: Bench) -> list[tuple[str, str]]:
    """The columns that some contract orders by, as (table, column): no keys, no references, no choices of few."""
    found: dict[tuple[str, str], None] = {}
    for facts in bench.inputs.facts.values():
        named = {name for text in facts.texts for name in _ordered_by(text)}
        for table in facts.tables:
            free = _free(bench.inputs.schema.tables[table])
            found.update(((table, column), None) for column in free if column in named)
    return list(found)


def _ordered_by(text: str) -> Iterator[str]:
    for match in _RANKED.finditer(text):
        for name in _NAME.findall(match[1] or match[2] or ""):
            yield name
            for expression in re.split(rf"\bAS {name}\b", text)[:-1]:
                yield from _NAME.findall(expression.rpartition(",")[2])


def _free(facts: TableFacts) -> Iterable[str]:
    bound = {column for key in facts.keys for column in key} | set(facts.primary_key)
    bound |= {column for reference in facts.references for column in reference.columns}
    return [name for name, column in facts.columns.items() if name not in bound and not column.values]


def _tied(rows: Rows, table: str, column: str, schema: Schema | None) -> Rows:
    """Return the rows with one column of a table made equal: in every row, or in those that no row refers to."""
    named = _referred_to(rows, table, schema) if schema else set()
    chosen = [row for row in rows[table] if row[column] is not None and _marks(row) not in named]
    value = chosen[0][column] if chosen else None
    marks = {id(row) for row in chosen}
    return {**rows, table: [{**row, column: value} if id(row) in marks else row for row in rows[table]]}


def _referred_to(rows: Rows, table: str, schema: Schema) -> set[str]:
    found: set[str] = set()
    for name, facts in schema.tables.items():
        for reference in facts.references:
            if reference.to_table == table:
                named = {tuple(row[column] for column in reference.columns) for row in rows[name]}
                keyed = ((tuple(row[c] for c in reference.to_columns), row) for row in rows[table])
                found |= {_marks(row) for key, row in keyed if key in named}
    return found


def _marks(row: dict[str, Any]) -> str:
    return repr(list(row.values()))
