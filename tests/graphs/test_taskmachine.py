"""The machine of stage two: shares are filled, candidates refused are made up for, nothing is lost or doubled."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from envfactory.errors import ArtefactError, WorkerDied
from envfactory.events import ChunkFinished, Event, TasksPlanned
from envfactory.graphs.taskmachine import chunk_machine, tasks_machine
from envfactory.traces.tally import STEPS, Tally
from tests.graphs.scripted import reached
from tests.graphs.scripted_tasks import ScriptedTaskDesk, play, refusing

ROOT = Path(__file__).parents[2]


def played(folder: Path, desk: ScriptedTaskDesk, **settings: Any) -> tuple[dict[str, Any], list[Event]]:
    events: list[Event] = []
    _, values = asyncio.run(play(folder, desk, emit=events.append, **settings))
    return values, events


def lines(folder: Path) -> list[str]:
    return (folder / "run" / "tasks.jsonl").read_text().splitlines()


def test_every_share_has_its_tasks(tmp_path: Path) -> None:
    values, _ = played(tmp_path, ScriptedTaskDesk())
    # six of each, in chunks of three; a chunk's indexes begin at its number times three times four candidates
    assert lines(tmp_path) == [f"{name} {n}" for name in ("ferries", "hotels", "rail") for n in (0, 1, 2, 12, 13, 14)]
    assert {chunk["status"] for chunk in values["chunks"]} == {"full"}


def test_what_is_refused_is_counted_and_made_up_for(tmp_path: Path) -> None:
    values, _ = played(tmp_path, ScriptedTaskDesk(refusing()), names=("rail",), count=3)
    (chunk,) = values["chunks"]
    # 0 and 5 are never sampled; 1 falls at refining, 2 at calibration, 3 and 7 at proving
    assert lines(tmp_path) == ["rail 4", "rail 6", "rail 9"]
    assert chunk["refused"] == {"sample: no story": 2, "refine: no": 2, "prove: no": 2, "calibrate: no": 1}
    assert chunk["counts"] == {"sampled": 8, "refined": 6, "proved": 4, "kept": 3}


@pytest.mark.parametrize("step", ["sample", "refine", "prove", "calibrate"])
def test_a_share_ends_with_its_indexes(tmp_path: Path, step: str) -> None:
    desk = ScriptedTaskDesk({step: lambda index: index != 5})
    values, _ = played(tmp_path, desk, names=("rail",), count=3)
    assert (lines(tmp_path), values["chunks"][0]["status"]) == (["rail 5"], "short")
    assert sum(values["chunks"][0]["refused"].values()) == 11  # of three times four candidates


def test_nothing_at_all_writes_no_dataset(tmp_path: Path) -> None:
    desk = ScriptedTaskDesk({"prove": lambda index: True})
    values, _ = played(tmp_path, desk, names=("rail",), count=3)
    assert (values["dataset"], lines(tmp_path), "export" in desk.steps) == ({}, [], False)


def test_split_comes_before_sampling_and_companions_stay_within_it(tmp_path: Path) -> None:
    desk = ScriptedTaskDesk()
    values, _ = played(tmp_path, desk)
    companions = {share["place"]["name"]: [each["name"] for each in share["companions"]] for share in values["shares"]}
    assert desk.steps[0] == "split"
    assert companions == {"rail": ["ferries"], "ferries": ["rail"], "hotels": []}


def test_a_worker_that_dies_is_tried_again(tmp_path: Path) -> None:
    desk = ScriptedTaskDesk(faults={"prove rail 0": [WorkerDied("killed"), WorkerDied("killed")]})
    values, _ = played(tmp_path, desk, names=("rail",), count=3)
    assert (desk.steps.count("prove rail 0"), values["chunks"][0]["status"]) == (3, "full")


def test_infrastructure_that_stays_broken_leaves_a_chunk_unfinished(tmp_path: Path) -> None:
    desk = ScriptedTaskDesk(faults={"prove rail 0": [WorkerDied("killed")] * 3})
    values, events = played(tmp_path, desk, names=("rail", "ferries"), count=3)
    status = {chunk["environment"]: chunk["status"] for chunk in values["chunks"]}
    assert status == {"rail": "unfinished", "ferries": "full"}
    assert ChunkFinished("rail", 0, "unfinished", ["rail, prove: killed"]) in events


def test_what_is_nobodys_fault_stops_it_resumably(tmp_path: Path) -> None:
    desk = ScriptedTaskDesk(faults={"refine rail 0": [ArtefactError("cannot write: no space left")]})
    with pytest.raises(ArtefactError, match="no space left"):
        played(tmp_path, desk, names=("rail",), count=3)
    again = ScriptedTaskDesk()
    played(tmp_path, again, names=("rail",), count=3)
    assert (again.steps[0], lines(tmp_path)) == ("refine rail 0", ["rail 0", "rail 1", "rail 2"])


def test_the_events_add_up(tmp_path: Path) -> None:
    _, events = played(tmp_path, ScriptedTaskDesk(refusing()), names=("rail",))
    assert TasksPlanned("rail", "train", 6) in events
    assert totals(events)["kept"] == len(lines(tmp_path)) == 6


def test_a_resumed_one_tells_what_it_knows(tmp_path: Path) -> None:
    _, first = played(tmp_path, ScriptedTaskDesk(refusing()), names=("rail",))
    desk = ScriptedTaskDesk()
    _, again = played(tmp_path, desk, names=("rail",))
    assert desk.steps == []
    assert totals(again) == totals(first)


def totals(events: list[Event]) -> dict[str, int]:
    tally = Tally()
    for event in events:
        tally(event)
    return {**{step: tally.total(step) for step in STEPS}, **tally.refused}


def contents(folder: Path) -> dict[str, str]:
    files = [folder / "run" / "tasks.jsonl", *sorted((folder / "datasets").rglob("*.txt"))]
    return {str(path.relative_to(folder)): path.read_text() for path in files}


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    folder = tmp_path_factory.mktemp("undisturbed")
    played(folder, ScriptedTaskDesk(refusing()))
    return contents(folder)


@pytest.mark.long
@pytest.mark.parametrize(
    ("node", "times"),
    [
        ("split", 1),
        ("sample", 3),
        ("refine", 1),
        ("prove", 4),
        ("calibrate", 2),
        ("finish", 2),
        ("collect", 1),
        ("export", 1),
    ],
)
def test_killed_and_resumed_it_ends_the_same(
    tmp_path: Path, undisturbed: dict[str, str], node: str, times: int
) -> None:
    steps = tmp_path / "steps"
    command = [sys.executable, "-m", "tests.graphs.scripted_tasks", str(tmp_path), str(steps)]
    assert subprocess.run([*command, node, str(times)], cwd=ROOT, check=False).returncode == -9
    finished = subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True).stdout
    assert finished == "finished\n"
    assert contents(tmp_path) == undisturbed


def test_a_stop_is_clean_and_resumable(tmp_path: Path, undisturbed: dict[str, str]) -> None:
    desk = ScriptedTaskDesk(refusing())
    stop = {"prove": lambda: os.kill(os.getpid(), signal.SIGINT)}
    status, _ = asyncio.run(play(tmp_path, desk, before_node=lambda node: stop.pop(node, lambda: None)()))
    done = Counter(desk.steps)
    again, _ = asyncio.run(play(tmp_path, desk))
    assert (status, again, contents(tmp_path)) == ("stopped", "finished", undisturbed)
    assert done["split"] == desk.steps.count("split") == 1


def test_every_node_is_reachable() -> None:
    drawn = chunk_machine().get_graph()
    assert reached(drawn) == set(drawn.nodes)
    assert {"split", "chunk", "collect", "export"} <= set(tasks_machine().get_graph().nodes)
