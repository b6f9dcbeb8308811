"""The command `run` through both stages over scripted contents, and the steps of stage two by themselves."""

from __future__ import annotations

import json
import os
import signal
from pathlib import Path

import pytest

from envfactory.errors import WorkerDied
from envfactory.tasks.files import read_tasks
from tests.cli.conftest import Call
from tests.cli.scripted import Script

RUN = ("run", "--domain", "travel", "--tasks", "6")


def run_folder(place: Path) -> Path:
    (found,) = (place / "runs").iterdir()
    return found


def ids(file: Path) -> list[str]:
    return [task.id for task in read_tasks(file)]


def test_a_run_goes_on_to_tasks_and_datasets(call: Call, script: Script, tmp_path: Path) -> None:
    told = call(*RUN)
    assert told.status == 0
    assert "2 of 2 environments verified, 12 graded tasks" in told.out
    # numbers 0 and 7 fall at the proof, 4 is never sampled
    assert ids(tmp_path / "datasets" / "travel" / "tasks.jsonl")[:6] == [f"ferries-0000{n}" for n in (1, 2, 3, 5, 6, 8)]
    assert "envfactory tasks show ferries-00001" in told.out


def test_progress_says_how_far_each_environment_is(call: Call, script: Script) -> None:
    lines = [line.split("] ", 1)[1] for line in call(*RUN).err.splitlines() if "] rail: " in line]
    (told,) = [line for line in lines if line.startswith("rail: 6 of 6 tasks")]
    assert told == (
        "rail: 6 of 6 tasks (sampled 8, refined 8, proved 6; refused 2 proof: task.rejects; 1 sampling: no story)"
    )


def test_json_holds_what_was_made(call: Call, script: Script) -> None:
    made = json.loads(call(*RUN, "--json").out)["tasks"]
    (ferries, rail) = made["environments"]
    assert (made["tasks"], made["file"].endswith("tasks.jsonl"), made["dataset"]) == (12, True, "datasets/travel")
    assert (rail["tasks"], rail["solved"], rail["status"], ferries["tools"]) == (6, [18, 24], "full", [1, 1])


@pytest.mark.parametrize("arguments", [("--no-tasks",), ("--tasks", "0")])
def test_stage_two_can_be_left_out(call: Call, script: Script, tmp_path: Path, arguments: tuple[str, ...]) -> None:
    told = call("run", "--domain", "travel", *arguments)
    assert (told.status, (tmp_path / "datasets").exists(), "graded" in told.out) == (0, False, False)


def test_contradicting_options_are_refused(call: Call, script: Script) -> None:
    told = call(*RUN, "--no-tasks")
    assert (told.status, told.err.splitlines()[0]) == (2, "error: --no-tasks and --tasks 6 contradict each other")


def test_a_stop_in_stage_two_goes_on_there(call: Call, script: Script, tmp_path: Path) -> None:
    script.told = lambda name: os.kill(os.getpid(), signal.SIGINT) if name == "refine rail 0" else None
    stopped = call(*RUN)
    steps: list[str] = []
    script.told = steps.append
    told = call("run", "--resume", "last")
    assert (stopped.status, told.status) == (130, 0)
    assert len(ids(tmp_path / "datasets" / "travel" / "tasks.jsonl")) == 12
    assert not [step for step in steps if step.startswith(("explore", "design", "gate", "split"))]


def test_broken_infrastructure_leaves_what_it_could_not_make(call: Call, script: Script) -> None:
    script.faults = {"prove rail 0": WorkerDied("killed")}
    told = call(*RUN)
    assert told.status == 0
    assert "rail, prove: killed" in told.out


def test_no_task_at_all_is_status_one(call: Call, script: Script) -> None:
    script.faults = {f"prove {name} 0": WorkerDied("killed") for name in script.names}
    told = call(*RUN)
    assert (told.status, "error: no task was verified" in told.err) == (1, True)


def test_the_trace_has_what_roles_did(call: Call, script: Script) -> None:
    call(*RUN)
    told = call("traces", "show", "last", "--role", "sampler").out
    assert "tasks rail full 6 of 6 kept, 8 sampled" in told
    assert "invoke_agent sampler ok" in told


def test_steps_by_themselves_come_to_the_same_tasks(call: Call, script: Script, tmp_path: Path) -> None:
    call("run", "--domain", "travel", "--no-tasks")
    sampled = call("sample", "library", "--out", "t.jsonl", "--count", "6", "--env", "rail")
    refined = call("refine", "t.jsonl", "--library", "library", "--out", "r.jsonl", "--json")
    written = call("export", "r.jsonl", "--library", "library", "--out", "d", "--json")
    assert (sampled.status, refined.status, written.status) == (0, 0, 0)
    assert ids(tmp_path / "t.jsonl") == [f"rail-0000{n}" for n in (0, 1, 2, 3, 5, 6)]
    assert json.loads(refined.out)["tasks"] == json.loads(written.out)["tasks"] == 5
    assert "6 tasks sampled, in t.jsonl" in sampled.out


def test_an_unknown_environment_is_told(call: Call, script: Script) -> None:
    call("run", "--domain", "travel", "--no-tasks")
    told = call("sample", "library", "--out", "t.jsonl", "--env", "opera")
    assert (told.status, "library has no verified environment opera" in told.err) == (2, True)
