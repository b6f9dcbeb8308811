"""What stands around the requests: a remark that asks for nothing, and tools that belong to other environments."""

from __future__ import annotations

from collections.abc import Sequence

from envfactory.environments.contract import Contracts
from envfactory.phrasing.lexicon import singular, spaced
from envfactory.refinement.operators.base import Candidate, Violation
from envfactory.tasks.model import EnvironmentRef, OperatorRecord, Task
from envfactory.tasks.scope import Scope


class ChitChat:
    """A remark that conveys nothing: at most one a conversation. That it says no value is heard by the audit."""

    name = "chit_chat"

    def applicable(self, task: Task, turn: int, scope: Scope) -> list[Candidate]:
        """Return the turn where nobody has chatted yet and there is something to chat beside."""
        chatted = any(record.operator == self.name for each in task.turns for record in each.operators)
        return [] if chatted or not task.turns[turn].requests else [Candidate(turn)]

    def apply(self, task: Task, candidate: Candidate, scope: Scope) -> Task:
        """Return the task as it is: the wording adds the remark because the turn's record asks for it."""
        return task

    def check(self, before: Task, after: Task, candidate: Candidate, scope: Scope) -> OperatorRecord | Violation:
        """Check that it is the only one and asks for nothing."""
        if after.turns[candidate.turn].mentions != before.turns[candidate.turn].mentions:
            return Violation(self.name, candidate.turn, "a remark may convey no value")
        return OperatorRecord(operator=self.name, evidence={"mentions": 0, "requests": 0})


class Distractors:
    """Tools of other environments are offered too: by other names than those that are needed, and for other things.

    Within a domain nothing may be spoken of by the same noun: with hotels and flights at hand, "my booking" is either.
    """

    name = "distractors"

    def __init__(self, most: int = 1) -> None:
        self._most = most

    def applicable(self, task: Task, turn: int, scope: Scope) -> list[Candidate]:
        """Return the environments of the scope that have nothing to do with the task, at its first turn only."""
        if turn != 0 or task.distractors:
            return []
        here = {each.name for each in task.environments}
        others = [scope.reference(name) for name in sorted(scope.names) if name not in here]
        return [Candidate(0, (), (each,)) for each in others if not self._collision(task, (each,), scope)]

    def apply(self, task: Task, candidate: Candidate, scope: Scope) -> Task:
        """Return the task that offers them."""
        return task.model_copy(update={"distractors": list(candidate.detail)[: self._most]})

    def check(self, before: Task, after: Task, candidate: Candidate, scope: Scope) -> OperatorRecord | Violation:
        """Check that no name collides and that none could serve the same purpose."""
        collision = self._collision(before, after.distractors, scope)
        if collision:
            return Violation(self.name, 0, collision)
        offered = sum(len(scope.contracts(each.name).tools) for each in after.distractors)
        evidence = {"environments": [each.name for each in after.distractors], "tools": offered, "collisions": 0}
        return OperatorRecord(operator=self.name, evidence=evidence)

    @staticmethod
    def _collision(task: Task, others: Sequence[EnvironmentRef], scope: Scope) -> str:
        """Return what a distractor has in common with what is needed, empty where nothing."""
        here = {each.name for each in task.environments}
        domains = {each.domain for each in task.environments}
        tools = {tool.name for name in here for tool in scope.contracts(name).tools}
        nouns = {noun for name in here for noun in _nouns(scope.contracts(name))}
        for other in others:
            contracts = scope.contracts(other.name)
            if other.name in here:
                return f"{other.name} belongs to what is needed"
            common = sorted(tools & {tool.name for tool in contracts.tools})
            if common:
                return f"{common[0]} is a tool of {other.name} too"
            alike = sorted(nouns & _nouns(contracts)) if other.domain in domains else []
            if alike:
                return f"{alike[0]} is what {other.name} deals in too"
        return ""


def _nouns(contracts: Contracts) -> set[str]:
    """Return what the rows of an environment are called, the people aside."""
    return {
        str(noun)
        for table, entity in contracts.entities.items()
        if table != contracts.principal
        for noun in entity.get("noun") or [singular(spaced(table))]
    }
