"""The commands `traces list|show` over the folder of a scripted run."""

from __future__ import annotations

import json
import os
import signal
from pathlib import Path
from typing import Any

import pytest

from envfactory.errors import DesignError
from tests.cli.conftest import Call
from tests.cli.scripted import Script

RUN = ("run", "--domain", "travel")


@pytest.fixture
def ran(call: Call, script: Script, tmp_path: Path) -> Path:
    """A run in which rail passes at its second try and ferries fails."""
    script.passes_at = 1
    script.faults = {"test ferries": DesignError("no [table] has a key")}
    call(*RUN, "--seed", "5")
    (folder,) = (tmp_path / "runs").iterdir()
    return folder


def tree(call: Call, *options: str) -> list[str]:
    """Return what stands in the tree, without its branches."""
    lines = call("traces", "show", "last", *options).out.splitlines()
    return [line.lstrip(" │├└─") for line in lines]


def shown(call: Call, *options: str) -> list[dict[str, Any]]:
    spans: list[dict[str, Any]] = json.loads(call("traces", "show", "last", "--json", *options).out)
    return spans


def test_list_has_a_line_a_run(call: Call, ran: Path) -> None:
    told = call("traces", "list")
    assert told.out.split() == [ran.name, "finished", "1", "of", "2", "verified", "travel,", "seed", "5"]
    record = json.loads(call("traces", "list", "--json").out)[0]
    assert (record["status"], record["verdicts"]) == ("finished", {"ferries": "rejected", "rail": "verified"})


def test_list_of_nothing(call: Call) -> None:
    assert call("traces", "list").out == "no runs in runs\n"
    assert json.loads(call("traces", "list", "--json").out) == []


def test_a_run_whose_process_died_is_shown_as_such(call: Call, ran: Path) -> None:
    record = ran / "run.json"
    record.write_text(record.read_text().replace('"finished"', '"running"'))
    assert call("traces", "list").out.split()[1] == "died"


def test_a_record_that_cannot_be_read_hides_no_other(call: Call, ran: Path) -> None:
    (ran.parent / "other").mkdir()
    (ran.parent / "other" / "run.json").write_text("{")
    assert [line.split()[1] for line in call("traces", "list").out.splitlines()] == ["finished", "unreadable"]


def test_show_is_a_tree_of_all_that_happened(call: Call, ran: Path) -> None:
    lines = tree(call)
    starts = [" ".join(line.split()[:3]) for line in lines]
    environments = sorted([starts.index("environment rail verified"), starts.index("environment ferries rejected")])
    sections = [starts[environments[0] : environments[1]], starts[environments[1] :]]
    (rail,) = (section[1:] for section in sections if "rail" in section[0])
    assert starts[0].endswith(ran.name)
    assert rail == [
        "invoke_agent schema_designer ok",
        "invoke_agent coder ok",
        "invoke_agent tester ok",
        "gate revision 0",
        "check0: number 0",
        "invoke_agent reviser ok",
        "gate revision 1",
    ]
    assert "gate revision 0 rejected 3 of 4 checks" in "\n".join(lines)


def test_markup_in_what_was_said_is_text(call: Call, ran: Path) -> None:
    assert "no [table] has a key" in "\n".join(tree(call))


def test_failed_shows_only_what_did_not_end_well(call: Call, ran: Path) -> None:
    text = "\n".join(tree(call, "--failed"))
    assert "invoke_agent tester DesignError: no [table] has a key" in text
    assert "gate revision 0 rejected" in text
    assert "coder" not in text
    assert "revision 1" not in text


def test_what_ended_the_revisions_stands_below_the_environment(call: Call, script: Script) -> None:
    script.passes_at = 1
    script.faults = {"revise rail 1": DesignError("the reviser found no repair: a benchmark's world")}
    call(*RUN)
    assert "revise: the reviser found no repair: a benchmark's world" in tree(call, "--failed", "--env", "rail")


def test_nothing_failed(call: Call, script: Script) -> None:
    call(*RUN)
    assert call("traces", "show", "last", "--failed").out == "nothing failed\n"


def test_one_environment_and_one_role(call: Call, ran: Path) -> None:
    spans = shown(call, "--env", "rail", "--role", "coder")
    assert [(span["kind"], span["environment"], span["agent"]) for span in spans] == [
        ("run", None, None),
        ("environment", "rail", None),
        ("role", "rail", "coder"),
    ]
    assert {span["environment"] for span in shown(call, "--role", "gate") if span["kind"] == "gate"} == {"rail"}


@pytest.mark.parametrize(
    ("option", "name", "known"), [("--env", "spaceships", "ferries, rail"), ("--role", "codr", "coder")]
)
def test_an_unknown_name_is_told(call: Call, ran: Path, option: str, name: str, known: str) -> None:
    told = call("traces", "show", "last", option, name)
    assert told.status == 2
    assert name in told.err.splitlines()[0]
    assert known in told.err.splitlines()[1]


def test_full_shows_prompts_and_answers(call: Call, ran: Path) -> None:
    assert "rail, first version" not in "\n".join(tree(call))
    text = "\n".join(tree(call, "--full", "--env", "rail", "--role", "coder"))
    assert "rail, first version" in text
    assert '"environment": "rail"' in text


def test_json_holds_messages_and_events(call: Call, ran: Path) -> None:
    (coder,) = (span for span in shown(call, "--env", "rail") if span["agent"] == "coder")
    assert [message["role"] for message in coder["messages"]] == ["user", "assistant"]
    assert coder["attributes"]["gen_ai.operation.name"] == "invoke_agent"
    assert coder["end_ns"] > coder["start_ns"]


@pytest.mark.parametrize("name", ["id", "folder", "last"])
def test_a_run_is_found_by_name(call: Call, ran: Path, name: str) -> None:
    named = {"id": ran.name, "folder": str(ran), "last": "last"}[name]
    assert call("traces", "show", named).status == 0


def test_runs_may_lie_elsewhere(call: Call, ran: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "elsewhere").mkdir()
    monkeypatch.chdir(tmp_path / "elsewhere")
    assert call("traces", "show", ran.name).status == 2
    assert call("traces", "show", ran.name, "--runs", str(ran.parent)).status == 0
    monkeypatch.setenv("ENVFACTORY_RUN__RUNS", str(ran.parent))
    assert call("traces", "show", ran.name).status == 0


@pytest.mark.parametrize("data", [b"", b"no database", b"SQLite format 3\0" + b"\0" * 4080])
def test_a_broken_trace_is_told_and_left_alone(call: Call, ran: Path, data: bytes) -> None:
    (ran / "trace.db").write_bytes(data)
    told = call("traces", "show", "last")
    assert (told.status, told.out, len(told.err.splitlines())) == (2, "", 2)
    assert "trace.db" in told.err
    assert (ran / "trace.db").read_bytes() == data


def test_a_trace_with_a_broken_page_is_told(call: Call, ran: Path) -> None:
    data = bytearray((ran / "trace.db").read_bytes())
    data[4096:] = b"\xff" * (len(data) - 4096)
    (ran / "trace.db").write_bytes(data)
    told = call("traces", "show", "last")
    assert (told.status, "trace.db" in told.err) == (2, True)


def test_looking_changes_nothing(call: Call, ran: Path) -> None:
    before = {path.name: path.read_bytes() for path in ran.iterdir() if path.is_file()}
    call("traces", "show", "last", "--full")
    assert {path.name: path.read_bytes() for path in ran.iterdir() if path.is_file()} == before


def test_a_resumed_run_is_one_tree(call: Call, script: Script) -> None:
    script.told = lambda step: os.kill(os.getpid(), signal.SIGINT) if step == "code rail" else None
    call(*RUN)
    script.told = lambda step: None
    call("run", "--resume", "last")
    spans = shown(call)
    assert [span["status"] for span in spans if span["kind"] == "run"] == ["finished"]
    assert sorted(span["name"] for span in spans if span["kind"] == "environment") == [
        "environment ferries",
        "environment rail",
    ]
    assert "stop requested" in tree(call)
    assert "resumed" in tree(call)
