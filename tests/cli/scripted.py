"""The real commands over scripted contents: roles by `rules` that answer from a script, a gate that passes when told to.

Everything else is real: the machine, its checkpoints, events, trace, progress and output. Run as a program it is the
command `run` with a file that gets a line for each step, so that a test can kill it and count what was repeated:
`python -m tests.cli.scripted STEPS SECONDS ARGUMENTS...`.
"""

from __future__ import annotations

import asyncio
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
from envfactory.agents.taskproducts import Batch, Place, Refusal, Settings, Share
from envfactory.environments.artefact import Environment
from envfactory.environments.cases import Cases
from envfactory.environments.files import write_atomically
from envfactory.environments.graph import DependencyGraph
from envfactory.environments.report import CheckResult, GateReport
from envfactory.synthesis.design import Design
from envfactory.tasks.model import Calibration, EnvironmentRef, Fact, GoldCall, Task, Turn, Verdict
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
        self._install_tasks(put)
        return self

    def _install_tasks(self, put: Set) -> None:
        from envfactory.agents import taskrules
        from envfactory.graphs import alone, tasks

        for step in ("sample", "refine", "prove", "calibrate", "export"):
            put(taskrules, step, getattr(self, f"{step}_tasks"))
        put(tasks, "Lanes", ThreadLanes)
        put(alone, "Lanes", ThreadLanes)

    def sample_tasks(self, settings: Settings, share: Share, first: int, lacking: int) -> Batch:
        self.step(f"sample {share.place.name} {share.chunk}")
        numbers = [number for number in range(first, share.first + share.limit) if number % 5 != 4][:lacking]
        end = numbers[-1] + 1 if numbers else share.first + share.limit
        lost = [Refusal(index=n, step="sampling", reason="no story") for n in range(first, end) if n % 5 == 4]
        return Batch(tasks=[task_of(share, number) for number in numbers], refused=lost, next=end)

    def refine_tasks(self, settings: Settings, share: Share, batch: Batch) -> Batch:
        self.step(f"refine {share.place.name} {share.chunk}")
        return batch.model_copy(update={"refused": []})

    def prove_tasks(self, settings: Settings, share: Share, batch: Batch) -> Batch:
        self.step(f"prove {share.place.name} {share.chunk}")
        good = [task for task in batch.tasks if task.index % 7]
        lost = [
            Refusal(index=task.index, step="proof", reason="task.rejects") for task in batch.tasks if task not in good
        ]
        return Batch(tasks=good, refused=lost, next=batch.next)

    def calibrate_tasks(self, settings: Settings, share: Share, batch: Batch) -> Batch:
        self.step(f"calibrate {share.place.name} {share.chunk}")
        measured = Calibration(solver="rules", attempts=4, solved=3, calls=[2, 2, 3])
        tasks = [task.model_copy(update={"calibration": measured}) for task in batch.tasks]
        return Batch(tasks=tasks, next=batch.next)

    def export_tasks(self, settings: Settings, places: list[Place], file: Path, folder: Path) -> dict[str, Any]:
        self.step("export")
        write_atomically(folder / "tasks.jsonl", file.read_bytes())
        return {"tasks": len(file.read_text().splitlines()), "left_out": {}}


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


def task_of(share: Share, number: int) -> Task:
    """A task that the scripted environments could have: one turn, one call, one fact."""
    return Task(
        id=f"{share.place.name}-{number:05d}",
        seed=0,
        index=number,
        environments=[
            EnvironmentRef(
                name=share.place.name,
                domain=share.place.domain,
                content_hash=share.place.content_hash,
                now="2027-03-01T09:00:00Z",
            )
        ],
        split=share.split,
        turns=[
            Turn(
                text=f"What is number {number}?",
                calls=(0, 1),
                facts=[Fact(name="n", kind="number", value=1, call=0, path="n")],
                outcome="informed",
            )
        ],
        gold=[GoldCall(environment=share.place.name, tool="look", arguments={}, result={"n": 1})],
        verdicts={"task.accepts": Verdict(status="pass")},
    )


class ThreadLanes:
    """Stands for the lanes: scripted jobs run in this process."""

    def __init__(self, count: int) -> None:
        self._executor = ThreadPoolExecutor(count)

    def __enter__(self) -> ThreadLanes:
        return self

    def __exit__(self, *error: object) -> None:
        self._executor.shutdown(wait=True, cancel_futures=True)

    async def run(self, key: str, job: Callable[..., Any], *arguments: Any) -> Any:
        return await asyncio.get_running_loop().run_in_executor(self._executor, job, *arguments)


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
