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
from envfactory.agents.drafts import DesignAnswer, Draft, listed
from envfactory.agents.expedition import Expedition
from envfactory.agents.exploring import Explorer
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
from envfactory.agents.showing import documented, shown_design, shown_operation, shown_revision
from envfactory.environments.artefact import dump
from envfactory.environments.cases import Cases
from envfactory.environments.contract import Contracts
from envfactory.errors import BadAnswer, DesignError
from envfactory.events import Emit
from envfactory.models.backends import Backends
from envfactory.resources import sources
from envfactory.resources.model import Resource
from envfactory.synthesis.design import Design

MAX_OPERATIONS_SHOWN = 120
SCENARIOS = 5  # environments that an explorer is asked for where no number is given
_REST_OF_DESIGN = (
    "The rest of your design is kept: answer with the same object, but only the parts that you correct (whole tables of "
    "seed_rows, whole tools, invariants and lifecycles; what you leave out stays)."
)
_REST_OF_CODE = 'The rest is kept: answer {"functions": {"tool_name": "def ..."}} with the functions that you correct.'
_REST_OF_CASES = (
    "All other cases are kept: answer with corrected versions of these alone, or leave out those that were wrong "
    "(an empty list of cases will do)."
)
Outcome = TypeVar("Outcome")


class _Once:
    """Objections that are told to a model once: what remains of them is the gate's to judge, and the reviser's to mend."""

    def __init__(self) -> None:
        self._told = False

    def to(self, found: list[str]) -> None:
        """Raise BadAnswer with the objections, if these are the first."""
        told, self._told = self._told, self._told or bool(found)
        if found and not told:
            raise BadAnswer("it was read without running it, and these were found:\n" + listed(found))


class LanguageAuthors:
    """Answers the roles whose config names a language model. Checks run in `executor`."""

    def __init__(
        self, backends: Backends, executor: Executor, emit: Emit, tier: str, expedition: Expedition | None = None
    ) -> None:
        self._backends, self._executor, self._emit, self._tier = backends, executor, emit, tier
        self._expedition = expedition
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
        if self._expedition is not None and not request.resources and request.environment is None:
            return await self._explorer(self._expedition).explore(request, request.count or SCENARIOS)
        briefs: list[Brief] = []
        skipped: list[Skipped] = []
        for source in rules.candidate_sources(request):
            try:
                found = await self._of(source, request, revision)
            except BadAnswer as fault:
                skipped.append(Skipped(source=source, reason=str(fault)))
                continue
            briefs += [brief for brief in found.briefs if request.environment in (None, brief.environment)]
            skipped += found.skipped
            if request.count is not None and len(briefs) >= request.count:
                break
        return Plan(briefs=briefs, skipped=skipped)

    async def _of(self, source: str, request: ExploreRequest, revision: int) -> Plan:
        """Return what one resource comes to: a choice among its operations or, of a page, what can be cited from it."""
        private = self._expedition is not None and self._expedition.config.allow_private
        resource = sources.load(source, allow_private=private)
        if resource.sections and self._expedition is not None:
            return await self._explorer(self._expedition).explore(request, 1, start=source)
        choice = await self._choose(source, resource, request, revision)
        return Plan(briefs=[rules.brief_of(source, resource, request.domain, choice.model_dump())])

    def _explorer(self, expedition: Expedition) -> Explorer:
        return Explorer(self._backends.tool_chat("explorer", self._emit), expedition)

    async def _choose(self, source: str, resource: Resource, request: ExploreRequest, revision: int) -> answers.Choice:
        known = {operation.id for operation in resource.operations}

        async def check(choice: answers.Choice) -> answers.Choice:
            unknown = [operation.id for operation in choice.operations if operation.id not in known]
            if unknown:
                raise BadAnswer(f"the resource has no operation {unknown[0]!r}; use ids exactly as given")
            try:
                rules.check_apart(resource, [operation.id for operation in choice.operations])
            except DesignError as fault:
                raise BadAnswer(str(fault)) from fault
            return choice

        listed = [shown_operation(operation.model_dump()) for operation in resource.operations[:MAX_OPERATIONS_SHOWN]]
        agent = self._agent("explorer", answers.Choice)
        return await agent.answer(
            "",
            revision,
            check,
            domain=request.domain,
            source=resource.provenance.source,
            title=resource.title,
            summary=resource.summary,
            operations=listed,
        )

    async def _design(self, environment: str, revision: int, brief: Brief) -> Design:
        resource = sources.load(brief.source)
        chosen = {operation.id for operation in brief.operations}
        operations = [operation.model_dump() for operation in resource.operations if operation.id in chosen]

        draft, objected = Draft(), _Once()

        async def check(answer: DesignAnswer) -> Design:
            draft.take(answer)
            try:
                design = with_sources(await self._run(draft.design, self._tier), brief)
                await self._run(answers.check_loads, design, None, self._tier)
                objected.to(await self._run(answers.objections, design, None, self._tier))
            except BadAnswer as fault:
                raise BadAnswer(f"{fault.message}\n\n{_REST_OF_DESIGN}") from fault
            return design

        agent = self._agent("schema_designer", DesignAnswer)
        schemas = needed_schemas(operations, resource.schemas)
        shown = [documented(operation) for operation in operations]
        return await agent.answer(
            environment, revision, check, brief=brief.model_dump(), operations=shown, schemas=schemas
        )

    async def _code(self, environment: str, revision: int, request: CodeRequest) -> Code:
        written, objected = [""], _Once()

        async def check(answer: answers.CodeAnswer) -> Code:
            written[0] = answer.applied(written[0])
            try:
                await self._run(answers.check_loads, request.design, written[0], self._tier)
                objected.to(await self._run(answers.objections, request.design, written[0], self._tier))
            except BadAnswer as fault:
                raise BadAnswer(f"{fault.message}\n\n{_REST_OF_CODE}") from fault
            return Code(source=written[0])

        agent = self._agent("coder", answers.CodeAnswer)
        return await agent.answer(environment, revision, check, **shown_design(request.design))

    async def _test(self, environment: str, revision: int, request: TestRequest) -> Cases:
        held = Cases()

        async def check(answer: answers.CasesAnswer) -> Cases:
            nonlocal held
            cases, wrong = await self._run(answers.settle_cases, answer.cases, request.design, self._tier)
            held = answers.merge_cases(held, cases, [case.id for case in cases.cases])
            if wrong:
                raise BadAnswer(f"these cases are not what the contracts give:\n{wrong}\n\n{_REST_OF_CASES}")
            if not held.cases:
                raise BadAnswer("there are no cases")
            return held

        agent = self._agent("tester", answers.CasesAnswer)
        return await agent.answer(environment, revision, check, **shown_design(request.design, whole=True))

    async def _revise(self, environment: str, revision: int, request: RevisionRequest) -> BaseModel:
        async def check(answer: answers.RevisionAnswer) -> BaseModel:
            return await self._run(
                answers.settle_revision, answer, request.design, request.code, request.cases, self._tier
            )

        agent = self._agent("reviser", answers.RevisionAnswer)
        return await agent.answer(environment, revision, check, **shown_revision(request))

    def _agent(self, role: str, product: type[BaseModel]) -> LanguageAgent[Any]:
        return LanguageAgent(product, self._backends.exchange(role, self._emit))

    async def _run(self, function: Callable[..., Outcome], *arguments: Any) -> Outcome:
        return await asyncio.get_running_loop().run_in_executor(self._executor, partial(function, *arguments))


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
