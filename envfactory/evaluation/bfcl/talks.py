"""A policy's talk about an entry of BFCL: one message for single-turn entries, steps within turns for the others.

The protocol is the package's for models that call functions: within a turn every message with calls is answered with
their results, one without ends the turn; too many steps in a turn fail the whole entry. A call that cannot be read is
no call, as there.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import count
from typing import Any

from envfactory.datasets.conversation import Conversation, Message
from envfactory.evaluation.bfcl.package import Bfcl, Entry
from envfactory.evaluation.items import POLICY, Outcome
from envfactory.rollouts.formats import ToolCall
from envfactory.rollouts.policy import Asked, Reply

_RUNS = count()


class SingleTurn:
    """An entry that is settled by one message: its calls, or that there are none."""

    speaker = POLICY

    def __init__(self, bfcl: Bfcl, category: str, entry: Entry, checked: Entry, answer: Any, attempt: int) -> None:
        self._bfcl, self._category, self._entry, self._checked = bfcl, category, entry, checked
        self._answer, self._attempt = answer, attempt
        self._reply: Reply | None = None

    def ask(self) -> Asked | None:
        """Return the conversation, once."""
        if self._reply is not None:
            return None
        messages: list[Message] = [dict(message) for message in self._entry["question"][0]]
        return Asked(messages, self._bfcl.schemas(self._entry["function"]), self._entry["id"], self._attempt)

    def take(self, reply: Reply) -> None:
        """Take the one message."""
        self._reply = reply

    def outcome(self) -> Outcome:
        """Judge it: relevance by whether there is a call at all, all else by the checker of syntax trees."""
        calls = self._reply.calls if self._reply else ()
        if "irrelevance" in self._category:
            return Outcome(float(not calls), why="a call where none fits" if calls else "")
        if "relevance" in self._category:
            return Outcome(float(bool(calls)), why="" if calls else "no call")
        verdict = self._bfcl.check_call(self._checked, calls, self._answer, self._category)
        return Outcome(float(verdict.right), why=verdict.why)

    def close(self) -> None:
        """Nothing is held."""


class MultiTurn:
    """An entry of several turns in back ends that keep state."""

    speaker = POLICY

    def __init__(self, bfcl: Bfcl, entry: Entry, answer: Sequence[Sequence[str]], attempt: int) -> None:
        self._bfcl, self._entry, self._answer, self._attempt = bfcl, entry, answer, attempt
        self._run = f"envfactory_{next(_RUNS)}"
        self._functions = list(entry["function"])
        self._conversation = Conversation()
        self._turns: list[list[list[str]]] = []
        self._cut = ""
        self._open_turn()

    def ask(self) -> Asked | None:
        """Return the conversation so far, or nothing after its last turn."""
        if self._cut or len(self._turns) > len(self._entry["question"]):
            return None
        turn = len(self._turns) - 1
        calls = sum(len(step) for step in self._turns[turn])
        tools = self._bfcl.schemas(self._functions)
        return Asked(list(self._conversation.messages), tools, self._entry["id"], self._attempt, turn, calls)

    def take(self, reply: Reply) -> None:
        """Run the calls of a message, or go on to the next turn."""
        if reply.truncated and not reply.calls and not reply.content:
            self._cut = "the conversation no longer fits the model"
        elif reply.calls:
            self._execute(reply)
        else:
            self._conversation.say(reply.content, reply.written.reasoning)
            self._open_turn()

    def outcome(self) -> Outcome:
        """Judge the states and responses after every turn; `prefix` is the share of turns before the first wrong one."""
        turns = self._turns[: len(self._entry["question"])]
        if self._cut:
            return Outcome(0.0, {"prefix": self._prefix(turns[:-1])}, self._cut)
        verdict = self._bfcl.check_turns(self._entry, turns, self._answer, f"{self._run}_whole")
        return Outcome(
            float(verdict.right), {"prefix": 1.0 if verdict.right else self._prefix(turns[:-1])}, verdict.why
        )

    def close(self) -> None:
        """Drop the states of the back ends."""
        self._bfcl.forget(self._entry, self._run)

    def _open_turn(self) -> None:
        turn = len(self._turns)
        self._turns.append([])
        if turn >= len(self._entry["question"]):
            return
        held = self._entry.get("missed_function", {}).get(str(turn))
        said = self._entry["question"][turn]
        if held is not None:
            self._functions += held
            said = [{"role": "user", "content": self._bfcl.more_functions}]
        self._conversation.messages.extend(dict(message) for message in said)

    def _execute(self, reply: Reply) -> None:
        calls = [(call.name, call.arguments) for call in reply.calls]
        keys = self._conversation.ask(calls, reply.content, reply.written.reasoning)
        sources = [self._bfcl.source(self._entry, call) for call in reply.calls]
        results = self._bfcl.execute(self._entry, sources, self._run)
        self._conversation.messages += [
            _result(call, key, said) for call, key, said in zip(reply.calls, keys, results, strict=True)
        ]
        self._turns[-1].append(sources)
        if len(self._turns[-1]) > self._bfcl.most_steps:
            self._cut = f"more than {self._bfcl.most_steps} steps in turn {len(self._turns)}"

    def _prefix(self, turns: Sequence[Sequence[Sequence[str]]]) -> float:
        """Return which share of all turns is right before the first wrong one."""
        right = len(turns)
        while (
            right and not self._bfcl.check_turns(self._entry, turns[:right], self._answer, f"{self._run}_{right}").right
        ):
            right -= 1
        return right / len(self._entry["question"])


def _result(call: ToolCall, key: str, said: str) -> Message:
    return {"role": "tool", "tool_call_id": key, "name": call.name, "content": said}
