"""Two ways of asking for several things at once: compressed into one sentence, or as the goal whose steps go unsaid.

Compressing says a shared value once and leaves the order to the flow of data; a goal leaves out a look-up that was asked
for as a step of its own and is needed for what follows.
"""

from __future__ import annotations

from typing import NamedTuple

from envfactory.refinement.edits import call_with, sources_with, turn_with, uses, without_mentions
from envfactory.refinement.operators.base import Candidate, Violation, lost
from envfactory.refinement.rehearsal import changes_of, steps_of
from envfactory.refinement.selection import same
from envfactory.tasks.changes import compare
from envfactory.tasks.model import FromResult, Mention, OperatorRecord, Said, Source, Task
from envfactory.tasks.scope import Scope


class Twin(NamedTuple):
    """A value said twice: the mention that stays and the one that goes."""

    stays: str
    goes: str


class Compress:
    """Several requests in one sentence, what they share said once."""

    name = "compress"

    def applicable(self, task: Task, turn: int, scope: Scope) -> list[Candidate]:
        """Return the turn where it asks for several things, with the values that it would say twice."""
        if len(task.turns[turn].requests) < 2:
            return []
        twins = _twins(task, turn)
        return [Candidate(turn, tuple(each.goes for each in twins), tuple(twins))]

    def apply(self, task: Task, candidate: Candidate, scope: Scope) -> Task:
        """Return the task in which shared values are said once."""
        twins: tuple[Twin, ...] = candidate.detail
        stays = {each.goes: each.stays for each in twins}
        changed = sources_with(task, lambda _call, _path, source: _redirected(source, stays))
        return without_mentions(changed, candidate.turn, set(stays))

    def check(self, before: Task, after: Task, candidate: Candidate, scope: Scope) -> OperatorRecord | Violation:
        """Check that no argument is lost, nothing is said twice, and that the order is free where no data flows."""
        missing = lost(before, after)
        if missing:
            return Violation(self.name, candidate.turn, missing[0])
        if _twins(after, candidate.turn):
            return Violation(self.name, candidate.turn, "a shared value is said twice")
        free = _independent(after, candidate.turn)
        if free and not _order_is_free(after, candidate.turn, scope):
            return Violation(self.name, candidate.turn, "the order matters and no data tells it")
        evidence = {
            "requests": len(after.turns[candidate.turn].requests),
            "said_once": len(candidate.mentions),
            "order": "free" if free else "data flow",
        }
        return OperatorRecord(operator=self.name, mentions=[], evidence=evidence)


class Goal:
    """What is wanted in the end is said, a look-up on the way to it is not."""

    name = "goal_not_steps"

    def applicable(self, task: Task, turn: int, scope: Scope) -> list[Candidate]:
        """Return the read requests whose results another request of the turn rests on."""
        requests = [each.call for each in task.turns[turn].requests]
        return [
            Candidate(turn, (), step)
            for step in requests
            if _is_read(task, step, scope)
            and any(step in _rests_on(task, other) for other in requests if other != step)
        ]

    def apply(self, task: Task, candidate: Candidate, scope: Scope) -> Task:
        """Return the task that does not ask for the step nor expects it to be told."""
        step: int = candidate.detail
        turn = task.turns[candidate.turn]
        requests = [each for each in turn.requests if each.call != step]
        facts = [each for each in turn.facts if each.call != step]
        changed = turn_with(task, candidate.turn, requests=requests, facts=facts)
        return call_with(changed, step, purpose="resolve")

    def check(self, before: Task, after: Task, candidate: Candidate, scope: Scope) -> OperatorRecord | Violation:
        """Check that the step follows from what is still asked for."""
        missing = lost(before, after)
        if missing:
            return Violation(self.name, candidate.turn, missing[0])
        left = [each.call for each in after.turns[candidate.turn].requests]
        if not any(candidate.detail in _rests_on(after, other) for other in left):
            return Violation(self.name, candidate.turn, "nothing asked for needs the step")
        unread = [each.id for each in after.turns[candidate.turn].mentions if not uses(after, each.id)]
        if unread:
            return Violation(self.name, candidate.turn, f"{unread[0]} is said for nothing")
        evidence = {"step": after.gold[candidate.detail].tool, "facts_not_asked": _facts_gone(before, after, candidate)}
        return OperatorRecord(operator=self.name, mentions=[], evidence=evidence)


def _facts_gone(before: Task, after: Task, candidate: Candidate) -> int:
    return len(before.turns[candidate.turn].facts) - len(after.turns[candidate.turn].facts)


def _is_read(task: Task, number: int, scope: Scope) -> bool:
    call = task.gold[number]
    return scope.contracts(call.environment).tool(call.tool).kind == "read" and call.outcome == "ok"


def _rests_on(task: Task, number: int) -> set[int]:
    """Return every earlier call that a call's arguments come from, directly or not."""
    found: set[int] = set()
    queue = [number]
    while queue:
        for source in task.gold[queue.pop()].sources.values():
            if isinstance(source, FromResult) and source.call not in found:
                found.add(source.call)
                queue.append(source.call)
    return found


def _twins(task: Task, turn: int) -> list[Twin]:
    """Return the mentions that say for one parameter or column what another says already."""
    said = [each for each in task.turns[turn].mentions if each.form in ("stated", "relative")]
    found: list[Twin] = []
    gone: set[str] = set()
    for number, first in enumerate(said):
        for second in said[number + 1 :]:
            if first.id not in gone and second.id not in gone and _alike(task, turn, first, second):
                gone.add(second.id)
                found.append(Twin(first.id, second.id))
    return found


def _alike(task: Task, turn: int, first: Mention, second: Mention) -> bool:
    """Tell whether two mentions say one thing: the same value of parameters or columns with one name."""
    names = {each.slot.rpartition(".")[2] for each in (first, second)}
    return first.environment == second.environment and len(names) == 1 and same(first.value, second.value)


def _redirected(source: Source, stays: dict[str, str]) -> Source:
    if isinstance(source, Said) and source.mention in stays:
        return Said(mention=stays[source.mention])
    if isinstance(source, FromResult) and any(each.mention in stays for each in source.where):
        where = [
            each.model_copy(update={"mention": stays[each.mention]}) if each.mention in stays else each
            for each in source.where
        ]
        return source.model_copy(update={"where": where})
    return source


def _independent(task: Task, turn: int) -> bool:
    """Tell whether two requests of a turn do not rest on one another."""
    calls = [each.call for each in task.turns[turn].requests]
    return any(
        first not in _rests_on(task, second) and second not in _rests_on(task, first)
        for number, first in enumerate(calls)
        for second in calls[number + 1 :]
    )


def _order_is_free(task: Task, turn: int, scope: Scope) -> bool:
    """Play the turn with its independent requests the other way round: the state must come out the same."""
    first, last = task.turns[turn].calls
    groups: list[list[int]] = []
    for request in sorted(each.call for each in task.turns[turn].requests):
        taken = {number for group in groups for number in group}
        needed = (_rests_on(task, request) | {request}) - taken
        groups.append(sorted(number for number in needed if first <= number < last))
    placed = {number for group in groups for number in group}
    rest = [number for number in range(first, last) if number not in placed]
    if rest or any(_crosses(task, later, groups[:at]) for at, later in enumerate(groups)):
        return False
    turned = [*range(first), *(number for group in reversed(groups) for number in group)]
    there, back = (changes_of(scope, steps_of(task.gold[n] for n in order)) for order in (range(last), turned))
    return there is not None and back is not None and compare(there, back, scope, task.goal).same


def _crosses(task: Task, group: list[int], before: list[list[int]]) -> bool:
    """Tell whether a group takes a value from another: then the order is told by the data, and cannot be turned."""
    earlier = {number for each in before for number in each}
    return any(earlier & _rests_on(task, number) for number in group)
