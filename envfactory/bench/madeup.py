"""Seeds made up beside the real one, in which code is compared with contracts too: do they load, and keep the rules.

A made-up seed must keep every constraint and invariant: where code goes by a sum that is stored and the contract adds
up, only a seed that keeps what ties the two may tell them apart.
"""

from __future__ import annotations

from collections.abc import Iterable
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self

from envfactory.errors import SandboxError
from envfactory.sandbox import HandlerFault
from envfactory.sandbox.session import Probe, Session

if TYPE_CHECKING:
    from envfactory.bench.bench import Bench

Rows = dict[str, list[dict[str, Any]]]


class SeedTrial:
    """Loads one seed after the other into a worker of its own; no code runs there, only the contracts."""

    def __init__(self, bench: Bench) -> None:
        self._spec = bench.oracle_spec
        self._rules = {invariant.name: invariant.sql for invariant in bench.contracts.invariants}
        self._session = Session(bench.open_worker, bench.oracle_spec)

    def holds(self, rows: Rows) -> bool:
        """Tell whether rows load and every invariant holds."""
        told = {"schema": self._spec["schema"], "seed_rows": rows, "expressions": self._rules}
        try:
            held = self._session.request("check", told)
        except (HandlerFault, SandboxError):
            return False
        return all(answer is True for answer in held.values())

    def accept(self, rows: Rows, probes: Iterable[Probe]) -> bool:
        """Tell whether over rows (that hold) the contracts accept a call of each tool that one of these is of."""
        self._session.request("load", {**self._spec, "seed_rows": rows})
        wanted = list(probes)
        seen = zip(wanted, self._session.probe(wanted), strict=True)
        return {probe.tool for probe in wanted} == {probe.tool for probe, observed in seen if observed.ok}

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._session.close()
