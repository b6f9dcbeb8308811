"""From an environment to its proven dependency graph: searched on the contracts, kept only if the code shows it too."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeVar

from envfactory.bench.bench import Bench
from envfactory.bench.inputs import Inputs
from envfactory.dependencies.candidates import value_candidates
from envfactory.dependencies.knowledge import nodes
from envfactory.dependencies.laboratory import Laboratory
from envfactory.dependencies.proof import Trial, trial_of
from envfactory.dependencies.states import state_edges
from envfactory.dependencies.values import value_edges
from envfactory.environments.graph import DependencyGraph, Node, StateEdge, ValueEdge
from envfactory.sandbox import HandlerFault

EdgeT = TypeVar("EdgeT", ValueEdge, StateEdge)


def build_graph(bench: Bench, inputs: Inputs | None = None) -> DependencyGraph:
    """Return the dependency graph of a bench's environment, every edge with evidence that can be played again.

    An environment that does not load has no edges; the gate's checks say what is wrong with it.
    """
    if inputs is not None:
        bench.inputs = inputs
    try:
        return _build(bench)
    except HandlerFault:
        lone = [Node(tool=tool.name, kind=tool.kind, reachable=False) for tool in bench.contracts.tools]
        return DependencyGraph(nodes=lone)


def _build(bench: Bench) -> DependencyGraph:
    laboratory = Laboratory(bench)
    candidates = value_candidates(bench.contracts, bench.inputs.facts, laboratory.schema)
    states = shown(bench, state_edges(laboratory))
    values = shown(bench, value_edges(laboratory, candidates, states))
    world = bench.inputs.start
    return DependencyGraph(
        nodes=nodes(bench.contracts, laboratory.slots, laboratory.schema, world, values),
        value_edges=values,
        state_edges=states,
        candidates=len(candidates),
    )


def shown(bench: Bench, edges: Sequence[EdgeT]) -> list[EdgeT]:
    """Return the edges whose evidence the code bears out."""
    return [edge for edge, fault in zip(edges, replay(bench, edges), strict=True) if fault is None]


def replay(bench: Bench, edges: Sequence[ValueEdge | StateEdge]) -> list[str | None]:
    """Play every edge's evidence on the code; return for each what does not hold, or None."""
    trials = [trial_of(edge) for edge in edges]
    probes = [probe for trial in trials if isinstance(trial, Trial) for probe in trial.probes]
    observed = iter(bench.observe(probes))
    found: list[str | None] = []
    for edge, trial in zip(edges, trials, strict=True):
        if isinstance(trial, Trial):
            found.append(trial.holds(edge, [next(observed) for _ in trial.probes]))
        else:
            found.append(trial)
    return found
