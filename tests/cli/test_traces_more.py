"""The commands `traces grep|diff|export|serve` and `--html`, over the folder of a scripted run."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
from pathlib import Path

import httpx
import pytest

from tests.cli.conftest import Call
from tests.cli.scripted import Script

RUN = ("run", "--domain", "travel", "--no-tasks")


@pytest.fixture
def ran(call: Call, script: Script, tmp_path: Path) -> Path:
    """A run in which rail and ferries pass at their second try."""
    script.passes_at = 1
    call(*RUN)
    (folder,) = (tmp_path / "runs").iterdir()
    return folder


def test_grep_finds_lines_of_code(call: Call, ran: Path) -> None:
    told = call("traces", "grep", "return .*version", "--role", "coder", "--env", "rail")
    assert (told.status, told.out) == (
        0,
        "rail coder 0 assistant  source:2:     return {'n': 1}  # rail, first version\n",
    )


def test_grep_of_nothing_ends_with_one(call: Call, ran: Path) -> None:
    assert (call("traces", "grep", "no such words"), call("traces", "grep", "-F", "return .*")) == (
        (1, "", ""),
        (1, "", ""),
    )


def test_grep_ignores_case_when_asked(call: Call, ran: Path) -> None:
    assert call("traces", "grep", "FIRST VERSION").status == 1
    assert call("traces", "grep", "-i", "FIRST VERSION", "last", "--said-by", "assistant").status == 0


def test_grep_as_json_has_places(call: Call, ran: Path) -> None:
    found = json.loads(call("traces", "grep", "first version", "--role", "coder", "--env", "ferries", "--json").out)
    assert [(match["said_by"], match["path"], match["line"]) for match in found] == [("assistant", "source", 2)]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("(",), "is no pattern"),
        (("x", "--said-by", "nobody"), "nobody of that name speaks"),
        (("x", "--env", "mars"), "ferries, rail"),
    ],
)
def test_grep_says_what_is_wrong(call: Call, ran: Path, arguments: tuple[str, ...], said: str) -> None:
    told = call("traces", "grep", *arguments)
    assert (told.status, said in told.err) == (2, True)


def test_diff_of_a_run_with_itself(call: Call, ran: Path) -> None:
    told = call("traces", "diff", "last", ran.name)
    assert told.status == 0
    assert told.out.endswith("0 steps of 13 differ, 13 are the same\n")


def test_diff_tells_what_differs_and_in_which_lines(call: Call, ran: Path, script: Script) -> None:
    script.passes_at = 2
    call(*RUN)
    told = call("traces", "diff", ran.name, "last", "--full")
    assert told.status == 1
    assert "rail  verified, 1 revision, 6 steps  →  verified, 2 revisions, 8 steps" in told.out
    assert "  rail reviser 2  only in the second\n" in told.out
    assert "    + check1: number 1\n" in told.out


def test_diff_as_json(call: Call, ran: Path, script: Script) -> None:
    script.passes_at = 0
    call(*RUN)
    told = json.loads(call("traces", "diff", ran.name, "last", "--json").out)
    assert told["environments"]["rail"] == [
        {"status": "verified", "revisions": 1, "steps": 6},
        {"status": "verified", "revisions": 0, "steps": 4},
    ]
    gate = next(step for step in told["steps"] if (step["environment"], step["role"]) == ("rail", "gate"))
    assert (gate["differs"], gate["failed"]) == (["status", "checks"], [True, False])


def test_export_writes_a_span_a_line(call: Call, ran: Path, tmp_path: Path) -> None:
    lines = call("traces", "export", "last").out.splitlines()
    call("traces", "export", "last", "--output", "spans.jsonl")
    assert (tmp_path / "spans.jsonl").read_text().splitlines() == lines
    spans = [json.loads(line) for line in lines]
    assert {span["attributes"]["gen_ai.conversation.id"] for span in spans} == {ran.name}


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--format", "xml"), "--format xml is no format"),
        (("--format", "otlp", "--header", "token"), "--header token has no value"),
    ],
)
def test_export_says_what_is_wrong(call: Call, ran: Path, arguments: tuple[str, ...], said: str) -> None:
    told = call("traces", "export", "last", *arguments)
    assert (told.status, said in told.err) == (2, True)


def test_html_is_one_file_of_everything(call: Call, ran: Path, tmp_path: Path) -> None:
    told = call("traces", "show", "last", "--html", "run.html")
    page = (tmp_path / "run.html").read_text()
    assert (told.status, told.out.startswith("run.html: ")) == (0, True)
    assert page.count('class="chapter"') == 3  # the run itself, and two environments
    assert page.count('href="#view-') == 4  # each environment's page, from the table and from its chapter


def test_html_goes_with_no_other_option(call: Call, ran: Path) -> None:
    assert call("traces", "show", "last", "--html", "run.html", "--failed").status == 2


def test_html_where_nothing_can_be_written(call: Call, ran: Path, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    told = call("traces", "show", "last", "--html", "file/run.html")
    assert (told.status, "cannot write file/run.html" in told.err) == (2, True)


def test_an_environment_as_html(call: Call, ran: Path, tmp_path: Path) -> None:
    (folder,) = (tmp_path / "library").glob("*/rail")
    assert call("show", str(folder), "--html", "rail.html").status == 0
    assert "EnvFactory environment" in (tmp_path / "rail.html").read_text()


def test_a_task_as_html(call: Call, script: Script, tmp_path: Path) -> None:
    call("run", "--domain", "travel", "--env", "rail", "--tasks", "2")
    assert call("tasks", "show", "rail-00001", "--html", "task.html").status == 0
    assert "What is number 1?" in (tmp_path / "task.html").read_text()


@pytest.mark.long
def test_serve_answers_until_it_is_interrupted(call: Call, ran: Path) -> None:
    command = [sys.executable, "-m", "envfactory.cli.main", "traces", "serve", "--port", "0"]
    place = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])}
    with subprocess.Popen(command, cwd=ran.parent.parent, env=place, stdout=subprocess.PIPE, text=True) as server:
        assert server.stdout is not None
        address = re.search(r"http://127\.0\.0\.1:\d+/", server.stdout.readline())
        assert address is not None
        assert ran.name in httpx.get(address[0], trust_env=False).text
        server.send_signal(signal.SIGINT)
        assert server.wait(20) == 0


def test_a_port_that_is_taken_is_told(call: Call, ran: Path) -> None:
    import socket

    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        told = call("traces", "serve", "--port", str(taken.getsockname()[1]))
    assert (told.status, "--port 0 takes any that is free" in told.err) == (2, True)
