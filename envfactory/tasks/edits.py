"""Edits of paths: steps dropped, moved, replaced, added, with what is bound to them kept right."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from envfactory.environments.contract import Contract
from envfactory.tasks.model import Step


def arranged(steps: Sequence[Step], order: Sequence[int]) -> list[Step] | None:
    """Return the steps at these positions in this order; None where one would come before what it is bound to.

    What is bound to a step that is left out keeps its literal.
    """
    place = {position: number for number, position in enumerate(order)}
    made: list[Step] = []
    for number, position in enumerate(order):
        bind = {path: (place[at], field) for path, (at, field) in steps[position].bind.items() if at in place}
        if any(at >= number for at, _ in bind.values()):
            return None
        made.append(steps[position].model_copy(update={"bind": bind}))
    return made


def without(steps: Sequence[Step], dropped: Iterable[int]) -> list[Step]:
    """Return the steps without those at some positions."""
    gone = set(dropped)
    kept = arranged(steps, [number for number in range(len(steps)) if number not in gone])
    return kept or []


def with_step(steps: Sequence[Step], at: int, step: Step) -> list[Step]:
    """Return the steps with one more (unbound) before position `at`."""
    moved = [
        each.model_copy(update={"bind": {path: (to + (to >= at), field) for path, (to, field) in each.bind.items()}})
        for each in steps
    ]
    return [*moved[:at], step, *moved[at:]]


def with_arguments(steps: Sequence[Step], at: int, arguments: dict[str, Any], *, unbound: str = "") -> list[Step]:
    """Return the steps with other arguments at a position; the path `unbound` is no longer bound there."""
    bind = {path: bound for path, bound in steps[at].bind.items() if path != unbound}
    changed = steps[at].model_copy(update={"arguments": arguments, "bind": bind})
    return [*steps[:at], changed, *steps[at + 1 :]]


class Known:
    """Values that calls were given, by parameter name and by the column they refer to."""

    def __init__(self) -> None:
        self._named: dict[str, Any] = {}
        self._referring: dict[str, Any] = {}

    def learn(self, contract: Contract, arguments: Mapping[str, Any]) -> None:
        """Remember the arguments of a call."""
        for name, value in arguments.items():
            parameter = contract.parameters.get(name)
            if parameter is not None:
                self._named.setdefault(name, value)
                if parameter.ref:
                    self._referring.setdefault(parameter.ref, value)

    def arguments(self, contract: Contract) -> dict[str, Any] | None:
        """Return the required arguments of a tool from what is known; None where one is not."""
        found: dict[str, Any] = {}
        for name, parameter in contract.parameters.items():
            if not parameter.required:
                continue
            if parameter.ref in self._referring:
                found[name] = self._referring[parameter.ref]
            elif name in self._named:
                found[name] = self._named[name]
            else:
                return None
        return found
