"""Verified tasks as conversations to learn from, each really played: what its calls answered is what the tools said.

A seeded share is played with faults at the tool boundary (time-outs, rate limits, passing failures, reads that lag behind
one's own write), from which the assistant recovers by trying again. A conversation is kept only if every call gave what the task's gold says, the state it
ends in is the goal's, and its answers state all facts; otherwise it is left out, with the reason.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from random import Random
from typing import Any

from envfactory.datasets.conversation import Conversation, Thinking, served_name, system_text
from envfactory.environments.contract import Contracts
from envfactory.errors import SandboxError
from envfactory.phrasing.answers import question, spoken
from envfactory.phrasing.thoughts import asking_thought, declining_thought, refusal_thought, retry_thought, thought
from envfactory.runtime.faults import STALE_READ, FaultPlan
from envfactory.sandbox import HandlerFault
from envfactory.tasks.changes import compare
from envfactory.tasks.grader import grade
from envfactory.tasks.model import FromResult, GoldCall, Played, Rollout, Said, Step, Task, Turn
from envfactory.tasks.play import FAULTS, Episodes, Outcome, play, word
from envfactory.tasks.scope import Scope, all_references

Row = dict[str, Any]
Caller = Callable[[GoldCall], Outcome]
LACKS_A_FACT = "an answer lacks a fact"
_FAULT_RATE = 0.35
_FAULT_SEEDS = 60
_MOST_FAULTS = 2
_MOST_TRIES = 4
_SHARE_STALE = 0.5  # of those that read what they wrote


@dataclass(frozen=True)
class LeftOut:
    """A task that became no conversation, and why in a few words that can be counted."""

    task: str
    reason: str
    detail: str = ""


@dataclass(frozen=True)
class SftOptions:
    """How conversations are made. `faults` is the share of tasks played with faults at the tool boundary."""

    seed: int = 0
    faults: float = 0.15
    thinking: Thinking = "field"


def sft_row(task: Task, scope: Scope, options: SftOptions) -> Row | LeftOut:
    """Play a task and return its conversation as a row, or why there is none."""
    try:
        return _Player(task, scope, options).row()
    except (SandboxError, HandlerFault) as error:
        return LeftOut(task.id, "infrastructure", str(error))


class _Player:
    """One task being played and written down."""

    def __init__(self, task: Task, scope: Scope, options: SftOptions) -> None:
        self._task = task
        self._scope = scope
        self._options = options
        self._contracts: Mapping[str, Contracts] = scope.contracts_for(task)
        self._talk = Conversation(options.thinking)
        self._played: list[Played] = []
        self._answers: list[str] = []
        self._counts = {"faults": 0, "questions": 0}

    def row(self) -> Row | LeftOut:
        task = self._task
        self._talk.system(system_text(task, self._options.seed))
        faults = self._faults()
        differs = self._with_faults(faults) if faults else self._at_once()
        if differs is not None:
            return differs
        graded = grade(task, Rollout(calls=self._played, answers=self._answers), self._scope)
        if graded.status == "infrastructure":
            return LeftOut(task.id, "infrastructure", "; ".join(graded.reasons[:1]))
        if not graded.solved:
            return LeftOut(task.id, LACKS_A_FACT, "; ".join(graded.reasons[:2]))
        return self._finished()

    def _at_once(self) -> LeftOut | None:
        """Play all calls in one go, then write the conversation down."""
        steps = [
            Step(environment=each.environment, tool=each.tool, arguments=each.arguments) for each in self._task.gold
        ]
        played = play(self._scope, steps)
        if not played.played:
            return LeftOut(self._task.id, "infrastructure", played.message)
        coming = iter(played.outcomes)
        return self._turns(lambda _: next(coming))

    def _with_faults(self, faults: Mapping[str, Any]) -> LeftOut | None:
        """Play call by call under a fault plan; the state that is reached must be the goal's all the same."""
        task = self._task
        with Episodes(self._scope, [each.name for each in all_references(task)], faults=faults) as episodes:
            differs = self._turns(lambda gold: episodes.call(gold.environment, gold.tool, gold.arguments))
            if differs is not None:
                return differs
            found = episodes.true_changes()
        comparison = compare(task.goal.changes, found, self._scope, task.goal)
        if comparison.same:
            return None
        return LeftOut(task.id, "ends in another state", "; ".join(comparison.differences[:3]))

    def _turns(self, call: Caller) -> LeftOut | None:
        for number, turn in enumerate(self._task.turns):
            differs = self._turn(call, number, turn)
            if differs:
                return LeftOut(self._task.id, "a call does not replay", differs)
        return None

    def _finished(self) -> Row:
        task = self._task
        return {
            "id": task.id,
            "split": task.split,
            "domain": task.environments[0].domain,
            "environments": [each.name for each in task.environments],
            "outcomes": [turn.outcome for turn in task.turns],
            "calls": len(self._played),
            **self._counts,
            "messages": self._talk.messages,
            "tools": self._scope.tool_schemas(task),
        }

    def _rng(self, what: str) -> Random:
        return Random(f"sft/{self._options.seed}/{self._task.id}/{what}")

    def _faults(self) -> Mapping[str, Any] | None:
        """Return a fault plan under which some call of the task fails at first, where the task is of the share."""
        rng = self._rng("faults")
        if rng.random() >= self._options.faults or not self._task.gold:
            return None
        lagging = self._reads_back()
        told: dict[str, Any] = {"rate": _FAULT_RATE}
        if any(lagging) and rng.random() < _SHARE_STALE:
            told["kinds"] = (STALE_READ,)
        struck = lagging if "kinds" in told else [True] * len(lagging)
        for seed in rng.sample(range(10_000), _FAULT_SEEDS):
            if 1 <= _faults_under({"seed": seed, **told}, self._task.gold, struck) <= _MOST_FAULTS:
                return {"seed": seed, **told}
        return None

    def _reads_back(self) -> list[bool]:
        """Return of each gold call whether it reads where one before it wrote."""
        written: set[str] = set()
        found = []
        for call in self._task.gold:
            reads = self._contracts[call.environment].tool(call.tool).kind == "read"
            found.append(reads and call.environment in written)
            if not reads and call.outcome == "ok":
                written.add(call.environment)
        return found

    def _turn(self, call: Caller, number: int, turn: Turn) -> str:
        """Play a turn; return what is not as the gold says (nothing if all is)."""
        self._talk.user(turn.text)
        ask_at = _asking_place(self._task, self._contracts, turn)
        for index in range(*turn.calls):
            if index == ask_at:
                self._ask(number, turn)
            differs = self._call(call, number, index)
            if differs:
                return differs
        if ask_at == turn.calls[1]:
            self._ask(number, turn)
        self._answer(number, turn)
        return ""

    def _ask(self, number: int, turn: Turn) -> None:
        for each, reply in enumerate(turn.replies):
            rng = self._rng(f"question/{number}/{each}")
            self._talk.say(question(reply, rng), asking_thought(reply, self._contracts, rng))
            self._talk.user(reply.text)
            self._counts["questions"] += 1

    def _call(self, call: Caller, number: int, index: int) -> str:
        gold, rng = self._task.gold[index], self._rng(f"thought/{index}")
        before = thought(self._task, index, self._contracts, rng)
        name = served_name(self._task, gold.environment, gold.tool)
        for _ in range(_MOST_TRIES):
            outcome = call(gold)
            self._talk.call(name, gold.arguments, outcome, before)
            self._played.append(_played(gold, outcome, number))
            stale = outcome.get("stale", False)
            if word(outcome) not in FAULTS and not stale:
                return _difference(gold, outcome)
            self._counts["faults"] += 1
            before = retry_thought(STALE_READ if stale else word(outcome), rng)
        return f"{gold.tool}: the service stays away"

    def _answer(self, number: int, turn: Turn) -> None:
        text = spoken(self._task, number, self._contracts)
        self._answers.append(text)
        self._talk.say(text, self._last_thought(turn))

    def _last_thought(self, turn: Turn) -> str:
        """Return the reasoning before an answer, where it is not plain from what came before."""
        rng = self._rng(f"closing/{turn.calls[1]}")
        last = self._task.gold[turn.calls[1] - 1] if turn.calls[1] > turn.calls[0] else None
        if turn.outcome == "refused" and last is not None and last.outcome != "ok":
            return refusal_thought(last, rng)
        return declining_thought(rng) if turn.outcome == "declined" else ""


def _faults_under(told: Mapping[str, Any], gold: list[GoldCall], struck: list[bool]) -> int:
    """Return how many faults a plan brings about when each call that it may strike is repeated until it gets through."""
    plans: dict[str, FaultPlan] = {}
    faults = 0
    for call, strikes in zip(gold, struck, strict=True):
        plan = plans.setdefault(call.environment, FaultPlan(**told))
        while plan.next(call.tool) is not None and strikes:
            faults += 1
    return faults


def _asking_place(task: Task, contracts: Mapping[str, Contracts], turn: Turn) -> int | None:
    """Return the call before which a missing parameter is asked for: the first that needs it, or that changes anything."""
    if not turn.replies:
        return None
    wanted = {mention.id for reply in turn.replies for mention in reply.mentions}
    for index in range(*turn.calls):
        call = task.gold[index]
        writes = contracts[call.environment].tool(call.tool).kind == "write"
        if writes or wanted & _mentions(call):
            return index
    return turn.calls[1]


def _mentions(call: GoldCall) -> set[str]:
    """Return the mentions that the arguments of a call rest on."""
    found: set[str] = set()
    for source in call.sources.values():
        if isinstance(source, Said):
            found.add(source.mention)
        elif isinstance(source, FromResult):
            found |= {each.mention for each in source.where if each.mention}
            found |= {source.rank.mention} if source.rank and source.rank.mention else set()
    return found


def _played(gold: GoldCall, outcome: Outcome, turn: int) -> Played:
    return Played(
        environment=gold.environment,
        tool=gold.tool,
        arguments=gold.arguments,
        outcome=word(outcome),
        result=outcome.get("result"),
        turn=turn,
    )


def _difference(gold: GoldCall, outcome: Outcome) -> str:
    """Return how an outcome differs from the gold's; nothing where it does not."""
    if word(outcome) != gold.outcome:
        return f"{gold.tool}: {word(outcome)} instead of {gold.outcome}"
    if gold.outcome == "ok" and outcome["result"] != gold.result:
        return f"{gold.tool}: another result"
    return ""
