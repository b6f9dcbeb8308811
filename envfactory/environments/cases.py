"""Stored cases (tests.json): calls with what must come of them, result and full state diff.

A case plays its set-up calls in a fresh episode, then one call. An accepted call must give exactly the stored result
and changes; a refused one any of the stored codes and no change at all.
"""

from __future__ import annotations

from typing import Any, Literal

from envfactory.environments.contract import Strict

Call = tuple[str, dict[str, Any]]


class Expectation(Strict):
    """What a case demands: a result with changes (accept), or one of several codes and no change (reject)."""

    status: Literal["ok", "error"]
    result: Any = None
    changes: list[dict[str, Any]] = []
    codes: list[str] = []


class Case(Strict):
    """One stored case. `now` moves the episode's clock; `purpose` says what the case is for, in a few words."""

    id: str
    tool: str
    arguments: dict[str, Any]
    expect: Expectation
    setup: list[Call] = []
    now: str | None = None
    purpose: str = ""


class Cases(Strict):
    """tests.json."""

    version: Literal[1] = 1
    cases: list[Case] = []

    def of(self, tool: str) -> list[Case]:
        """Return the cases whose last call is to `tool`."""
        return [case for case in self.cases if case.tool == tool]


def meets(expect: Expectation, outcome: dict[str, Any], changes: list[dict[str, Any]]) -> bool:
    """Tell whether an observed outcome with its changes is what a case demands."""
    if outcome["status"] != expect.status or changes != expect.changes:
        return False
    if expect.status == "error":
        return outcome["code"] in expect.codes
    return bool(outcome["result"] == expect.result)
