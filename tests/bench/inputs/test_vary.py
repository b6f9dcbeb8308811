import random

import pytest

from envfactory.bench.bench import Bench
from envfactory.bench.inputs.looking import NOTHING, Sight
from envfactory.bench.inputs.vary import Variations, replaced, spans, values_at
from envfactory.sandbox.session import Probe

BOOK = Probe(
    "book_boat",
    {"customer_id": "cu_01", "boat_id": "bt_03", "start_date": "2026-06-01", "end_date": "2026-06-04", "crew": 2},
)


def variations(bench: Bench, tool: str) -> Variations:
    return Variations(bench.inputs.facts[tool], bench.inputs.start, bench.contracts.now, random.Random(0))


@pytest.mark.parametrize(
    ("path", "value", "expected"),
    [
        ("a", 9, [{"a": 9, "b": ["x", "y"], "c": [{"d": 1}]}]),
        ("b[]", "z", [{"a": 1, "b": ["z", "y"], "c": [{"d": 1}]}, {"a": 1, "b": ["x", "z"], "c": [{"d": 1}]}]),
        ("c[].d", 2, [{"a": 1, "b": ["x", "y"], "c": [{"d": 2}]}]),
    ],
)
def test_a_value_is_replaced_at_its_path(path: str, value: object, expected: list[object]) -> None:
    arguments = {"a": 1, "b": ["x", "y"], "c": [{"d": 1}]}
    assert list(replaced(arguments, path, value, None)) == expected


def test_values_stand_at_their_path() -> None:
    assert values_at({"c": [{"d": 1}, {"d": 2}]}, "c[].d") == [1, 2]
    assert values_at({"b": ["x"]}, "b[]") == ["x"]
    assert values_at({}, "b") == []


def test_a_span_reaches_both_ways() -> None:
    assert spans(["2026-06-15"], [14]) == ["2026-06-29", "2026-06-01"]


def test_one_thing_varies_and_boundaries_are_among_it(bench: Bench) -> None:
    made = variations(bench, "book_boat").of(BOOK, NOTHING)
    single = [probe.arguments for probe in made if probe.now is None and probe.setup == ()]
    ends = {arguments["end_date"] for arguments in single if arguments["start_date"] == "2026-06-01"}
    assert {"2026-06-15", "2026-06-16", "2026-06-02", "2026-06-01"} <= ends  # fourteen days, fifteen, one, none
    assert all(sum(a.get(n) != BOOK.arguments.get(n) for n in {**a, **BOOK.arguments}) <= 2 for a in single)


def test_the_clock_meets_what_the_call_sees(bench: Bench) -> None:
    sight = Sight({"hire": {"start_date": "2026-05-25"}}, {})
    probe = Probe("cancel_hire", {"hire_id": "hi_15", "customer_id": "cu_01"})
    clocks = variations(bench, "cancel_hire").clocks(probe, sight)
    assert {"2026-05-25T08:00:00Z", "2026-05-24T08:00:00Z"} <= set(clocks)  # the day of the start and the day before
    assert {"2026-05-18T08:00:00Z", "2026-05-19T08:00:00Z"} <= set(clocks)  # a week's notice and a day less


def test_an_unknown_value_is_one_that_no_row_has(bench: Bench) -> None:
    leaf = bench.inputs.facts["find_customer"].leaves["email"]
    unknown = variations(bench, "find_customer").unknown(leaf)
    assert unknown not in {row["email"] for row in bench.tables["customers"]}
    assert leaf.admits(unknown)
