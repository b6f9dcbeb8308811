"""What a scope opens, refuses and tells."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from envfactory.environments.artefact import Environment, save
from envfactory.environments.report import GateReport
from envfactory.errors import ArtefactError, TaskError
from envfactory.tasks.scope import Scope, open_library
from tests.support import LocalWorker


def stored(environment: Environment, folder: Path, verdict: str = "verified", subject: str = "") -> Path:
    report = GateReport(subject=subject or environment.content_hash, seed=0, verdict=verdict, checks=[])  # type: ignore[arg-type]
    save(environment, folder, report)
    return folder


def test_a_verified_environment_is_opened(boats: Environment, tmp_path: Path) -> None:
    with Scope.open([stored(boats, tmp_path / "boat_hire")], open_worker=LocalWorker) as opened:
        reference = opened.reference("boat_hire")
        assert opened.names == ("boat_hire",)
        assert (reference.content_hash, reference.now) == (boats.content_hash, "2026-05-12T08:00:00Z")


def test_a_rejected_environment_is_refused(boats: Environment, tmp_path: Path) -> None:
    folder = stored(boats, tmp_path / "boat_hire", "rejected")
    with pytest.raises(ArtefactError, match="rejected by the gate") as told:
        Scope.open([folder])
    assert "envfactory verify" in told.value.remedy


def test_an_environment_without_report_is_refused(boats: Environment, tmp_path: Path) -> None:
    save(boats, tmp_path)
    with pytest.raises(ArtefactError, match="no gate report"):
        Scope.open([tmp_path])


def test_a_report_of_another_state_is_refused(boats: Environment, tmp_path: Path) -> None:
    folder = stored(boats, tmp_path / "boat_hire", subject="0" * 64)
    with pytest.raises(ArtefactError, match="another state"):
        Scope.open([folder])


def test_a_changed_environment_in_memory_is_refused(boats: Environment) -> None:
    with pytest.raises(ArtefactError, match="content hash"):
        Scope([replace(boats, tools_source=boats.tools_source + "\n# changed\n")])


def test_two_of_one_name_are_refused(boats: Environment) -> None:
    with pytest.raises(TaskError, match="two environments named boat_hire"):
        Scope([boats, boats])


def test_a_task_of_another_version_is_refused(scope: Scope) -> None:
    other = scope.reference("boat_hire").model_copy(update={"content_hash": "f" * 64})
    with pytest.raises(TaskError, match="the task was made in boat_hire ffffffffffff"):
        scope.require([scope.reference("lake_office"), other])


def test_an_unknown_name_says_what_there_is(scope: Scope) -> None:
    with pytest.raises(TaskError, match="there are: boat_hire, lake_office"):
        scope.environment("ferries")


def test_facts_of_the_state_are_the_databases_own(scope: Scope) -> None:
    assert scope.schema("boat_hire").target("hires", "boat_id") == ("boats", "id")
    rows = scope.initial_rows("boat_hire")["hires"]
    assert (len(rows), rows[0]["id"]) == (22, "hi_01")
    assert {"bt_01", 21_950, None} <= scope.initial_values("boat_hire")


def test_the_image_of_a_state_is_read_once(scope: Scope) -> None:
    image = scope.session("boat_hire").request("image", {})
    first = scope.difference("boat_hire", image)
    assert first == []
    assert scope.difference("boat_hire", image) is first


def test_a_library_gives_what_is_verified_in_order_of_paths(
    boats: Environment, office: Environment, tmp_path: Path
) -> None:
    stored(office, tmp_path / "travel" / "lake_office")
    stored(boats, tmp_path / "travel" / "boat_hire")
    stored(boats, tmp_path / "attic" / "boat_hire", "rejected")
    assert open_library(tmp_path) == [tmp_path / "travel" / "boat_hire", tmp_path / "travel" / "lake_office"]


def test_a_library_without_environments_says_so(tmp_path: Path) -> None:
    with pytest.raises(ArtefactError, match="no environment"):
        open_library(tmp_path)
