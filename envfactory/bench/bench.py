"""What every check works with: the environment under test, its code and its contracts in two workers, shared inputs.

The contracts run in a worker of their own, apart from the tool code, so that code cannot touch the oracle it is
compared with. Observations are kept, so that no check pays for what another has already seen.
"""

from __future__ import annotations

import gc
import itertools
import json
import random
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from functools import cached_property
from typing import Any

from envfactory.bench.ample import ample_seed
from envfactory.bench.inputs import Inputs, ProbeKey, probe_key
from envfactory.bench.madeup import Rows
from envfactory.bench.ties import tied_seed
from envfactory.environments.artefact import Environment
from envfactory.sandbox.limits import COLLECT_AT
from envfactory.sandbox.session import ENDED_BY_CODE, ENDS, Call, Observation, Probe, Session, Walk, Worker, ended

WorkerFactory = Callable[[], Worker]
_CHUNK, _DEADLINE = 64, 3.0


def load_spec(environment: Environment, *, contracts_only: bool = False) -> dict[str, Any]:
    """Return the payload of the op `load` for an environment: its code, or its contracts alone."""
    return {
        "contracts": [
            tool.model_dump(mode="json", by_alias=True, exclude_defaults=True) for tool in environment.contracts.tools
        ],
        "now": environment.contracts.now,
        "tools": None if contracts_only else environment.tools_source,
        "schema": environment.schema_sql,
        "seed_rows": environment.seed_rows,
    }


def tools_of(probe: Probe) -> list[str]:
    """Return the tools a probe calls."""
    return [probe.tool, *(tool for tool, _ in probe.setup)]


def _growing(places: list[int]) -> Iterator[list[int]]:
    """Yield a first one alone, then a few, then many: what hangs at once is found at the price of one deadline."""
    start = 0
    for size in itertools.chain((1, 8), itertools.repeat(_CHUNK)):
        if start >= len(places):
            return
        yield places[start : start + size]
        start += size


def _untried(status: str) -> Observation:
    return Observation({"status": status, "message": "not tried again after an earlier call"}, [], [])


class Bench:
    """See the module's docstring. `seed` decides every generated input; `open_worker` starts a jailed worker.

    `open_other` starts one that differs in what must not matter, such as the seed of Python's hashes.
    """

    def __init__(
        self,
        environment: Environment,
        open_worker: WorkerFactory,
        *,
        seed: int = 0,
        open_other: WorkerFactory | None = None,
    ) -> None:
        self.environment = environment
        self.contracts = environment.contracts
        self.open_worker = open_worker
        self.open_other = open_other or open_worker
        self.seed = seed
        self.code_spec = load_spec(environment)
        self.code = Session(open_worker, self.code_spec, deadline=_DEADLINE)
        self.oracle_spec = load_spec(environment, contracts_only=True)
        self.oracle = Session(open_worker, self.oracle_spec)
        self._borrowed = False
        self._seen: dict[str, dict[ProbeKey, Observation]] = {"code": {}, "oracle": {}}
        self._walks: dict[str, Walk] = {}
        self._stuck: dict[str, str] = {}

    def like(self, environment: Environment) -> Bench:
        """Return a bench for other code or cases under the same contracts and seed; it borrows oracle and inputs.

        Where the code is the same too, what was seen of it is shared as well.
        """
        twin = Bench(environment, self.open_worker, seed=self.seed, open_other=self.open_other)
        if twin.oracle_spec != self.oracle_spec:
            raise ValueError("the contracts, the schema or the seed differ")
        twin.oracle, twin.tables, twin.inputs, twin._borrowed = self.oracle, self.tables, self.inputs, True
        twin.tied_rows, twin.ample_rows = self.tied_rows, self.ample_rows
        twin._seen["oracle"] = self._seen["oracle"]
        if twin.code_spec == self.code_spec:
            twin._seen, twin._walks, twin._stuck = self._seen, self._walks, self._stuck
        return twin

    def random(self, purpose: str) -> random.Random:
        """Return the random stream of one purpose; streams do not disturb one another."""
        return random.Random(f"{self.seed}/{self.environment.name}/{purpose}")

    @cached_property
    def tables(self) -> dict[str, list[dict[str, Any]]]:
        """The initial rows by table, as the database holds them (defaults filled in)."""
        rows: dict[str, list[dict[str, Any]]] = self.oracle.request("rows", {})
        return rows

    @cached_property
    def inputs(self) -> Inputs:
        """The generated inputs, shared by every check."""
        return Inputs(self)

    @cached_property
    def tied_rows(self) -> Rows:
        """The seed with equal ranks; see `ties`."""
        return tied_seed(self)

    @cached_property
    def tied(self) -> Bench:
        """A bench for the same code and contracts over the seed with equal ranks."""
        return self._over(self.tied_rows)

    @cached_property
    def ample_rows(self) -> Rows:
        """The seed with more of everything; see `ample`."""
        return ample_seed(self)

    @cached_property
    def ample(self) -> Bench:
        """A bench for the same code and contracts over the seed with more of everything."""
        return self._over(self.ample_rows)

    def _over(self, rows: Rows) -> Bench:
        return Bench(replace(self.environment, seed_rows=rows), self.open_worker, seed=self.seed)

    def observe(self, probes: Iterable[Probe], *, side: str = "code") -> list[Observation]:
        """Observe probes on the code or the oracle; each distinct probe is executed once.

        Code that once hung or killed its worker is not called again: its further probes get the same status.
        """
        wanted = list(probes)
        keys = [probe_key(probe) for probe in wanted]
        seen = self._seen[side]
        new = {key: probe for key, probe in zip(keys, wanted, strict=True) if key not in seen}
        observe = self._observe_code if side == "code" else self.oracle.probe
        seen.update(zip(new, observe(list(new.values())), strict=True))
        return [seen[key] for key in keys]

    def play(self, calls: Sequence[Call], *, fresh: bool = False) -> Walk:
        """Play calls on the code in one episode; `fresh` loads its module anew before each.

        Code that hangs or kills its worker gives a walk of one step with that status, and no image.
        """
        key = json.dumps([calls, fresh], sort_keys=True)
        if key not in self._walks:
            self._walks[key] = self._play(calls, fresh)
        return self._walks[key]

    def _play(self, calls: Sequence[Call], fresh: bool) -> Walk:
        stuck = self.stuck_at(*(tool for tool, _ in calls))
        if stuck is not None:
            return Walk([_untried(stuck)], b"")
        try:
            return self.code.walk(calls, fresh=fresh)
        except ENDED_BY_CODE as error:
            return Walk([ended(error)], b"")

    def _observe_code(self, probes: list[Probe]) -> list[Observation]:
        found: dict[int, Observation] = {}
        places: dict[str, list[int]] = {}
        for place, probe in enumerate(probes):
            places.setdefault(probe.tool, []).append(place)
        for of_tool in places.values():
            for chunk in _growing(of_tool):
                found.update(zip(chunk, self._observe_chunk([probes[place] for place in chunk]), strict=True))
        return [found[place] for place in range(len(probes))]

    def _observe_chunk(self, chunk: list[Probe]) -> list[Observation]:
        """Observe probes of one tool; from the first on that hangs or kills, the others are not tried."""
        found: list[Observation] = []
        while len(found) < len(chunk):
            rest = chunk[len(found) :]
            blocked = self.stuck_at(*tools_of(rest[0]))
            if blocked is not None:
                found.append(_untried(blocked))
                continue
            ready = list(itertools.takewhile(lambda probe: self.stuck_at(*tools_of(probe)) is None, rest))
            seen = self._until_stuck(ready)
            if seen[-1].status in ENDS:
                self._stuck[self._culprit(ready[len(seen) - 1])] = seen[-1].status
            found += seen
        return found

    def _until_stuck(self, probes: list[Probe]) -> list[Observation]:
        """Return observations up to the first probe that hangs or kills the worker (twice), that one included."""
        try:
            return self.code.at_once(probes)
        except ENDED_BY_CODE:
            if len(probes) == 1:
                return self.code.probe(probes)
            middle = len(probes) // 2
            first = self._until_stuck(probes[:middle])
            return first if first[-1].status in ENDS else first + self._until_stuck(probes[middle:])

    def _culprit(self, probe: Probe) -> str:
        """Return which tool of a probe hangs or kills: the first of its set-up calls that does, else its own."""
        for number, (tool, arguments) in enumerate(probe.setup):
            now = probe.setup_at[number] if probe.setup_at else probe.now
            alone = Probe(tool, dict(arguments), probe.setup[:number], now, setup_at=probe.setup_at[:number])
            if self.code.probe([alone])[0].status in ENDS:
                return tool
        return probe.tool

    def stuck_at(self, *tools: str) -> str | None:
        """Return `hang`, `death` or `flood` where one of these tools was seen to end its worker so."""
        return next((self._stuck[tool] for tool in tools if tool in self._stuck), None)

    def close(self) -> None:
        """End the workers that are its own."""
        self.code.close()
        for name in {"tied", "ample"} & self.__dict__.keys():
            self.__dict__[name].close()
        if self._borrowed:
            return
        if "inputs" in self.__dict__:
            self.inputs.close()
        self.oracle.close()

    def __enter__(self) -> Bench:
        self._collected_at = gc.get_threshold()
        gc.set_threshold(COLLECT_AT, *self._collected_at[1:])
        return self

    def __exit__(self, *_: object) -> None:
        gc.set_threshold(*self._collected_at)
        self.close()
