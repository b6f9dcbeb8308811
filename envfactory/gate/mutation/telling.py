"""Which faulty contracts the generated inputs tell from the true one.

All mutants of a contract are loaded beside it under names of their own, so that a batch of probes can ask many of
them at once. Few, diverse inputs come first; only what they leave alive meets more. The many that are left in the end
are tried on whole rules and effects alone: on the rest they tell one mutant in a hundred, at most of the cost.
"""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from envfactory.bench.agreement import agrees
from envfactory.bench.bench import WorkerFactory
from envfactory.bench.inputs import Seen, diverse, failing_codes, kind
from envfactory.gate.mutation.contract import MUST_SHOW, ContractMutant
from envfactory.sandbox.session import Observation, Session

Named = tuple[str, ContractMutant]
_ROUNDS = (2, 6, 24, 96, 128)  # 256 inputs a mutant: of what they do not tell, thousands more tell hardly one
_ALL = 1_000_000  # for whole rules and effects, which must show


def untold(
    spec: Mapping[str, Any],
    open_worker: WorkerFactory,
    mutants: Mapping[str, Sequence[ContractMutant]],
    seen: Mapping[str, Sequence[Seen]],
) -> list[ContractMutant]:
    """Return the mutants (by tool) that no generated input (by tool) tells apart.

    `spec` loads the true contracts, which play the set-ups. Half of the mutants are tried in one worker, half in
    another, at the same time.
    """
    halves = _halves(mutants)
    with ThreadPoolExecutor(len(halves)) as pool:
        tried = pool.map(lambda tools: _untold(spec, open_worker, {t: mutants[t] for t in tools}, seen), halves)
        left = [mutant for found in tried for mutant in found]
    return [mutant for tool in mutants for mutant in left if mutant.tool == tool]


def _halves(mutants: Mapping[str, Sequence[ContractMutant]]) -> list[list[str]]:
    """Return the tools in two groups with about as many mutants each."""
    halves: list[list[str]] = [[], []]
    sizes = [0, 0]
    for tool in sorted(mutants, key=lambda tool: -len(mutants[tool])):
        smaller = sizes.index(min(sizes))
        halves[smaller].append(tool)
        sizes[smaller] += len(mutants[tool])
    return halves


def _untold(
    spec: Mapping[str, Any],
    open_worker: WorkerFactory,
    mutants: Mapping[str, Sequence[ContractMutant]],
    seen: Mapping[str, Sequence[Seen]],
) -> list[ContractMutant]:
    named = {_name(mutant, number): mutant for made in mutants.values() for number, mutant in enumerate(made)}
    extra = [{**mutant.contract, "name": name} for name, mutant in named.items()]
    reaches = {contract["name"]: _Reach(contract) for contract in spec["contracts"]}
    with Session(open_worker, {**spec, "contracts": [*spec["contracts"], *extra]}) as session:
        orders = _Orders(seen, reaches)
        alive = list(named.items())
        start = 0
        for size in _ROUNDS:
            alive = _round(session, alive, orders, start, start + size)
            start += size
        whole = [named for named in alive if named[1].kind in MUST_SHOW]
        shown = {name for name, _ in whole} - {name for name, _ in _round(session, whole, orders, start, _ALL)}
    return [mutant for name, mutant in alive if name not in shown]


class _Reach:
    """How far a call gets in a contract: past its last step if accepted, else to the step whose code it is given."""

    def __init__(self, contract: Mapping[str, Any]) -> None:
        steps = contract.get("steps", [])
        self._end = len(steps)
        self._last = {step["else"]: number for number, step in enumerate(steps) if step.get("else")}

    def of(self, seen: Seen) -> int:
        """Return the number of the step a call comes to, or of the end."""
        return self._end if seen[1].ok else self._last.get(seen[1].code, self._end)

    def place(self, mutant: ContractMutant) -> int:
        """Return the step a call must come to for a mutant to matter."""
        if mutant.place.startswith(("effects", "result")):
            return self._end
        return int(mutant.place[6 : mutant.place.index("]")]) if mutant.place.startswith("steps[") else 0


class _Orders:
    """The inputs of each tool that come to a step, in the order they are tried."""

    def __init__(self, seen: Mapping[str, Sequence[Seen]], reaches: Mapping[str, _Reach]) -> None:
        self._seen = seen
        self._reaches = reaches
        self._kinds: dict[int, Hashable] = {}
        self._made: dict[tuple[str, int], _Order] = {}

    def of(self, mutant: ContractMutant) -> _Order:
        """Return the order for a mutant."""
        reach = self._reaches[mutant.tool]
        key = (mutant.tool, reach.place(mutant))
        if key not in self._made:
            coming = [item for item in self._seen[mutant.tool] if reach.of(item) >= key[1]]
            self._made[key] = _Order(diverse(coming, len(coming), self._kind))
        return self._made[key]

    def _kind(self, item: Seen) -> Hashable:
        found = self._kinds.get(id(item))  # the items stay as long as this does
        if found is None:
            found = self._kinds[id(item)] = kind(item)
        return found


class _Order:
    """In which order a tool's inputs are tried on a mutant: witnesses of its error code first, then of all kinds."""

    def __init__(self, dealt: list[Seen]) -> None:
        self._dealt = dealt
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


def _round(session: Session, alive: list[Named], orders: _Orders, start: int, stop: int) -> list[Named]:
    asked = [
        (name, mutant, seen) for name, mutant in alive for seen in orders.of(mutant).inputs(mutant.code, start, stop)
    ]
    asked.sort(key=lambda item: (repr(item[2][0].setup), item[2][0].now or ""))  # a set-up is played once for all
    answers = session.probe(seen[0]._replace(tool=name) for name, _, seen in asked)
    told = {
        name
        for (name, mutant, seen), got in zip(asked, answers, strict=True)
        if _tells(orders.of(mutant), mutant, seen, got)
    }
    return [(name, mutant) for name, mutant in alive if name not in told]


def _tells(order: _Order, mutant: ContractMutant, seen: Seen, got: Observation) -> bool:
    """Tell whether an input notices a mutant: `conforms` would, or a stored case that demands the very code."""
    if not agrees(seen[1], got):
        return True
    return bool(mutant.code) and got.code != seen[1].code and order.demands(mutant.code, seen)


def _name(mutant: ContractMutant, number: int) -> str:
    return f"{mutant.tool}~{number}"
