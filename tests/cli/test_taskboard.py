"""The live board of stage two, its plain lines, and the second part of the closing table."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console

from envfactory.cli.progress import chunk_line
from envfactory.cli.taskboard import Boards, TaskBoard
from envfactory.cli.tasktables import print_tasks
from envfactory.events import (
    ChunkFinished,
    DatasetStarted,
    EnvironmentPlanned,
    StopRequested,
    TasksCounted,
    TasksPlanned,
)
from envfactory.graphs.tasks import Tasks
from envfactory.traces.tally import Tally


def planned(*names: str) -> TaskBoard:
    board = TaskBoard("stopping")
    for name in names:
        board(TasksPlanned(name, "train", 20))
    return board


def shown(board: Any, width: int = 80, height: int = 24) -> list[str]:
    file = io.StringIO()
    console = Console(file=file, width=width, height=height, color_system=None, force_terminal=True)
    console.print(board)
    return file.getvalue().splitlines()


def test_counts_of_chunks_are_added_and_the_latest_of_each_stands() -> None:
    board = planned("rail", "ferries")
    board(TasksCounted("rail", 0, sampled=5))
    board(TasksCounted("rail", 0, sampled=9, refined=8, proved=7, kept=6, refused={"proof: floor": 3}))
    board(TasksCounted("rail", 1, sampled=10, refused={"sampling: no story": 2}))
    rows = [line.split() for line in shown(board)]
    assert rows[1][1:] == ["rail", "train", "19", "8", "7", "6/20", "5"]
    assert rows[2] == ["ferries", "train", "0/20"]
    assert "6 of 40 tasks, 5 candidates refused" in shown(board)[-1]


@pytest.mark.parametrize(("kept", "status", "sign"), [(20, "full", "✓"), (7, "short", "?"), (7, "unfinished", "?")])
def test_an_end_is_marked(kept: int, status: str, sign: str) -> None:
    board = planned("rail")
    board(TasksCounted("rail", 0, sampled=30, refined=25, proved=22, kept=kept))
    board(ChunkFinished("rail", 0, status))
    assert shown(board)[1].split()[0] == sign


@pytest.mark.parametrize("width", [60, 80, 140])
def test_every_line_fits(width: int) -> None:
    board = planned("a_very_long_name_of_an_environment_that_a_document_has_given_to_us", "rail")
    board(TasksCounted("rail", 0, sampled=123, refined=123, proved=123, kept=100, refused={"proof: floor": 300}))
    assert max(map(len, shown(board, width))) <= width


def test_a_low_terminal_shows_those_at_work() -> None:
    board = planned(*(f"environment{n}" for n in range(20)))
    board(TasksCounted("environment0", 0, sampled=20, refined=20, proved=20, kept=20))
    board(TasksCounted("environment19", 0, sampled=3))
    lines = shown(board, height=6)
    assert (len(lines), any("environment19" in line for line in lines)) == (5, True)


def test_what_happens_at_the_end_is_said() -> None:
    board = planned("rail")
    board(DatasetStarted(20))
    assert shown(board)[-1].endswith("writing the datasets of 20 tasks")
    board(StopRequested())
    assert shown(board)[-1].endswith("stopping")


def test_the_second_board_takes_the_place_of_the_first() -> None:
    boards = Boards("stopping")
    boards(EnvironmentPlanned("rail", "Rail", ""))
    assert "revision" in shown(boards)[0]
    boards(TasksPlanned("rail", "train", 20))
    assert "refined" in shown(boards)[0]


def test_a_chunk_that_ends_is_a_line() -> None:
    tally = Tally()
    tally(TasksPlanned("rail", "train", 20))
    refused = {"proof: task.rejects": 3, "sampling: no story": 1}
    tally(TasksCounted("rail", 0, sampled=14, refined=14, proved=11, kept=10, refused=refused))
    line = chunk_line(ChunkFinished("rail", 0, "full"), tally.environments["rail"])
    assert line == (
        "rail: 10 of 20 tasks (sampled 14, refined 14, proved 11; refused 3 proof: task.rejects; 1 sampling: no story)"
    )
    broken = chunk_line(ChunkFinished("rail", 1, "unfinished", ["prove: killed"]), tally.environments["rail"])
    assert broken.endswith(", chunk 1 unfinished; prove: killed")


ROW = {
    "environment": "restaurant_tables",
    "split": "heldout",
    "status": "full",
    "tasks": 30,
    "turns": 92,
    "calls": 134,
    "operators": {"drop": 40, "relative_date": 11},
    "candidates": 51,
    "refused": {"proof: task.rejects": 12, "sampling: no story": 9},
    "solved": [90, 120],
    "tools": [11, 12],
    "edges": [40, 58],
    "codes": [7, 31],
}


@pytest.mark.parametrize("width", [80, 100, 140])
def test_the_closing_table_has_a_line_that_fits(width: int) -> None:
    file = io.StringIO()
    tasks = Tasks("finished", Path("tasks.jsonl"), Path("datasets/travel"), [ROW])
    print_tasks(tasks, Console(file=file, width=width, color_system=None, highlight=False))
    lines = file.getvalue().splitlines()
    row = next(line for line in lines if "40/58" in line)
    for figure in (" 30 ", " 92 ", " 134 ", " 51 ", " 21 ", "75%", "11/12", "7/31"):
        assert figure in f"{row} "
    assert len(row.rstrip()) <= width
    assert "21 of 51 candidates refused: 12 proof: task.rejects; 9 sampling: no story" in " ".join(lines)
