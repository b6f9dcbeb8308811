"""Recoverability, proved and not judged: a bounded search finds a dropped value uniquely, or there is no proof.

What is known in a turn is what is still said in it, what was said and returned before, and the profile. From there the
search goes four ways, cheapest first: the rows that earlier calls returned, with one condition less; what a tool does
when it is told nothing; what was said of the same thing before; and reads along proven edges, tried in the sandbox.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from envfactory.environments.contract import Insert, Parameter
from envfactory.refinement.edits import Use, uses
from envfactory.refinement.flow import spoken_in, turn_of_call
from envfactory.refinement.rehearsal import before_turn, hear, steps_of
from envfactory.refinement.selection import candidates, distinct, left, same
from envfactory.tasks.model import FromResult, GoldCall, Said, Source, Step, Task
from envfactory.tasks.scope import Scope

READS = 12
"""How many reads a search may try for one value."""


@dataclass
class Proof:
    """How dropped mentions are made good: new sources, and arguments that are left out."""

    sources: list[tuple[int, str, Source]] = field(default_factory=list)
    omitted: list[tuple[int, str]] = field(default_factory=list)
    evidence: dict[str, Any] = field(default_factory=dict)


def prove_dropped(task: Task, turn: int, mentions: Collection[str], scope: Scope) -> Proof | None:
    """Return the proof that mentions of a turn can go unsaid, None where one of them could not be had."""
    proof = Proof()
    for mention in mentions:
        for use in uses(task, mention):
            if not _make_good(task, turn, use, mentions, proof, scope):
                return None
    if not proof.evidence:
        return None
    return proof if _replays(task, proof, scope) else None


def _make_good(task: Task, turn: int, use: Use, mentions: Collection[str], proof: Proof, scope: Scope) -> bool:
    if turn_of_call(task).get(use.call) != turn and use.kind == "said":
        return False  # a later turn rests on the very words: they must be said somewhere
    if use.kind == "rank":
        return False
    if use.kind == "condition":
        return _from_rows(task, use, mentions, proof)
    return _from_default(task, use, proof, scope) or _from_history(task, turn, use, proof, scope)


# --- one condition less -----------------------------------------------------------------------------------------------


def _from_rows(task: Task, use: Use, mentions: Collection[str], proof: Proof) -> bool:
    """Find the value among the rows that were returned, by the conditions that remain."""
    source = task.gold[use.call].sources[use.path]
    if not isinstance(source, FromResult):
        return False
    kept = [each for each in source.where if each.mention not in mentions]
    rows = candidates(task.gold[source.call].result, source.path)
    found = distinct(left(rows, kept, source.rank))
    before = distinct(left(rows, source.where, source.rank))
    if len(found) != 1 or found != before:
        return False
    proof.evidence.setdefault("rows", {})[f"{use.call}.{use.path}"] = {
        "returned": len(rows),
        "values": len(distinct(rows)),
        "conditions_left": len(kept),
        "candidates": len(found),
    }
    return True


# --- what the tool does when told nothing -----------------------------------------------------------------------------


def _from_default(task: Task, use: Use, proof: Proof, scope: Scope) -> bool:
    """Leave an optional argument out where its default says the same."""
    call = task.gold[use.call]
    parameter = scope.contracts(call.environment).tool(call.tool).parameters.get(use.path)
    if parameter is None or parameter.required:
        return False
    value = call.arguments[use.path]
    if not same(parameter.default, value) and not _alike_without(task, use, parameter, scope):
        return False
    proof.omitted.append((use.call, use.path))
    proof.evidence.setdefault("default", {})[f"{use.call}.{use.path}"] = {
        "value": value,
        "default": parameter.default,
        "same_result": True,
    }
    return True


def _alike_without(task: Task, use: Use, parameter: Parameter, scope: Scope) -> bool:
    """Tell whether a read that only filters answers the same without the filter, on the state before the turn."""
    call = task.gold[use.call]
    if parameter.default is not None or scope.contracts(call.environment).tool(call.tool).kind != "read":
        return False
    without = {name: value for name, value in call.arguments.items() if name != use.path}
    step = Step(environment=call.environment, tool=call.tool, arguments=without)
    heard = hear(scope, [*steps_of(task.gold[: use.call]), step])
    return heard is not None and heard[-1].outcome == "ok" and heard[-1].result == call.result


# --- what was said before ---------------------------------------------------------------------------------------------


def _from_history(task: Task, turn: int, use: Use, proof: Proof, scope: Scope) -> bool:
    """Take a required value from the last turn, where only one was ever said of the same parameter.

    It holds on when the same question is asked again of something else ("and in Budapest?"), and when what was looked up
    is then booked. Only a value that the tool cannot do without is looked for: whoever leaves an option unsaid has not
    asked for what they once asked for elsewhere. A change is to something new, so that nothing old is meant by it.
    """
    call = task.gold[use.call]
    contract = scope.contracts(call.environment).tool(call.tool)
    parameter = contract.parameters.get(use.path)
    if parameter is None or not parameter.required or turn == 0:
        return False
    earlier = dict(said_before(task, turn, call.environment, use.path))
    values = distinct_values(earlier.values())
    if len(values) != 1 or not same(values[0], call.arguments[use.path]):
        return False
    creates = any(isinstance(each, Insert) for each in contract.effects[:1])
    mention = _said_last(task, turn, use, earlier, scope) if contract.kind == "read" or creates else None
    if mention is None:
        return False
    proof.sources.append((use.call, use.path, Said(mention=mention)))
    proof.evidence.setdefault("history", {})[f"{use.call}.{use.path}"] = {
        "said_before": len(earlier),
        "values": len(values),
    }
    return True


def _said_last(task: Task, turn: int, use: Use, earlier: Mapping[str, Any], scope: Scope) -> str | None:
    """Return the mention by which the last turn asked the same tool, or looked up what is now made."""
    call = task.gold[use.call]
    reads = scope.contracts(call.environment).tool(call.tool).kind == "read"
    for number in range(*task.turns[turn - 1].calls):
        before = task.gold[number]
        source = before.sources.get(use.path)
        alike = before.tool == call.tool if reads else _reads(before, scope)
        if before.environment == call.environment and alike and isinstance(source, Said) and source.mention in earlier:
            return source.mention
    return None


def _reads(call: GoldCall, scope: Scope) -> bool:
    return scope.contracts(call.environment).tool(call.tool).kind == "read"


def said_before(task: Task, turn: int, environment: str, path: str) -> Iterator[tuple[str, Any]]:
    """Yield mentions of earlier turns that gave an argument of the same name in the same environment, with its value."""
    turns = turn_of_call(task)
    spoken = {each.mention.id: each.turn for each in spoken_in(task)}
    for number, call in enumerate(task.gold):
        if turns.get(number, turn) >= turn or call.environment != environment:
            continue
        source = call.sources.get(path)
        if isinstance(source, Said) and spoken.get(source.mention, turn) < turn:
            yield source.mention, call.arguments[path]


def distinct_values(values: Iterable[Any]) -> list[Any]:
    """Return values that differ to a person, in order."""
    found: list[Any] = []
    for value in values:
        if not any(same(value, other) for other in found):
            found.append(value)
    return found


# --- reads along proven edges -----------------------------------------------------------------------------------------


def values_by_reading(task: Task, turn: int, call: int, path: str, scope: Scope) -> list[Any] | None:
    """Return every value that one read from what is known finds for an argument; None where no read could be tried.

    What is known: the call's other arguments, whatever earlier calls were given or returned under a parameter's name,
    and the profile. Reads are tried in the state before the turn, READS of them at most.
    """
    wanted = task.gold[call]
    known = _known(task, call, path)
    tried = 0
    found: list[Any] = []
    for edge in scope.topology(wanted.environment).producers(wanted.tool, path):
        producer = scope.contracts(wanted.environment).tool(edge.producer)
        if producer.kind != "read" or edge.establishers or tried >= READS:
            continue
        arguments = _arguments(producer.parameters, known)
        if arguments is None:
            continue
        tried += 1
        step = Step(environment=wanted.environment, tool=edge.producer, arguments=arguments)
        heard = hear(scope, [*before_turn(task, turn), step])
        if heard and heard[-1].outcome == "ok":
            found += [each.value for each in candidates(heard[-1].result, edge.field.replace("[]", "[0]"))]
    return distinct_values(found) if tried else None


def _known(task: Task, call: int, path: str) -> dict[str, Any]:
    """Return values by name: arguments and single results of earlier calls, the call's other arguments, the profile."""
    here = task.gold[call]
    known: dict[str, Any] = {}
    for profile in task.profile:
        if profile.environment == here.environment:
            known |= profile.columns
    for earlier in task.gold[:call]:
        if earlier.environment == here.environment and earlier.outcome == "ok":
            known |= _scalars(earlier.arguments)
            known |= _scalars(earlier.result if isinstance(earlier.result, Mapping) else {})
    known |= {name: value for name, value in here.arguments.items() if name != path}
    known.pop(path, None)
    return known


def _scalars(values: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in values.items() if not isinstance(value, list | dict) and value is not None}


def _arguments(parameters: Mapping[str, Parameter], known: Mapping[str, Any]) -> dict[str, Any] | None:
    needed = [name for name, parameter in parameters.items() if parameter.required]
    return {name: known[name] for name in needed} if all(name in known for name in needed) else None


# --- the whole --------------------------------------------------------------------------------------------------------


def _replays(task: Task, proof: Proof, scope: Scope) -> bool:
    """Play the gold without the omitted arguments: every call must answer what it answered."""
    if not proof.omitted:
        return True
    gone = {(call, path) for call, path in proof.omitted}
    steps = [
        step.model_copy(
            update={"arguments": {name: value for name, value in step.arguments.items() if (n, name) not in gone}}
        )
        for n, step in enumerate(steps_of(task.gold))
    ]
    heard = hear(scope, steps)
    return heard is not None and all(
        each.outcome == call.outcome and (call.outcome != "ok" or each.result == call.result)
        for each, call in zip(heard, task.gold, strict=True)
    )
