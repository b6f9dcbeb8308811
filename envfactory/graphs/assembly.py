"""From stored parts to an environment, from an environment to its folder and its row in the closing table."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from envfactory.agents.products import Brief, Code
from envfactory.config import BUILDERS
from envfactory.environments.artefact import Environment, Manifest, ResourceRecord, save
from envfactory.environments.cases import Cases
from envfactory.environments.graph import DependencyGraph
from envfactory.environments.report import GateReport
from envfactory.events import Usage
from envfactory.graphs.folders import REJECTED
from envfactory.graphs.state import Context, EnvironmentState
from envfactory.synthesis.design import Design


def assemble(context: Context, parts: dict[str, str], revision: int) -> Environment:
    """Return the environment that the stored parts make, sealed."""
    store = context.store
    brief, design = store.get(parts["brief"], Brief), store.get(parts["design"], Design)
    manifest = Manifest(
        name=brief.environment,
        domain=brief.domain,
        summary=brief.summary,
        resources=[record(brief)],
        built_by={role: context.desk.backend(role) for role in BUILDERS},
        revisions=revision,
    )
    environment = Environment(
        manifest=manifest,
        schema_sql=design.schema_sql,
        seed_rows=design.seed_rows,
        contracts=design.contracts,
        tools_source=store.get(parts["code"], Code).source,
        cases=store.get(parts["cases"], Cases),
        graph=store.get(parts["graph"], DependencyGraph) if "graph" in parts else DependencyGraph(),
    )
    return environment.sealed()


def record(brief: Brief) -> ResourceRecord:
    """Return the provenance that a brief carries."""
    return ResourceRecord(
        source=brief.origin or brief.source,
        sha256=brief.sha256,
        format=brief.format,
        title=brief.title,
        licence=brief.licence,
        retrieved=brief.retrieved,
        urls=brief.urls,
    )


def deliver(context: Context, parts: dict[str, str], revision: int, verdict: str) -> Path:
    """Write the artefact into the library where it is verified, into the run's folder where it is not."""
    environment = assemble(context, parts, revision)
    report = context.store.get(parts["report"], GateReport)
    library: Path = context.config.run.out if verdict == "verified" else context.run_folder / REJECTED
    folder = library / environment.manifest.domain / environment.name
    save(environment, folder, report)
    return folder


def summarise(
    context: Context, brief: Brief, state: EnvironmentState, verdict: str, folder: Path | None
) -> dict[str, Any]:
    """Return the environment's row: what it holds, what was proven, what it took."""
    row: dict[str, Any] = {
        "environment": brief.environment,
        "domain": brief.domain,
        "verdict": verdict,
        "folder": str(folder) if folder else None,
        "source": brief.source,
        "why": brief.why,
        "reasons": state.get("reasons", []),
        "revisions": state.get("revision", 0),
        "seconds": round(state.get("seconds", 0.0), 1),
    }
    spent = sum((Usage(**usage) for usage in state["usage"]), Usage())
    row |= spent.as_row()
    best = state.get("best")
    if best is not None:
        environment = assemble(context, best["parts"], best["revision"])
        report = context.store.get(best["parts"]["report"], GateReport)
        row |= facts(environment, report)
        row["reasons"] = [*row["reasons"], *(f"{check.id}: {check.summary}" for check in report.failures())]
    return row


def facts(environment: Environment, report: GateReport | None) -> dict[str, Any]:
    """Return what can be counted in an environment and its gate report."""
    kinds = [tool.kind for tool in environment.contracts.tools]
    graph = environment.graph
    counted: dict[str, Any] = {
        "tools": len(kinds),
        "read": kinds.count("read"),
        "write": kinds.count("write"),
        "tables": len(environment.seed_rows),
        "rows": sum(map(len, environment.seed_rows.values())),
        "cases": len(environment.cases.cases),
        "value_edges": sum(not edge.echo for edge in graph.value_edges),
        "state_edges": len(graph.state_edges),
    }
    if report is not None:
        mutants = next((check.measured for check in report.checks if check.id == "mutants"), {})
        counted |= {
            "checks": sum(check.status == "pass" for check in report.checks),
            "checks_total": len(report.checks),
            "mutants": mutants["killed"] + mutants["survived"] if "killed" in mutants else None,
            "killed": mutants.get("killed"),
        }
    return counted
