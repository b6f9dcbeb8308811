"""What a policy is: something that is shown conversations and tools, many at a time, and writes the next message of each.

A policy never sees a task. What of a rollout is no part of the conversation (which task it is, which turn, how many
calls were made) stands in `Asked` for logs, seeds and the scripted policies; it must never reach a model's prompt.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from envfactory.datasets.conversation import Message
from envfactory.rollouts.formats import Malformed, ToolCall, Written, read


@dataclass(frozen=True)
class Asked:
    """One conversation that waits for the policy. `most_tokens` is what the next message may have, where there is a limit.

    `task`, `attempt`, `turn` and `calls` (executed so far) are the harness's: see the module's docstring.
    """

    messages: Sequence[Message]
    tools: Sequence[Mapping[str, Any]]
    task: str = ""
    attempt: int = 0
    turn: int = 0
    calls: int = 0
    most_tokens: int | None = None

    @property
    def seed(self) -> str:
        """A name for this very question, by which whatever is drawn for it can be seeded."""
        return f"{self.task}/{self.attempt}/{len(self.messages)}"


_NOTHING = Written()


@dataclass(frozen=True)
class Reply:
    """The next message. `truncated`: it was cut at a limit. `failed` says what broke if there is no message at all.

    Tokens are those the policy read and wrote for this message; 0 where nobody counts.
    """

    written: Written = _NOTHING
    truncated: bool = False
    failed: str = ""
    prompt_tokens: int = 0
    tokens: int = 0

    @property
    def content(self) -> str:
        return self.written.content

    @property
    def calls(self) -> tuple[ToolCall, ...]:
        return self.written.calls

    @property
    def malformed(self) -> tuple[Malformed, ...]:
        return self.written.malformed


class Policy(Protocol):
    """What plays."""

    @property
    def name(self) -> str:
        """What stored rollouts call it."""

    def replies(self, asked: Sequence[Asked]) -> list[Reply]:
        """Return the next message of each conversation, in their order.

        One that breaks is a `Reply` with `failed`; a ModelError is the end of the whole batch. Either way the rollouts
        concerned are of status `infrastructure`, and tried again once.
        """


def written(text: str, *, truncated: bool = False, prompt_tokens: int = 0, tokens: int = 0) -> Reply:
    """Return a policy's text as a reply."""
    return Reply(read(text), truncated, prompt_tokens=prompt_tokens, tokens=tokens)
