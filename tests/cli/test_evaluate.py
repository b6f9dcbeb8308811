"""`envfactory eval` over a suite of names: tables, files, comparison, going on, mistakes."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from envfactory.evaluation import suites
from tests.cli.conftest import Call
from tests.evaluation.conftest import Names


@pytest.fixture(autouse=True)
def names(monkeypatch: pytest.MonkeyPatch) -> None:
    @contextmanager
    def opened(wanted: suites.Wanted) -> Iterator[Names]:
        yield Names("ann", "abe", "bob")

    monkeypatch.setitem(suites.SUITES, "names", opened)  # type: ignore[arg-type]


def test_a_script_is_measured_and_told_as_a_table(call: Call, tmp_path: Path) -> None:
    told = call("eval", "--model", "scripted:oracle", "--suite", "names")
    assert told.status == 0
    row = next(line for line in told.out.splitlines() if line.startswith("all"))
    assert row.split()[:7] == ["all", "3", "100.0", "%", "43.9", "to", "100.0"]  # Wilson: 3 of 3
    assert (tmp_path / "evaluations" / "scripted-oracle" / "result.json").is_file()


def test_results_are_json_for_programs(call: Call) -> None:
    told = call("eval", "--model", "scripted:empty", "--suite", "names", "--json", "-")
    result = json.loads(told.out)
    assert (result["model"], result["suites"][0]["overall"]["value"]) == ("scripted:empty", 0.0)


def test_two_results_are_compared_on_the_same_items(call: Call, tmp_path: Path) -> None:
    call("eval", "--model", "scripted:empty", "--suite", "names", "--json", "before.json")
    told = call(
        *("eval", "--model", "scripted:oracle", "--suite", "names"),
        *("--compare", "before.json", "--picture", "gain.png"),
    )
    compared = told.out.partition("scripted:oracle against scripted:empty")[2]
    row = next(line for line in compared.splitlines() if line.startswith("names"))
    assert row.split()[-3:] == ["3", "0", "0.250"]  # three of three: 2 / 2^3
    assert (tmp_path / "gain.png").read_bytes().startswith(b"\x89PNG")


def test_a_run_is_gone_on_with_only_when_asked(call: Call) -> None:
    call("eval", "--model", "scripted:oracle", "--suite", "names")
    again = call("eval", "--model", "scripted:oracle", "--suite", "names")
    resumed = call("eval", "--model", "scripted:oracle", "--suite", "names", "--resume")
    assert (again.status, "--resume" in again.err) == (2, True)
    assert (resumed.status, "names: 3 of 3" in resumed.err) == (0, True)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--suite", "chess"), "there is no suite chess"),
        (("--suite", "mcp-atlas"), "the suite mcp-atlas has no tasks"),
        (("--suite", "vitabench"), "plays the person"),
        (("--suite", "acebench"), "--place acebench=DIR"),
        (("--suite", "names", "--dtype", "int3"), "there is no type int3"),
        (("--suite", "names", "--place", "tau2"), "is no SUITE=DIR"),
        (("--suite", "names", "--compare", "nothing.json"), "cannot read nothing.json"),
    ],
)
def test_mistakes_are_one_line_with_what_to_do(call: Call, arguments: tuple[str, ...], said: str) -> None:
    told = call("eval", "--model", "scripted:oracle", *arguments)
    assert told.status == 2
    assert said in told.err
    assert "Traceback" not in told.err


def test_a_script_that_is_not_there_is_refused(call: Call) -> None:
    told = call("eval", "--model", "scripted:wise", "--suite", "names")
    assert (told.status, "no scripted policy wise" in told.err) == (2, True)


def test_results_without_a_common_item_are_not_compared(call: Call) -> None:
    call("eval", "--model", "scripted:oracle", "--suite", "names", "--json", "before.json")
    before = json.loads(Path("before.json").read_text())
    before["suites"][0]["suite"] = "others"
    Path("before.json").write_text(json.dumps(before))
    told = call("eval", "--model", "scripted:empty", "--suite", "names", "--compare", "before.json")
    assert (told.status, "no item in common" in told.err) == (1, True)


def test_what_a_picture_needs_is_asked_for_before_anything_is_measured(
    call: Call, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("envfactory.training.extra.find_spec", lambda name: None)
    told = call("eval", "--model", "scripted:oracle", "--suite", "names", "--picture", "gain.png")
    assert (told.status, "pip install 'envfactory[train]'" in told.err) == (2, True)
    assert not (tmp_path / "evaluations").exists()
