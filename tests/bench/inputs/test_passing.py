"""Chains over which time passes: what was made today is used days later, its set-up calls at their own times."""

from envfactory.bench.bench import Bench
from envfactory.bench.inputs.signature import Seen


def later(bench: Bench, tool: str) -> list[Seen]:
    return [seen for seen in bench.inputs.situations(tool) if seen[0].setup_at]


def test_a_hire_is_booked_today_and_confirmed_another_day(bench: Bench) -> None:
    confirmed = [probe for probe, observed in later(bench, "confirm_hire") if observed.ok]
    booked_before = [probe for probe in confirmed if probe.setup[0][0] == "book_boat" and probe.setup_at[0] is None]
    assert booked_before
    assert all(probe.now and probe.now > bench.contracts.now for probe in booked_before)


def test_each_call_of_a_chain_has_its_own_time(bench: Bench) -> None:
    times = {(probe.setup_at, probe.now) for name in bench.inputs.facts for probe, _ in later(bench, name)}
    assert any(len(before) == 2 and before[0] != before[1] for before, _ in times)
    assert all(probe.setup_at == () or len(probe.setup_at) == len(probe.setup) for probe, _ in later(bench, "get_hire"))


def test_what_is_made_shows_when_it_was_made(bench: Bench) -> None:
    """A payment of the first day stands with that day in a hire that is read later."""
    paid = [
        (payment["paid_at"], probe.now)
        for probe, observed in later(bench, "get_hire")
        if observed.ok and probe.setup[-1][0] == "confirm_hire" and probe.setup_at == (None,)
        for payment in observed.outcome["result"]["payments"]
    ]
    assert any(at == bench.contracts.now and now != at for at, now in paid)
