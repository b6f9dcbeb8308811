"""`envfactory grade`: stored rollouts scored again, by either name of the command and by either reward."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import nullcontext
from pathlib import Path

import pytest

from envfactory.cli import grading
from envfactory.rollouts.driver import jobs_of, play
from envfactory.rollouts.scripted import scripted
from envfactory.sandbox import doctor
from envfactory.tasks.files import append_rollouts, write_tasks
from envfactory.tasks.model import Task
from envfactory.tasks.scope import Scope
from tests.cli.conftest import Call
from tests.rollouts import worlds


@pytest.fixture(scope="module")
def world() -> Iterator[Scope]:
    with worlds.open_scope() as made:
        yield made


@pytest.fixture(scope="module")
def tasks(world: Scope) -> list[Task]:
    return worlds.tasks_of(world)


@pytest.fixture(autouse=True)
def stored(world: Scope, tasks: list[Task], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Tasks in `datasets`, the gold's rollouts and the honest half's in files; the tests' own environments are at hand."""
    write_tasks(tmp_path / "datasets" / "tasks.jsonl", tasks)
    for name in ("oracle", "half"):
        append_rollouts(tmp_path / f"{name}.jsonl", play(jobs_of(tasks), world, scripted(name, tasks)))
    monkeypatch.setattr(doctor, "require", lambda tier: None)
    monkeypatch.setattr(grading, "scope_for", lambda tasks, library, tier: nullcontext(world))


@pytest.mark.parametrize("command", [("grade",), ("tasks", "grade")])
def test_the_gold_is_graded_as_it_was(call: Call, command: tuple[str, ...]) -> None:
    told = call(*command, "oracle.jsonl")
    assert told.status == 0
    assert "3 of 3 solve their task, mean reward 1.000, 3 graded the same before" in told.out


def test_what_is_not_solved_gives_reasons_and_status_1(call: Call) -> None:  # half of one call is all of it
    told = call("grade", "half.jsonl")
    assert (told.status, "1 of 3 solve their task" in told.out) == (1, True)
    assert "turn 2: the state after it is not what was wanted then" in told.out


def test_another_reward_is_compared_with_nothing(call: Call) -> None:
    told = call("grade", "oracle.jsonl", "--reward", "paper")
    assert "3 of 3 solve their task, mean reward 1.000\n" in told.out


def test_stored_grades_are_not_believed(call: Call, tmp_path: Path) -> None:
    lines = [json.loads(line) for line in (tmp_path / "half.jsonl").read_text().splitlines()]
    lines[0]["grade"]["reward"] = 1.0
    (tmp_path / "half.jsonl").write_text("".join(json.dumps(line) + "\n" for line in lines))
    told = call("grade", "half.jsonl")
    assert "1 graded otherwise before" in told.out


def test_programs_get_json(call: Call) -> None:
    told = json.loads(call("grade", "oracle.jsonl", "--json").out)
    assert [(each["task"], each["solver"], each["reward"], each["stored_reward"]) for each in told] == [
        (name, "scripted:oracle", 1.0, 1.0)
        for name in ("rating", "both", "porto")  # in the order in which they ended
    ]


def test_an_unknown_reward_is_a_mistake(call: Call) -> None:
    told = call("grade", "oracle.jsonl", "--reward", "gold")
    assert (told.status, told.err) == (2, "error: there is no reward gold\n hint: one of: goal, paper\n")
