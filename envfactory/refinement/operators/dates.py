"""Say a day from where today stands: "tomorrow", "this Friday", "the 5th", where that can mean one day only."""

from __future__ import annotations

import re
from datetime import date

from envfactory.phrasing.spoken import parse_day, relative_days
from envfactory.refinement.edits import turn_with, uses
from envfactory.refinement.operators.base import Candidate, Violation, mention_of
from envfactory.tasks.model import Mention, OperatorRecord, Task
from envfactory.tasks.scope import Scope

_DAY = re.compile(r"\d{4}-\d{2}-\d{2}(T.*)?")
AHEAD = 14
"""Days ahead up to which people speak so."""


class RelativeDate:
    """See the module's docstring. That a second, independent reader finds the one day is heard by the audit."""

    name = "relative_date"

    def applicable(self, task: Task, turn: int, scope: Scope) -> list[Candidate]:
        """Return the stated days near enough to be said so; none where the environments' clocks tell different days."""
        if len({each.now[:10] for each in task.environments}) > 1:
            return []
        return [
            Candidate(turn, (each.id,))
            for each in task.turns[turn].mentions
            if each.form == "stated" and self._ways(each, scope)
        ]

    def apply(self, task: Task, candidate: Candidate, scope: Scope) -> Task:
        """Return the task with the mention's form changed; its denotation stays."""
        mentions = [
            each.model_copy(update={"form": "relative"}) if each.id in candidate.mentions else each
            for each in task.turns[candidate.turn].mentions
        ]
        return turn_with(task, candidate.turn, mentions=mentions)

    def check(self, before: Task, after: Task, candidate: Candidate, scope: Scope) -> OperatorRecord | Violation:
        """Check that the denotation is what it was and that it is near."""
        name = candidate.mentions[0]
        old, new = mention_of(before, candidate.turn, name), mention_of(after, candidate.turn, name)
        if old is None or new is None or old.value != new.value or not uses(after, name):
            return Violation(self.name, candidate.turn, "the day is not the same")
        ways = self._ways(new, scope)
        if not ways:
            return Violation(self.name, candidate.turn, "no way of saying it leaves one day")
        evidence = {"day": str(new.value)[:10], "today": scope.contracts(new.environment).now[:10], "ahead": ways}
        return OperatorRecord(operator=self.name, mentions=[name], evidence=evidence)

    @staticmethod
    def _ways(mention: Mention, scope: Scope) -> int:
        """Return how many days ahead the day is (one more, so that today counts), 0 where it cannot be said so."""
        if not isinstance(mention.value, str) or not _DAY.fullmatch(mention.value):
            return 0
        day, today = parse_day(mention.value), date.fromisoformat(scope.contracts(mention.environment).now[:10])
        if day is None or not 0 <= (day - today).days <= AHEAD or not relative_days(day, today):
            return 0
        return (day - today).days + 1
