"""The nodes of the environment machine: ask a role or the gate, keep the product, say where to go next.

A fault of the environment (no design possible, a model's bad answers) is a verdict, reached through `finish`;
infrastructure errors are retried and end as `unfinished`, never as a rejection. So does a defect of our own, with its
traceback in the run's folder: it must not take the other environments with it.
"""

from __future__ import annotations

import sqlite3
import time
import traceback
from collections.abc import Awaitable, Callable
from dataclasses import asdict
from itertools import count
from typing import Any, Literal

from langgraph.runtime import Runtime
from langgraph.types import Command, Send

from envfactory.agents.products import Brief, Code, CodeRequest, ExploreRequest, RevisionRequest, TestRequest
from envfactory.environments.cases import Cases
from envfactory.environments.files import write_atomically
from envfactory.environments.report import GateReport
from envfactory.errors import BadAnswer, ContractError, DesignError, EnvFactoryError, SandboxError, defect_of
from envfactory.events import (
    EnvironmentFinished,
    EnvironmentPlanned,
    GateFinished,
    GateStarted,
    ResourceSkipped,
    RunRecalled,
)
from envfactory.graphs.assembly import assemble, deliver, summarise
from envfactory.graphs.state import Context, EnvironmentState, RunState
from envfactory.synthesis.design import Design

Here = Runtime[Context]
ATTEMPTS = 3
FAULTS = (DesignError, ContractError, BadAnswer)
STOPPING = (
    EnvFactoryError,
    OSError,
    sqlite3.Error,
)  # a backend that is down, a full disk: they hold for all environments
Update = dict[str, Any]


async def explore(state: RunState, runtime: Here) -> Update:
    """Ask the explorer for a plan."""
    context = runtime.context
    context.before_node("explore")
    plan = await context.desk.explore(ExploreRequest.model_validate(state["request"]))
    for skipped in plan.skipped:
        context.emit(ResourceSkipped(skipped.source, skipped.reason))
    briefs = apart(plan.briefs)
    for brief in briefs:
        context.emit(EnvironmentPlanned(brief.environment, brief.title, brief.why))
    return {
        "briefs": [context.store.put(brief) for brief in briefs],
        "skipped": [skipped.model_dump() for skipped in plan.skipped],
    }


def apart(briefs: list[Brief]) -> list[Brief]:
    """Return the briefs with names of their own: two documents of one title would be written over each other."""
    taken: set[tuple[str, str]] = set()
    named: list[Brief] = []
    for brief in briefs:
        names = (brief.environment if turn == 1 else f"{brief.environment}_{turn}" for turn in count(1))
        name = next(name for name in names if (brief.domain, name) not in taken)
        taken.add((brief.domain, name))
        named.append(brief.model_copy(update={"environment": name}))
    return named


def recall(context: Context, state: Update) -> RunRecalled:
    """Return what a resumed run knows already; an environment that will be tried again counts as still to come."""
    planned = [context.store.get(name, Brief).environment for name in state.get("briefs", [])]
    return RunRecalled(planned, [done for done in state.get("outcomes", []) if done["verdict"] != "unfinished"])


def once_more(context: Context, state: Update) -> Update | None:
    """Return the update by which a resumed run tries again what broken infrastructure left unfinished, if anything."""
    left = {outcome["environment"] for outcome in state.get("outcomes", []) if outcome["verdict"] == "unfinished"}
    briefs = [name for name in state.get("briefs", []) if context.store.get(name, Brief).environment in left]
    return {"again": briefs} if briefs else None


def fan_out(state: RunState) -> list[Send]:
    """Start one environment machine a brief, or one a brief that is tried again."""
    briefs = state.get("again") or state["briefs"]
    return [Send("environment", {"parts": {"brief": name}, "revision": 0, "usage": []}) for name in briefs]


async def design(state: EnvironmentState, runtime: Here) -> Command[Literal["code", "finish"]]:
    """Schema, seed data and contracts."""

    async def work(context: Context) -> Update:
        brief = context.store.get(state["parts"]["brief"], Brief)
        product = await context.desk.design(brief)
        return {"environment": brief.environment, "parts": {**state["parts"], "design": context.store.put(product)}}

    return await _step("design", state, runtime, work, "code")


async def code(state: EnvironmentState, runtime: Here) -> Command[Literal["test", "finish"]]:
    """The tool code."""

    async def work(context: Context) -> Update:
        request = CodeRequest(
            environment=state["environment"], design=context.store.get(state["parts"]["design"], Design)
        )
        product = await context.desk.code(request, state["revision"])
        return {"parts": {**state["parts"], "code": context.store.put(product)}}

    return await _step("code", state, runtime, work, "test")


async def test(state: EnvironmentState, runtime: Here) -> Command[Literal["gate", "finish"]]:
    """The stored cases, written without sight of the code."""

    async def work(context: Context) -> Update:
        brief = context.store.get(state["parts"]["brief"], Brief)
        request = TestRequest(
            environment=brief.environment,
            domain=brief.domain,
            design=context.store.get(state["parts"]["design"], Design),
            seed=context.config.run.seed,
        )
        product = await context.desk.test(request, state["revision"])
        return {"parts": {**state["parts"], "cases": context.store.put(product)}}

    return await _step("test", state, runtime, work, "gate")


async def gate(state: EnvironmentState, runtime: Here) -> Command[Literal["revise", "finish"]]:
    """Prove the dependency graph, run every check, keep the best revision so far."""

    async def work(context: Context) -> Update:
        started = time.monotonic()
        environment = assemble(context, state["parts"], state["revision"])
        context.emit(GateStarted(environment.name, state["revision"]))
        graph, report = await context.judge(environment, state["revision"])
        parts = {**state["parts"], "graph": context.store.put(graph), "report": context.store.put(report)}
        context.emit(gate_event(environment.name, state["revision"], report, time.monotonic() - started))
        passed = sum(check.status == "pass" for check in report.checks)
        update: Update = {"parts": parts, "verdict": report.verdict}
        best = state.get("best")
        if best is None or passed > best["passed"] or report.verdict == "verified":
            update["best"] = {"passed": passed, "revision": state["revision"], "parts": parts}
        return update

    command = await _step("gate", state, runtime, work, "revise")
    exhausted = state["revision"] >= runtime.context.config.run.max_revisions
    settled = not isinstance(command.update, dict) or command.update.get("verdict") != "rejected"
    return Command(update=command.update, goto="finish") if exhausted or settled else command


def gate_event(name: str, revision: int, report: GateReport, seconds: float) -> GateFinished:
    """Return the event that tells a gate's verdict."""
    passed = sum(check.status == "pass" for check in report.checks)
    failed = [check.id for check in report.failures()]
    return GateFinished(
        name, revision, report.verdict, passed, len(report.checks), failed, seconds, report.model_dump_json()
    )


async def revise(state: EnvironmentState, runtime: Here) -> Command[Literal["gate", "finish"]]:
    """Give the reviser the failures; take what it replaces, or stop where it has nothing to offer."""

    async def work(context: Context) -> Update:
        store, parts = context.store, dict(state["parts"])
        brief, report = store.get(parts["brief"], Brief), store.get(parts["report"], GateReport)
        request = RevisionRequest(
            environment=brief.environment,
            domain=brief.domain,
            brief=brief,
            design=store.get(parts["design"], Design),
            code=store.get(parts["code"], Code),
            cases=store.get(parts["cases"], Cases),
            failures=report.failures(),
            revision=state["revision"] + 1,
            seed=context.config.run.seed,
        )
        revision = await context.desk.revise(request)
        replaced = {"design": revision.design, "code": revision.code, "cases": revision.cases}
        changed = {part: store.put(product) for part, product in replaced.items() if product is not None}
        if all(parts[part] == name for part, name in changed.items()):
            raise DesignError(f"the reviser found no repair: {revision.diagnosis}")
        return {"parts": {**parts, **changed}, "revision": state["revision"] + 1}

    return await _step("revise", state, runtime, work, "gate")


async def finish(state: EnvironmentState, runtime: Here) -> Update:
    """Write the artefact of the best revision, and the environment's row of the closing table."""
    context = runtime.context
    context.before_node("finish")
    brief = context.store.get(state["parts"]["brief"], Brief)
    best = state.get("best")
    verdict = "verified" if state.get("verdict") == "verified" else state.get("verdict") or "rejected"
    place = deliver(context, best["parts"], best["revision"], verdict) if best else None
    summary = summarise(context, brief, state, verdict, place)
    context.emit(EnvironmentFinished(brief.environment, verdict, summary))
    return {"outcomes": [summary]}


async def _step(
    node: str, state: EnvironmentState, runtime: Here, work: Callable[[Context], Awaitable[Update]], onward: str
) -> Command[Any]:
    """Do a node's work; a fault of the environment becomes its verdict, broken infrastructure leaves it unfinished.

    What holds for every environment (a full disk, a backend that is down) stops the run, resumably.
    """
    context = runtime.context
    context.before_node(node)
    started = time.monotonic()
    try:
        update, goto = await work(context), onward
    except FAULTS as fault:
        update, goto = _verdict("rejected", node, fault, state), "finish"
    except SandboxError as broken:
        if runtime.execution_info is None or runtime.execution_info.node_attempt < ATTEMPTS:
            raise  # the retry policy tries the node again
        update, goto = _verdict("unfinished", node, broken, state), "finish"
    except STOPPING:
        raise
    except Exception as defect:  # noqa: BLE001 - the boundary of one environment: the others go on
        update, goto = _verdict("unfinished", node, _kept(defect, node, state, context), state), "finish"
    spent = context.desk.take_usage(update.get("environment") or state.get("environment", ""))
    seconds = state.get("seconds", 0.0) + time.monotonic() - started
    return Command(update={**update, "seconds": seconds, "usage": [*state["usage"], asdict(spent)]}, goto=goto)


def _kept(defect: Exception, node: str, state: EnvironmentState, context: Context) -> EnvFactoryError:
    """Keep a defect's traceback in the run's folder; return it as an error that names the place."""
    environment = context.store.get(state["parts"]["brief"], Brief).environment
    file = context.run_folder / "defects" / f"{environment}-{node}.txt"
    write_atomically(file, "".join(traceback.format_exception(defect)).encode(errors="replace"))
    return defect_of(defect, f"please report it with {file}")


def _verdict(verdict: str, node: str, error: EnvFactoryError, state: EnvironmentState) -> Update:
    return {"verdict": verdict, "reasons": [*state.get("reasons", []), f"{node}: {error}"]}
