"""Whence every argument can be had, re-derived; what cannot be had is a line that says so."""

from __future__ import annotations

import pytest

from envfactory.refinement.edits import call_with, turn_with
from envfactory.refinement.flow import audit_flow, pointed_at, spoken_in, unrecovered
from envfactory.tasks.model import Condition, Free, FromClock, FromProfile, FromResult, Said, Source, Task
from envfactory.tasks.scope import Scope
from tests.refinement.hand import BOATS, at, booking, cancelling, said


def ways(task: Task) -> dict[tuple[int, str], tuple[str, bool]]:
    return {(line.call, line.path): (line.way, line.recovered) for line in audit_flow(task)}


def with_source(task: Task, call: int, path: str, source: Source) -> Task:
    return call_with(task, call, sources={**task.gold[call].sources, path: source})


def test_every_leaf_has_a_line_and_a_way(scope: Scope) -> None:
    found = ways(booking(scope))
    assert len(found) == 3 + 5
    assert found[1, "crew"] == ('said: "2" (turn 2)', True)
    assert found[1, "customer_id"] == ("profile: customers.id", True)
    assert found[1, "boat_id"] == ("result of search_boats: boats[0].boat_id where name eq Sardinha", True)


@pytest.mark.parametrize(
    ("path", "source", "reason"),
    [
        ("crew", Said(mention="nobody"), "is not said by then"),
        ("crew", Said(mention="n"), "means 'Sardinha', not 2"),
        ("boat_id", at(0, "boats[0].boat_id"), "3 values are left"),
        ("boat_id", at(0, "boats[0].boat_id", ("name", "Sardinha", "nobody")), "not said: name"),
        ("boat_id", at(0, "boats[1].boat_id", ("name", "Sardinha", "n")), "does not hold"),
        ("boat_id", at(1, "boats[0].boat_id", ("name", "Sardinha", "n")), "comes no earlier"),
        ("boat_id", at(0, "boats[0].boat_id", rank=("day_cents", "min", "nobody")), "the ranking is not said"),
        ("customer_id", FromProfile(environment=BOATS, column="email"), "is not told"),
        ("start_date", FromClock(), "clock: 2026-05-12"),
        ("crew", Free(), "free"),
    ],
)
def test_what_cannot_be_had_is_found(scope: Scope, path: str, source: Source, reason: str) -> None:
    lines = unrecovered(audit_flow(with_source(booking(scope), 1, path, source)))
    assert [(line.call, line.path) for line in lines] == [(1, path)]
    assert reason in lines[0].way


def test_an_argument_without_a_source_cannot_be_had(scope: Scope) -> None:
    task = booking(scope)
    sources = {path: each for path, each in task.gold[1].sources.items() if path != "crew"}
    assert [line.way for line in unrecovered(audit_flow(call_with(task, 1, sources=sources)))] == ["no source"]


def test_what_is_said_later_is_not_known_before(scope: Scope) -> None:
    lines = unrecovered(audit_flow(with_source(booking(scope), 0, "start_date", Said(mention="s2"))))
    assert [line.path for line in lines] == ["start_date"]


def test_a_reference_back_needs_one_antecedent(scope: Scope) -> None:
    task = cancelling(scope)
    pointer = said("r", "hires.id", "hi_15", "referred")
    there = FromResult(call=1, path="hire_id", where=[Condition(field="hire_id", value="hi_15", mention="r")])
    pointing = with_source(turn_with(task, 1, mentions=[pointer]), 2, "hire_id", there)
    spoken = next(each for each in spoken_in(pointing) if each.mention.id == "r")
    assert unrecovered(audit_flow(pointing)) == []
    assert pointed_at(pointing, spoken) == 0


def test_what_was_only_listed_is_no_antecedent(scope: Scope) -> None:
    task = turn_with(cancelling(scope), 1, mentions=[said("r", "hires.id", "hi_07", "referred")])
    spoken = next(each for each in spoken_in(task) if each.mention.id == "r")
    assert pointed_at(task, spoken) is None
