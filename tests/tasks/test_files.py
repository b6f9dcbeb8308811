"""Files of tasks: whole or not at all, never torn, never doubled."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from envfactory.errors import TaskError
from envfactory.tasks.files import (
    StoredRollout,
    append_rollouts,
    read_rollouts,
    read_tasks,
    write_tasks,
)
from envfactory.tasks.model import Task


def test_what_is_written_is_read(porto: Task, both: Task, tmp_path: Path) -> None:
    write_tasks(tmp_path / "tasks.jsonl", [porto, both])
    assert list(read_tasks(tmp_path / "tasks.jsonl")) == [porto, both]


def test_two_of_one_id_are_not_written(porto: Task, tmp_path: Path) -> None:
    with pytest.raises(TaskError, match="two tasks have the id porto"):
        write_tasks(tmp_path / "tasks.jsonl", [porto, porto])
    assert not (tmp_path / "tasks.jsonl").exists()


def test_a_repeated_id_is_found_when_read(porto: Task, tmp_path: Path) -> None:
    file = tmp_path / "tasks.jsonl"
    write_tasks(file, [porto])
    file.write_bytes(file.read_bytes() * 2)
    with pytest.raises(TaskError, match=r"line 2: the id porto stands in line 1"):
        list(read_tasks(file))


def test_a_line_that_is_no_task_is_named(porto: Task, tmp_path: Path) -> None:
    file = tmp_path / "tasks.jsonl"
    write_tasks(file, [porto])
    file.write_bytes(file.read_bytes() + b'{"id": "x"}\n')
    with pytest.raises(TaskError, match=r"line 2 is no task: seed: Field required") as told:
        list(read_tasks(file))
    assert "give a file of tasks" in told.value.remedy


def test_a_missing_file_says_so(tmp_path: Path) -> None:
    with pytest.raises(TaskError, match="No such file"):
        list(read_tasks(tmp_path / "nothing.jsonl"))


@pytest.mark.parametrize("length", [10, 1 << 17], ids=["short", "longer than what is read at once"])
def test_a_torn_last_line_is_cut_off(tmp_path: Path, length: int) -> None:
    file = tmp_path / "rollouts.jsonl"
    append_rollouts(file, [StoredRollout(task="first"), StoredRollout(task="second", answers=["x" * length])])
    file.write_bytes(file.read_bytes()[:-5])
    append_rollouts(file, [StoredRollout(task="third")])
    assert [stored.task for stored in read_rollouts(file)] == ["first", "third"]


def test_a_line_that_is_torn_and_alone_goes(tmp_path: Path) -> None:
    file = tmp_path / "rollouts.jsonl"
    file.write_bytes(b'{"task": "fir')
    append_rollouts(file, [StoredRollout(task="second")])
    assert [stored.task for stored in read_rollouts(file)] == ["second"]


def test_a_torn_line_read_as_it_is_says_what_to_do(porto: Task, tmp_path: Path) -> None:
    file = tmp_path / "tasks.jsonl"
    write_tasks(file, [porto])
    file.write_bytes(file.read_bytes()[:-40])
    with pytest.raises(TaskError) as told:
        list(read_tasks(file))
    assert "torn last line" in told.value.remedy


def test_a_folder_in_the_way_is_a_clear_error(tmp_path: Path) -> None:
    (tmp_path / "tasks.jsonl").mkdir()
    with pytest.raises(TaskError, match="cannot write"):
        append_rollouts(tmp_path / "tasks.jsonl", [])


def test_rollouts_are_appended(tmp_path: Path) -> None:
    file = tmp_path / "rollouts.jsonl"
    append_rollouts(file, [StoredRollout(task="porto", answers=["Hm."], solver="rules")])
    append_rollouts(file, [StoredRollout(task="porto", unparsed=1, attempt=1)])
    first, second = read_rollouts(file)
    assert (first.answers, second.attempt) == (["Hm."], 1)


def test_a_rollout_is_told_in_one_flat_line(tmp_path: Path) -> None:
    file, call = tmp_path / "rollouts.jsonl", {"environment": "boat_hire", "tool": "get_boat", "arguments": {"id": 1}}
    file.write_text(json.dumps({"task": "porto", "calls": [{**call, "turn": 1}], "answers": ["One.", "Two."]}))
    (stored,) = read_rollouts(file)
    assert (stored.task, stored.calls[0].turn, stored.calls[0].tool) == ("porto", 1, "get_boat")


def test_a_file_that_cannot_be_finished_leaves_the_old_one(porto: Task, both: Task, tmp_path: Path) -> None:
    file = tmp_path / "tasks.jsonl"
    write_tasks(file, [porto])
    with pytest.raises(TaskError):
        write_tasks(file, [both, both])
    assert [task.id for task in read_tasks(file)] == ["porto"]
    assert list(tmp_path.iterdir()) == [file]
