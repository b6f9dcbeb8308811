"""The `rules` solver: reads the request, ranks the offered tools, finds their arguments by looking, acts, and answers.

It sees what a trainee sees and nothing else: the briefing, the person's words, the tools' schemas, the results of its
own calls. Ties are broken by lot, seeded, so that several attempts measure how far the words settle what is wanted.
"""

from __future__ import annotations

from dataclasses import dataclass
from random import Random
from typing import Any

from envfactory.calibration.answering import ask_for, tell_declined, tell_done, tell_refused
from envfactory.calibration.finding import Finder
from envfactory.calibration.finding import Task as Doing
from envfactory.calibration.hearing import hear
from envfactory.calibration.memory import rows_of, singular
from envfactory.calibration.offered import Parameter, Tool
from envfactory.calibration.requests import Listener, Request
from envfactory.calibration.solver import Briefing, Desk, Outcome
from envfactory.calibration.table import Table
from envfactory.calibration.vocabulary import root

BUDGET = 24
_REPAIRS = 2
_BOLDNESS = (0.1, 0.1, 0.3, 0.8)  # how freely an attempt chooses among tools that seem to fit
_QUESTIONS = 2
_WRONG_VALUE = ("NOT_FOUND", "NO_SUCH", "UNKNOWN", "INVALID", "BAD_ARGUMENT", "ARGUMENT")
_TRANSIENT = frozenset({"TIMEOUT", "RATE_LIMITED", "UNAVAILABLE"})


class Searcher:
    """The scripted solver, as calibration takes one."""

    name = "rules"

    def begin(self, briefing: Briefing, seed: str) -> SearchDialogue:
        """Open an attempt."""
        return SearchDialogue(briefing, Random(seed))


@dataclass
class _Pending:
    """A request that waits for the person to say what is missing."""

    request: Request
    heard: str
    questions: int


class SearchDialogue:
    """One attempt: what was learnt stays from turn to turn."""

    def __init__(self, briefing: Briefing, rng: Random) -> None:
        self._table = Table(briefing, BUDGET)
        self._rng = rng
        self._finder = Finder(self._table, rng)
        self._pending: _Pending | None = None
        people = frozenset(root(singular(each.table).split("_")[-1]) for each in briefing.profile)
        self._listener = Listener(self._table.offer, rng, people, rng.choice(_BOLDNESS))

    def reply(self, message: str, desk: Desk) -> str:
        """Hear a message; return an answer, or a question for what is missing."""
        pending, self._pending = self._pending, None
        self._table.open(desk, new_turn=pending is None)
        if pending is not None:
            return self._resume(pending, message)
        requests = self._listener.requests(hear(message, self._table.now("")), self._table.memory.topic)
        if not requests:
            return tell_declined()
        return " ".join(self._do(each, message, 0) for each in requests)

    def _resume(self, pending: _Pending, message: str) -> str:
        heard = f"{pending.heard} {message}"
        request = Request(pending.request.tool, f"{pending.request.words} {message}", pending.request.score)
        return self._do(request, heard, pending.questions)

    def _do(self, request: Request, message: str, questions: int) -> str:
        tool = request.tool
        now = self._table.now(tool.environment)
        said = hear(request.words, now)
        around = said if message == request.words else hear(message, now)
        doing = Doing(tool, said, around, certain=questions == 0)
        arguments, missing = self._finder.arguments(doing)
        if missing:
            return self._ask(request, message, missing, questions)
        return self._act(doing, arguments)

    def _ask(self, request: Request, message: str, missing: list[Parameter], questions: int) -> str:
        if questions >= _QUESTIONS or self._table.exhausted:
            return tell_declined()
        self._pending = _Pending(request, message, questions + 1)
        return ask_for([(each.noun or each.name, str(each.schema.get("description", ""))) for each in missing])

    def _act(self, doing: Doing, arguments: dict[str, Any]) -> str:
        outcome = self._try(doing, arguments)
        if outcome["status"] == "ok":
            self._remember(doing.tool, arguments, outcome["result"])
            return tell_done(doing.tool, outcome["result"], doing.said)
        if not any(word in str(outcome.get("code", "")) for word in _WRONG_VALUE):
            self._remember(doing.tool, arguments, {})  # what was refused was spoken of all the same
        return tell_refused(doing.tool, str(outcome.get("message", "")))

    def _try(self, doing: Doing, arguments: dict[str, Any]) -> Outcome:
        outcome, _ = self._table.call(doing.tool, arguments)
        for _ in range(_REPAIRS):
            repaired = _repaired(doing.tool, arguments, outcome)
            if repaired is None:
                break
            outcome, _ = self._table.call(doing.tool, repaired)
        return outcome

    def _remember(self, tool: Tool, arguments: dict[str, Any], result: Any) -> None:
        memory = self._table.memory
        for name, value in arguments.items():
            memory.given.append((self._table.turn, name, value))
        rows = list(rows_of(result))
        own = next((fields for container, fields in rows if not container or len(rows) == 1), {})
        for name, value in {**arguments, **own}.items():
            if name.endswith("_id") and value is not None:
                memory.focus[name] = value
        made = [name for name in [*own, *arguments] if name.endswith("_id") and name not in self._table.own_keys]
        if made:
            memory.topic = made[0].removesuffix("_id")


def _repaired(tool: Tool, arguments: dict[str, Any], outcome: Outcome) -> dict[str, Any] | None:
    """Return arguments to try instead after an error that a wrong value made: the same again after a passing fault,
    without the optional parameters after an invalid one; None where the error is an answer."""
    code, message = str(outcome.get("code", "")), str(outcome.get("message", ""))
    if outcome["status"] == "fault" or code in _TRANSIENT:
        return arguments
    if outcome["status"] != "error" or not any(word in code for word in _WRONG_VALUE):
        return None
    optional = [each.name for each in tool.parameters if not each.required and each.name in arguments]
    named = [name for name in optional if name in message] or optional
    return {name: value for name, value in arguments.items() if name not in named} if named else None
