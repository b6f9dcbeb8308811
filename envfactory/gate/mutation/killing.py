"""Which stored cases notice a faulty tool: mutants take the tool's place, one after another, and the cases are played.

A case that has killed is tried first on the next mutant, so most die at once. A mutant that hangs or takes the worker
down is dead; one that crashes in every case is stillborn and proves nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Literal, NamedTuple

from envfactory.bench.agreement import agrees, same
from envfactory.bench.inputs import Seen
from envfactory.environments.cases import Case
from envfactory.errors import DeadlineExceeded, ProtocolError, WorkerDied
from envfactory.gate.mutation.code import CodeMutant
from envfactory.sandbox import HandlerFault
from envfactory.sandbox.session import Observation, Probe, Session

_FIRST, _CHUNK = 4, 24

Fate = Literal["killed", "survived", "stillborn"]


class Verdict(NamedTuple):
    """What became of a mutant; `case` is the id of the case that killed it."""

    mutant: CodeMutant
    fate: Fate
    case: str = ""


class Executioner:
    """Plays the cases of one tool against its mutants. `session` runs the code; `cases` pass on the code unchanged."""

    def __init__(self, session: Session, tool: str, cases: Iterable[Case]) -> None:
        self._session = session
        self._tool = tool
        self._cases = [(case, Probe(case.tool, case.arguments, tuple(case.setup), case.now)) for case in cases]

    def judge(self, mutants: Iterable[CodeMutant]) -> list[Verdict]:
        """Return what becomes of each mutant; the tool is itself again afterwards."""
        try:
            return [self._judge(mutant) for mutant in mutants]
        finally:
            self._session.set_variant(self._tool, None)

    def telling(self, mutant: CodeMutant, seen: Sequence[Seen]) -> Seen | None:
        """Return a generated input on which a mutant does not do what the contract demands; None if there is none."""
        self._session.set_variant(self._tool, mutant.source)
        try:
            for start in range(0, len(seen), _CHUNK):
                chunk = seen[start : start + _CHUNK]
                observed = self._play([probe for probe, _ in chunk])
                if observed is None:
                    return chunk[0]
                for (probe, expected), got in zip(chunk, observed, strict=True):
                    if not agrees(expected, got):
                        return probe, expected
        finally:
            self._session.set_variant(self._tool, None)
        return None

    def _judge(self, mutant: CodeMutant) -> Verdict:
        try:
            self._session.set_variant(self._tool, mutant.source)
        except HandlerFault:
            return Verdict(mutant, "stillborn")
        order = self._order(mutant)
        crashed = 0
        for start, stop in _spans(len(order)):
            chunk = order[start:stop]
            observed = self._play([self._cases[place][1] for place in chunk])
            if observed is None:
                return Verdict(mutant, "killed", "(hang)")
            for place, got in zip(chunk, observed, strict=True):
                if got.status == "crash":
                    crashed += 1
                elif not passes(self._cases[place][0], got):
                    return self._killed(mutant, place)
        if crashed == len(order) and crashed:
            return Verdict(mutant, "stillborn")
        return Verdict(mutant, "killed", "(crash)") if crashed else Verdict(mutant, "survived")

    def _killed(self, mutant: CodeMutant, place: int) -> Verdict:
        case = self._cases.pop(place)
        self._cases.insert(0, case)
        return Verdict(mutant, "killed", case[0].id)

    def _order(self, mutant: CodeMutant) -> list[int]:
        """The places of the cases, those first that demand the code the mutant is about."""
        places = range(len(self._cases))
        return sorted(
            places, key=lambda place: mutant.code == "" or mutant.code not in self._cases[place][0].expect.codes
        )

    def _play(self, probes: list[Probe]) -> list[Observation] | None:
        """Return what a batch shows; None where it does not end. One frame: halving would wait for each half."""
        try:
            return self._session.at_once(probes)
        except (DeadlineExceeded, WorkerDied):
            return None
        except ProtocolError:  # too much for one answer may be just enough for two
            middle = len(probes) // 2
            first = self._play(probes[:middle]) if middle else None
            second = self._play(probes[middle:]) if first is not None else None
            return None if first is None or second is None else first + second


def passes(case: Case, got: Observation) -> bool:
    """Tell whether an observation is what a case demands."""
    if got.status != case.expect.status or not same(case.expect.changes, got.changes):
        return False
    if case.expect.status == "error":
        return got.code in case.expect.codes
    return same(case.expect.result, got.outcome["result"])


def _spans(size: int) -> list[tuple[int, int]]:
    starts = [0, *range(_FIRST, size, _CHUNK)]
    return [(start, stop) for start, stop in zip(starts, [*starts[1:], size], strict=True) if start < stop]
