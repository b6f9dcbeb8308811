"""The command `run` over scripted contents: what it says, writes and leaves, and how it goes on."""

from __future__ import annotations

import json
import os
import signal
from pathlib import Path
from typing import Any

import pytest

from envfactory.agents.products import Skipped
from envfactory.cli.lock import is_held, sole
from envfactory.errors import DesignError, WorkerDied
from tests.cli.conftest import Call
from tests.cli.scripted import Script

RUN = ("run", "--domain", "travel")


def run_folder(place: Path) -> Path:
    (found,) = (place / "runs").iterdir()
    return found


def as_json(call: Call, *more: str) -> dict[str, Any]:
    told: dict[str, Any] = json.loads(call(*RUN, "--json", *more).out)
    return told


def test_a_run_ends_with_table_places_and_next_steps(call: Call, script: Script, tmp_path: Path) -> None:
    told = call(*RUN)
    assert told.status == 0
    assert [line.split()[:2] for line in told.out.splitlines()[1:3]] == [["ferries", "verified"], ["rail", "verified"]]
    assert "2 of 2 environments verified" in told.out
    assert f"envfactory traces show {run_folder(tmp_path).name}\n" in told.out
    assert (tmp_path / "library" / "travel" / "rail" / "gate.json").exists()


def test_progress_goes_to_stderr_a_line_for_each_thing(call: Call, script: Script) -> None:
    script.passes_at = 1
    lines = [
        line.split("] ", 1)[1].split(" in ")[0] for line in call(*RUN, "--no-tasks").err.splitlines() if "rail" in line
    ]
    assert lines == [
        "rail: schema_designer (rules) 1 contracts, 1 tables, 1 rows",
        "rail: coder (rules) 2 lines",
        "rail: tester (rules) 0 cases",
        "rail: gate, revision 0",
        "rail: gate passed 3 of 4 checks",
        "rail: reviser (rules) the first version was wrong",
        "rail: gate, revision 1",
        "rail: gate passed 4 of 4 checks",
        "rail: verified",
    ]


def test_json_is_all_that_stdout_holds(call: Call, script: Script, tmp_path: Path) -> None:
    script.skipped = (Skipped(source="a.yaml", reason="prose"),)
    told = as_json(call)
    assert (told["status"], told["folder"]) == ("finished", str(run_folder(tmp_path).relative_to(tmp_path)))
    assert [(row["environment"], row["verdict"]) for row in told["environments"]] == [
        ("ferries", "verified"),
        ("rail", "verified"),
    ]
    assert told["skipped"] == [{"source": "a.yaml", "reason": "prose"}]


def test_nothing_verified_is_status_one_with_the_reasons(call: Call, script: Script, tmp_path: Path) -> None:
    script.faults = {f"design {name}": DesignError("no table has a key") for name in script.names}
    told = call(*RUN)
    assert told.status == 1
    assert "rail rejected: design: no table has a key" in told.out
    assert told.err.splitlines()[-2] == "error: no environment was verified"
    assert not (tmp_path / "library").exists()


def test_one_failure_of_two_is_no_failure(call: Call, script: Script) -> None:
    script.faults = {"design rail": DesignError("no table has a key")}
    told = call(*RUN)
    assert (told.status, "1 of 2 environments verified" in told.out) == (0, True)


def test_broken_infrastructure_is_no_rejection(call: Call, script: Script) -> None:
    script.faults = {"gate rail 0": WorkerDied("killed")}
    told = as_json(call)
    assert {row["environment"]: row["verdict"] for row in told["environments"]} == {
        "ferries": "verified",
        "rail": "unfinished",
    }


def test_the_record_says_what_was_asked(
    call: Call, script: Script, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "sk-very-secret-value")
    call(*RUN, "--seed", "7", "--out", "elsewhere")
    record = json.loads((run_folder(tmp_path) / "run.json").read_text())
    assert (record["status"], record["config"]["run"]["seed"], record["config"]["run"]["out"]) == (
        "finished",
        7,
        "elsewhere",
    )
    assert record["verdicts"] == {"ferries": "verified", "rail": "verified"}
    assert "sk-very" not in (run_folder(tmp_path) / "run.json").read_text()


def test_the_log_has_a_line_an_event_without_secrets(
    call: Call, script: Script, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "very-secret-value")
    script.faults = {"design rail": DesignError("the key is very-secret-value")}
    call(*RUN)
    text = (run_folder(tmp_path) / "log.jsonl").read_text()
    lines = [json.loads(line) for line in text.splitlines()]
    assert {line["run"] for line in lines} == {run_folder(tmp_path).name}
    assert [line["event"] for line in lines][0 :: len(lines) - 1] == ["RunStarted", "RunFinished"]
    assert "very-secret" not in text


def stop_at(script: Script, step: str) -> None:
    script.told = lambda name: os.kill(os.getpid(), signal.SIGINT) if name == step else None


def test_a_first_interrupt_ends_the_step_and_says_how_to_go_on(call: Call, script: Script, tmp_path: Path) -> None:
    stop_at(script, "code rail")
    told = call(*RUN)
    name = run_folder(tmp_path).name
    assert told.status == 130
    assert told.err.splitlines()[-2:] == [
        "error: stopped before the end",
        f" hint: python -m envfactory.run --resume {name}",
    ]
    assert "stopping after the steps in flight" in told.err


def test_a_stopped_run_goes_on_and_repeats_nothing(call: Call, script: Script, tmp_path: Path) -> None:
    stop_at(script, "code rail")
    call(*RUN)
    steps: list[str] = []
    script.told = steps.append
    told = call("run", "--resume", "last")
    assert (told.status, "2 of 2 environments verified" in told.out) == (0, True)
    assert not {"explore", "design rail", "code rail"} & set(steps)


@pytest.mark.parametrize("name", ["id", "folder", "last"])
def test_a_finished_run_says_again_how_it_ended(call: Call, script: Script, tmp_path: Path, name: str) -> None:
    first = call(*RUN)
    folder = run_folder(tmp_path)
    steps: list[str] = []
    script.told = steps.append
    again = call("run", "--resume", {"id": folder.name, "folder": str(folder), "last": "last"}[name])
    assert (again.status, steps) == (0, [])
    assert table(again.out) == table(first.out)


def table(text: str) -> list[str]:
    return text.split("\n\n")[0].splitlines()


def test_a_run_can_be_resumed_from_elsewhere(
    call: Call, script: Script, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    stop_at(script, "code rail")
    call(*RUN)
    folder = run_folder(tmp_path)
    (tmp_path / "elsewhere").mkdir()
    monkeypatch.chdir(tmp_path / "elsewhere")
    script.told = lambda step: None
    told = call("run", "--resume", str(folder))
    assert told.status == 0
    assert (tmp_path / "library" / "travel" / "rail").is_dir()
    assert f"envfactory show {tmp_path / 'library' / 'travel' / 'ferries'}\n" in told.out
    assert list((tmp_path / "elsewhere").iterdir()) == []


def test_a_resumed_run_keeps_its_configuration(
    call: Call, script: Script, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    stop_at(script, "code rail")
    call(*RUN, "--seed", "7")
    monkeypatch.setenv("ENVFACTORY_RUN__SEED", "9")
    script.told = lambda step: None
    call("run", "--resume", "last")
    report = json.loads((tmp_path / "library" / "travel" / "rail" / "gate.json").read_text())
    assert report["seed"] == 7


def test_a_run_belongs_to_one_process(call: Call, script: Script, tmp_path: Path) -> None:
    call(*RUN)
    folder = run_folder(tmp_path)
    assert not is_held(folder)
    with sole(folder):
        assert is_held(folder)
        told = call("run", "--resume", "last")
    assert (told.status, "going on in another process" in told.err) == (2, True)


@pytest.mark.parametrize("harm", ["gone", "cut", "empty", "foreign"])
def test_a_record_that_cannot_be_read_is_told(call: Call, script: Script, tmp_path: Path, harm: str) -> None:
    call(*RUN)
    record = run_folder(tmp_path) / "run.json"
    text = {"cut": record.read_text()[:40], "empty": "", "foreign": "[]"}.get(harm)
    record.unlink() if text is None else record.write_text(text)
    told = call("run", "--resume", record.parent.name)
    assert told.status == 2
    assert record.parent.name in told.err
    assert len(told.err.splitlines()) == 2


@pytest.mark.parametrize("file", ["trace.db", "checkpoints.db"])
def test_a_damaged_database_is_told(call: Call, script: Script, tmp_path: Path, file: str) -> None:
    call(*RUN)
    (run_folder(tmp_path) / file).write_bytes(b"this is no database, however long it may be " * 99)
    told = call("run", "--resume", "last")
    assert told.status in (1, 2)
    assert file in told.err.splitlines()[-2]
    assert "Traceback" not in told.err


@pytest.mark.parametrize("part", ["brief", "design"])
def test_a_lost_product_is_told(call: Call, script: Script, tmp_path: Path, part: str) -> None:
    stop_at(script, "code rail")
    call(*RUN)
    for product in (run_folder(tmp_path) / "work").glob(f"{part}-*.json"):
        product.unlink()
    script.told = lambda step: None
    told = call("run", "--resume", "last")
    assert (told.status, "start the run anew" in told.err.splitlines()[-1]) == (2, True)
