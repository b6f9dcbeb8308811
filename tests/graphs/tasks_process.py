"""Stage two in a process of its own over the boat hire, for a test that kills it: `python -m ... FOLDER COUNT`."""

from __future__ import annotations

import asyncio
import sys
from dataclasses import replace
from pathlib import Path

from envfactory.bench.bench import Bench
from envfactory.config import Config, RunConfig, TasksConfig
from envfactory.dependencies.build import build_graph
from envfactory.environments.artefact import save
from envfactory.environments.report import GateReport
from envfactory.graphs.tasks import make_tasks
from envfactory.models.backends import Backends
from tests.gate import harbour
from tests.support import LocalWorker


def library(folder: Path) -> str:
    """Put the boat hire with its proven graph into a library, as if the gate had passed it; return its content hash."""
    with Bench(harbour.environment(), LocalWorker) as bench:
        hire = replace(harbour.environment(), graph=build_graph(bench)).sealed()
    report = GateReport(subject=hire.content_hash, seed=0, verdict="verified", checks=[])
    save(hire, folder / hire.manifest.domain / hire.name, report)
    return hire.content_hash


def main() -> None:
    """Make or go on making tasks; print how it ended."""
    folder, count = Path(sys.argv[1]), int(sys.argv[2])
    settings = TasksConfig(count=count, chunk=4, out=folder / "datasets", calibration={"drop_unsolved": False})  # type: ignore[arg-type]
    run = RunConfig(out=folder / "library", runs=folder / "runs")
    config = Config.model_construct(run=run, models=Config().models, tasks=settings)
    hire = harbour.environment().manifest
    built = [{"domain": hire.domain, "environment": hire.name}]
    (folder / "run").mkdir(exist_ok=True)
    backends = Backends(config.models)
    made = asyncio.run(make_tasks("hire-1", folder / "run", config, backends, hire.domain, built, lambda event: None))
    print(made.status, made.count, flush=True)


if __name__ == "__main__":
    main()
