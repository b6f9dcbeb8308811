"""What counts as proof, and how it is kept: calls that anyone can play again, with what must come of them.

A value edge is proven when, after the producer (and perhaps establishers), the consumer accepts the producer's value,
an unknown value gives a declared error, and another existing value fails, changes the result by more than its own
appearance in it, or leaves another state. A state edge is proven when the same call fails with a declared code before the producer and
succeeds after it, or the other way round.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from envfactory.dependencies.paths import values_at, with_value
from envfactory.environments.graph import StateEdge, ValueEdge
from envfactory.runtime.arguments import INVALID_ARGUMENT
from envfactory.sandbox.session import Call, Observation, Probe

_MARK = "\u00a7"
_SHORTEST_INSIDE = 5


class Trial(NamedTuple):
    """Calls to play and the test their observations must pass."""

    probes: tuple[Probe, ...]
    names: tuple[str, ...]

    def holds(self, edge: ValueEdge | StateEdge, seen: Sequence[Observation]) -> str | None:
        """Return what does not hold, or None where all does."""
        judged = dict(zip(self.names, seen, strict=True))
        return _value_fault(edge, judged) if isinstance(edge, ValueEdge) else _state_fault(edge, judged)


def trial_of(edge: ValueEdge | StateEdge) -> Trial | str:
    """Return the calls of an edge's stored evidence, or what is wrong with the evidence."""
    try:
        return _value_trial(edge) if isinstance(edge, ValueEdge) else _state_trial(edge)
    except (KeyError, TypeError, ValueError, IndexError) as error:
        return f"the evidence is incomplete: {type(error).__name__} {error}"


def value_evidence(
    setup: Sequence[Call],
    producer: int,
    now: str | None,
    arguments: Mapping[str, Any],
    value: Any,
    unknown: Any,
    other: Any,
) -> dict[str, Any]:
    """Return the evidence of a value edge. `producer` is the place of the producer's call in the set-up."""
    found = {
        "setup": [[tool, dict(given)] for tool, given in setup],
        "producer": producer,
        "arguments": dict(arguments),
        "value": value,
        "unknown": unknown,
        "other": other,
    }
    return {**found, "now": now} if now else found


def state_evidence(setup: Sequence[Call], call: Call, now: str | None, arguments: Mapping[str, Any]) -> dict[str, Any]:
    """Return the evidence of a state edge. `call` is the producer's."""
    found = {
        "setup": [[tool, dict(given)] for tool, given in setup],
        "call": [call[0], dict(call[1])],
        "arguments": dict(arguments),
    }
    return {**found, "now": now} if now else found


def _value_trial(edge: ValueEdge) -> Trial:
    evidence = edge.evidence
    setup, now = _setup(evidence), evidence.get("now")
    number = int(evidence["producer"])
    tool, arguments = setup[number]
    if tool != edge.producer:
        raise ValueError(f"call {number} is not one to {edge.producer}")
    produced = Probe(tool, dict(arguments), setup[:number], now)
    used = Probe(edge.consumer, evidence["arguments"], setup, now)
    if values_at(evidence["arguments"], edge.parameter)[:1] != [evidence["value"]]:
        raise ValueError(f"the arguments do not hold the value at {edge.parameter}")
    changed = [with_value(evidence["arguments"], edge.parameter, evidence[name]) for name in ("unknown", "other")]
    if changed[0] is None or changed[1] is None:
        raise ValueError(f"the arguments have no place {edge.parameter}")
    probes = (produced, used, *(used._replace(arguments=given) for given in changed))
    return Trial(probes, ("produced", "used", "unknown", "other"))


def _state_trial(edge: StateEdge) -> Trial:
    evidence = edge.evidence
    setup, now = _setup(evidence), evidence.get("now")
    tool, arguments = evidence["call"]
    if tool != edge.producer:
        raise ValueError(f"the call is not one to {edge.producer}")
    before = Probe(edge.consumer, evidence["arguments"], setup, now)
    after = before._replace(setup=(*setup, (tool, arguments)))
    return Trial((before, after), ("before", "after"))


def _setup(evidence: Mapping[str, Any]) -> tuple[Call, ...]:
    return tuple((tool, arguments) for tool, arguments in evidence["setup"])


def _value_fault(edge: ValueEdge, seen: Mapping[str, Observation]) -> str | None:
    evidence = edge.evidence
    produced, used, unknown, other = (seen[name] for name in ("produced", "used", "unknown", "other"))
    if not produced.ok or evidence["value"] not in values_at(produced.outcome["result"], edge.field):
        return f"{edge.producer} does not give {evidence['value']!r} at {edge.field}"
    if not is_played(used) or not used.ok:
        return f"{edge.consumer} does not accept it: {used.code}"
    if not is_refused(unknown):
        return f"{edge.consumer} does not refuse the unknown value {evidence['unknown']!r}: {unknown.status}"
    if not matters(used, evidence["value"], other, evidence["other"]):
        return f"{edge.consumer} does the same for another value, {evidence['other']!r}"
    return None


def _state_fault(edge: StateEdge, seen: Mapping[str, Observation]) -> str | None:
    before, after = seen["before"], seen["after"]
    if not is_played(after):
        return f"{edge.producer} is not accepted there"
    refused, accepted = (before, after) if edge.effect == "enables" else (after, before)
    if not accepted.ok or refused.status != "error" or refused.code != edge.code:
        return f"{edge.consumer} gives {before.code} before and {after.code} after {edge.producer}"
    return None


def is_played(observed: Observation) -> bool:
    """Tell whether every set-up call was accepted."""
    return all(outcome["status"] == "ok" for outcome in observed.setup)


def is_refused(observed: Observation) -> bool:
    """Tell whether a call was refused by a rule of the tool's own."""
    return observed.status == "error" and observed.code != INVALID_ARGUMENT


def matters(used: Observation, value: Any, other: Observation, other_value: Any) -> bool:
    """Tell whether another value fails, changes the result beyond its own appearance in it, or changes other rows.

    A value that the call stores is more than an echo: the state is another one.
    """
    if other.status == "error":
        return other.code != INVALID_ARGUMENT
    return other.ok and (used.changes != other.changes or _bare(used, value) != _bare(other, other_value))


def _bare(observed: Observation, value: Any) -> str:
    return json.dumps(_masked(observed.outcome.get("result"), value), sort_keys=True)


def _masked(data: Any, value: Any) -> Any:
    if isinstance(data, dict):
        return {key: _masked(item, value) for key, item in data.items()}
    if isinstance(data, list):
        return [_masked(item, value) for item in data]
    if data == value and type(data) is type(value):
        return _MARK
    if isinstance(data, str) and isinstance(value, str) and len(value) >= _SHORTEST_INSIDE:
        return data.replace(value, _MARK)
    return data
