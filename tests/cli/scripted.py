"""The real commands over scripted contents: roles by `rules` that answer from a script, a gate that passes when told to.

Everything else is real: the machine, its checkpoints, events, trace, progress and output. Run as a program it is the
command `run` with a file that gets a line for each step, so that a test can kill it and count what was repeated:
`python -m tests.cli.scripted STEPS SECONDS ARGUMENTS...`.
"""

from __future__ import annotations

import sys
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from envfactory.agents.products import (
    Brief,
    CitedOperation,
    Code,
    CodeRequest,
    ExploreRequest,
    Plan,
    Revision,
    RevisionRequest,
    Skipped,
    TestRequest,
)
from envfactory.environments.artefact import Environment
from envfactory.environments.cases import Cases
from envfactory.environments.graph import DependencyGraph
from envfactory.environments.report import CheckResult, GateReport
from envfactory.synthesis.design import Design
from tests.graphs.scripted import DESIGN

Set = Callable[[Any, str, Any], None]


@dataclass
class Script:
    """What the roles answer. `faults` maps a step such as `design rail` to what it raises, `told` hears each step."""

    names: tuple[str, ...] = ("rail", "ferries")
    passes_at: int = 0
    skipped: tuple[Skipped, ...] = ()
    faults: dict[str, BaseException] = field(default_factory=dict)
    told: Callable[[str], None] = lambda step: None

    def step(self, name: str) -> None:
        self.told(name)
        if name in self.faults:
            raise self.faults[name]

    def explore(self, request: ExploreRequest) -> Plan:
        self.step("explore")
        return Plan(briefs=[_brief(name) for name in self.names], skipped=list(self.skipped))

    def design(self, brief: Brief, seed: int, tier: str) -> Design:
        self.step(f"design {brief.environment}")
        return DESIGN

    def code(self, request: CodeRequest) -> Code:
        self.step(f"code {request.environment}")
        return Code(source=f"def look(ctx):\n    return {{'n': 1}}  # {request.environment}, first version\n")

    def test(self, request: TestRequest, tier: str) -> Cases:
        self.step(f"test {request.environment}")
        return Cases()

    def revise(self, request: RevisionRequest, tier: str) -> Revision:
        self.step(f"revise {request.environment} {request.revision}")
        source = f"def look(ctx):\n    return {{'n': 1}}  # {request.environment}, revision {request.revision}\n"
        return Revision(diagnosis="the first version was wrong", faulty=["code"], code=Code(source=source))

    def judge(self, environment: Environment, revision: int, seed: int, tier: str) -> Any:
        self.step(f"gate {environment.name} {revision}")
        failing = max(self.passes_at - revision, 0)
        checks = [
            CheckResult(id=f"check{n}", status="fail" if n < failing else "pass", summary=f"number {n}")
            for n in range(4)
        ]
        verdict = "rejected" if failing else "verified"
        return DependencyGraph(), GateReport(
            subject=environment.content_hash, seed=seed, verdict=verdict, checks=checks
        )

    def install(self, put: Set) -> Script:
        """Make the commands play this script."""
        from envfactory.agents import rules
        from envfactory.graphs import runner

        for role in ("explore", "design", "code", "test", "revise"):
            put(rules, role, getattr(self, role))
        put(runner, "judge_job", self.judge)
        put(runner, "Pool", ThreadPool)
        return self


def _brief(name: str) -> Brief:
    return Brief(
        environment=name,
        domain="travel",
        title=name.title(),
        summary=f"All about {name}.",
        source=f"catalogue:travel/{name}",
        sha256="0",
        operations=[CitedOperation(id="look")],
    )


class ThreadPool:
    """Stands for the pool of processes: the scripted roles compute nothing."""

    def __init__(self, workers: int, hear: Callable[[Any], None]) -> None:
        self.executor = ThreadPoolExecutor(workers)

    def __enter__(self) -> ThreadPool:
        return self

    def __exit__(self, *error: object) -> None:
        self.executor.shutdown(wait=True, cancel_futures=True)


@pytest.fixture
def script(monkeypatch: pytest.MonkeyPatch) -> Script:
    """A script that tests may still change before they call a command."""
    return Script().install(monkeypatch.setattr)


def main() -> None:
    """Play the script with slow steps, each told to a file before it begins and after it has ended."""
    steps, seconds, arguments = Path(sys.argv[1]), float(sys.argv[2]), sys.argv[3:]
    lock = threading.Lock()

    def slowly(step: str) -> None:
        time.sleep(seconds)
        with lock, steps.open("a") as file:
            file.write(step + "\n")

    from envfactory.run import main as run

    Script(names=("rail", "ferries", "hotels"), passes_at=1, told=slowly).install(setattr)
    run(arguments)


if __name__ == "__main__":
    main()
