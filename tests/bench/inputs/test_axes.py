from envfactory.bench.bench import Bench
from envfactory.bench.inputs.axes import CLOCK, Axis, axes_of, find_edges, grid
from envfactory.sandbox.session import Probe

BOOK = Probe(
    "book_boat",
    {"customer_id": "cu_01", "boat_id": "bt_03", "start_date": "2026-07-01", "end_date": "2026-07-04", "crew": 2},
)


def outcomes(bench: Bench, probe: Probe) -> dict[str, str]:
    """Return what comes of the calls along a call's axes, by what they differ in from it."""
    found = {}
    for moved, observed in find_edges(bench.inputs, [probe]):
        differing = [name for name, value in moved.arguments.items() if value != probe.arguments[name]]
        place = differing[0] if differing else CLOCK
        found[f"{place}={moved.arguments.get(place, moved.now)}"] = observed.code
    return found


def test_a_call_has_an_axis_for_each_number_and_date_and_for_the_clock(bench: Bench) -> None:
    axes = list(axes_of(bench.inputs, BOOK))
    assert [axis.name for axis in axes] == ["start_date", "end_date", "crew", CLOCK]


def test_a_tool_without_a_clock_has_no_such_axis(bench: Bench) -> None:
    assert list(axes_of(bench.inputs, Probe("get_boat", {"boat_id": "bt_01"}))) == []


def test_an_axis_leads_to_other_calls() -> None:
    axis = Axis(BOOK, "crew", "integer", 2)
    assert axis.at(5).arguments == {**BOOK.arguments, "crew": 5}
    clock = Axis(BOOK, CLOCK, "date-time", 0)
    assert clock.at(86_400).now == "1970-01-02T00:00:00Z"


def test_a_grid_keeps_to_the_bounds() -> None:
    points = grid(Axis(BOOK, "crew", "integer", 2), (1, 12))
    assert (points[0], points[-1]) == (1, 12)
    assert {2, 3, 11} <= set(points)


def test_edges_are_met_to_the_unit(bench: Bench) -> None:
    seen = outcomes(bench, BOOK)
    assert (seen["crew=1"], seen["crew=3"]) == ("ok", "CREW_TOO_LARGE")  # it has two berths
    assert (seen["end_date=2026-07-15"], seen["end_date=2026-07-16"]) == ("ok", "TOO_LONG")  # a fortnight at most
    assert (seen["end_date=2026-07-02"], seen["end_date=2026-07-01"]) == ("ok", "INVALID_RANGE")
    assert seen["=2026-07-01T23:59:59Z"] == "ok"
    assert seen["=2026-07-02T00:00:00Z"] == "DATE_IN_PAST"


def test_a_change_of_the_result_is_an_edge_too(bench: Bench) -> None:
    cancel = Probe("cancel_hire", {"hire_id": "hi_16", "customer_id": "cu_07"})  # starts on the 28th of May, paid
    seen = {moved.now: observed for moved, observed in find_edges(bench.inputs, [cancel])}
    refunds = [seen[f"2026-05-{day}Z"].outcome["result"]["refund_cents"] for day in ("21T23:59:59", "22T00:00:00")]
    paid = 5 * 24_375 + 2 * 2_990
    assert refunds == [paid, paid // 2]  # in full a week ahead, by half later
