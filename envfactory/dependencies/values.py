"""Value edges: candidates tried on the contracts until one field's value is shown to be what a parameter needs.

First in one hop: the producer's value, straight into the consumer. What fails there with the code of a known state
edge is tried again with its establisher in between, twice at most (create, confirm, check in).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import islice
from typing import Any, NamedTuple

from envfactory.bench.inputs import Seen, diverse, failing_codes
from envfactory.dependencies.candidates import Candidate
from envfactory.dependencies.laboratory import Chain, Laboratory
from envfactory.dependencies.paths import leaves, values_at, with_value
from envfactory.dependencies.proof import is_played, is_refused, matters, value_evidence
from envfactory.environments.graph import StateEdge, ValueEdge
from envfactory.sandbox.session import Observation, Probe

_PLAIN, _LATER, _VALUES = 150, 10, 12
_SET_UPS = 2
_STARTS, _WANTED, _AIMS, _DRAWS, _TESTED, _ESTABLISHERS = 6, 4, 5, 3, 3, 2


class Start(NamedTuple):
    """A value in hand: the chain of calls that gave it, the last of them the producer's. `fresh`: it was not given."""

    chain: Chain
    value: Any
    fresh: bool


class _Use(NamedTuple):
    """A consumer's call with a value in hand. `producer` is the place of the producer's call in the chain."""

    candidate: Candidate
    start: Start
    chain: Chain
    probe: Probe
    producer: int


def value_edges(
    laboratory: Laboratory, candidates: Sequence[Candidate], states: Iterable[StateEdge]
) -> list[ValueEdge]:
    """Return the value edges the contracts show, in the order of the candidates."""
    return _Search(laboratory, states).edges(candidates)


class _Search:
    """Holds what is asked again and again: what producers give, who establishes what."""

    def __init__(self, laboratory: Laboratory, states: Iterable[StateEdge]) -> None:
        self._laboratory = laboratory
        self._samples: dict[str, list[Seen]] = {}
        self._gave: dict[tuple[str, str], dict[str, Start]] = {}
        self._took: dict[tuple[str, str], Mapping[str, list[dict[str, Any]]]] = {}
        self._enabling: dict[tuple[str, str], list[str]] = {}
        for edge in states:
            if edge.effect == "enables":
                self._enabling.setdefault((edge.consumer, edge.code), []).append(edge.producer)

    def edges(self, candidates: Sequence[Candidate]) -> list[ValueEdge]:
        """Search in rounds: all candidates at once, then those left with one establisher more."""
        found: dict[int, ValueEdge] = {}
        uses = [(number, use) for number, candidate in enumerate(candidates) for use in self._first(candidate)]
        for round_number in range(_ESTABLISHERS + 1):
            judged = self._laboratory.judge(use.probe for _, use in uses)
            tried = [(number, use, observed) for (number, use), (_, observed) in zip(uses, judged, strict=True)]
            accepted: dict[int, list[tuple[_Use, Observation]]] = {}
            for number, use, observed in tried:
                if observed.ok and is_played(observed):
                    accepted.setdefault(number, []).append((use, observed))
            for number, passed in accepted.items():
                edge = self._tested(passed)
                if edge is not None:
                    found[number] = edge
            if round_number < _ESTABLISHERS:
                left = [item for item in tried if item[0] not in found]
                uses = [(number, more) for number, use, observed in left for more in self._established(use, observed)]
        return [found[number] for number in sorted(found)]

    def _first(self, candidate: Candidate) -> Iterator[_Use]:
        yield from islice(self._after_set_ups(candidate), _SET_UPS)
        known = self._accepted(candidate.consumer, candidate.slot.path)
        for start in self._starts(candidate, known):
            given = known.get(repr(start.value), [])[:2] if start.chain.now is None else []
            given = given + self._laboratory.draws(
                candidate.consumer, start.chain, _DRAWS, slot=candidate.slot, value=start.value
            )
            for arguments in given:
                probe = start.chain.probe(candidate.consumer, arguments)
                yield _Use(candidate, start, start.chain, probe, len(start.chain.calls) - 1)

    def _after_set_ups(self, candidate: Candidate) -> Iterator[_Use]:
        """Accepted calls whose value a call of their own set-up gave, whatever came in between."""
        for probe, observed in self._laboratory.inputs.seen(candidate.consumer):
            value = next(iter(values_at(probe.arguments, candidate.slot.path)), None)
            if not observed.ok or not is_played(observed) or value is None:
                continue
            for number, (tool, given) in enumerate(probe.setup):
                told = value in [leaf for _, leaf in leaves(given)]
                gave = tool == candidate.producer and not told
                if gave and value in values_at(observed.setup[number]["result"], candidate.field):
                    start = Start(Chain(probe.setup[: number + 1], probe.now), value, True)
                    yield _Use(candidate, start, Chain(probe.setup, probe.now), probe, number)

    def _starts(self, candidate: Candidate, known: Mapping[str, list[dict[str, Any]]]) -> list[Start]:
        """Return values the producer gives: those the consumer is known to accept first, and those it was not given."""
        given = self._given(candidate.producer, candidate.field)
        wanted = [start for mark, start in given.items() if mark in known and start.fresh]
        wanted = wanted or self._aimed(candidate, known)
        rest = sorted(given.values(), key=lambda start: (not start.fresh, len(start.chain.calls)))
        ordered: dict[str, Start] = {}
        for start in [*wanted[:_WANTED], *rest]:
            ordered.setdefault(repr(start.value), start)
        return list(ordered.values())[:_STARTS]

    def _given(self, producer: str, field: str) -> dict[str, Start]:
        """Return the values a producer was seen to give at a field, each with its best start."""
        key = (producer, field)
        if key not in self._gave:
            self._gave[key] = _best(self._sample(producer), field)
        return self._gave[key]

    def _aimed(self, candidate: Candidate, known: Mapping[str, list[dict[str, Any]]]) -> list[Start]:
        """Call the producer for the rows that the consumer is known to accept."""
        start, tool = Chain((), None), candidate.producer
        values = [values_at(found[0], candidate.slot.path)[0] for found in list(known.values())[:_AIMS]]
        places = [self._laboratory.places(self._laboratory.inputs.start, candidate.slot.column, v) for v in values]
        drawn = [args for focus in places if focus for args in self._laboratory.draws(tool, start, 2, focus=focus)]
        seen = self._laboratory.judge(start.probe(tool, arguments) for arguments in drawn)
        found = _best([item for item in seen if item[1].ok], candidate.field)
        return [begin for mark, begin in found.items() if mark in known and begin.fresh]

    def _accepted(self, consumer: str, path: str) -> Mapping[str, list[dict[str, Any]]]:
        if (consumer, path) not in self._took:
            self._took[consumer, path] = _by_value(self._laboratory.inputs.seen(consumer), path)
        return self._took[consumer, path]

    def _sample(self, producer: str) -> list[Seen]:
        """A producer's accepted calls: all in the first state, and some of many kinds after others."""
        if producer not in self._samples:
            accepted = [seen for seen in self._laboratory.inputs.seen(producer) if seen[1].ok and is_played(seen[1])]
            plain = [seen for seen in accepted if not seen[0].setup and seen[0].now is None]
            later = [seen for seen in accepted if seen[0].setup and seen[0].now is None]
            self._samples[producer] = plain[:_PLAIN] + diverse(later or accepted, _LATER)
        return self._samples[producer]

    def _established(self, use: _Use, observed: Observation) -> Iterator[_Use]:
        codes = failing_codes(observed)
        if observed.status != "error" or len(codes) != 1 or not is_played(observed):
            return
        for establisher in self._enabling.get((use.candidate.consumer, codes[0]), []):
            for given in self._laboratory.related_draws(
                establisher, use.chain, 1, use.candidate.consumer, use.probe.arguments
            ):
                chain = use.chain.then(establisher, given)
                yield use._replace(chain=chain, probe=chain.probe(use.probe.tool, use.probe.arguments))

    def _tested(self, accepted: Sequence[tuple[_Use, Observation]]) -> ValueEdge | None:
        """Return the edge if some accepted use passes the test of an unknown and of another value."""
        for use, observed in sorted(accepted, key=lambda item: not item[0].start.fresh)[:_TESTED]:
            slot, world = use.candidate.slot, self._laboratory.world(use.chain)
            unknown = self._refused(use, self._laboratory.unknowns(slot, world))
            other = self._differing(use, observed, self._laboratory.others(slot, world, use.start.value))
            if unknown is not None and other is not None:
                return self._edge(use, unknown, other)
        return None

    def _refused(self, use: _Use, values: Sequence[Any]) -> Any:
        judged = self._laboratory.judge(_with(use, value) for value in values)
        return next((value for value, (_, seen) in zip(values, judged, strict=True) if is_refused(seen)), None)

    def _differing(self, use: _Use, observed: Observation, values: Sequence[Any]) -> Any:
        judged = self._laboratory.judge(_with(use, value) for value in values)
        for value, (_, seen) in zip(values, judged, strict=True):
            if matters(observed, use.start.value, seen, value):
                return value
        return None

    def _edge(self, use: _Use, unknown: Any, other: Any) -> ValueEdge:
        candidate, calls = use.candidate, use.chain.calls
        evidence = value_evidence(
            calls, use.producer, use.chain.now, use.probe.arguments, use.start.value, unknown, other
        )
        return ValueEdge(
            producer=candidate.producer,
            field=candidate.field,
            consumer=candidate.consumer,
            parameter=candidate.slot.path,
            rules=list(candidate.rules),
            echo=not use.start.fresh,
            establishers=[tool for tool, _ in calls[use.producer + 1 :]],
            evidence=evidence,
        )


def _with(use: _Use, value: Any) -> Probe:

    changed = with_value(dict(use.probe.arguments), use.candidate.slot.path, value)
    return use.probe._replace(arguments=changed)


def _best(seen: Iterable[Seen], field: str) -> dict[str, Start]:
    """Return the values at a field by their marks, each with its best start: not given to the producer, short.

    A field that shows a list or an object (a JSON column) has none: parameters take what stands in them, one by one.
    """
    found: dict[str, Start] = {}
    for probe, observed in seen:
        chain = Chain((*probe.setup, (probe.tool, probe.arguments)), probe.now)
        told = [value for _, value in leaves(probe.arguments)]
        shown = [value for value in values_at(observed.outcome["result"], field) if not isinstance(value, list | dict)]
        for value in shown[:_VALUES]:
            start = Start(chain, value, value not in told)
            held = found.get(repr(value))
            if held is None or (start.fresh, -len(chain.calls)) > (held.fresh, -len(held.chain.calls)):
                found[repr(value)] = start
    return found


def _by_value(seen: Iterable[Seen], path: str) -> Mapping[str, list[dict[str, Any]]]:
    """Return the arguments of accepted calls in the first state, by the value at a path."""
    found: dict[str, list[dict[str, Any]]] = {}
    for probe, observed in seen:
        if observed.ok and not probe.setup and probe.now is None:
            for value in values_at(probe.arguments, path)[:1]:
                found.setdefault(repr(value), []).append(probe.arguments)
    return found
