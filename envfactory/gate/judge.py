"""From an environment to its proven graph and the gate's report: what a run does after every revision."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from envfactory.bench.bench import Bench, WorkerFactory
from envfactory.dependencies.build import build_graph
from envfactory.environments.artefact import Environment
from envfactory.environments.graph import DependencyGraph
from envfactory.environments.report import GateReport, Status
from envfactory.gate.runner import run_checks

Progress = Callable[[str, Status | None], None]


def judge(
    environment: Environment,
    open_worker: WorkerFactory,
    *,
    seed: int,
    open_other: WorkerFactory | None = None,
    progress: Progress | None = None,
) -> tuple[DependencyGraph, GateReport]:
    """Prove the dependency graph anew, seal it into the environment, and run the gate over the whole.

    Both work on the same generated inputs, which are a function of contracts and seed alone.
    """
    with Bench(environment, open_worker, seed=seed, open_other=open_other) as bench:
        graph = build_graph(bench)
        with bench.like(replace(environment, graph=graph).sealed()) as whole:
            return graph, run_checks(whole, progress=progress)
