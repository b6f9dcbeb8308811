"""A chat endpoint as a policy: many conversations at once, as many as its config allows; calls by its own tool parser.

A server without a tool parser leaves calls in the text, where they are read as those of a local model are.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from types import TracebackType
from typing import Any, Self

from envfactory.config import ModelConfig, ModelsConfig
from envfactory.datasets.conversation import Message, compact
from envfactory.errors import EnvFactoryError, ModelError, PromptTooLong
from envfactory.models.backends import Backends
from envfactory.models.exchange import Asking
from envfactory.models.messages import Answer
from envfactory.rollouts.formats import OPEN, Malformed, ToolCall, Written, for_endpoint, named, read
from envfactory.rollouts.policy import Asked, Reply

_ROLE = "solver"


class Endpoint:
    """A policy over a backend of the config. A context manager: it holds connections."""

    def __init__(self, name: str, config: ModelConfig) -> None:
        self.name = name
        self._exchange = Backends(ModelsConfig(default=config)).exchange(_ROLE, lambda _: None)
        self._runner = asyncio.Runner()
        self._heard = False

    def replies(self, asked: Sequence[Asked]) -> list[Reply]:
        """Return the next message of each conversation. Raise EnvFactoryError where the backend has never answered."""
        replies = self._runner.run(self._all(asked))
        self._heard = self._heard or any(not each.failed for each in replies)
        if not self._heard and replies:
            raise EnvFactoryError(replies[0].failed, remedy="nothing was evaluated: the model has never answered")
        return replies

    async def _all(self, asked: Sequence[Asked]) -> list[Reply]:
        return list(await asyncio.gather(*map(self._reply, asked)))

    async def _reply(self, asked: Asked) -> Reply:
        messages = [_plain(message) for message in for_endpoint(asked.messages)]
        form: dict[str, Any] = {"tools": list(asked.tools)} if asked.tools else {}
        try:
            answer = await self._exchange.run(Asking(messages, form, asked.seed), asked.task, 0)
        except PromptTooLong:
            return Reply(truncated=True)
        except ModelError as error:
            return Reply(failed=str(error))
        return heard(answer)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._runner.close()


def heard(answer: Answer) -> Reply:
    """Return a backend's answer as a reply: its calls as its parser gave them, or as they stand in its text."""
    told = read(answer.text)
    if answer.calls or OPEN not in answer.text:
        read_calls = [_call(each) for each in answer.calls]
        told = Written(
            told.content,
            tuple(each for each in read_calls if isinstance(each, ToolCall)),
            tuple(each for each in read_calls if isinstance(each, Malformed)),
            answer.reasoning or told.reasoning,
            told.pondered,
        )
    read_tokens, wrote_tokens = answer.tokens
    return Reply(told, answer.cut, prompt_tokens=read_tokens, tokens=wrote_tokens)


def _call(told: dict[str, Any]) -> ToolCall | Malformed:
    """Read a call; arguments that were no JSON object are still text."""
    arguments = told["args"]
    return named(told["name"], arguments if isinstance(arguments, str) else compact(arguments))


def _plain(message: Message) -> Message:
    """Return a message of an OpenAI-compatible endpoint as backends take it."""
    calls = message.get("tool_calls")
    if not calls:
        return message
    told = [
        {"name": call["function"]["name"], "args": _arguments(call["function"]["arguments"]), "id": call["id"]}
        for call in calls
    ]
    return {**message, "tool_calls": told}


def _arguments(text: str) -> Any:
    call = named("_", text)
    return dict(call.arguments) if isinstance(call, ToolCall) else text
