"""One attempt of a policy at a task: its conversation, its episodes, its simulated person, its budget.

The harness asks (`ask`), the policy replies, `take` says what follows: tool results, an error for a call that could not
be read, the person's next words, or nothing, and then it is over. Whoever plays many side by side, or token by token,
plays them through this.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import TracebackType
from typing import Any, Literal, Self

from envfactory.calibration.conversation import EpisodeDesk, Talk
from envfactory.datasets.conversation import Conversation, Message, served_name, system_text
from envfactory.datasets.offered import offered
from envfactory.datasets.rl import RlOptions, most_calls, most_messages
from envfactory.errors import SandboxError
from envfactory.rollouts.formats import ToolCall
from envfactory.rollouts.policy import Asked, Reply
from envfactory.sandbox import HandlerFault
from envfactory.tasks.model import Played, Rollout, Task
from envfactory.tasks.play import Episodes
from envfactory.tasks.scope import Scope, all_references

Ending = Literal["complete", "calls", "messages", "tokens", "cut", "infrastructure"]


@dataclass(frozen=True)
class Budget:
    """What a rollout may take: calls (those that cannot be read count), messages to the person, tokens it writes.

    `tokens` are over the whole rollout, `message_tokens` for one message; None is without limit.
    """

    calls: int
    messages: int
    tokens: int | None = None
    message_tokens: int | None = None

    @classmethod
    def of(
        cls,
        task: Task,
        options: RlOptions | None = None,
        *,
        tokens: int | None = None,
        message_tokens: int | None = None,
    ) -> Budget:
        """Return the budget that a dataset's row states for a task."""
        return cls(most_calls(task, options or RlOptions()), most_messages(task), tokens, message_tokens)


def shown_tools(task: Task, scope: Scope, most: int | None = None) -> list[Mapping[str, Any]]:
    """Return the schemas of the tools a policy is shown: all that the task offers, or the gold's and some others."""
    needed = {served_name(task, call.environment, call.tool) for call in task.gold}
    return offered(scope.tool_schemas(task), needed, most, task.id)


class TaskEpisode:
    """See the module's docstring. A context manager: `close` frees the episodes.

    `seed` is that of the system text, unless `system` is given as a dataset's row has it. `most_tools` shows no more
    tools than that (`datasets.offered`); only what is shown can be called. A worker that hangs or dies ends the attempt
    with the status `infrastructure`; it is never scored, and no other attempt is touched.
    """

    def __init__(
        self,
        task: Task,
        scope: Scope,
        *,
        attempt: int = 0,
        budget: Budget | None = None,
        seed: int = 0,
        system: str | None = None,
        most_tools: int | None = None,
    ) -> None:
        self.task = task
        self.attempt = attempt
        self.budget = budget or Budget.of(task)
        self.tools = shown_tools(task, scope, most_tools)
        self.tokens = 0
        self.trouble = ""
        self.ended: Ending | None = None
        self._episodes = Episodes(scope, [each.name for each in all_references(task)])
        self._desk = EpisodeDesk(task, scope, self._episodes, self.budget.calls)
        self._served = scope.served(task)
        self._shown = {tool["function"]["name"] for tool in self.tools}
        self._talk = Talk(task)
        self._conversation = Conversation()
        self._said = 0
        self._last_word: str | None = None
        self._unexecuted: list[Played] = []
        self._conversation.system(system_text(task, seed) if system is None else system)
        self._conversation.user(self._talk.opening())

    @property
    def messages(self) -> list[Message]:
        """The conversation so far, in the form of the datasets."""
        return self._conversation.messages

    @property
    def turn(self) -> int:
        """The turn that is being played, the first being 0."""
        return self._talk.turn

    @property
    def malformed(self) -> int:
        """How many calls could not be read, or named no offered tool."""
        return self._desk.unparsed

    def ask(self) -> Asked:
        """Return what the policy is shown."""
        return Asked(
            list(self.messages),
            self.tools,
            self.task.id,
            self.attempt,
            self.turn,
            len(self._desk.calls),
            self._tokens_left(),
        )

    def take(self, reply: Reply) -> list[Message]:
        """Take the policy's message; return the messages that follow it, none where it was the last."""
        if self.ended is not None:
            raise RuntimeError("the rollout is over")
        self.tokens += reply.tokens
        self._unexecuted += [self._unplayed(call) for call in reply.written.pondered]
        if reply.failed:
            return self.fail(reply.failed)
        if reply.truncated:
            self._unexecuted += [self._unplayed(call) for call in reply.calls]
            self._desk.unparsed += len(reply.malformed)
            self._write_down(reply)
            return self._end("cut")
        before = len(self.messages) + 1
        try:
            self._go_on(reply)
        except (SandboxError, HandlerFault) as error:
            return self.fail(str(error))
        return self.messages[before:] if self.ended is None else []

    def fail(self, trouble: str) -> list[Message]:
        """End the attempt because what it runs on broke."""
        self.trouble = trouble
        return self._end("infrastructure")

    def out_of_tokens(self) -> None:
        """End the attempt because there is no room for another message."""
        self._end("tokens")

    def rollout(self) -> Rollout:
        """Return what was done, as the grader takes it."""
        status: Literal["complete", "truncated", "infrastructure"] = "truncated"
        if self.ended in ("complete", "infrastructure"):
            status = "complete" if self.ended == "complete" else "infrastructure"
        answers = list(self._talk.answers)
        if self._last_word is not None and status == "truncated":
            answers.append(self._last_word)
        return Rollout(
            calls=self._desk.calls,
            answers=answers,
            unexecuted=self._unexecuted,
            unparsed=self._desk.unparsed,
            status=status,
        )

    def close(self) -> None:
        """Free the episodes."""
        try:
            self._episodes.close()
        except (SandboxError, HandlerFault):
            return  # its worker is gone, and the episodes with it

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    # --- one message --------------------------------------------------------------------------------------------------

    def _go_on(self, reply: Reply) -> None:
        keys = self._write_down(reply)
        for malformed in reply.malformed:
            self._desk.unparsed += 1
            self._conversation.unreadable(malformed.why)
        for place, (key, call) in enumerate(zip(keys, reply.calls, strict=True)):
            if self._spent() >= self.budget.calls:
                self._unexecuted += [self._unplayed(each) for each in reply.calls[place:]]
                self._end("calls")
                return
            self._desk.turn = self.turn
            self._conversation.answer(call.name, self._desk.call(self._name_of(call), dict(call.arguments)), key)
        if not reply.calls and not reply.malformed:
            self._speak(reply.content)
        elif self._spent() > self.budget.calls:
            self._end("calls")
        if self.ended is None and self._tokens_left() == 0:
            self._end("tokens")

    def _write_down(self, reply: Reply) -> list[str]:
        """Add the policy's message to the conversation: calls that could not be read stay in its text."""
        unread = [f"<tool_call>\n{each.text}\n</tool_call>" for each in reply.malformed]
        text = "\n".join(part for part in [reply.content, *unread] if part)
        calls = [(call.name, call.arguments) for call in reply.calls]
        if calls:
            return self._conversation.ask(calls, text, reply.written.reasoning)
        self._conversation.say(text, reply.written.reasoning)
        return []

    def _speak(self, said: str) -> None:
        self._said += 1
        self._last_word = said
        turn = self.turn
        message = self._talk.hear(said)
        if self.turn != turn:
            self._last_word = None
        if message is None:
            self._end("complete")
        elif self._said >= self.budget.messages:
            self._end("messages")
        else:
            self._conversation.user(message)

    def _name_of(self, call: ToolCall) -> str:
        """Return a call's tool, or nobody's name where it was not shown."""
        return call.name if call.name in self._shown else f"{call.name[:80]} (not offered)"

    def _spent(self) -> int:
        return len(self._desk.calls) + self._desk.unparsed

    def _tokens_left(self) -> int | None:
        """Return how many tokens the next message may have."""
        budget = self.budget
        left = None if budget.tokens is None else max(0, budget.tokens - self.tokens)
        limits = [each for each in (left, budget.message_tokens) if each is not None]
        return min(limits) if limits else None

    def _end(self, how: Ending) -> list[Message]:
        self.ended = how
        return []

    def _unplayed(self, call: ToolCall) -> Played:
        environment, tool = self._served.get(call.name, ("", call.name))
        arguments: Any = dict(call.arguments)
        return Played(environment=environment, tool=tool, arguments=arguments, turn=self.turn)
