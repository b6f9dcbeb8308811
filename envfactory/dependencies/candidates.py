"""Edges worth trying: a field and a parameter that mean the same column, or are called the same.

Found by the columns behind them (`column`), through foreign keys (`foreign-key`), and by qualified names where a
field is computed (`name`). Too many cost a little time; only execution decides.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import NamedTuple

from envfactory.bench.inputs.facts import ToolFacts
from envfactory.bench.sql.schema import Schema
from envfactory.dependencies.lineage import Field, Slot, canonical, fields, slots
from envfactory.dependencies.names import qualified
from envfactory.environments.contract import Contracts


class Candidate(NamedTuple):
    """A value edge to be proven. `column` is what the parameter's values are in the end."""

    producer: str
    field: str
    consumer: str
    slot: Slot
    rules: tuple[str, ...]


def value_candidates(contracts: Contracts, facts: Mapping[str, ToolFacts], schema: Schema) -> list[Candidate]:
    """Return the candidates, by consumer and parameter."""
    given = {tool.name: fields(tool, schema) for tool in contracts.tools}
    found = []
    for consumer in contracts.tools:
        for slot in slots(facts[consumer.name], schema):
            for producer, its_fields in given.items():
                for field in its_fields:
                    rules = tuple(_rules(field, slot, schema))
                    if rules:
                        found.append(Candidate(producer, field.path, consumer.name, slot, rules))
    return found


def _rules(field: Field, slot: Slot, schema: Schema) -> Iterator[str]:
    if field.column is not None and canonical(field.column, schema) == slot.column:
        yield "column" if field.column == slot.column else "foreign-key"
    if qualified(field.path) == qualified(slot.path) and (field.column is None or field.repeats):
        yield "name"
