"""The rules tester: stored cases made from the contracts alone, and the strengthening of cases that let a mutant live.

What a case demands comes from the contracts' interpreter, never from the code under test. The first cases are modest:
a few accepted calls of different kinds, for each code a call that fails in this one thing, and where a rule has an
edge the calls on both sides of it. What they miss, surviving mutants tell; `strengthen` answers them.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

from envfactory.bench.agreement import agrees
from envfactory.bench.bench import Bench, WorkerFactory
from envfactory.bench.inputs import ProbeKey, Seen, diverse, failing_codes, probe_key
from envfactory.bench.inputs.edges import find_edge, find_turns
from envfactory.environments.artefact import Environment, Manifest
from envfactory.environments.cases import Case, Cases, Expectation
from envfactory.sandbox import HandlerFault
from envfactory.sandbox.session import Observation, Probe

if TYPE_CHECKING:
    from envfactory.synthesis.design import Design

_ACCEPTS, _TURNS, _CHUNK, _MOST_ADDED, _MOST_TELLING_ROWS = 3, 2, 48, 60, 8


def write_cases(name: str, design: Design, open_worker: WorkerFactory, *, seed: int = 0) -> Cases:
    """Return the first stored cases of a designed environment."""
    manifest = Manifest(name=name, domain="", summary="")
    environment = Environment(manifest, design.schema_sql, design.seed_rows, design.contracts, "", Cases())
    with Bench(environment, open_worker, seed=seed) as bench:
        return first_cases(bench)


def first_cases(bench: Bench) -> Cases:
    """Return the first stored cases of a bench's environment; only its contracts are run."""
    found = _Book(bench)
    for tool in bench.contracts.tools:
        accepted = [seen for seen in telling_first(bench.inputs.seen(tool.name)) if seen[1].ok]
        for seen in diverse(accepted, _ACCEPTS):
            found.add(seen, _label(seen[1]), _purpose(seen))
        for name, parameter in tool.parameters.items():
            if not parameter.required:
                _given(found, name, accepted)
        for pair in find_turns(accepted)[:_TURNS]:
            for side, seen in zip(("before", "after"), pair, strict=True):
                found.add(seen, f"{side}-the-turn", f"{_purpose(seen)}: just {side} the result turns by the clock")
        for code in tool.codes():
            _refuse(found, bench, tool.name, code)
    return found.cases()


def strengthen(cases: Cases, evidence: Iterable[Mapping[str, Any]], bench: Bench) -> Cases:
    """Return the cases with generated inputs added that tell surviving mutants from the contract.

    Each piece of evidence names a `tool` and the `source` of the mutated function; a mutant that no generated input
    tells apart is left alone. `bench` must hold code whose original functions agree with the contracts.
    """
    book = _Book(bench, cases)
    for mutant in evidence:
        answerable = isinstance(mutant.get("source"), str) and mutant.get("tool") in bench.inputs.facts
        if answerable and len(book.added) < _MOST_ADDED:
            _answer(book, bench, mutant)
    return book.cases()


def _answer(book: _Book, bench: Bench, mutant: Mapping[str, Any]) -> None:
    """Add one input that tells a mutant apart, unless a case added before does."""
    tool = str(mutant["tool"])
    try:
        bench.code.set_variant(tool, str(mutant["source"]))
    except HandlerFault:
        return
    try:
        if _telling(bench, [seen for seen in book.added if seen[0].tool == tool]) is None:
            inputs = telling_first(bench.inputs.seen(tool))
            telling = _telling(bench, [*_known(bench, mutant), *diverse(inputs, len(inputs))])
            if telling is not None:
                book.add(telling, "tells", f"{_purpose(telling)}; tells a slip in the code apart")
    finally:
        bench.code.set_variant(tool, None)


def _known(bench: Bench, mutant: Mapping[str, Any]) -> list[Seen]:
    """Return the call that the evidence says tells the mutant apart, if it names one."""
    call = mutant.get("told_apart_by")
    if not isinstance(call, Mapping):
        return []
    setup = tuple((str(tool), dict(arguments)) for tool, arguments in call.get("setup", ()))
    return bench.inputs.observe([Probe(str(call["tool"]), dict(call["arguments"]), setup, call.get("now"))])


def _telling(bench: Bench, seen: list[Seen]) -> Seen | None:
    for start in range(0, len(seen), _CHUNK):
        chunk = seen[start : start + _CHUNK]
        for (probe, expected), got in zip(chunk, bench.code.probe(probe for probe, _ in chunk), strict=True):
            if not agrees(expected, got):
                return probe, expected
    return None


def _given(book: _Book, name: str, accepted: list[Seen]) -> None:
    """Add a case in which an optional parameter makes a difference: given, where the call succeeds without it too."""
    without = {_call_without(probe, name): observed for probe, observed in accepted if name not in probe.arguments}
    for probe, observed in accepted:
        plain = without.get(_call_without(probe, name)) if name in probe.arguments else None
        if plain is not None and (plain.outcome, plain.changes) != (observed.outcome, observed.changes):
            book.add((probe, observed), f"with-{name}", f"{_purpose((probe, observed))}: {name} makes a difference")
            return


def _call_without(probe: Probe, name: str) -> ProbeKey:
    return probe_key(probe._replace(arguments={other: v for other, v in probe.arguments.items() if other != name}))


def _refuse(book: _Book, bench: Bench, tool: str, code: str) -> None:
    """Add the case of one code: where the rule has an edge, the calls on both its sides."""
    refused = bench.inputs.refused(tool, code)
    if not refused:
        return
    edge = find_edge(refused, [seen for seen in bench.inputs.seen(tool) if seen[1].ok])
    if edge is None:
        book.add(refused[0], code.lower(), _purpose(refused[0]))
        return
    book.add(edge.refused, code.lower(), f"{_purpose(edge.refused)}: {edge.place} one step too far")
    book.add(
        edge.accepted, f"just-not-{code.lower()}", f"{_purpose(edge.accepted)}: {edge.place} at the edge of {code}"
    )


class _Book:
    """Cases in the making: ids that do not repeat, no call twice."""

    def __init__(self, bench: Bench, cases: Cases | None = None) -> None:
        self._bench = bench
        self._cases = list(cases.cases) if cases else []
        self._ids = {case.id for case in self._cases}
        self._calls = {repr((c.tool, c.arguments, [list(call) for call in c.setup], c.now)) for c in self._cases}
        self.added: list[Seen] = []

    def add(self, seen: Seen, label: str, purpose: str) -> None:
        probe, observed = seen
        call = repr((probe.tool, probe.arguments, [list(item) for item in probe.setup], probe.now))
        if call in self._calls:
            return
        self._calls.add(call)
        self.added.append(seen)
        self._cases.append(
            Case(
                id=self._fresh(f"{probe.tool}/{label.replace('_', '-')}"),
                tool=probe.tool,
                arguments=probe.arguments,
                setup=[(tool, dict(arguments)) for tool, arguments in probe.setup],
                now=probe.now,
                expect=expectation(observed),
                purpose=purpose,
            )
        )

    def cases(self) -> Cases:
        return Cases(cases=self._cases)

    def _fresh(self, wanted: str) -> str:
        number, found = 1, wanted
        while found in self._ids:
            number += 1
            found = f"{wanted}-{number}"
        self._ids.add(found)
        return found


def expectation(observed: Observation) -> Expectation:
    """Return what a case demands where the oracle shows this.

    The code asked for is the first that fails: of several the caller is to get the one the contract names first.
    """
    if observed.ok:
        return Expectation(status="ok", result=observed.outcome["result"], changes=observed.changes)
    return Expectation(status="error", codes=failing_codes(observed)[:1], changes=observed.changes)


def telling_first(seen: Iterable[Seen]) -> list[Seen]:
    """Return calls in the order in which they make good cases: no set-up, the usual clock, a few rows to tell apart."""
    return sorted(seen, key=lambda item: (len(item[0].setup), item[0].now is not None, -_rows(item[1])))


def _rows(observed: Observation) -> int:
    """How many rows the result's lists hold, as far as more are more telling."""
    result = observed.outcome.get("result")
    lists = [value for value in result.values() if isinstance(value, list)] if isinstance(result, dict) else []
    return min(sum(map(len, lists)), _MOST_TELLING_ROWS)


def _label(observed: Observation) -> str:
    verbs = {"insert": "inserts", "update": "updates", "delete": "deletes"}
    first = next(iter(observed.changes), None)
    if first is not None:
        return f"accepts-{verbs[first['op']]}-{first['table']}"
    result = observed.outcome["result"]
    lists = [value for value in result.values() if isinstance(value, list)] if isinstance(result, dict) else []
    return "accepts-finds-nothing" if lists and not any(lists) else "accepts"


def _purpose(seen: Seen) -> str:
    probe, observed = seen
    after = f" after {', '.join(dict.fromkeys(tool for tool, _ in probe.setup))}" if probe.setup else ""
    when = f" at {probe.now}" if probe.now else ""
    if not observed.ok:
        return f"refused with {failing_codes(observed)[0]}{after}{when}"
    touched = sorted({f"{change['op']} {change['table']}" for change in observed.changes})
    return f"accepted{after}{when}: {', '.join(touched) or 'reads'}"
