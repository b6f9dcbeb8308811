"""Which faulty contracts the generated inputs tell from the true one.

All mutants of a contract are loaded beside it under names of their own, so that a batch of probes can ask many of
them at once. Few, diverse inputs come first; only what they leave alive meets the rest.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from envfactory.gate.agreement import agrees
from envfactory.gate.bench import WorkerFactory
from envfactory.gate.inputs import Seen, diverse, failing_codes
from envfactory.gate.mutation.contract import ContractMutant
from envfactory.sandbox.session import Observation, Session

Named = tuple[str, ContractMutant]
_ROUNDS = (4, 12, 48, 192)


def untold(
    spec: Mapping[str, Any],
    open_worker: WorkerFactory,
    mutants: Mapping[str, Sequence[ContractMutant]],
    seen: Mapping[str, Sequence[Seen]],
) -> list[ContractMutant]:
    """Return the mutants (by tool) that no generated input (by tool) tells apart.

    `spec` loads the true contracts, which play the set-ups.
    """
    named = {_name(mutant, number): mutant for made in mutants.values() for number, mutant in enumerate(made)}
    extra = [{**mutant.contract, "name": name} for name, mutant in named.items()]
    with Session(open_worker, {**spec, "contracts": [*spec["contracts"], *extra]}) as session:
        orders = {(tool, late): _Order(_met(found, late)) for tool, found in seen.items() for late in (False, True)}
        alive = list(named.items())
        start = 0
        for size in (*_ROUNDS, max((len(found) for found in seen.values()), default=0)):
            alive = _round(session, alive, orders, start, start + size)
            start += size
    return [mutant for _, mutant in alive]


class _Order:
    """In which order a tool's inputs are tried on a mutant: witnesses of its error code first, then of all kinds."""

    def __init__(self, seen: Sequence[Seen]) -> None:
        self._dealt = diverse(seen, len(seen))
        self._witnesses: dict[str, list[Seen]] = {}
        for item in sorted((item for item in self._dealt if not item[1].ok), key=_number_of_codes):
            found = self._witnesses.setdefault(item[1].code, [])
            if not found or _number_of_codes(item) == _number_of_codes(found[0]):
                found.append(item)

    def inputs(self, code: str, start: int, stop: int) -> list[Seen]:
        """Return a stretch of the inputs; every input comes in some stretch."""
        first = self._witnesses.get(code, []) if start == 0 else []
        return [*first[: stop - start], *self._dealt[start:stop]]

    def demands(self, code: str, seen: Seen) -> bool:
        """Tell whether a stored case made of this input would demand exactly the code."""
        witnesses = self._witnesses.get(code, [])
        return seen[1].code == code and _number_of_codes(seen) == min(map(_number_of_codes, witnesses), default=0)


def _number_of_codes(seen: Seen) -> int:
    return len(failing_codes(seen[1]))


def _met(seen: Sequence[Seen], late: bool) -> list[Seen]:
    """The inputs that come to the part in question: past the steps only what is accepted comes."""
    return [item for item in seen if item[1].ok or not late]


def _round(
    session: Session, alive: list[Named], orders: Mapping[tuple[str, bool], _Order], start: int, stop: int
) -> list[Named]:
    asked = []
    for name, mutant in alive:
        late = mutant.place.startswith(("effects", "result"))
        asked.append((name, mutant, orders[mutant.tool, late].inputs(mutant.code, start, stop)))
    probes = [probe._replace(tool=name) for name, _, inputs in asked for probe, _ in inputs]
    answers = iter(session.probe(probes))
    left = []
    for name, mutant, inputs in asked:
        order = orders[mutant.tool, False]
        told = [_tells(order, mutant, item, next(answers)) for item in inputs]
        if not any(told):
            left.append((name, mutant))
    return left


def _tells(order: _Order, mutant: ContractMutant, seen: Seen, got: Observation) -> bool:
    """Tell whether an input notices a mutant: `conforms` would, or a stored case that demands the very code."""
    if not agrees(seen[1], got):
        return True
    return bool(mutant.code) and got.code != seen[1].code and order.demands(mutant.code, seen)


def _name(mutant: ContractMutant, number: int) -> str:
    return f"{mutant.tool}~{number}"
