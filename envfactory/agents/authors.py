"""Roles answered by language models: what each is shown, what it must answer, how the answer is checked.

Every answer is loaded or played in the sandbox before it counts as a product; what does not hold goes back to the
model with the precise fault.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from concurrent.futures import Executor
from functools import partial
from typing import Any, TypeVar

from pydantic import BaseModel

from envfactory.agents import answers, rules
from envfactory.agents.language import LanguageAgent
from envfactory.agents.products import (
    Brief,
    Code,
    CodeRequest,
    ExploreRequest,
    Plan,
    RevisionRequest,
    Skipped,
    TestRequest,
)
from envfactory.config import ModelsConfig
from envfactory.environments.artefact import dump
from envfactory.environments.cases import Cases
from envfactory.environments.contract import Contracts
from envfactory.errors import BadAnswer
from envfactory.events import Emit
from envfactory.resources import sources
from envfactory.resources.model import Resource
from envfactory.synthesis.design import Design

MAX_OPERATIONS_SHOWN = 120
Outcome = TypeVar("Outcome")


class LanguageAuthors:
    """Answers the roles whose config names a language model. Checks run in `executor`."""

    def __init__(self, models: ModelsConfig, executor: Executor, emit: Emit, tier: str) -> None:
        self._models, self._executor, self._emit, self._tier = models, executor, emit, tier
        self._limits: dict[str, asyncio.Semaphore] = {}
        self._roles: dict[str, Callable[[str, int, Any], Awaitable[BaseModel]]] = {
            "explorer": self._explore,
            "schema_designer": self._design,
            "coder": self._code,
            "tester": self._test,
            "reviser": self._revise,
        }

    async def answer(self, role: str, environment: str, revision: int, brief: BaseModel) -> Any:
        """Return the role's product; raise BadAnswer or ModelError."""
        return await self._roles[role](environment, revision, brief)

    async def _explore(self, environment: str, revision: int, request: ExploreRequest) -> Plan:
        briefs: list[Brief] = []
        skipped: list[Skipped] = []
        for source in rules.candidate_sources(request):
            resource = sources.load(source)
            try:
                choice = await self._choose(source, resource, request, revision)
            except BadAnswer as fault:
                skipped.append(Skipped(source=source, reason=str(fault)))
                continue
            if request.environment in (None, choice.environment):
                briefs.append(rules.brief_of(source, resource, request.domain, choice.model_dump()))
            if request.count is not None and len(briefs) >= request.count:
                break
        return Plan(briefs=briefs, skipped=skipped)

    async def _choose(self, source: str, resource: Resource, request: ExploreRequest, revision: int) -> answers.Choice:
        known = {operation.id for operation in resource.operations}

        async def check(choice: answers.Choice) -> answers.Choice:
            unknown = [operation.id for operation in choice.operations if operation.id not in known]
            if unknown:
                raise BadAnswer(f"the resource has no operation {unknown[0]!r}; use ids exactly as given")
            return choice

        listed = [shown_operation(operation.model_dump()) for operation in resource.operations[:MAX_OPERATIONS_SHOWN]]
        agent = self._agent("explorer", answers.Choice)
        return await agent.answer(
            "",
            revision,
            check,
            domain=request.domain,
            source=source,
            title=resource.title,
            summary=resource.summary,
            operations=listed,
        )

    async def _design(self, environment: str, revision: int, brief: Brief) -> Design:
        resource = sources.load(brief.source)
        chosen = {operation.id for operation in brief.operations}
        operations = [operation.model_dump() for operation in resource.operations if operation.id in chosen]

        async def check(answer: answers.DesignAnswer) -> Design:
            design = with_sources(answer.design(), brief)
            await self._run(answers.check_loads, design, None, self._tier)
            return design

        agent = self._agent("schema_designer", answers.DesignAnswer)
        schemas = needed_schemas(operations, resource.schemas)
        return await agent.answer(
            environment, revision, check, brief=brief.model_dump(), operations=operations, schemas=schemas
        )

    async def _code(self, environment: str, revision: int, request: CodeRequest) -> Code:
        async def check(code: Code) -> Code:
            await self._run(answers.check_loads, request.design, code.source, self._tier)
            return code

        agent = self._agent("coder", Code)
        return await agent.answer(environment, revision, check, **shown_design(request.design))

    async def _test(self, environment: str, revision: int, request: TestRequest) -> Cases:
        async def check(answer: answers.CasesAnswer) -> Cases:
            return await self._run(answers.settle_cases, answer.cases, request.design, self._tier)

        agent = self._agent("tester", answers.CasesAnswer)
        return await agent.answer(environment, revision, check, **shown_design(request.design))

    async def _revise(self, environment: str, revision: int, request: RevisionRequest) -> BaseModel:
        async def check(answer: answers.RevisionAnswer) -> BaseModel:
            return await self._run(
                answers.settle_revision, answer, request.design, request.code, request.cases, self._tier
            )

        agent = self._agent("reviser", answers.RevisionAnswer)
        failures = [{"check": f.id, "summary": f.summary, "evidence": f.evidence[:5]} for f in request.failures]
        cases = [{"id": case.id, "purpose": case.purpose} for case in request.cases.cases]
        shown = shown_design(request.design)
        return await agent.answer(
            environment, revision, check, **shown, source=request.code.source, cases=cases, failures=failures
        )

    def _agent(self, role: str, product: type[BaseModel]) -> LanguageAgent[Any]:
        config = self._models.of(role)
        place = f"{config.base_url} {config.model}"
        limit = self._limits.setdefault(place, asyncio.Semaphore(config.max_concurrency))
        return LanguageAgent(role, product, config, self._emit, limit)

    async def _run(self, function: Callable[..., Outcome], *arguments: Any) -> Outcome:
        return await asyncio.get_running_loop().run_in_executor(self._executor, partial(function, *arguments))


def shown_operation(operation: dict[str, Any]) -> dict[str, Any]:
    """Return what the explorer is shown of an operation."""
    keys = ("id", "method", "path", "summary", "description", "citation")
    return {key: str(operation[key])[:300] for key in keys if operation.get(key)}


def shown_design(design: Design) -> dict[str, Any]:
    """Return what coder, tester and reviser are shown of a design: all but most of the rows."""
    sample = {table: rows[:6] for table, rows in design.seed_rows.items()}
    return {"schema_sql": design.schema_sql, "contracts": dump(design.contracts), "rows": sample}


def with_sources(design: Design, brief: Brief) -> Design:
    """Return the design with each contract's source completed by the resource's hash."""
    cited = {operation.id: operation.citation for operation in brief.operations}
    tools = []
    for tool in design.contracts.tools:
        if tool.source is None or tool.source.operation not in cited:
            raise BadAnswer(f"{tool.name}: `source.operation` must be one of {', '.join(cited)}")
        source = tool.source.model_copy(update={"resource": brief.sha256, "citation": cited[tool.source.operation]})
        tools.append(tool.model_copy(update={"source": source}))
    contracts = Contracts.model_validate(
        {**design.contracts.model_dump(by_alias=True), "tools": [dump(tool) for tool in tools]}
    )
    return design.model_copy(update={"contracts": contracts})


def needed_schemas(operations: list[dict[str, Any]], schemas: dict[str, Any]) -> dict[str, Any]:
    """Return the payload schemas that the operations use, directly or through others."""
    needed: dict[str, Any] = {}
    pending = _references(operations)
    while pending:
        name = pending.pop()
        if name in schemas and name not in needed:
            needed[name] = schemas[name]
            pending |= _references(schemas[name])
    return needed


def _references(value: Any) -> set[str]:
    if isinstance(value, dict):
        own = {value["$ref"].rsplit("/", 1)[-1]} if isinstance(value.get("$ref"), str) else set()
        return own.union(*map(_references, value.values()))
    return set().union(*map(_references, value)) if isinstance(value, list) else set()
