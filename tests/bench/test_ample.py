"""The seed with more of everything: amounts a hundredfold and long lists, where the rules allow, and only there."""

from envfactory.bench.ample import ROWS, TIMES, asking_more, in_plenty
from envfactory.bench.bench import Bench
from envfactory.bench.madeup import SeedTrial


def test_amounts_of_one_kind_grow_together(bench: Bench) -> None:
    before, after = bench.tables, bench.ample_rows
    assert [row["day_cents"] for row in after["boats"][:14]] == [row["day_cents"] * TIMES for row in before["boats"]]
    assert after["hires"][0]["total_cents"] == before["hires"][0]["total_cents"] * TIMES


def test_what_a_constraint_bounds_stays(bench: Bench) -> None:
    """A rating lies between one and five."""
    assert [row["rating"] for row in bench.ample_rows["boats"][:14]] == [row["rating"] for row in bench.tables["boats"]]


def test_hires_of_one_customer_become_many_with_their_payments(bench: Bench) -> None:
    added = bench.ample_rows["hires"][len(bench.tables["hires"]) :]
    paid = {row["hire_id"] for row in bench.ample_rows["payments"]}
    many = [row for row in added if row["customer_id"] == "cu_06" and row["status"] == "cancelled"]
    assert len(many) >= ROWS
    assert {row["id"] for row in many} <= paid


def test_the_ample_seed_keeps_every_rule(bench: Bench) -> None:
    broken = {**bench.ample_rows, "payments": bench.tables["payments"]}
    with SeedTrial(bench) as trial:
        assert trial.holds(bench.ample_rows)
        assert not trial.holds(broken)


def test_a_list_of_more_than_a_hundred_is_asked_for(bench: Bench) -> None:
    seen = bench.ample.observe(in_plenty(bench, "list_hires"), side="oracle")
    assert max(len(observed.outcome["result"]["hires"]) for observed in seen if observed.ok) > ROWS


def test_more_is_asked_for_up_to_the_most_admitted(bench: Bench) -> None:
    some = next(probe for probe in bench.inputs.accepted("add_gear") if not probe.setup)
    asked = asking_more(bench, "add_gear", [some])
    assert max(probe.arguments.get("quantity", 0) for probe in asked) == 10
    assert asking_more(bench, "get_boat", bench.inputs.accepted("get_boat")[:1])[0].arguments["boat_id"]
