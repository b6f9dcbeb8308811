"""What a person can know without a tool, and which tools can be reached from there.

Dates, numbers, choices, names and e-mail addresses are in people's heads; made-up ids (`bk_7hq2mfx4`, `rt_double`,
10482) are not, save one's own, where the environment says who its people are. A public code such as LIS is a name.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

from envfactory.bench.inputs.world import World
from envfactory.bench.sql.queries import Origin
from envfactory.bench.sql.schema import Schema
from envfactory.dependencies.lineage import Slot, canonical
from envfactory.environments.contract import Contract, Contracts
from envfactory.environments.graph import Node, ValueEdge

_WORDS = re.compile(r"[^\W\d_]+(?:[ -][^\W\d_]+)*")


def opaque(column: Origin, contracts: Contracts, schema: Schema, world: World) -> bool:
    """Tell whether the values of a column are ones that nobody has in mind."""
    table, name = canonical(column, schema)
    facts = schema.tables.get(table)
    if facts is None or facts.primary_key != (name,) or table == contracts.principal:
        return False
    values = [row[name] for row in world.rows(table)]
    return not values or not all(isinstance(value, str) and _WORDS.fullmatch(value) for value in values)


def needed_ids(
    slots: Iterable[Slot], contract: Contract, contracts: Contracts, schema: Schema, world: World
) -> list[str]:
    """Return the required parameters (by path) that take ids nobody has in mind."""
    return [
        slot.path
        for slot in slots
        if _is_required(contract, slot.path) and opaque(slot.column, contracts, schema, world)
    ]


def _is_required(contract: Contract, path: str) -> bool:
    parameter = contract.parameters[path.split(".")[0].split("[")[0]]
    return parameter.required


def reachable(needs: Mapping[str, list[str]], edges: Iterable[ValueEdge]) -> set[str]:
    """Return the tools that can be called starting from what a person knows.

    `needs` gives for each tool the parameters whose values only other tools give; echoes give nothing new.
    """
    sources: dict[tuple[str, str], set[frozenset[str]]] = {}
    for edge in edges:
        if not edge.echo:
            wanted = frozenset({edge.producer, *edge.establishers}) - {edge.consumer}
            sources.setdefault((edge.consumer, edge.parameter), set()).add(wanted)
    found: set[str] = set()
    before = -1
    while before != len(found):
        before = len(found)
        for tool, paths in needs.items():
            if all(any(ways <= found for ways in sources.get((tool, path), ())) for path in paths):
                found.add(tool)
    return found


def nodes(
    contracts: Contracts, slots: Mapping[str, list[Slot]], schema: Schema, world: World, edges: Iterable[ValueEdge]
) -> list[Node]:
    """Return the graph's nodes."""
    needs = {tool.name: needed_ids(slots[tool.name], tool, contracts, schema, world) for tool in contracts.tools}
    within = reachable(needs, edges)
    return [
        Node(
            tool=tool.name, kind=tool.kind, reachable=tool.name in within, user_knowable=_known(tool, needs[tool.name])
        )
        for tool in contracts.tools
    ]


def _known(tool: Contract, needed: list[str]) -> list[str]:
    taken = {path.split(".")[0].split("[")[0] for path in needed}
    return [name for name in tool.parameters if name not in taken]
