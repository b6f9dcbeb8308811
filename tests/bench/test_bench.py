from typing import Any

import pytest

from envfactory.bench.bench import Bench, load_spec
from envfactory.errors import DeadlineExceeded, ProtocolError, WorkerDied
from envfactory.sandbox.session import Probe
from tests.gate import edits, harbour
from tests.support import LocalWorker

BOAT = Probe("get_boat", {"boat_id": "bt_01"})


class Counting(LocalWorker):
    """Counts probes, and loses its temper at a tool."""

    probes = 0
    refuses: str | None = None
    error: type[Exception] = DeadlineExceeded

    def request(self, op: str, payload: Any, *, deadline: float = 10.0) -> Any:
        if op == "probe":
            type(self).probes += len(payload)
            if any(self.refuses in (frame["tool"], *(tool for tool, _ in frame["setup"])) for frame in payload):
                raise self.error("too late")
        return super().request(op, payload, deadline=deadline)


def counting(**attributes: Any) -> type[Counting]:
    return type("Counting", (Counting,), {"probes": 0, **attributes})


def test_a_specification_holds_the_code_or_the_contracts_alone() -> None:
    environment = harbour.environment()
    assert load_spec(environment)["tools"] == environment.tools_source
    assert load_spec(environment, contracts_only=True)["tools"] is None


def test_each_probe_is_executed_once() -> None:
    worker = counting()
    with Bench(harbour.environment(), worker) as bench:
        first = bench.observe([BOAT, BOAT])
        assert bench.observe([BOAT]) == first[:1]
    assert worker.probes == 1


@pytest.mark.parametrize(
    ("error", "status"), [(DeadlineExceeded, "hang"), (WorkerDied, "death"), (ProtocolError, "flood")]
)
def test_a_tool_that_hangs_or_kills_is_not_tried_for_ever(error: type[Exception], status: str) -> None:
    worker = counting(refuses="get_boat", error=error)
    probes = [BOAT._replace(arguments={"boat_id": f"bt_{number}"}) for number in range(300)]
    with Bench(harbour.environment(), worker) as bench:
        seen = bench.observe(probes)
        assert {observed.status for observed in seen} == {status}
        assert bench.stuck_at("get_boat") == status
        assert bench.observe([Probe("find_customer", {"email": "a@b.cd"})])[0].code == "CUSTOMER_NOT_FOUND"
    assert worker.probes < 1000


def test_a_set_up_call_that_hangs_is_to_blame_and_not_the_tool_it_prepares() -> None:
    after = Probe("get_boat", {"boat_id": "bt_01"}, (("find_customer", {"email": "a@b.cd"}),))
    with Bench(harbour.environment(), counting(refuses="find_customer")) as bench:
        assert [observed.status for observed in bench.observe([after, BOAT])] == ["hang", "ok"]
        assert (bench.stuck_at("find_customer"), bench.stuck_at("get_boat")) == ("hang", None)


def test_a_bench_like_another_shares_oracle_and_inputs(bench: Bench) -> None:
    other = edits.with_code(edits.in_tool("get_boat", ('"BOAT_NOT_FOUND"', '"NO_BOAT"')))
    with bench.like(other) as twin:
        assert twin.inputs is bench.inputs
        assert twin.observe([Probe("get_boat", {"boat_id": "x"})])[0].code == "NO_BOAT"
    assert bench.observe([BOAT], side="oracle")[0].ok


def test_a_bench_with_other_rows_is_not_alike(bench: Bench) -> None:
    rows = {**harbour.seed_rows(), "ratings": []}
    with pytest.raises(ValueError, match="differ"):
        bench.like(harbour.environment(seed_rows=rows))


def test_streams_of_random_numbers_are_apart_and_repeatable(bench: Bench) -> None:
    assert bench.random("a").random() == bench.random("a").random()
    assert bench.random("a").random() != bench.random("b").random()
