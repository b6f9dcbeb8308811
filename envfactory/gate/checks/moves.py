"""Life cycles, executed: a call moves the row it names only as its life cycle says.

Contract and code may be wrong alike, each being the print of the other; the life cycle is stated apart from both. It
speaks of the row a call is about. What happens to other rows meanwhile (the next in a queue, what a sale makes void)
is not its matter, nor are tools of which it says nothing.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

from envfactory.bench.agreement import call_of
from envfactory.bench.bench import Bench
from envfactory.bench.inputs import Seen
from envfactory.bench.inputs.vary import values_at
from envfactory.environments.contract import Lifecycle
from envfactory.gate.checks.verdicts import Evidence

Move = tuple[str, str]


class Moved(NamedTuple):
    """A move that the contracts made, with a call that made it."""

    move: Move
    seen: Seen


def wrong_moves(bench: Bench) -> Iterator[Evidence]:
    """Yield moves that no life cycle declares for their tool."""
    for cycle in bench.contracts.lifecycles:
        for tool, declared in cycle.transitions.items():
            known = set(declared)
            made = {moved.move: moved.seen for moved in _moves(bench, cycle, tool)}
            for before, after in sorted(set(made) - known):
                message = f"moves a row of {cycle.table} from {before} to {after}, which its life cycle does not know"
                probe = made[before, after][0]
                yield {"tool": tool, "part": "contracts.json", "message": message, **call_of(probe)}


def _moves(bench: Bench, cycle: Lifecycle, tool: str) -> Iterator[Moved]:
    """Yield how accepted calls of a tool move the rows that they name."""
    facts = bench.inputs.facts.get(tool)
    key = bench.inputs.schema.tables[cycle.table].primary_key if facts else ()
    if facts is None or len(key) != 1:
        return
    own = cycle.table, key[0]
    paths = [path for path, leaf in facts.leaves.items() if leaf.parameter.ref and own in leaf.columns]
    for seen in [*bench.inputs.seen(tool), *bench.inputs.situations(tool)]:
        named = {value for path in paths for value in values_at(seen[0].arguments, path)}
        for change in seen[1].changes if seen[1].ok and named else ():
            move = _move(change, cycle)
            if move is not None and change["key"][0] in named:
                yield Moved(move, seen)


def _move(change: dict[str, Any], cycle: Lifecycle) -> Move | None:
    if change["op"] != "update" or change["table"] != cycle.table or cycle.column not in change["after"]:
        return None
    return change["before"][cycle.column], change["after"][cycle.column]
