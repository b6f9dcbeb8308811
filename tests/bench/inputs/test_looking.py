from envfactory.bench.bench import Bench
from envfactory.bench.inputs.looking import NOTHING, Looker
from envfactory.sandbox.session import Probe
from tests.support import LocalWorker

CANCEL = Probe("cancel_hire", {"hire_id": "hi_12", "customer_id": "cu_05"})


def look(bench: Bench, probe: Probe) -> object:
    looker = Looker(bench.oracle_spec, bench.contracts.tools, LocalWorker)
    return looker.look([probe])[0]


def test_a_look_tells_rows_and_derived_values(bench: Bench) -> None:
    sight = Looker(bench.oracle_spec, bench.contracts.tools, LocalWorker).look([CANCEL])[0]
    paid = 4 * 16_050 + 2 * 8_800  # four days of the boat, two outboard motors
    assert sight.rows["hire"] is not None
    assert sight.rows["hire"]["boat_id"] == "bt_13"
    assert sight.values == {"notice": 7, "refund_cents": paid}


def test_a_look_sees_past_failing_guards_and_set_up_calls(bench: Bench) -> None:
    cancelled = CANCEL._replace(setup=(("cancel_hire", CANCEL.arguments),))
    sight = Looker(bench.oracle_spec, bench.contracts.tools, LocalWorker).look([cancelled])[0]
    assert sight.rows["hire"] is not None
    assert sight.rows["hire"]["status"] == "cancelled"


def test_a_call_that_is_not_admitted_shows_nothing(bench: Bench) -> None:
    assert look(bench, Probe("cancel_hire", {})) == NOTHING


def test_scalars_come_by_kind(bench: Bench) -> None:
    sight = Looker(bench.oracle_spec, bench.contracts.tools, LocalWorker).look([CANCEL])[0]
    assert "2026-05-19" in sight.of_kind("date")
    assert 7 in sight.of_kind("integer")
