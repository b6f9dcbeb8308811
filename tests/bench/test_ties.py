"""Equal ranks: what is put in order gets them where the rules allow, and only there."""

from envfactory.bench.bench import Bench
from envfactory.bench.ties import among_equals


def test_ranks_are_made_equal_where_no_rule_forbids_it(bench: Bench) -> None:
    names = {row["name"] for row in bench.tied_rows["gear"]}
    assert len(names) == 1
    assert len({row["name"] for row in bench.tables["gear"]}) > 1


def test_where_totals_hang_on_prices_only_free_rows_are_equal(bench: Bench) -> None:
    hired = {row["boat_id"] for row in bench.tables["hires"]}
    before = {row["id"]: row["day_cents"] for row in bench.tables["boats"]}
    after = {row["id"]: row["day_cents"] for row in bench.tied_rows["boats"]}
    assert {boat: after[boat] for boat in hired} == {boat: before[boat] for boat in hired}
    assert len({price for boat, price in after.items() if boat not in hired}) == 1


def test_keys_choices_and_references_stay(bench: Bench) -> None:
    for column in ("id", "status", "boat_id", "customer_id"):
        assert [row[column] for row in bench.tied_rows["hires"]] == [row[column] for row in bench.tables["hires"]]


def test_calls_among_equals_name_rows_of_equal_rank(bench: Bench) -> None:
    hired = {row["boat_id"] for row in bench.tables["hires"]}
    named = [set(probe.arguments["boat_ids"]) for probe in among_equals(bench, "compare_boats", 24)]
    assert any(not (ids & hired) and len(ids) > 1 for ids in named)
    assert among_equals(bench, "find_customer", 24) == []
