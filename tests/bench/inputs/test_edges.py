import pytest

from envfactory.bench.inputs.edges import find_edge, find_turns
from envfactory.sandbox.session import Observation, Probe

OK = Observation({"status": "ok", "result": None}, [], [])
NO = Observation({"status": "error", "code": "X", "codes": ["X"]}, [], [])


def call(now: str | None = None, **arguments: object) -> Probe:
    return Probe("book", arguments, (), now)


@pytest.mark.parametrize(
    ("refused", "accepted", "place"),
    [
        (call(crew=5), [call(crew=2), call(crew=4)], "crew"),
        (call(day="2026-05-02"), [call(day="2026-05-01")], "day"),
        (call("2026-05-02T00:00:00Z", crew=1), [call("2026-05-01T23:59:59Z", crew=1)], "the clock"),
    ],
)
def test_an_edge_lies_between_neighbours(refused: Probe, accepted: list[Probe], place: str) -> None:
    edge = find_edge([(refused, NO)], [(probe, OK) for probe in accepted])
    assert edge is not None
    assert (edge.place, edge.accepted[0]) == (place, accepted[-1])


@pytest.mark.parametrize("accepted", [call(crew=1), call(crew=4, day="2026-05-01"), call(crew="4")])
def test_what_is_far_or_differs_in_more_is_no_edge(accepted: Probe) -> None:
    assert find_edge([(call(crew=5), NO)], [(accepted, OK)]) is None


def answered(now: str, result: object) -> tuple[Probe, Observation]:
    return call(now, hire="h1"), Observation({"status": "ok", "result": result}, [], [])


def test_a_turn_lies_between_two_seconds_with_other_results() -> None:
    before = answered("2026-05-21T23:59:59Z", {"refund": 100, "at": "2026-05-21T23:59:59Z"})
    after = answered("2026-05-22T00:00:00Z", {"refund": 50, "at": "2026-05-22T00:00:00Z"})
    later = answered("2026-05-23T00:00:00Z", {"refund": 0, "at": "2026-05-23T00:00:00Z"})
    assert find_turns([later, after, before]) == [(before, after)]


def test_the_time_itself_is_no_turn() -> None:
    stamps = ("2026-05-21T23:59:59Z", "2026-05-22T00:00:00Z")
    assert find_turns([answered(stamp, {"at": stamp}) for stamp in stamps]) == []
