"""One role's talk with one backend: messages out, an answer back, each told to the event stream, failures typed.

An exchange that is on record is not made again; one that is made goes on record before anyone sees its answer.
"""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from envfactory.config import ModelConfig, StructuredOutput
from envfactory.events import Emit, ModelCalled, Usage
from envfactory.models.faults import typed
from envfactory.models.messages import Answer, Message, heard, said, spoken
from envfactory.models.purse import Purse
from envfactory.models.recording import Entry, Tape

if TYPE_CHECKING:
    from langchain_core.language_models import BaseChatModel

ENDED = "ok"


@dataclass(frozen=True)
class Asking:
    """What a backend is asked, and what decides its answer.

    `form` is how the answer is bound (tools, tool_choice, response_format). `repeat` tells apart two askings in the same
    words that want answers of their own: an attempt's number, a share's.
    """

    messages: Sequence[Message]
    form: Mapping[str, Any] = field(default_factory=dict)
    repeat: str = ""


class Exchange:
    """One role's calls to one backend. `limit` bounds those in flight to it, the tape keeps them, the purse pays."""

    def __init__(
        self,
        role: str,
        config: ModelConfig,
        emit: Emit,
        limit: AbstractAsyncContextManager[Any],
        tape: Tape | None = None,
        purse: Purse | None = None,
    ) -> None:
        self.role, self._config, self._emit, self._limit = role, config, emit, limit
        self._tape, self._purse = tape or Tape(), purse or Purse()
        self._chat: BaseChatModel | None = None

    @property
    def method(self) -> StructuredOutput:
        """How a structured answer is asked for."""
        return self._config.method

    async def run(self, asking: Asking, environment: str, revision: int) -> Answer:
        """Return the backend's answer, or the one on record.

        Raises ModelError where the backend fails, BadAnswer where it cannot answer this, BudgetSpent where it may not
        be asked any more, ReplayMiss where only the record may answer and does not.
        """
        asked = self._tape.asked(self._config, asking.messages, asking.form, asking.repeat)
        async with self._tape.turn(asked.key):
            entry = self._tape.find(self.role, asked)
            if entry is not None:
                usage = entry.usage if self._tape.owed(entry) else self._purse.saved()
                self._tell(asking, entry.answer, ENDED, 0.0, usage, environment, revision, cached=True)
                return entry.answer
            async with self._limit, self._purse.call():
                entry = await self._made(asking, environment, revision)
                self._tape.keep(self.role, asked, entry, environment)
                return entry.answer

    async def _made(self, asking: Asking, environment: str, revision: int) -> Entry:
        started, status = time.monotonic(), ENDED
        answer, usage = Answer(), Usage(1, cost=price(self._config, 0, 0))
        try:
            answer = await self._ask(asking)
            cost = price(self._config, *answer.tokens)
            usage = Usage(1, *answer.tokens, answer.cost if cost is None else cost)
        except Exception as error:  # the boundary of a backend: whatever its client raises becomes one typed error
            failure = typed(error, self._config)
            status = failure.message[:500]
            raise failure from error
        finally:
            seconds = time.monotonic() - started
            self._purse.charge(usage)
            self._tell(asking, answer, status, seconds, usage, environment, revision)
        return Entry(answer, usage, seconds)

    async def _ask(self, asking: Asking) -> Answer:
        if self._chat is None:
            from envfactory.models.chat import open_chat  # the clients are heavy, and an answer on record needs none

            self._chat = open_chat(self._config, self.role)
        form = dict(asking.form)
        tools = form.pop("tools", None)
        bound = self._chat.bind_tools(tools, **form) if tools else self._chat.bind(**form) if form else self._chat
        return heard(await bound.ainvoke([spoken(message) for message in asking.messages]))

    def _tell(
        self,
        asking: Asking,
        answer: Answer,
        status: str,
        seconds: float,
        usage: Usage,
        environment: str,
        revision: int,
        *,
        cached: bool = False,
    ) -> None:
        shown = [{"role": message["role"], "content": message["content"]} for message in asking.messages]
        self._emit(
            ModelCalled(
                environment,
                self.role,
                revision,
                self._config.model,
                shown,
                said(answer),
                answer.reasoning,
                status,
                seconds,
                usage,
                cached,
            )
        )


class ToolChat:
    """A chat model that may call tools: what a solver is. One message in answer to a conversation."""

    def __init__(self, exchange: Exchange) -> None:
        self._exchange = exchange

    async def answer(
        self, environment: str, revision: int, messages: list[Message], tools: list[Any], repeat: str = ""
    ) -> dict[str, Any]:
        """Return the next message: `content`, and `tool_calls` as name, args and id; ModelError where it fails.

        The arguments of a call that were no JSON object are a string.
        """
        answer = await self._exchange.run(Asking(messages, {"tools": tools}, repeat), environment, revision)
        return {"content": answer.text, "tool_calls": answer.calls}


def price(config: ModelConfig, input_tokens: int, output_tokens: int) -> float | None:
    """Return what an exchange cost in US dollars, or None where no prices are configured."""
    if config.input_price is None or config.output_price is None:
        return None
    return (input_tokens * config.input_price + output_tokens * config.output_price) / 1e6
