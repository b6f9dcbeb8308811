"""Is each configured backend fit for its roles? It is asked once in words, once for a product, once with a tool."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Literal

from pydantic import BaseModel

from envfactory.config import METHODS, ROLES, RULES, ModelConfig, ModelsConfig, StructuredOutput
from envfactory.errors import BadAnswer, BudgetSpent, EnvFactoryError
from envfactory.events import Event, ModelCalled
from envfactory.models.backends import Backends
from envfactory.models.exchange import Asking, Exchange
from envfactory.models.messages import Answer
from envfactory.models.structured import form_of, product_of

_CITY = "Name a large city of your choice."
_SHAPE = 'Answer with one JSON object and nothing else: {"town": a text, "inhabitants_in_millions": a number}.'
_TIME = "What time is it in Oslo? You cannot know, so call the tool."
_TOOL = {
    "type": "function",
    "function": {
        "name": "get_time",
        "description": "Return the time of day in a city.",
        "parameters": {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]},
    },
}


class City(BaseModel):
    """What is asked for; only the schema names the keys where a method sends one."""

    town: str
    inhabitants_in_millions: float


@dataclass(frozen=True)
class Finding:
    """What was found of one backend. `structured` and `tools` are None where that was not tried."""

    model: str
    base_url: str | None
    roles: list[str]
    method: StructuredOutput
    price: Literal["configured", "told by the backend", "unknown"]
    recorded: bool = False
    reachable: bool = False
    structured: bool | None = None
    instead: StructuredOutput | None = None
    tools: bool | None = None
    reasoning: bool = False
    tokens_per_second: float | None = None
    problems: list[str] = field(default_factory=list)

    @property
    def fit(self) -> bool:
        """Whether the roles can be played: products for all but the solver, tools for it."""
        products = self.structured or self.roles == ["solver"]
        return self.recorded or (self.reachable and products and (bool(self.tools) or "solver" not in self.roles))


def groups(models: ModelsConfig, roles: Sequence[str] = ROLES) -> list[tuple[ModelConfig, list[str]]]:
    """Return the distinct backends of the roles that are not answered by rules, each with its roles."""
    found: list[tuple[ModelConfig, list[str]]] = []
    for role in roles:
        config = models.of(role)
        known = next((names for other, names in found if other == config), None)
        if known is not None:
            known.append(role)
        elif config.model != RULES:
            found.append((config, [role]))
    return found


async def check(backends: Backends, config: ModelConfig, roles: list[str]) -> Finding:
    """Ask a backend and say what it can do; never raises what the backend fails with."""
    finding = Finding(config.model, config.base_url, roles, config.method, "unknown", config.replay is not None)
    if finding.recorded:
        return finding
    heard: list[Event] = []
    exchange = backends.exchange(roles[0], heard.append)
    finding = await _words(finding, exchange)
    if finding.reachable:
        finding = await _tools(await _product(finding, exchange), exchange)
    calls = [event for event in heard if isinstance(event, ModelCalled) and event.status == "ok"]
    calls = calls[1:] or calls  # the first one opens the connection
    seconds = sum(call.seconds for call in calls)
    speed = sum(call.usage.output_tokens for call in calls) / seconds if seconds else None
    priced = config.input_price is not None and config.output_price is not None
    told = any(call.usage.cost is not None for call in calls)
    price: Literal["configured", "told by the backend", "unknown"] = (
        "configured" if priced else "told by the backend" if told else "unknown"
    )
    reasoning = any(call.reasoning for call in calls)
    return replace(finding, reasoning=reasoning, tokens_per_second=speed, price=price)


async def _words(finding: Finding, exchange: Exchange) -> Finding:
    answer, problem = await _asked(exchange, "Answer with the one word: ready")
    return replace(finding, reachable=answer is not None, problems=[*finding.problems, *problem])


async def _product(finding: Finding, exchange: Exchange) -> Finding:
    """Try the configured method; where it does not work, look for one that does."""
    problem = await _tried(exchange, finding.method)
    if not problem:
        return replace(finding, structured=True)
    problems = [*finding.problems, f"structured_output = {finding.method!r} does not work: {problem}"]
    for method in METHODS:
        if method != finding.method and not await _tried(exchange, method):
            return replace(finding, structured=False, instead=method, problems=problems)
    return replace(finding, structured=False, problems=problems)


async def _tried(exchange: Exchange, method: StructuredOutput) -> str:
    """Return why a product cannot be had by a method, or nothing where it can."""
    asked = _CITY if method in ("json_schema", "function_calling") else f"{_CITY} {_SHAPE}"
    answer, problem = await _asked(exchange, asked, form_of(City, method))
    if answer is None:
        return problem[0]
    try:
        product_of(answer, City)
    except BadAnswer as bad:
        return " ".join(bad.message.split())
    return ""


async def _tools(finding: Finding, exchange: Exchange) -> Finding:
    answer, problem = await _asked(exchange, _TIME, {"tools": [_TOOL]})
    called = answer is not None and any(call["name"] == "get_time" and _names_city(call) for call in answer.calls)
    unsaid = [] if called or problem else ["offered a tool that it needs, it calls none"]
    return replace(finding, tools=called, problems=[*finding.problems, *problem, *unsaid])


def _names_city(call: dict[str, Any]) -> bool:
    return isinstance(call["args"], dict) and bool(call["args"].get("city"))


async def _asked(exchange: Exchange, text: str, form: dict[str, Any] | None = None) -> tuple[Answer | None, list[str]]:
    try:
        return await exchange.run(Asking([{"role": "user", "content": text}], form or {}), "", 0), []
    except BudgetSpent:
        raise
    except EnvFactoryError as error:
        return None, [str(error)]
