"""Paths played one after another: what they share is not called again, and that never shows."""

from __future__ import annotations

import time
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from envfactory.runtime.host import Host
from tests.runtime.conftest import CODE, spec

STEPS = st.sampled_from(
    [
        ["book", {"room_id": "r1", "n": 1}],
        ["book", {"room_id": "r1", "n": 2}],
        ["book", {"room_id": "r1", "n": 1.0}],
        ["book", {"room_id": "r1", "n": True}],
        ["book", {"room_id": "r2", "n": 1}],
        ["list_rooms", {}],
    ]
)
BINDS = st.sampled_from([{}, {}, {"n": [0, "free"]}, {"n": [0, "was_free"]}])


@st.composite
def paths(draw: st.DrawFn) -> dict[str, Any]:
    steps = [[*step, {}] for step in draw(st.lists(STEPS, max_size=4))]
    for step in steps[1:]:
        step[2] = draw(BINDS) if step[0] == "book" else {}
    marks = draw(st.lists(st.integers(0, len(steps)), unique=True).map(sorted))
    return {"steps": steps, "fresh": draw(st.sampled_from([True, True, True, False])), "marks": marks, "changes": True}


def played(host: Host, path: dict[str, Any]) -> Any:
    return host.handle("play", path)


def loaded() -> Host:
    host = Host()
    host.handle("load", spec(CODE))
    return host


@given(st.lists(paths(), min_size=2, max_size=6))
@settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_a_path_after_others_comes_out_as_the_first_one_would(given_paths: list[dict[str, Any]]) -> None:
    """A path that goes on from another is compared with both in a new episode, one after the other."""
    host = loaded()
    before: list[dict[str, Any]] = []
    for path in given_paths:
        before = [path] if path["fresh"] else [*before, path]
        alone = loaded()
        expected = [played(alone, each) for each in before][-1]
        assert played(host, path) == expected


def test_an_undone_path_leaves_the_trail_as_it_was() -> None:
    host = loaded()
    book = {"steps": [["book", {"room_id": "r1", "n": 1}, {}]], "fresh": True, "changes": True}
    first = played(host, book)
    played(host, {"steps": [["book", {"room_id": "r1", "n": 2}, {}]], "undo": True})
    longer = {**book, "steps": [*book["steps"], ["list_rooms", {}, {}]]}  # type: ignore[misc]
    assert played(host, longer)["outcomes"][1]["result"]["rooms"][0]["free"] == 2
    assert played(host, book) == first


def test_a_path_costs_the_same_however_many_came_before() -> None:
    """Paths that part at their first step; the worst of four slices would be several times the first one."""
    host = loaded()
    book = ["book", {"room_id": "r1", "n": 1}, {}]
    ways = [[first, book, book] for first in (["book", {"room_id": "r2", "n": 1}, {}], ["list_rooms", {}, {}], book)]

    def cost() -> float:
        began = time.process_time()
        for number in range(300):
            played(host, {"steps": ways[number % 3], "fresh": True, "marks": [3]})
        return time.process_time() - began

    costs = [cost() for _ in range(4)]
    assert min(costs[2:]) < 2.5 * costs[0]


def test_a_place_that_was_left_leaves_nothing_to_the_next() -> None:
    host = loaded()
    book = ["book", {"room_id": "r1", "n": 1}, {}]
    first = played(host, {"episode": "a", "fresh": True, "steps": [book], "changes": True})
    played(host, {"episode": "a", "steps": [book, book]})
    host.handle("leave", {"episode": "a"})
    assert played(host, {"episode": "b", "fresh": True, "steps": [], "changes": True})["changes"] == []
    assert played(host, {"episode": "b", "steps": [book], "changes": True}) == {**first, "marks": []}


def test_a_place_with_faults_of_its_own_is_not_passed_on() -> None:
    host = loaded()
    book = ["book", {"room_id": "r1", "n": 1}, {}]
    faulty = {"episode": "a", "fresh": True, "steps": [book], "faults": {"seed": 1, "rate": 0.99}}
    assert played(host, faulty)["outcomes"][0]["status"] == "fault"
    host.handle("leave", {"episode": "a"})
    assert played(host, {"episode": "b", "fresh": True, "steps": [book]})["outcomes"][0]["status"] == "ok"
