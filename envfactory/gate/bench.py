"""What every check works with: the environment under test, its code and its contracts in two workers, shared inputs.

The contracts run in a worker of their own, apart from the tool code, so that code cannot touch the oracle it is
compared with. Observations are kept, so that no check pays for what another has already seen.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterable
from functools import cached_property
from typing import Any

from envfactory.environments.artefact import Environment
from envfactory.environments.files import canonical_json
from envfactory.gate.inputs import Inputs
from envfactory.sandbox.session import Observation, Probe, Session, Worker

WorkerFactory = Callable[[], Worker]


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


class Bench:
    """See the module's docstring. `seed` decides every generated input; `open_worker` starts a jailed worker."""

    def __init__(self, environment: Environment, open_worker: WorkerFactory, *, seed: int = 0) -> None:
        self.environment = environment
        self.contracts = environment.contracts
        self.open_worker = open_worker
        self.seed = seed
        self.code = Session(open_worker, load_spec(environment))
        self.oracle_spec = load_spec(environment, contracts_only=True)
        self.oracle = Session(open_worker, self.oracle_spec)
        self._seen: dict[str, dict[bytes, Observation]] = {"code": {}, "oracle": {}}

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
        """Observe probes on the code or the oracle; each distinct probe is executed once."""
        wanted = list(probes)
        keys = [canonical_json(probe.frame()) for probe in wanted]
        seen = self._seen[side]
        new = {key: probe for key, probe in zip(keys, wanted, strict=True) if key not in seen}
        session = self.code if side == "code" else self.oracle
        seen.update(zip(new, session.probe(new.values()), strict=True))
        return [seen[key] for key in keys]

    def close(self) -> None:
        """End the workers."""
        if "inputs" in self.__dict__:
            self.inputs.close()
        self.code.close()
        self.oracle.close()

    def __enter__(self) -> Bench:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()
