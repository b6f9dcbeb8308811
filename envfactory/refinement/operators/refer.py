"""Refer back: what the last turn was about is not described again but pointed at ("that booking", "it").

The antecedent must be the only thing of its type that the last turn dealt with, and must not come to be known through an
answer that the assistant has yet to ask for. That it stands in the words of the last turn is heard by the audit.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

from envfactory.refinement.edits import (
    call_with,
    fresh_id,
    needed_calls,
    sources_with,
    uses,
    without_calls,
    without_mentions,
)
from envfactory.refinement.operators.base import Candidate, Violation, lost, reference_column
from envfactory.refinement.recoverability import distinct_values
from envfactory.refinement.rehearsal import same_as_recorded
from envfactory.refinement.selection import candidates, through_list
from envfactory.sampling.antecedents import argument_leaves, shown_once, spoken_of
from envfactory.tasks.model import Condition, FromResult, GoldCall, Mention, OperatorRecord, Source, Task
from envfactory.tasks.scope import Scope

_DESCRIBING = ("stated", "relative", "vague", "ranked")


class Described(NamedTuple):
    """A row that a turn describes anew: the argument that names it, its key, and the mentions that describe it."""

    call: int
    path: str
    column: str
    key: Any
    mentions: tuple[str, ...]


class ReferBack:
    """See the module's docstring."""

    name = "refer_back"

    def applicable(self, task: Task, turn: int, scope: Scope) -> list[Candidate]:
        """Return the rows that the turn describes and the last turn has just dealt with."""
        if turn == 0:
            return []
        last = dealt_with(task, turn - 1, scope)
        found = {
            each.column: Candidate(turn, each.mentions, each)
            for each in described(task, turn, scope)
            if last.get(each.column) == [each.key] and _free(task, turn, each)
        }
        return list(found.values())

    def apply(self, task: Task, candidate: Candidate, scope: Scope) -> Task:
        """Return the task that points instead of describing, without the look-up that pointing makes needless."""
        row: Described = candidate.detail
        name = fresh_id(task, "r")
        environment = task.gold[row.call].environment
        pointer = Mention(id=name, environment=environment, slot=row.column, value=row.key, form="referred")
        changed = _pointing(task, row, pointer)
        changed = without_mentions(changed, candidate.turn, row.mentions, [pointer])
        found = _earlier_place(changed, candidate.turn, row)
        if found is not None:
            changed = _rewired(changed, row, found, pointer)
        idle = set(range(*changed.turns[candidate.turn].calls)) - needed_calls(changed)
        return without_calls(changed, idle) if idle else changed

    def check(self, before: Task, after: Task, candidate: Candidate, scope: Scope) -> OperatorRecord | Violation:
        """Check that the antecedent is the only one of its type and that no argument is lost."""
        row: Described = candidate.detail
        antecedents = dealt_with(after, candidate.turn - 1, scope).get(row.column, [])
        if antecedents != [row.key]:
            reason = f"{len(antecedents)} antecedents of type {row.column}"
            return Violation(self.name, candidate.turn, reason)
        asked = {each.id for reply in after.turns[candidate.turn].replies for each in reply.mentions}
        if asked & set(row.mentions):
            return Violation(self.name, candidate.turn, "the antecedent is delivered through a missing parameter")
        missing = lost(before, after)
        if missing:
            return Violation(self.name, candidate.turn, missing[0])
        if len(after.gold) != len(before.gold) and not same_as_recorded(scope, after):
            return Violation(self.name, candidate.turn, "the calls without the look-up answer otherwise")
        new = [each.id for each in after.turns[candidate.turn].mentions if each.form == "referred"]
        evidence = {
            "type": row.column,
            "antecedents": 1,
            "described_by": len(row.mentions),
            "reads_spared": len(before.gold) - len(after.gold),
        }
        return OperatorRecord(operator=self.name, mentions=new, evidence=evidence)


def dealt_with(task: Task, turn: int, scope: Scope) -> dict[str, list[Any]]:
    """Return the rows a turn dealt with, by `table.column`: named by what it asked for, made by it, or told in its answer.

    Rows that a result merely showed were not dealt with, for nobody spoke of them; the signed-in person is never "it".
    """
    found: dict[str, list[Any]] = {}
    for number in range(*task.turns[turn].calls):
        call = task.gold[number]
        if call.purpose == "resolve" and not _granted(task, turn, number):
            continue
        people = scope.contracts(call.environment).principal
        told = [each.name for each in task.turns[turn].facts if each.call == number]
        told += [each.slot.partition(".")[0].removesuffix("s") for each in task.turns[turn].mentions]
        for column, value in _named_rows(call, told, scope):
            if column.split(".")[0] != people:
                found[column] = distinct_values([*found.get(column, []), value])
    return found


def _granted(task: Task, turn: int, number: int) -> bool:
    return any(request.call == number for request in task.turns[turn].requests)


def _named_rows(call: GoldCall, told: Sequence[str], scope: Scope) -> list[tuple[str, Any]]:
    found = [
        (column, value)
        for path, value in argument_leaves(call.arguments)
        if (column := reference_column(scope, call, path))
    ]
    columns = key_columns(scope, call.environment)
    makes = scope.contracts(call.environment).tool(call.tool).kind == "write"
    for path, value in shown_once(call.result):
        name = path.rpartition(".")[2]
        if name in columns and isinstance(value, str | int) and (makes or spoken_of(name, told)):
            found.append((columns[name], value))
    return found


def key_columns(scope: Scope, environment: str) -> dict[str, str]:
    """Return the names under which keys of rows pass through an environment's tools, with the column of each."""

    def make() -> dict[str, str]:
        tools = scope.contracts(environment).tools
        named = {name: each.ref for tool in tools for name, each in tool.parameters.items() if each.ref}
        keys = {
            (table, facts.primary_key[0])
            for table, facts in scope.schema(environment).tables.items()
            if len(facts.primary_key) == 1
        }
        return {name: column for name, column in named.items() if tuple(column.split(".")) in keys}

    found: dict[str, str] = scope.keep(environment, "refinement.keys", make)
    return found


def described(task: Task, turn: int, scope: Scope) -> list[Described]:
    """Return the rows that a turn's own words describe by visible properties, with the key each is known by."""
    said = {each.id for each in task.turns[turn].mentions if each.form in _DESCRIBING}
    found = []
    for number in range(*task.turns[turn].calls):
        call = task.gold[number]
        for path, value in argument_leaves(call.arguments):
            source = call.sources.get(path)
            column = reference_column(scope, call, path)
            if not isinstance(source, FromResult) or column not in key_columns(scope, call.environment).values():
                continue
            names = _names(source)
            if names and all(name in said for name in names):
                found.append(Described(number, path, column, value, names))
    return found


def _names(source: FromResult) -> tuple[str, ...]:
    """Return what singles a row out: the mentions of its conditions and of its ranking ("None" where one has none)."""
    ranked = [source.rank.mention] if source.rank else []
    return tuple(str(each) for each in [*(each.mention for each in source.where), *ranked])


def _free(task: Task, turn: int, row: Described) -> bool:
    """Tell whether nothing but this row rests on the mentions that describe it."""
    spot = task.gold[row.call].sources[row.path]
    return isinstance(spot, FromResult) and all(
        use.kind in ("condition", "rank") and _same_row(task.gold[use.call].sources[use.path], spot)
        for name in row.mentions
        for use in uses(task, name)
    )


def _same_row(source: Source, spot: FromResult) -> bool:
    return isinstance(source, FromResult) and source.call == spot.call and _row(source.path) == _row(spot.path)


def _row(path: str) -> str:
    return path[: path.rindex("]") + 1] if through_list(path) else ""


def _pointing(task: Task, row: Described, pointer: Mention) -> Task:
    """Return the task in which the key alone singles the row out wherever its description did."""
    spot = task.gold[row.call].sources[row.path]
    if not isinstance(spot, FromResult):
        return task
    field = spot.path.rpartition(".")[2]
    key = Condition(field=field, value=row.key, mention=pointer.id)

    def change(_call: int, _path: str, source: Source) -> Source:
        if isinstance(source, FromResult) and set(_names(source)) & set(row.mentions):
            return source.model_copy(update={"where": [key], "rank": None})
        return source

    return sources_with(task, change)


def _earlier_place(task: Task, turn: int, row: Described) -> tuple[int, str] | None:
    """Return where earlier turns showed the key: the latest call and the path in its result."""
    environment = task.gold[row.call].environment
    for number in range(task.turns[turn].calls[0] - 1, -1, -1):
        call = task.gold[number]
        if call.environment != environment or call.outcome != "ok":
            continue
        for path, value in argument_leaves(call.result if isinstance(call.result, dict) else {}):
            if value == row.key:
                return number, path
    return None


def _rewired(task: Task, row: Described, place: tuple[int, str], pointer: Mention) -> Task:
    """Return the task whose turn takes the key from an earlier turn's result."""
    number, path = place
    field = path.rpartition(".")[2]
    found = candidates(task.gold[number].result, path)
    where = [Condition(field=field, value=row.key, mention=pointer.id)] if found else []
    source = FromResult(call=number, path=path, where=where)
    spot = task.gold[row.call].sources[row.path]
    changed = task
    for at in range(
        *task.turns[next(n for n, t in enumerate(task.turns) if t.calls[0] <= row.call < t.calls[1])].calls
    ):
        sources = {name: source if each == spot else each for name, each in changed.gold[at].sources.items()}
        changed = call_with(changed, at, sources=sources)
    return changed
