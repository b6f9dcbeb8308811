"""The live board: what it shows at each moment, on narrow, wide, low and plain terminals."""

from __future__ import annotations

import io

import pytest
from rich.console import Console

from envfactory.cli.board import Board
from envfactory.events import (
    CheckFinished,
    CheckStarted,
    EnvironmentFinished,
    EnvironmentPlanned,
    GateFinished,
    GateStarted,
    RoleStarted,
    RunRecalled,
    StopRequested,
)

LONG = "a_very_long_name_of_an_environment_that_a_document_has_given_to_us"


def planned(*names: str) -> Board:
    board = Board("stopping")
    for name in names:
        board(EnvironmentPlanned(name, name, ""))
    return board


def shown(board: Board, width: int = 80, height: int = 24, encoding: str = "utf-8") -> list[str]:
    raw = io.BytesIO()
    file = io.TextIOWrapper(raw, encoding=encoding)
    console = Console(
        file=file, width=width, height=height, color_system=None, force_terminal=True, legacy_windows=False
    )
    console.print(board)
    file.flush()
    return raw.getvalue().decode(encoding).splitlines()


def words(board: Board, name: str) -> list[str]:
    return next(line.split() for line in shown(board) if name in line)[1:]


def test_before_the_plan_it_says_what_it_does() -> None:
    assert shown(Board("stopping"))[0].endswith("reading resources")


def test_an_environment_goes_through_its_roles() -> None:
    board = planned("rail", "ferries")
    assert [line.split() for line in shown(board)][1] == ["rail", "waiting", "0"]
    board(RoleStarted("rail", "schema_designer", 0, "rules"))
    assert words(board, "rail")[:3] == ["rail", "schema_designer", "0"]
    board(GateStarted("rail", 1))
    assert words(board, "rail")[:4] == ["rail", "gate:", "graph", "1"]


def test_checks_are_counted_for_each_gate() -> None:
    board = planned("rail")
    board(GateStarted("rail", 0))
    for check, status in (("load", "pass"), ("lint", "fail"), ("accept", "skip")):
        board(CheckStarted("rail", 0, check))
        board(CheckFinished("rail", 0, check, status))
    assert words(board, "rail")[:5] == ["rail", "gate:", "accept", "0", "1/2"]
    board(GateStarted("rail", 1))
    assert "1/2" not in words(board, "rail")


def test_a_check_that_is_told_after_the_verdict_changes_nothing() -> None:
    board = planned("rail")
    board(GateStarted("rail", 0))
    board(GateFinished("rail", 0, "rejected", 17, 18, ["accept"], 9.0))
    before = words(board, "rail")[:6]
    board(CheckStarted("rail", 0, "mutants"))
    board(CheckFinished("rail", 0, "mutants", "pass"))
    assert words(board, "rail")[:6] == before == ["rail", "gate", "done", "0", "17/18", "0"]


def test_an_end_is_marked_and_counted() -> None:
    board = planned("rail", "ferries", "hotels")
    board(GateStarted("rail", 0))
    board(GateFinished("rail", 0, "verified", 18, 18, [], 9.0))
    board(EnvironmentFinished("rail", "verified", {}))
    board(EnvironmentFinished("ferries", "rejected", {}))
    lines = shown(board)
    assert [line.split()[:3] for line in lines[1:3]] == [["✓", "rail", "verified"], ["✗", "ferries", "rejected"]]
    assert lines[-1].split("  ")[1].strip() == "2 of 3 done, 1 not verified"


def test_what_a_resumed_run_knows_is_shown() -> None:
    board = Board("stopping")
    outcome = {"environment": "rail", "verdict": "verified", "seconds": 21.4, "revisions": 1, "checks": 18}
    board(RunRecalled(["rail", "ferries"], [outcome]))
    assert words(board, "rail") == ["rail", "verified", "1", "18/18", "21"]
    assert "1 of 2 done" in shown(board)[-1]


def test_a_stop_is_said() -> None:
    board = planned("rail")
    board(StopRequested())
    assert shown(board)[-1].endswith("stopping")


@pytest.mark.parametrize("width", [60, 80, 140])
def test_every_line_fits(width: int) -> None:
    board = planned(LONG, "rail")
    board(CheckStarted(LONG, 0, "contract-adequate"))
    lines = shown(board, width)
    assert max(map(len, lines)) <= width
    assert len(lines) == 4


def test_a_wide_terminal_shows_long_names_whole() -> None:
    assert LONG in "".join(shown(planned(LONG), 140))
    assert "gate: contract-adequate" in "".join(shown(started(LONG, "contract-adequate"), 140))


def started(name: str, check: str) -> Board:
    board = planned(name)
    board(CheckStarted(name, 0, check))
    return board


def test_columns_stay_where_they_are() -> None:
    board = planned("rail", "ferries")
    before = shown(board)[0]
    board(CheckStarted("rail", 11, "contract-adequate"))
    board(CheckFinished("rail", 11, "contract-adequate", "pass"))
    assert shown(board)[0] == before


def test_a_low_terminal_shows_those_at_work() -> None:
    board = planned(*(f"environment{n}" for n in range(20)))
    board(EnvironmentFinished("environment0", "verified", {}))
    board(RoleStarted("environment19", "coder", 0, "rules"))
    lines = shown(board, height=6)
    assert len(lines) == 5
    assert any("environment19" in line for line in lines)
    assert "1 of 20 done" in lines[-1]


def test_a_plain_terminal_gets_plain_signs() -> None:
    board = planned("rail", "ferries")
    board(EnvironmentFinished("rail", "verified", {}))
    board(RoleStarted("ferries", "coder", 0, "rules"))
    assert shown(board, encoding="ascii")[1].split()[:2] == ["+", "rail"]
