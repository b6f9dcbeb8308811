"""Plain progress: what is said of each event, and where."""

from __future__ import annotations

import io

import pytest
from rich.console import Console

from envfactory.cli.progress import Lines, describe, open_progress
from envfactory.events import (
    CheckStarted,
    EnvironmentFinished,
    Event,
    GateFinished,
    ResourceSkipped,
    RoleFinished,
    RunRecalled,
    RunStarted,
)

SAID: list[tuple[Event, str]] = [
    (RunStarted("travel-1", "travel", True), "run travel-1 resumed"),
    (RunRecalled(["rail", "ferries"], [{"environment": "rail"}]), "1 of 2 environments are done already"),
    (ResourceSkipped("a.yaml", "prose"), "skipped a.yaml: prose"),
    (
        RoleFinished("", "explorer", 0, "rules", "ok", "2 environments", 0.51, prompt="p"),
        "plan: explorer (rules) 2 environments in 0.5 s",
    ),
    (
        RoleFinished("", "explorer", 0, "rules", "ResourceError: it is empty (give another)", "", 0.2),
        "plan: explorer (rules) failed in 0.2 s",
    ),
    (
        RoleFinished("rail", "coder", 0, "openai:qwen3", "BadAnswer: no JSON\nat all", "", 3.0),
        "rail: coder (openai:qwen3) BadAnswer: no JSON at all in 3.0 s",
    ),
    (
        GateFinished("rail", 1, "rejected", 16, 18, ["accept", "mutants"], 9.04),
        "rail: gate passed 16 of 18 checks in 9.0 s, failed: accept, mutants",
    ),
    (EnvironmentFinished("rail", "rejected", {}), "rail: rejected"),
    (CheckStarted("rail", 0, "accept"), ""),
]


@pytest.mark.parametrize(("event", "said"), SAID)
def test_events_are_said_in_one_line(event: Event, said: str) -> None:
    assert describe(event) == said


def test_lines_are_never_wrapped_or_read_as_markup() -> None:
    file = io.StringIO()
    Lines(Console(file=file, width=40))(ResourceSkipped("[red]a.yaml", "x" * 200))
    assert len(file.getvalue().splitlines()) == 1
    assert "skipped [red]a.yaml: xxx" in file.getvalue()


def test_without_a_terminal_there_are_lines_on_stderr(capsys: pytest.CaptureFixture[str]) -> None:
    with open_progress() as progress:
        progress(EnvironmentFinished("rail", "verified", {}))
    said = capsys.readouterr()
    assert (said.out, said.err.split("] ")[1]) == ("", "rail: verified\n")
