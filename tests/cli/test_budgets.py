"""Budgets, recordings and resumption as a user meets them: the real commands, with one role asked over real HTTP."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from envfactory.agents import rules
from envfactory.agents.products import Brief
from envfactory.sandbox.doctor import diagnose
from envfactory.synthesis.design import Design
from tests.agents.chat_server import ChatServer, Reply
from tests.cli.conftest import Call
from tests.cli.scripted import Script
from tests.graphs.scripted import DESIGN

pytestmark = pytest.mark.skipif(not diagnose().ok, reason="this machine lacks a layer of the sandbox")
CODE = json.dumps({"source": "def look(ctx):\n    return {'n': 1}\n"})


class Model:
    """Answers the coder; `refuses` makes it fail for good."""

    def __init__(self) -> None:
        self.refuses = False

    def __call__(self, body: dict[str, Any]) -> Reply:
        return 503 if self.refuses else CODE


@pytest.fixture
def model() -> Model:
    return Model()


@pytest.fixture
def server(model: Model, script: Script, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[ChatServer]:
    """A server, and a configuration that lets it answer the coder, of whom each environment asks something else."""

    def design(brief: Brief, seed: int, tier: str) -> Design:
        return DESIGN.model_copy(update={"schema_sql": f"{DESIGN.schema_sql}-- of {brief.environment}\n"})

    monkeypatch.setattr(rules, "design", design)
    with ChatServer(model).serving() as serving:
        (tmp_path / "models.toml").write_text(
            f'[models.coder]\nmodel = "openai:small"\nbase_url = "{serving.url}"\nmax_retries = 0\n'
            "input_price = 1000.0\noutput_price = 2000.0\n[run]\nconcurrency = 1\n"
        )
        yield serving


def run(call: Call, *arguments: str) -> Any:
    return call("run", "--domain", "travel", "--no-tasks", "--config", "models.toml", *arguments)


def record(folder: Path) -> dict[str, Any]:
    (found,) = folder.glob("runs/*/run.json")
    told: dict[str, Any] = json.loads(found.read_text())
    return told


@pytest.mark.parametrize(
    ("limit", "words"),
    [
        (("--max-calls", "1"), "the budget of 1 model call is spent (1 model call, 120 tokens, $0.1400)"),
        (("--max-cost", "0.1"), "the budget of $0.1 is spent (1 model call, 120 tokens, $0.1400)"),
    ],
)
def test_a_spent_budget_stops_resumably(
    call: Call, script: Script, server: ChatServer, tmp_path: Path, limit: tuple[str, str], words: str
) -> None:
    stopped = run(call, *limit)
    assert (stopped.status, words in stopped.err) == (3, True), stopped.err
    assert f"--resume {record(tmp_path)['run']} {limit[0]} MORE" in stopped.err
    done = call("run", "--resume", "last", limit[0], "10")
    assert (done.status, len(server.requests)) == (0, 2), done.err
    assert "2 model calls, 240 tokens, $0.2800" in done.out


def test_the_same_limit_stops_it_again_at_no_cost(call: Call, script: Script, server: ChatServer) -> None:
    run(call, "--max-calls", "1")
    again = call("run", "--resume", "last")
    assert (again.status, len(server.requests)) == (3, 1)


def test_time_that_is_up_stops_a_run_of_rules_too(call: Call, script: Script, tmp_path: Path) -> None:
    stopped = call("run", "--domain", "travel", "--no-tasks", "--max-minutes", "0.00001")
    assert (stopped.status, "the time of 1e-05 min is up (no model calls)" in stopped.err) == (3, True), stopped.err
    done = call("run", "--resume", "last", "--max-minutes", "5")
    assert done.status == 0, done.err


def test_what_it_cost_is_in_the_record(call: Call, script: Script, server: ChatServer, tmp_path: Path) -> None:
    assert run(call).status == 0
    told = record(tmp_path)
    assert (told["spent"]["calls"], told["spent"]["cost"], told["stopped_by"]) == (2, pytest.approx(0.28), "")
    assert told["costs"]["environments"]["rail"]["cost"] == pytest.approx(0.14)
    assert told["costs"]["environments"]["rail"]["tokens"] == 120


def test_a_backend_that_breaks_down_costs_nothing_again(
    call: Call, script: Script, server: ChatServer, model: Model, tmp_path: Path
) -> None:
    run(call, "--max-calls", "1")
    model.refuses = True
    broken = call("run", "--resume", "last", "--max-calls", "10")
    assert (broken.status, "try again later; go on with" in broken.err) == (1, True), broken.err
    assert (record(tmp_path)["status"], record(tmp_path)["spent"]["calls"]) == ("failed", 2)
    assert call("traces", "list").out.split()[1] == "failed"
    model.refuses = False
    assert call("run", "--resume", "last").status == 0
    assert len(server.requests) == 3
    assert record(tmp_path)["spent"]["calls"] == 2


def artefacts(folder: Path) -> dict[str, bytes]:
    return {
        str(file.relative_to(folder)): file.read_bytes()
        for file in sorted(folder.rglob("*"))
        if file.is_file() and file.name != "gate.json"
    }


def test_a_recording_makes_the_same_artefacts_without_model_key_or_configuration(
    call: Call, script: Script, server: ChatServer, tmp_path: Path
) -> None:
    assert run(call, "--record", "exchanges").status == 0
    played = call("run", "--domain", "travel", "--no-tasks", "--replay", "exchanges", "--out", "again")
    assert (played.status, len(server.requests)) == (0, 2), played.err
    assert "no model calls, 2 answered from the record" in played.out
    assert artefacts(tmp_path / "library") == artefacts(tmp_path / "again") != {}


def test_a_recording_answers_one_role_alone(call: Call, script: Script, server: ChatServer) -> None:
    run(call, "--record", "exchanges")
    played = call("run", "--domain", "travel", "--no-tasks", "--model-role", "coder=replay:exchanges", "--out", "again")
    assert (played.status, len(server.requests)) == (0, 2), played.err


def test_a_recording_that_lacks_an_answer_says_what_differs(
    call: Call, script: Script, server: ChatServer, tmp_path: Path
) -> None:
    run(call, "--record", "exchanges")
    file = tmp_path / "exchanges" / "coder.jsonl"
    file.write_text(file.read_text().replace("CREATE TABLE t ", "CREATE TABLE other "))
    lines = [json.loads(line) for line in file.read_text().splitlines()]
    file.write_text("".join(json.dumps({**line, "key": "0" * 32}) + "\n" for line in lines))
    missed = call("run", "--domain", "travel", "--no-tasks", "--replay", "exchanges", "--out", "again")
    shown = missed.err.splitlines()
    assert missed.status == 1
    assert {"-CREATE TABLE other (id TEXT PRIMARY KEY) STRICT;", "+CREATE TABLE t (id TEXT PRIMARY KEY) STRICT;"} <= {
        *shown
    }


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("--record", "a", "--replay", "b"), "contradict each other"),
        (("--replay", "nowhere"), "holds no recording"),
        (("--max-calls", "0"), "max-calls"),
        (("--max-cost", "0"), "budget.max_cost"),
    ],
)
def test_mistakes_are_told(
    call: Call, script: Script, server: ChatServer, arguments: tuple[str, ...], says: str
) -> None:
    told = run(call, *arguments)
    assert (told.status, says in told.err) == (2, True), told.err
    assert server.requests == []
