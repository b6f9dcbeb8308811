"""What every check works with: the environment under test, its code and its contracts in two workers, shared inputs.

The contracts run in a worker of their own, apart from the tool code, so that code cannot touch the oracle it is
compared with. Observations are kept, so that no check pays for what another has already seen.
"""

from __future__ import annotations

import json
import random
from collections.abc import Callable, Iterable, Sequence
from functools import cached_property
from typing import Any

from envfactory.environments.artefact import Environment
from envfactory.errors import DeadlineExceeded, WorkerDied
from envfactory.gate.inputs import Inputs, probe_key
from envfactory.sandbox.session import Call, Observation, Probe, Session, Walk, Worker

WorkerFactory = Callable[[], Worker]
_CHUNK = 64
_AGAIN = "not tried again after an earlier call"


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
        self.code = Session(open_worker, self.code_spec)
        self.oracle_spec = load_spec(environment, contracts_only=True)
        self.oracle = Session(open_worker, self.oracle_spec)
        self._borrowed = False
        self._seen: dict[str, dict[str, Observation]] = {"code": {}, "oracle": {}}
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
            return Walk([Observation({"status": stuck, "message": _AGAIN}, [], [])], b"")
        try:
            return self.code.walk(calls, fresh=fresh)
        except (DeadlineExceeded, WorkerDied) as error:
            status = "hang" if isinstance(error, DeadlineExceeded) else "death"
            return Walk([Observation({"status": status, "message": str(error)}, [], [])], b"")

    def _observe_code(self, probes: list[Probe]) -> list[Observation]:
        found: list[Observation] = []
        for start in range(0, len(probes), _CHUNK):
            chunk = probes[start : start + _CHUNK]
            answers = iter(self.code.probe(probe for probe in chunk if self.stuck_at(*tools_of(probe)) is None))
            blocked = [self.stuck_at(*tools_of(probe)) for probe in chunk]
            for probe, status in zip(chunk, blocked, strict=True):
                observed = (
                    next(answers) if status is None else Observation({"status": status, "message": _AGAIN}, [], [])
                )
                if observed.status in ("hang", "death"):
                    self._stuck.setdefault(probe.tool, observed.status)
                found.append(observed)
        return found

    def stuck_at(self, *tools: str) -> str | None:
        """Return `hang` or `death` where one of these tools was seen to hang or to kill its worker."""
        return next((self._stuck[tool] for tool in tools if tool in self._stuck), None)

    def close(self) -> None:
        """End the workers that are its own."""
        self.code.close()
        if self._borrowed:
            return
        if "inputs" in self.__dict__:
            self.inputs.close()
        self.oracle.close()

    def __enter__(self) -> Bench:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()
