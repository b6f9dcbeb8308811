"""What a contract sees in one call: the rows it looks up and the values it derives, told by contracts made to look.

For each tool a second contract runs the same steps without their guards and effects and returns what they bound. It
runs in a worker of its own, beside the real contracts, so that set-up calls can be played before it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any, NamedTuple

from envfactory.bench.inputs.values import kind_of
from envfactory.environments.contract import Contract, GuardStep, IdStep, RowStep, ValueStep
from envfactory.sandbox.session import Probe, Session, Worker

_SUFFIX = "__look"


class Sight(NamedTuple):
    """The rows (by let) and derived values (by let) of one call; a row not found is None."""

    rows: dict[str, dict[str, Any] | None]
    values: dict[str, Any]

    def scalars(self) -> list[Any]:
        """Return every value seen, derived ones first, each once."""
        found = [*self.values.values(), *(value for row in self.rows.values() if row for value in row.values())]
        return list(dict.fromkeys(value for value in found if value is not None))

    def of_kind(self, *kinds: str) -> list[Any]:
        """Return the values of these kinds (see `values.kind_of`)."""
        return [value for value in self.scalars() if kind_of(value) in kinds]


NOTHING = Sight({}, {})


class Looker:
    """Opens its worker when first asked."""

    def __init__(self, spec: dict[str, Any], contracts: Iterable[Contract], open_worker: Callable[[], Worker]) -> None:
        self._contracts = {contract.name: contract for contract in contracts}
        looks = [looking_contract(contract) for contract in self._contracts.values()]
        self._session = Session(open_worker, {**spec, "contracts": [*spec["contracts"], *looks]})

    def look(self, probes: Iterable[Probe]) -> list[Sight]:
        """Return what each probe's call sees."""
        wanted = [probe._replace(tool=probe.tool + _SUFFIX) for probe in probes]
        return [_sight(observed.outcome.get("result")) for observed in self._session.probe(wanted)]

    def close(self) -> None:
        """End the worker."""
        self._session.close()


def looking_contract(contract: Contract) -> dict[str, Any]:
    """Return the contract (as plain data) that tells what `contract` binds."""
    kept = [_step(step) for step in contract.steps if not isinstance(step, GuardStep)]
    rows = {step.let: {"row": step.row} for step in contract.steps if isinstance(step, RowStep)}
    values = {step.let: f"${step.let}" for step in contract.steps if isinstance(step, ValueStep)}
    plain = contract.model_dump(mode="json", by_alias=True, exclude_defaults=True)
    return {
        "name": contract.name + _SUFFIX,
        "kind": "read",
        "parameters": plain.get("parameters", {}),
        "steps": kept,
        "result": {"rows": rows or "NULL", "values": values or "NULL"},
    }


def _step(step: RowStep | ValueStep | IdStep) -> dict[str, Any]:
    if isinstance(step, RowStep):
        return {"let": step.let, "row": step.row, "optional": True}
    return {"let": step.let, "value": step.value if isinstance(step, ValueStep) else "NULL"}


def _sight(result: Any) -> Sight:
    if not result:
        return NOTHING
    return Sight(result["rows"] or {}, result["values"] or {})
