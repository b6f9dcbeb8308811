"""The state machine: the way through, the loop and its bounds, faults, kills and stops."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from envfactory.agents.products import Revision, RevisionRequest
from envfactory.environments.artefact import load
from envfactory.environments.files import digest
from envfactory.errors import ArtefactError, DesignError, WorkerDied
from envfactory.graphs.machine import environment_machine, run_machine
from tests.graphs.scripted import ScriptedDesk, ScriptedGate, config_of, play, reached

ROOT = Path(__file__).parents[2]


def played(tmp_path: Path, desk: ScriptedDesk, passes_at: int = 0, **settings: Any) -> dict[str, dict[str, Any]]:
    _, values = asyncio.run(play(config_of(tmp_path, **settings), desk, ScriptedGate(desk, passes_at)))
    return {outcome["environment"]: outcome for outcome in values["outcomes"]}


def test_a_first_version_that_passes_is_delivered(tmp_path: Path) -> None:
    outcomes = played(tmp_path, ScriptedDesk())
    assert {name: outcome["verdict"] for name, outcome in outcomes.items()} == {
        "rail": "verified",
        "ferries": "verified",
    }
    assert load(tmp_path / "library" / "travel" / "rail").tools_source == "# rail, first version\n"


def test_a_rejected_version_is_revised_until_it_passes(tmp_path: Path) -> None:
    desk = ScriptedDesk(names=("rail",))
    outcome = played(tmp_path, desk, passes_at=2)["rail"]
    assert desk.steps == [
        "explore",
        "design rail",
        "code rail",
        "test rail",
        "gate rail 0",
        "revise rail 1",
        "gate rail 1",
        "revise rail 2",
        "gate rail 2",
    ]
    assert (outcome["verdict"], outcome["revisions"], outcome["model_calls"], outcome["cost"]) == (
        "verified",
        2,
        8,
        2.0,
    )  # eight steps of the environment, 0.25 each


def test_revisions_are_bounded_and_the_best_is_kept(tmp_path: Path) -> None:
    desk = ScriptedDesk(names=("rail",))
    outcome = played(tmp_path, desk, passes_at=4, max_revisions=2)["rail"]
    kept = load(tmp_path / "runs" / "travel-1" / "rejected" / "travel" / "rail")
    assert (outcome["verdict"], sum(step.startswith("revise") for step in desk.steps)) == ("rejected", 2)
    assert (kept.tools_source, outcome["reasons"]) == ("# rail, revision 2\n", ["check0: scripted", "check1: scripted"])


class Resigning(ScriptedDesk):
    """Finds nothing that it could mend."""

    async def revise(self, request: RevisionRequest) -> Revision:
        self.step(f"revise {request.environment} {request.revision}")
        return Revision(diagnosis="this is a benchmark's world", faulty=[])


def test_a_reviser_that_gives_up_ends_the_revisions_with_its_reason(tmp_path: Path) -> None:
    desk = Resigning(names=("rail",))
    outcome = played(tmp_path, desk, passes_at=1, max_revisions=3)["rail"]
    assert desk.steps[-2:] == ["gate rail 0", "revise rail 1"]
    assert (outcome["verdict"], outcome["reasons"]) == (
        "rejected",
        ["revise: the reviser found no repair: this is a benchmark's world", "check0: scripted"],
    )


def test_a_failed_environment_is_a_result(tmp_path: Path) -> None:
    desk = ScriptedDesk(faults={"design rail": [DesignError("no table has a key")]})
    outcomes = played(tmp_path, desk)
    assert outcomes["ferries"]["verdict"] == "verified"
    assert (outcomes["rail"]["verdict"], outcomes["rail"]["reasons"]) == ("rejected", ["design: no table has a key"])


def test_two_documents_of_one_title_are_two_environments(tmp_path: Path) -> None:
    outcomes = played(tmp_path, ScriptedDesk(names=("rail", "rail", "ferries")))
    assert {name: outcome["verdict"] for name, outcome in outcomes.items()} == {
        "rail": "verified",
        "rail_2": "verified",
        "ferries": "verified",
    }
    assert (tmp_path / "library" / "travel" / "rail_2" / "gate.json").exists()


def test_a_worker_that_dies_is_tried_again(tmp_path: Path) -> None:
    desk = ScriptedDesk(names=("rail",), faults={"gate rail 0": [WorkerDied("killed"), WorkerDied("killed")]})
    assert played(tmp_path, desk)["rail"]["verdict"] == "verified"
    assert desk.steps.count("gate rail 0") == 3


def test_infrastructure_that_stays_broken_is_no_verdict(tmp_path: Path) -> None:
    desk = ScriptedDesk(faults={"gate rail 0": [WorkerDied("killed")] * 3})
    outcomes = played(tmp_path, desk)
    assert (outcomes["rail"]["verdict"], outcomes["ferries"]["verdict"]) == ("unfinished", "verified")
    assert "killed" in outcomes["rail"]["reasons"][0]


def test_a_defect_of_ours_is_one_environments_and_keeps_its_traceback(tmp_path: Path) -> None:
    desk = ScriptedDesk(faults={"design rail": [TypeError("not a text")]})
    outcomes = played(tmp_path, desk)
    assert (outcomes["rail"]["verdict"], outcomes["ferries"]["verdict"]) == ("unfinished", "verified")
    assert "design: a fault of EnvFactory itself (TypeError: not a text)" in outcomes["rail"]["reasons"][0]
    kept = tmp_path / "runs" / "travel-1" / "defects" / "rail-design.txt"
    assert kept.read_text().endswith("TypeError: not a text\n")


def test_what_broken_infrastructure_left_is_tried_again_on_resume(tmp_path: Path) -> None:
    played(tmp_path, ScriptedDesk(faults={"gate rail 0": [WorkerDied("killed")] * 3}))
    again = ScriptedDesk()
    outcomes = played(tmp_path, again)
    assert {name: outcome["verdict"] for name, outcome in outcomes.items()} == {
        "rail": "verified",
        "ferries": "verified",
    }
    assert again.steps == ["design rail", "code rail", "test rail", "gate rail 0"]


def test_what_stays_broken_is_tried_once_a_resume(tmp_path: Path) -> None:
    broken = {"gate rail 0": [WorkerDied("killed")] * 6}
    played(tmp_path, ScriptedDesk(names=("rail",), faults=broken))
    again = ScriptedDesk(names=("rail",), faults=broken)
    outcomes = played(tmp_path, again)
    assert (outcomes["rail"]["verdict"], again.steps.count("gate rail 0")) == ("unfinished", 3)
    assert played(tmp_path, ScriptedDesk(names=("rail",)))["rail"]["verdict"] == "verified"


def test_a_rejected_environment_is_not_tried_again_on_resume(tmp_path: Path) -> None:
    played(tmp_path, ScriptedDesk(names=("rail",), faults={"design rail": [DesignError("no table has a key")]}))
    again = ScriptedDesk(names=("rail",))
    assert played(tmp_path, again)["rail"]["verdict"] == "rejected"
    assert again.steps == []


def test_what_is_nobodys_fault_stops_the_run_resumably(tmp_path: Path) -> None:
    desk = ScriptedDesk(names=("rail",), faults={"test rail": [ArtefactError("cannot write: no space left")]})
    with pytest.raises(ArtefactError, match="no space left"):
        played(tmp_path, desk)
    again = ScriptedDesk(names=("rail",))
    assert played(tmp_path, again)["rail"]["verdict"] == "verified"
    assert again.steps[0] == "test rail"


@pytest.mark.long
@pytest.mark.parametrize("node", ["explore", "design", "code", "test", "gate", "revise", "finish"])
def test_a_killed_run_goes_on_where_it_died(tmp_path: Path, node: str) -> None:
    steps = tmp_path / "steps"
    command = [sys.executable, "-m", "tests.graphs.scripted", str(tmp_path), str(steps)]
    assert subprocess.run([*command, node], cwd=ROOT, check=False).returncode == -9
    before = steps.read_text().splitlines() if steps.exists() else []
    finished = subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True).stdout
    after = steps.read_text().splitlines()
    repeated = [step for step in after[len(before) :] if step in before]
    assert finished == "finished\n"
    assert len(repeated) <= 2  # a kill loses at most the step in flight of each environment
    assert contents(tmp_path / "library") == undisturbed(tmp_path / "other")


def undisturbed(folder: Path) -> dict[str, str]:
    desk = ScriptedDesk()
    asyncio.run(play(config_of(folder), desk, ScriptedGate(desk, passes_at=1)))
    return contents(folder / "library")


def contents(library: Path) -> dict[str, str]:
    return {
        str(path.relative_to(library)): digest(path.read_bytes())
        for path in sorted(library.rglob("*"))
        if path.is_file()
    }


def test_a_stop_is_clean_and_resumable(tmp_path: Path) -> None:
    config, desk = config_of(tmp_path), ScriptedDesk()

    async def stopped() -> tuple[str, dict[str, Any]]:
        return await play(
            config,
            desk,
            ScriptedGate(desk),
            lambda node: os.kill(os.getpid(), signal.SIGINT) if node == "code" else None,
        )

    status, _ = asyncio.run(stopped())
    assert status == "stopped"
    done = list(desk.steps)
    status, values = asyncio.run(play(config, desk, ScriptedGate(desk)))
    assert (status, len(values["outcomes"])) == ("finished", 2)
    assert not set(desk.steps[len(done) :]) & set(done)


def test_every_node_is_reachable() -> None:
    drawn = environment_machine().get_graph()
    assert reached(drawn) == set(drawn.nodes)
    assert {"explore", "environment"} <= set(run_machine().get_graph().nodes)
