"""Situations that varying accepted calls does not reach, put into the boat hire one at a time."""

from typing import Any

import pytest

from envfactory.bench.bench import Bench
from envfactory.bench.inputs import failing_codes
from envfactory.bench.inputs.witness import extremes, weight
from envfactory.environments.artefact import Environment
from envfactory.sandbox.session import Observation, Probe
from tests.gate import edits, harbour
from tests.support import LocalWorker


def guarded(tool: str, guard: str, **parts: Any) -> Environment:
    """Return the boat hire with one more guard in a tool."""

    def change(tools: dict[str, dict[str, Any]]) -> None:
        steps = tools[tool]["steps"]
        last = max(number for number, step in enumerate(steps) if "else" in step)
        steps.insert(last + 1, {"guard": guard, "else": "RARE", "cite": "x"})
        tools[tool]["errors"]["RARE"] = {"message": "Rarely."}

    return harbour.environment(contracts=edits.contracts(change), **parts)


def rarely(environment: Environment, tool: str) -> list[list[str]]:
    """Return the codes of the first call that is refused as rare."""
    with Bench(environment, LocalWorker) as bench:
        probes = bench.inputs.rejecting(tool, "RARE")
        return [failing_codes(observed) for observed in bench.observe(probes[:1], side="oracle")]


@pytest.mark.parametrize(
    ("tool", "guard"),
    [
        # one row of one table with one of another
        ("add_gear", "NOT ($hire.id = 'hi_17' AND $item.id = 'gr_03')"),
        # a number that nothing in the state names
        ("book_boat", ":crew * $boat.day_cents < 100000"),
        # hours before midnight of the start, by the clock
        ("cancel_hire", "julianday($hire.start_date) - julianday($now) >= 0.5"),
        # the row must be made by another tool first, and large
        ("confirm_hire", "$hire.total_cents < 400000"),
        # something is used up by others
        ("add_gear", "(SELECT COUNT(*) FROM hire_gear WHERE gear_id = :gear_id) < 2"),
        # a second call too many
        ("book_boat", "(SELECT COUNT(*) FROM hires WHERE customer_id = :customer_id AND created_at = $now) < 1"),
    ],
)
def test_a_rare_situation_is_found(tool: str, guard: str) -> None:
    assert rarely(guarded(tool, guard), tool) == [["RARE"]]


def test_what_cannot_happen_is_told_as_missing() -> None:
    with Bench(guarded("get_boat", "$boat.berths < 100"), LocalWorker) as bench:
        assert bench.inputs.missing() == {"get_boat": ["RARE"]}


def call(**arguments: Any) -> tuple[Probe, Observation]:
    return Probe("t", arguments), Observation({"status": "ok", "result": 1}, [], [])


def test_extremes_hold_the_largest_of_each_argument() -> None:
    seen = [
        call(n=1, day="2026-05-01"),
        call(n=9, day="2026-05-02"),
        call(n=2, day="2026-06-01"),
        call(n=3, day="2026-05-03"),
    ]
    chosen = [probe.arguments for probe, _ in extremes(seen)]
    assert {"n": 9, "day": "2026-05-02"} in chosen
    assert {"n": 2, "day": "2026-06-01"} in chosen


def test_the_weight_of_a_call_is_the_sum_of_its_numbers() -> None:
    assert weight({"a": 2, "b": 3.5, "c": True, "d": "7"}) == 5.5
