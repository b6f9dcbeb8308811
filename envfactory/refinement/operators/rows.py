"""Ways to single out a row other than by its name: the cheapest one, the one under a hundred euros.

Both need one optimum or one fit among the rows that the read tool *returned*, the unavailable ones included: a row that is
better but cannot be had would make two readings, so it forbids the operator.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Literal, NamedTuple

from envfactory.phrasing.frames import Ranking
from envfactory.refinement.edits import fresh_id, rows_of, sources_with, uses, without_mentions
from envfactory.refinement.operators.base import Candidate, Violation, frames, lost, reference_column
from envfactory.refinement.selection import Candidate as Row
from envfactory.refinement.selection import candidates, distinct, field_of, left, runner_up
from envfactory.tasks.model import Condition, FromResult, Mention, OperatorRecord, Rank, Source, Task
from envfactory.tasks.scope import Scope

_ROUND = (100_000, 50_000, 10_000, 5_000, 2_000, 1_000, 500, 100)


class Named(NamedTuple):
    """A row of an earlier result that a turn's words describe: where it is, the mentions, and what they are about."""

    call: int
    origin: int
    row: str
    paths: tuple[str, ...]
    gone: tuple[str, ...]
    table: str
    ranking: Ranking


class Ranked:
    """Say what is best about the row ("the cheapest one") instead of what it is called."""

    name = "implicit_ranking"

    def applicable(self, task: Task, turn: int, scope: Scope) -> list[Candidate]:
        """Return the described rows that are the strict optimum of something comparable."""
        return [Candidate(turn, each.gone, each) for each in named_rows(task, turn, scope) if _is_optimum(task, each)]

    def apply(self, task: Task, candidate: Candidate, scope: Scope) -> Task:
        """Return the task that ranks."""
        row: Named = candidate.detail
        order = row.ranking.order
        mention = _mention(task, row, "k", order, "ranked")
        rank = Rank(field=row.ranking.field, order="min" if order == "min" else "max", mention=mention.id)
        changed = _singled_out(task, row, rank=rank)
        return without_mentions(changed, candidate.turn, row.gone, [mention])

    def check(self, before: Task, after: Task, candidate: Candidate, scope: Scope) -> OperatorRecord | Violation:
        """Check the optimum and its margin on the rows returned."""
        row: Named = candidate.detail
        missing = lost(before, after)
        if missing:
            return Violation(self.name, candidate.turn, missing[0])
        source = after.gold[row.call].sources[row.paths[0]]
        if not isinstance(source, FromResult) or source.rank is None:
            return Violation(self.name, candidate.turn, "nothing is ranked")
        returned = candidates(after.gold[row.origin].result, source.path)
        best, second = runner_up(returned, source.where, source.rank)
        if second is None:
            return Violation(self.name, candidate.turn, "there is nothing to choose from")
        evidence = {
            "field": source.rank.field,
            "order": source.rank.order,
            "rows": len(left(returned, source.where)),
            "best": best,
            "second": second,
        }
        names = [source.rank.mention] if source.rank.mention else []
        return OperatorRecord(operator=self.name, mentions=names, evidence=evidence)


class Amount:
    """Say a sum that only this row keeps under ("under 100 euros") instead of what it is called."""

    name = "vague_amount"

    def applicable(self, task: Task, turn: int, scope: Scope) -> list[Candidate]:
        """Return the described rows that a round sum tells from all others."""
        return [
            Candidate(turn, each.gone, each)
            for each in named_rows(task, turn, scope)
            if each.ranking.field.endswith("_cents")
            and each.ranking.order == "min"
            and any(request.call == each.call for request in task.turns[turn].requests)
            and self._bound(task, each)
        ]

    def apply(self, task: Task, candidate: Candidate, scope: Scope) -> Task:
        """Return the task that bounds."""
        row: Named = candidate.detail
        bound = self._bound(task, row)
        mention = _mention(task, row, "b", bound, "vague")
        condition = Condition(field=row.ranking.field, op="le", value=bound, mention=mention.id)
        changed = _singled_out(task, row, condition=condition)
        return without_mentions(changed, candidate.turn, row.gone, [mention])

    def check(self, before: Task, after: Task, candidate: Candidate, scope: Scope) -> OperatorRecord | Violation:
        """Check that exactly one of the rows returned fits, with "under" as with "at most"."""
        row: Named = candidate.detail
        missing = lost(before, after)
        if missing:
            return Violation(self.name, candidate.turn, missing[0])
        source = after.gold[row.call].sources[row.paths[0]]
        if not isinstance(source, FromResult):
            return Violation(self.name, candidate.turn, "the row is not looked up")
        bound = next((each for each in source.where if each.op == "le"), None)
        returned = candidates(after.gold[row.origin].result, source.path)
        if bound is None or any(field_of(each, bound.field) == bound.value for each in returned):
            return Violation(self.name, candidate.turn, "a row stands exactly at the bound")
        fitting = distinct(left(returned, source.where))
        if len(fitting) != 1:
            return Violation(self.name, candidate.turn, f"{len(fitting)} rows fit")
        evidence = {"field": bound.field, "bound": bound.value, "rows": len(returned), "fitting": 1}
        return OperatorRecord(operator=self.name, mentions=[str(bound.mention)], evidence=evidence)

    @staticmethod
    def _bound(task: Task, row: Named) -> int | None:
        """Return the roundest sum between the row's and the next one's, far from both."""
        returned, kept, rank = _after(task, row)
        best, second = runner_up(returned, kept, rank)
        if not _is_optimum(task, row) or not isinstance(best, int) or not isinstance(second, int):
            return None
        for step in _ROUND:
            bound = (best // step + 1) * step
            if best < bound < second and bound <= 2 * best:
                return bound
        return None


def named_rows(task: Task, turn: int, scope: Scope) -> list[Named]:
    """Return the described rows of a turn with everything comparable about them, the mentions that may go, and those left.

    Tried are: all that describes the row, and each description alone (the others go on holding).
    """
    found = []
    for number in range(*task.turns[turn].calls):
        call = task.gold[number]
        for (origin, row), paths in rows_of(call).items():
            for gone in _describing(task, turn, number, paths, origin, row):
                found += [
                    Named(number, origin, row, tuple(paths), gone, table, ranking)
                    for table, ranking in _rankings(task, number, paths, scope)
                ]
    return found


def _rankings(task: Task, number: int, paths: Iterable[str], scope: Scope) -> list[tuple[str, Ranking]]:
    call = task.gold[number]
    known = frames(scope, call.environment)
    tables = dict.fromkeys(reference_column(scope, call, path).split(".")[0] for path in paths)
    entities = [(table, known.entity(table)) for table in tables if table]
    return [(table, each) for table, entity in entities if entity for each in entity.rankings if each.adjective]


def _describing(
    task: Task, turn: int, number: int, paths: Iterable[str], origin: int, row: str
) -> list[tuple[str, ...]]:
    """Return the sets of this turn's mentions that serve for nothing but to describe the row."""
    said = {each.id for each in task.turns[turn].mentions if each.form in ("stated", "relative")}
    where = [
        each.mention
        for path in paths
        if isinstance(source := task.gold[number].sources[path], FromResult)
        for each in source.where
    ]
    only = [
        name
        for name in dict.fromkeys(each for each in where if each in said)
        if name is not None and _describes_only(task, name, origin, row)
    ]
    return [tuple(only), *((name,) for name in only if len(only) > 1)] if only else []


def _describes_only(task: Task, name: str, origin: int, row: str) -> bool:
    for use in uses(task, name):
        source = task.gold[use.call].sources[use.path]
        if use.kind != "condition" or not isinstance(source, FromResult):
            return False
        if source.call != origin or not source.path.startswith(row):
            return False
    return True


def _after(task: Task, row: Named) -> tuple[list[Row], list[Condition], Rank]:
    """Return the rows returned, the conditions that would be left, and the ranking."""
    source = task.gold[row.call].sources[row.paths[0]]
    where = source.where if isinstance(source, FromResult) else []
    path = source.path if isinstance(source, FromResult) else ""
    kept = [each for each in where if each.mention not in row.gone]
    rank = Rank(field=row.ranking.field, order="min" if row.ranking.order == "min" else "max")
    return candidates(task.gold[row.origin].result, path), kept, rank


def _is_optimum(task: Task, row: Named) -> bool:
    returned, kept, rank = _after(task, row)
    wanted = _value(task, row)
    best = distinct(left(returned, kept, rank))
    others = len(distinct(left(returned, kept)))
    return best == [wanted] and others > 1


def _value(task: Task, row: Named) -> Any:
    source = task.gold[row.call].sources[row.paths[0]]
    path = source.path if isinstance(source, FromResult) else ""
    return next((each.value for each in candidates(task.gold[row.origin].result, path) if each.path == path), None)


def _mention(task: Task, row: Named, prefix: str, value: Any, form: Literal["ranked", "vague"]) -> Mention:
    """Return the mention of what now tells a row from the others, by the field it is ranked by."""
    environment = task.gold[row.call].environment
    slot = f"{row.table}.{row.ranking.field}"
    return Mention(id=fresh_id(task, prefix), environment=environment, slot=slot, value=value, form=form)


def _singled_out(task: Task, row: Named, *, rank: Rank | None = None, condition: Condition | None = None) -> Task:
    """Return the task in which everything taken from the row is found by the ranking or the condition."""

    def change(_call: int, _path: str, source: Source) -> Source:
        if not isinstance(source, FromResult) or source.call != row.origin or not source.path.startswith(row.row):
            return source
        if not any(each.mention in row.gone for each in source.where):
            return source
        where = [each for each in source.where if each.mention not in row.gone]
        where += [condition] if condition else []
        return source.model_copy(update={"where": where, "rank": rank or source.rank})

    return sources_with(task, change)
