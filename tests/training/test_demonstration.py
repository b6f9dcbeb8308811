"""The demonstration of training, small: every stage by its real command, in copies of the boat hire, and each only once."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from envfactory.environments.artefact import Environment, Manifest, save
from envfactory.environments.graph import DependencyGraph
from envfactory.environments.report import GateReport
from tests.gate import harbour

ROOT = Path(__file__).parents[2]
HARBOURS = ("boat_hire", "lake_office", "river_office", "island_hire", "marina")  # the least that have all three splits


def demonstrate(library: Path, out: Path) -> subprocess.CompletedProcess[str]:
    few = ["--small", "--tasks", "3", "--sft-steps", "2", "--grpo-steps", "1", "--limit", "2"]
    words = [sys.executable, "benchmarks/demo_training.py", *few, "--library", str(library), "--out", str(out)]
    return subprocess.run(words, cwd=ROOT, capture_output=True, text=True, timeout=600, check=False)


@pytest.mark.long
def test_the_small_demonstration_runs_through_and_does_nothing_twice(
    boats: Environment, graph: DependencyGraph, tmp_path: Path
) -> None:
    library, out = tmp_path / "library", tmp_path / "demo"
    for name in HARBOURS:
        manifest = Manifest(name=name, domain="travel", summary="A boat hire.")
        hire = harbour.environment(graph=graph, cases=boats.cases, manifest=manifest).sealed()
        report = GateReport(subject=hire.content_hash, seed=0, verdict="verified", checks=[])  # judged in tests/gate
        save(hire, library / "travel" / name, report)
    first = demonstrate(library, out)
    assert first.returncode == 0, first.stdout + first.stderr
    report = json.loads((out / "report.json").read_text())
    assert {name: figures["heldout"]["items"] for name, figures in report["figures"].items()} == dict.fromkeys(
        ("base", "sft", "grpo"), 2
    )
    assert {Path(each).parent.name for each in report["curves"]} == {"sft", "grpo"}
    again = demonstrate(library, out)
    assert again.stdout.count(" is done") == 8
    assert "$ envfactory" not in again.stdout
