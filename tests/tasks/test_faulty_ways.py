"""The reject set: what looks like a solution and is none."""

from __future__ import annotations

from collections import Counter

import pytest

from envfactory.tasks.faulty_ways import CANARIES, faulty_ways
from envfactory.tasks.model import Path, Task
from envfactory.tasks.scope import Scope
from envfactory.tasks.ways import accept_ways


def paths(task: Task, scope: Scope) -> list[Path]:
    return [way.path for way in faulty_ways(task, accept_ways(task, scope)[0], scope)]


@pytest.fixture(scope="module")
def faulty(porto: Task, scope: Scope) -> list[Path]:
    return paths(porto, scope)


def test_every_kind_that_the_task_has_is_there(faulty: list[Path]) -> None:
    kinds = Counter(path.kind for path in faulty)
    assert set(kinds) == {
        "nothing",
        "claims_without_acting",
        "reads_only",
        "dropped_write",
        "wrong_argument",
        "wrong_target",
        "wrong_answer",
        "extra_write",
        *CANARIES,
    }
    assert kinds["dropped_write"] == 2
    assert kinds["claims_without_acting"] == 2


def test_doing_nothing_says_nothing(faulty: list[Path]) -> None:
    (nothing,) = [path for path in faulty if path.kind == "nothing"]
    assert (nothing.steps, nothing.answers) == ([], [])


def test_dropping_what_others_need_leaves_them_without(faulty: list[Path]) -> None:
    dropped = {path.note: [step.tool for step in path.steps] for path in faulty if path.kind == "dropped_write"}
    assert dropped["confirm_hire"] == ["search_boats", "book_boat", "book_boat"]
    assert dropped["book_boat"] == ["search_boats", "confirm_hire", "book_boat"]


def test_wrong_arguments_are_valid_ones(faulty: list[Path], scope: Scope) -> None:
    wrong = [path for path in faulty if path.kind == "wrong_argument"]
    assert len(wrong) == 4
    for path in wrong:
        assert "INVALID" not in path.note


def test_wrong_targets_are_other_rows(faulty: list[Path]) -> None:
    for path in (each for each in faulty if each.kind == "wrong_target"):
        assert any(name in path.note for name in ("boat_id", "customer_id", "hire_id"))
        assert "'bt_02'" not in path.note or "customer_id" in path.note


def test_the_same_in_another_environment_is_wrong(both: Task, scope: Scope) -> None:
    elsewhere = [path for path in paths(both, scope) if path.kind == "wrong_environment"]
    assert len(elsewhere) == 2
    assert {tuple(step.environment for step in path.steps) for path in elsewhere} == {
        ("lake_office", "lake_office"),
        ("boat_hire", "boat_hire"),
    }


def test_a_wrong_reading_tells_what_it_saw(rating: Task, scope: Scope) -> None:
    wrong = [path for path in paths(rating, scope) if path.kind in ("wrong_target", "wrong_argument")]
    assert wrong
    for path in wrong:
        assert path.answers[0] in ("I could not find that.", "The rating is 4.0.")


def test_the_set_is_the_same_every_time(porto: Task, scope: Scope, faulty: list[Path]) -> None:
    assert paths(porto, scope) == faulty
