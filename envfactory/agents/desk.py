"""Where the state machine asks: each role is answered by `rules` or by the language model that the config names.

Rules run in a pool of processes, since they are pure computation; language models are awaited. Either way the desk
tells the event stream what was asked, what came back, how long it took and what it cost.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from concurrent.futures import Executor
from typing import TYPE_CHECKING, Any, TypeVar

from pydantic import BaseModel

from envfactory.agents import rules
from envfactory.agents.expedition import Expedition
from envfactory.agents.ledger import Ledger
from envfactory.agents.products import (
    Brief,
    Code,
    CodeRequest,
    ExploreRequest,
    Plan,
    Revision,
    RevisionRequest,
    TestRequest,
)
from envfactory.config import BUILDERS, RULES
from envfactory.environments.cases import Cases
from envfactory.events import Emit, Usage
from envfactory.models.backends import Backends
from envfactory.synthesis.design import Design

if TYPE_CHECKING:
    from envfactory.agents.authors import LanguageAuthors

Answer = TypeVar("Answer", bound=BaseModel)


class Desk:
    """Answers roles. `executor` runs the rules; `seed` decides everything they draw."""

    def __init__(
        self,
        backends: Backends,
        executor: Executor,
        emit: Emit,
        *,
        seed: int,
        sandbox_tier: str = "auto",
        expedition: Expedition | None = None,
    ) -> None:
        self._backends, self._executor = backends, executor
        self._ledger = Ledger(emit, lambda event: event.environment)
        self._seed, self._tier = seed, sandbox_tier
        self._authors: LanguageAuthors | None = None
        if any(self.backend(role) != RULES for role in BUILDERS):
            from envfactory.agents.authors import LanguageAuthors  # the model client is heavy and only needed here

            self._authors = LanguageAuthors(backends, executor, self._ledger.hear, sandbox_tier, expedition)

    def backend(self, role: str) -> str:
        """Return the name of what answers a role."""
        return self._backends.of(role).model

    def take_usage(self, environment: str) -> Usage:
        """Return what an environment's roles have used since this was last asked."""
        return self._ledger.take(environment)

    async def explore(self, request: ExploreRequest) -> Plan:
        """Choose resources and operations."""
        return await self._answer("explorer", "", 0, request, rules.explore, request)

    async def design(self, brief: Brief) -> Design:
        """Write schema, seed data and contracts."""
        return await self._answer(
            "schema_designer", brief.environment, 0, brief, rules.design, brief, self._seed, self._tier
        )

    async def code(self, request: CodeRequest, revision: int) -> Code:
        """Write the tool code."""
        return await self._answer("coder", request.environment, revision, request, rules.code, request)

    async def test(self, request: TestRequest, revision: int) -> Cases:
        """Write the stored cases."""
        return await self._answer("tester", request.environment, revision, request, rules.test, request, self._tier)

    async def revise(self, request: RevisionRequest) -> Revision:
        """Say what was wrong and mend it."""
        return await self._answer(
            "reviser", request.environment, request.revision, request, rules.revise, request, self._tier
        )

    async def _answer(
        self,
        role: str,
        environment: str,
        revision: int,
        brief: BaseModel,
        by_rules: Callable[..., Answer],
        *arguments: Any,
    ) -> Answer:
        backend = self.backend(role)
        with self._ledger.entry(environment, environment, role, revision, backend, as_text(brief)) as made:
            if backend == RULES:
                loop = asyncio.get_running_loop()
                product = await loop.run_in_executor(self._executor, by_rules, *arguments)
            else:
                product = await self._by_model(role, environment, revision, brief)
            made.summary, made.product = describe(product), as_text(product)
            return product

    def _by_model(self, role: str, environment: str, revision: int, brief: BaseModel) -> Awaitable[Any]:
        if self._authors is None:
            raise AssertionError("no language model is configured")
        return self._authors.answer(role, environment, revision, brief)


def as_text(value: BaseModel | None) -> str:
    """Return a brief or product as the JSON that traces keep."""
    return "" if value is None else value.model_dump_json(by_alias=True, exclude_defaults=True)


def describe(product: BaseModel | None) -> str:
    """Say in a few words what a role produced."""
    if isinstance(product, Plan):
        return f"{len(product.briefs)} environments, {len(product.skipped)} resources skipped"
    if isinstance(product, Design):
        rows = sum(map(len, product.seed_rows.values()))
        return f"{len(product.contracts.tools)} contracts, {len(product.seed_rows)} tables, {rows} rows"
    if isinstance(product, Code):
        return f"{product.source.count(chr(10))} lines"
    if isinstance(product, Cases):
        return f"{len(product.cases)} cases"
    return product.diagnosis if isinstance(product, Revision) else ""
