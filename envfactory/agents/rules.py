"""The `rules` answers of the five roles: deterministic programs, each a function of its brief (and a seed).

They run in worker processes of the pool; what executes a document's SQL or generated code does so in this process's
own sandbox.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
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
    Skipped,
    TestRequest,
)
from envfactory.environments.artefact import Environment, Manifest
from envfactory.environments.cases import Cases
from envfactory.errors import CatalogueError, DesignError, EnvFactoryError, ResourceError, defect_of
from envfactory.gate.checks.decontaminated import overlaps
from envfactory.resources import catalogue, sources
from envfactory.resources.importers import require_operations
from envfactory.resources.model import Resource
from envfactory.resources.naming import snake_case
from envfactory.sandbox.shared import shared_sandbox
from envfactory.synthesis.coder import write_tools
from envfactory.synthesis.design import Design, design_environment
from envfactory.synthesis.inference import infer
from envfactory.synthesis.reviser import repair
from envfactory.synthesis.tester import write_cases

_MOSTLY = 2 / 3  # the share of a benchmark's world among the chosen operations


def explore(request: ExploreRequest) -> Plan:
    """Take the given resources, or the catalogue's entries of the domain, up to `count`."""
    briefs: list[Brief] = []
    skipped: list[Skipped] = []
    for source in candidate_sources(request):
        if request.count is not None and len(briefs) >= request.count:
            break
        found = _tried(source, request)
        if isinstance(found, Skipped):
            skipped.append(found)
        elif request.environment in (None, found.environment):
            briefs.append(found)
    if request.environment and not briefs and not skipped:
        raise CatalogueError(
            f"no environment {request.environment} in {request.domain}",
            remedy=f"envfactory catalog list {request.domain} shows what there is",
        )
    return Plan(briefs=briefs, skipped=skipped)


def candidate_sources(request: ExploreRequest) -> Iterator[str]:
    """Yield the references of the resources that a request is about."""
    if request.resources:
        yield from request.resources
        return
    for entry in catalogue.entries(request.domain):
        if request.environment in (None, entry.name):
            yield f"catalogue:{entry.domain}/{entry.name}"


def _tried(source: str, request: ExploreRequest) -> Brief | Skipped:
    """Return the brief of one document, or why there is none; what a person can mend about a document given is raised."""
    try:
        return _brief(source, request)
    except (DesignError, ResourceError) as fault:
        if request.resources and isinstance(fault, ResourceError):
            raise
        return Skipped(source=source, reason=str(fault))
    except (EnvFactoryError, OSError):
        raise
    except Exception as defect:  # noqa: BLE001 - the boundary of one document, for what we did not foresee in it
        return Skipped(source=source, reason=str(defect_of(defect, "please report it with the document")))


def _brief(source: str, request: ExploreRequest) -> Brief:
    resource = sources.load(source)
    annotated, why = annotate(resource)
    stated = annotated.extensions.get("x-env", {})
    choice = {
        "environment": snake_case(str(stated.get("environment") or resource.title or "environment"))[:64],
        "title": resource.title,
        "summary": str(stated.get("summary") or resource.summary or resource.title),
        "operations": [
            CitedOperation(id=operation.id, citation=operation.citation) for operation in annotated.operations
        ],
        "why": why,
    }
    return brief_of(source, resource, snake_case(str(stated.get("domain") or request.domain)), choice)


def brief_of(source: str, resource: Resource, domain: str, choice: dict[str, Any]) -> Brief:
    """Return a brief: what was chosen, with the resource's provenance; DesignError where a benchmark has just that."""
    provenance = resource.provenance
    links = [entry["url"] for entry in resource.extensions.get("x-sources", []) if "url" in entry]
    brief = Brief(
        domain=domain,
        source=source,
        origin=provenance.source,
        sha256=provenance.sha256,
        format=f"{provenance.format} {provenance.format_version}".strip(),
        licence=provenance.licence,
        retrieved=provenance.retrieved,
        urls=links or provenance.urls,
        **choice,
    )
    check_apart(resource, [operation.id for operation in brief.operations])
    return brief


def check_apart(resource: Resource, chosen: Collection[str]) -> None:
    """Raise DesignError where most of the chosen operations are a public benchmark's world.

    The gate would refuse that at the end. What is less alike is left to it: an operation is no tool yet.
    """
    operations = [operation for operation in resource.operations if operation.id in chosen]
    nearest = overlaps({each.id: [parameter.name for parameter in each.parameters] for each in operations})[0]
    if nearest.reproduces and nearest.by_name > _MOSTLY:
        raise DesignError(
            f"{len(nearest.tools)} of the {len(operations)} chosen operations are the world {nearest.world!r} of"
            f" {nearest.benchmark}, which models are evaluated on",
            remedy="choose other operations, or another resource",
        )


def annotate(resource: Resource) -> tuple[Resource, str]:
    """Return the resource with its business rules stated, and how they came about: as written, or inferred."""
    if "x-env" in resource.extensions:
        return resource, "the document states its business rules"
    require_operations(resource)
    inferred = infer(resource)
    return inferred.resource, f"rules inferred for {len(inferred.chosen)} of {len(resource.operations)} operations"


def design(brief: Brief, seed: int, tier: str) -> Design:
    """Read the resource again (it must still be the same) and design the environment."""
    resource = sources.load(brief.source)
    if resource.provenance.sha256 != brief.sha256:
        raise ResourceError(f"{brief.source} has changed since it was explored", remedy="start a new run")
    annotated, _ = annotate(resource)
    with shared_sandbox(tier).open() as worker:
        return design_environment(annotated, [operation.id for operation in brief.operations], seed=seed, worker=worker)


def code(request: CodeRequest) -> Code:
    """Compile the contracts."""
    return Code(source=write_tools(request.design.contracts, request.design.schema_sql))


def test(request: TestRequest, tier: str) -> Cases:
    """Generate cases and take what they must give from the contracts."""
    return write_cases(request.environment, request.design, shared_sandbox(tier).open, seed=request.seed)


def revise(request: RevisionRequest, tier: str) -> Revision:
    """Mend what the gate's evidence points at."""
    design = request.design
    manifest = Manifest(name=request.environment, domain=request.domain, summary=request.brief.summary)
    environment = Environment(
        manifest, design.schema_sql, design.seed_rows, design.contracts, request.code.source, request.cases
    )
    mended = repair(environment, design, request.failures, shared_sandbox(tier).open, seed=request.seed)
    return Revision(
        diagnosis=mended.diagnosis,
        faulty=mended.faulty,
        design=mended.design,
        code=Code(source=mended.source) if mended.source is not None else None,
        cases=mended.cases,
    )
