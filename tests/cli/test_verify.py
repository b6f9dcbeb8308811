"""The command `verify`: what is proven again, what differs, what is damaged; each file is named."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from envfactory.environments.artefact import load, load_report, save
from envfactory.environments.report import CheckResult, GateReport
from envfactory.errors import WorkerDied
from envfactory.gate import runner
from envfactory.gate.runner import Verification
from tests.cli.conftest import Call
from tests.gate import harbour

FILES = (
    "environment.json",
    "schema.sql",
    "seed.json",
    "contracts.json",
    "tools.py",
    "tests.json",
    "graph.json",
    "gate.json",
)
Gate = Callable[..., Verification]


def report(subject: str, status: Any = "pass") -> GateReport:
    verdict: Any = "verified" if status == "pass" else "rejected"
    checks = [
        CheckResult(id="lint", status="pass", summary="fine"),
        CheckResult(id="accept", status=status, summary="so"),
    ]
    return GateReport(subject=subject, seed=0, verdict=verdict, checks=checks, seconds={"lint": 0.125})


@pytest.fixture
def library(tmp_path: Path) -> Path:
    """Two environments, each with a report that says it is verified."""
    for name in ("harbour", "marina"):
        environment = harbour.environment().sealed()
        save(environment, tmp_path / "library" / "travel" / name, report(environment.content_hash))
    return tmp_path / "library"


@pytest.fixture
def gate(monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """A gate that comes to the given status without executing anything; the files are read as always."""
    told: dict[str, Any] = {"status": "pass", "differences": []}

    def verify_folder(folder: Path, open_worker: Any, *, progress: Any, open_other: Any = None) -> Verification:
        environment, stored = load(folder), load_report(folder)
        progress("lint", None)
        if "raises" in told:
            raise told["raises"]
        return Verification(environment, report(environment.content_hash, told["status"]), stored, told["differences"])

    monkeypatch.setattr(runner, "verify_folder", verify_folder)
    return told


def verify(call: Call, *arguments: str) -> Any:
    return call("verify", "--unsafe-no-sandbox", *arguments)


def test_a_library_is_verified_environment_by_environment(call: Call, library: Path, gate: dict[str, Any]) -> None:
    told = verify(call, "library")
    lines = told.out.splitlines()
    assert told.status == 0
    assert lines[0].startswith("library/travel/harbour: verified 2 of 2 checks, ")
    assert lines[1].startswith("library/travel/marina: verified 2 of 2 checks, ")
    assert lines[2] == "2 of 2 verified"


def test_one_environment_needs_no_count(call: Call, library: Path, gate: dict[str, Any]) -> None:
    assert len(verify(call, "library/travel/marina").out.splitlines()) == 1


def test_a_rejection_names_its_checks(call: Call, library: Path, gate: dict[str, Any]) -> None:
    gate["status"] = "fail"
    told = verify(call, "library/travel/marina")
    assert (told.status, "marina: rejected 1 of 2 checks" in told.out) == (1, True)
    assert told.out.splitlines()[1] == "  accept: so"


def test_a_difference_is_told(call: Call, library: Path, gate: dict[str, Any]) -> None:
    gate["differences"] = ["accept: was pass (so), is fail (not so)"]
    told = verify(call, "library/travel/marina")
    assert (told.status, "marina: differs" in told.out) == (1, True)
    assert "  accept: was pass (so), is fail (not so)" in told.out.splitlines()


@pytest.mark.parametrize("place", ["first", "middle", "last"])
@pytest.mark.parametrize("name", FILES)
def test_a_changed_byte_names_its_file_and_hides_no_other(
    call: Call, library: Path, gate: dict[str, Any], name: str, place: str
) -> None:
    file = library / "travel" / "harbour" / name
    data = bytearray(file.read_bytes())
    position = {"first": 0, "middle": len(data) // 2, "last": len(data) - 1}[place]
    data[position] ^= 1
    file.write_bytes(data)
    told = verify(call, "library")
    lines = told.out.splitlines()
    assert told.status == 1
    assert lines[0].startswith("library/travel/harbour: damaged")
    assert name in lines[1]
    assert "marina: verified" in told.out
    assert lines[-1] == "1 of 2 verified"


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ('"verdict": "verified"', '"verdict": "rejected"'),
        ('"summary": "so"', '"summary": "better"'),
        ("0.125", "0.126"),
    ],
)
def test_an_edited_report_is_noticed(call: Call, library: Path, gate: dict[str, Any], before: str, after: str) -> None:
    file = library / "travel" / "harbour" / "gate.json"
    assert before in file.read_text()
    file.write_text(file.read_text().replace(before, after))
    told = verify(call, "library/travel/harbour")
    assert (told.status, "gate.json is not as the gate wrote it" in told.out) == (1, True)


def test_a_missing_file_is_named(call: Call, library: Path, gate: dict[str, Any]) -> None:
    (library / "travel" / "harbour" / "tests.json").unlink()
    told = verify(call, "library", "--json")
    verdicts = {Path(row["folder"]).name: row for row in json.loads(told.out)}
    assert (told.status, verdicts["marina"]["verdict"]) == (1, "verified")
    assert "tests.json: No such file" in verdicts["harbour"]["differences"][0]


def test_json_is_all_that_stdout_holds(call: Call, library: Path, gate: dict[str, Any]) -> None:
    told = verify(call, "library", "--json")
    (harbour_row, _) = json.loads(told.out)
    assert {"folder", "verdict", "seconds", "content_hash", "passed", "total", "failed", "differences"} == set(
        harbour_row
    )
    assert (harbour_row["verdict"], harbour_row["passed"], harbour_row["total"]) == ("verified", 2, 2)


def test_broken_infrastructure_is_an_error_and_no_verdict(call: Call, library: Path, gate: dict[str, Any]) -> None:
    gate["raises"] = WorkerDied("no worker would start", remedy="envfactory doctor")
    told = verify(call, "library")
    assert (told.status, told.out) == (1, "")
    assert told.err.splitlines() == ["error: no worker would start", " hint: envfactory doctor"]
