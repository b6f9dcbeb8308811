"""A desk whose roles answer from a script, and a gate that passes when told to: the machine without its contents.

Run as a program it is one process of a run that may kill itself at a node, for the tests of resumption:
`python -m tests.graphs.scripted FOLDER STEPS [NODE]`.
"""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from envfactory.agents.products import (
    Brief,
    CitedOperation,
    Code,
    CodeRequest,
    ExploreRequest,
    Plan,
    Revision,
    RevisionRequest,
    TestRequest,
)
from envfactory.config import Config, RunConfig
from envfactory.environments.artefact import Environment
from envfactory.environments.cases import Cases
from envfactory.environments.contract import Contracts
from envfactory.environments.graph import DependencyGraph
from envfactory.environments.report import CheckResult, GateReport
from envfactory.events import Usage
from envfactory.graphs.machine import stream
from envfactory.graphs.state import Context
from envfactory.graphs.store import Store
from envfactory.synthesis.design import Design

TOOL = {"name": "look", "kind": "read", "description": "Look.", "result": {"n": "1"}}
DESIGN = Design(
    schema_sql="CREATE TABLE t (id TEXT PRIMARY KEY) STRICT;\n",
    seed_rows={"t": [{"id": "a"}]},
    contracts=Contracts.model_validate({"now": "2027-03-01T09:00:00Z", "tools": [TOOL]}),
)


@dataclass
class ScriptedDesk:
    """Answers by the script; `faults` maps a step such as `design rail` to the exception it raises."""

    names: tuple[str, ...] = ("rail", "ferries")
    faults: dict[str, list[Exception]] = field(default_factory=dict)
    steps: list[str] = field(default_factory=list)
    told: Callable[[str], None] = lambda step: None

    def step(self, name: str) -> None:
        """Note a step; raise the fault that is due there."""
        self.steps.append(name)
        self.told(name)
        if self.faults.get(name):
            raise self.faults[name].pop(0)

    def backend(self, role: str) -> str:
        return "rules"

    def take_usage(self, environment: str) -> Usage:
        return Usage(1, 10, 5, 0.25) if environment else Usage()

    async def explore(self, request: ExploreRequest) -> Plan:
        self.step("explore")
        operations = [CitedOperation(id="look")]
        briefs = [
            Brief(
                environment=name,
                domain="travel",
                title=name,
                summary=name,
                source=f"catalogue:travel/{name}",
                sha256="0",
                operations=operations,
            )
            for name in self.names
        ]
        return Plan(briefs=briefs)

    async def design(self, brief: Brief) -> Design:
        self.step(f"design {brief.environment}")
        return DESIGN

    async def code(self, request: CodeRequest, revision: int) -> Code:
        self.step(f"code {request.environment}")
        return Code(source=f"# {request.environment}, first version\n")

    async def test(self, request: TestRequest, revision: int) -> Cases:
        self.step(f"test {request.environment}")
        return Cases()

    async def revise(self, request: RevisionRequest) -> Revision:
        self.step(f"revise {request.environment} {request.revision}")
        source = f"# {request.environment}, revision {request.revision}\n"
        return Revision(diagnosis="the first version was wrong", faulty=["code"], code=Code(source=source))


@dataclass
class ScriptedGate:
    """Verifies revision `passes_at` and rejects those before it, one check fewer failing each time."""

    desk: ScriptedDesk
    passes_at: int = 0

    async def __call__(self, environment: Environment, revision: int) -> Any:
        self.desk.step(f"gate {environment.name} {revision}")
        failing = max(self.passes_at - revision, 0)
        checks = [
            CheckResult(id=f"check{n}", status="fail" if n < failing else "pass", summary="scripted") for n in range(4)
        ]
        verdict = "rejected" if failing else "verified"
        report = GateReport(subject=environment.content_hash, seed=0, verdict=verdict, checks=checks)
        return DependencyGraph(), report


def config_of(folder: Path, **settings: Any) -> Config:
    """Return a configuration whose library and runs lie below `folder`."""
    run = RunConfig(out=folder / "library", runs=folder / "runs", **settings)
    return Config.model_construct(run=run, models=Config().models)


async def play(
    config: Config, desk: ScriptedDesk, gate: Any, before_node: Callable[[str], None] = lambda node: None
) -> tuple[str, dict[str, Any]]:
    """Run or resume the run `travel-1` with scripted contents; return status and final state."""
    folder = config.run.runs / "travel-1"
    folder.mkdir(parents=True, exist_ok=True)
    context = Context(config, desk, Store(folder / "work"), lambda event: None, gate, folder, before_node)  # type: ignore[arg-type]
    return await stream(folder, "travel-1", context, {"request": ExploreRequest(domain="travel").model_dump()})


def reached(drawn: Any) -> set[str]:
    """Return the nodes of a drawn machine that a run can come to."""
    found: set[str] = set()
    pending = ["__start__"]
    while pending:
        node = pending.pop()
        if node not in found:
            found.add(node)
            pending += [edge.target for edge in drawn.edges if edge.source == node]
    return found


def main() -> None:
    """Play a run that appends each step to a file and dies once at the given node."""
    folder, steps = map(Path, sys.argv[1:3])
    die_at = sys.argv[3] if len(sys.argv) > 3 else None

    def before_node(node: str) -> None:
        if node == die_at:
            os.kill(os.getpid(), signal.SIGKILL)

    with steps.open("a", buffering=1) as log:
        desk = ScriptedDesk(told=lambda step: print(step, file=log))
        status, _ = asyncio.run(play(config_of(folder), desk, ScriptedGate(desk, passes_at=1), before_node))
    print(status)


if __name__ == "__main__":
    main()
