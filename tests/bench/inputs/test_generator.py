from collections import Counter

import pytest

from envfactory.bench.bench import Bench
from envfactory.bench.inputs import diverse, failing_codes, signature
from envfactory.bench.inputs.signature import to_accept
from envfactory.sandbox.session import Observation, Probe
from tests.gate import harbour
from tests.support import LocalWorker

TOOLS = [tool.name for tool in harbour.contracts().tools]


def test_there_are_thousands_and_each_once(bench: Bench) -> None:
    probes = [probe for name in TOOLS for probe in bench.inputs.for_tool(name)]
    assert len(probes) > 3000
    assert max(Counter(map(repr, probes)).values()) == 1


@pytest.mark.parametrize("name", TOOLS)
def test_every_tool_has_accepted_calls(bench: Bench, name: str) -> None:
    accepted = bench.inputs.accepted(name)
    assert len(accepted) >= 10
    assert all(observed.ok for observed in bench.observe(accepted[:10], side="oracle"))


@pytest.mark.parametrize(
    ("name", "code"), [(tool.name, code) for tool in harbour.contracts().tools for code in tool.codes()]
)
def test_every_code_is_provoked_alone(bench: Bench, name: str, code: str) -> None:
    seen = bench.observe(bench.inputs.rejecting(name, code)[:3], side="oracle")
    alone = [[code]] if (name, code) != ("confirm_hire", "CUSTOMER_NOT_FOUND") else [[code, "NOT_YOUR_HIRE"]]
    assert [
        failing_codes(observed) for observed in seen[:1]
    ] == alone  # nobody owns no hire: that one never comes alone


def test_nothing_declared_is_missing(bench: Bench) -> None:
    assert bench.inputs.missing() == {}


def test_set_up_calls_lead_to_states_the_seed_lacks(bench: Bench) -> None:
    confirmed = [
        probe
        for probe in bench.inputs.accepted("cancel_hire")
        if [t for t, _ in probe.setup] == ["book_boat", "confirm_hire"]
    ]
    assert confirmed
    outcomes = bench.observe(confirmed[:1], side="oracle")[0]
    assert outcomes.outcome["result"]["refund_cents"] >= 0


def test_the_same_seed_makes_the_same_inputs(bench: Bench) -> None:
    with Bench(harbour.environment(), LocalWorker) as again, Bench(harbour.environment(), LocalWorker, seed=1) as other:
        assert again.inputs.for_tool("book_boat") == bench.inputs.for_tool("book_boat")
        assert other.inputs.for_tool("book_boat") != bench.inputs.for_tool("book_boat")


def test_walks_are_mostly_accepted_and_write(bench: Bench) -> None:
    walks = bench.inputs.walks(8, 8)
    steps = [step for walk in walks for step in bench.oracle.walk(walk).steps]
    assert sum(step.ok for step in steps) > len(steps) / 2
    assert sum(bool(step.changes) for step in steps) > len(steps) / 4


def test_outcomes_of_a_kind_have_one_signature() -> None:
    few = Observation({"status": "ok", "result": {"rows": [{"n": 1}, {"n": 2}]}}, [], [])
    many = Observation({"status": "ok", "result": {"rows": [{"n": 5}] * 9}}, [], [])
    none = Observation({"status": "ok", "result": {"rows": []}}, [], [])
    assert signature(few) == signature(many) != signature(none)


def test_the_diverse_are_of_different_kinds_first() -> None:
    def seen(number: int, result: object) -> tuple[Probe, Observation]:
        return Probe("t", {"n": number}), Observation({"status": "ok", "result": result}, [], [])

    chosen = diverse([seen(1, 5), seen(2, 6), seen(3, None), seen(4, "x")], 3)
    assert [probe.arguments["n"] for probe, _ in chosen] == [1, 3, 4]


def test_a_climb_that_leaves_the_clock_alone_ends_at_the_environments_time(bench: Bench) -> None:
    """The first day lies in the past, and the return before it: two codes fail, of which one the clock could mend."""
    arguments = {"customer_id": "cu_01", "boat_id": "bt_01", "start_date": "2026-05-01", "end_date": "2026-04-30"}
    refused = bench.inputs.judge([Probe("book_boat", {**arguments, "crew": 2})])
    best, observed = bench.inputs.climb(refused, bench.inputs.start, to_accept, wide=True, clock=False)[0]
    assert (observed.ok, best.now) == (True, None)


@pytest.mark.parametrize("name", TOOLS)
def test_every_tool_is_accepted_at_the_environments_own_time(bench: Bench, name: str) -> None:
    assert any(probe.now is None and not probe.setup for probe in bench.inputs.accepted(name))
