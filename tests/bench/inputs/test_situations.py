"""The situations are made of the boat hire: each kind is there, and none of them stands among the plain inputs."""

from collections import Counter
from itertools import chain

from envfactory.bench.bench import Bench
from envfactory.bench.inputs.signature import Seen, failing_codes, probe_key


def all_of(bench: Bench) -> list[Seen]:
    return list(chain.from_iterable(bench.inputs.situations(name) for name in bench.inputs.facts))


def test_a_hire_is_cancelled_after_two_kinds_of_gear_were_added(bench: Bench) -> None:
    cancelled = [seen for seen in bench.inputs.situations("cancel_hire") if seen[1].ok]
    returned = [sum(change["table"] == "gear" for change in observed.changes) for _, observed in cancelled]
    assert max(returned) >= 2


def test_a_list_grows_beyond_a_page(bench: Bench) -> None:
    lists = [
        len(observed.outcome["result"]["hires"]) for _, observed in bench.inputs.situations("list_hires") if observed.ok
    ]
    assert max(lists) > 20


def test_a_completed_hire_is_refused_for_its_state_alone(bench: Bench) -> None:
    completed = {row["id"] for row in bench.tables["hires"] if row["status"] == "completed"}
    codes = [
        failing_codes(observed)
        for probe, observed in bench.inputs.situations("cancel_hire")
        if probe.arguments["hire_id"] in completed and probe.now
    ]
    assert ["INVALID_STATUS"] in codes


def test_the_dearest_hire_of_all_is_booked_and_paid(bench: Bench) -> None:
    paid = [
        observed.outcome["result"]["paid_cents"]
        for _, observed in bench.inputs.situations("confirm_hire")
        if observed.ok
    ]
    assert max(paid) == 14 * 31_499  # two weeks, the longest hire, of the dearest boat that is not in service


def test_the_plain_inputs_stay_as_they_are(bench: Bench) -> None:
    before = {name: len(bench.inputs.seen(name)) for name in bench.inputs.facts}
    made = Counter(probe.tool for probe, _ in all_of(bench))
    assert set(made) == set(before)
    assert {name: len(bench.inputs.seen(name)) for name in bench.inputs.facts} == before


def test_no_situation_is_made_twice(bench: Bench) -> None:
    keys = [probe_key(probe) for probe, _ in all_of(bench)]
    assert len(keys) == len(set(keys))
