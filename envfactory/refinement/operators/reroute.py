"""Drop what is said only to make a look-up possible, where reads from what the request names anyhow find the same.

"Add spa access to my booking in Porto" needs no dates and no party: the booking tells the hotel, the hotel its extras. The
bounded search starts from the other arguments of the goal call and from the profile, and goes two reads deep.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from envfactory.environments.contract import Contract
from envfactory.refinement.edits import call_with, uses, with_calls, without_calls, without_mentions
from envfactory.refinement.operators.base import Candidate, Violation, lost, reference_column
from envfactory.refinement.operators.refer import key_columns
from envfactory.refinement.rehearsal import before_turn, hear, same_as_recorded
from envfactory.refinement.selection import Candidate as Row
from envfactory.refinement.selection import candidates, distinct, left, same
from envfactory.sampling.antecedents import argument_leaves
from envfactory.tasks.model import Condition, FromProfile, FromResult, GoldCall, OperatorRecord, Source, Step, Task
from envfactory.tasks.scope import Scope

DEPTH, READS = 2, 8


class LookUp(NamedTuple):
    """A look-up of a turn: the calls that make it, the goal call it serves, and the arguments taken from it."""

    calls: frozenset[int]
    goal: int
    paths: tuple[str, ...]


class Route(NamedTuple):
    """Reads that find every argument: the calls (counted from the goal call's place on) and the new sources."""

    reads: list[GoldCall]
    sources: dict[str, Source]
    tried: int


class Known(NamedTuple):
    """A key that the search may use, and where a solver has it."""

    value: Any
    source: Source


class Reroute:
    """See the module's docstring."""

    name = "drop_lookup"

    def applicable(self, task: Task, turn: int, scope: Scope) -> list[Candidate]:
        """Return the look-ups for which something is said that serves nothing else."""
        found = []
        for request in task.turns[turn].requests:
            for look_up in _look_ups(task, turn, request.call):
                gone = _only_for(task, turn, look_up)
                if gone:
                    found.append(Candidate(turn, gone, look_up))
        return found

    def apply(self, task: Task, candidate: Candidate, scope: Scope) -> Task:
        """Return the task that finds the same by other reads, if there are any."""
        look_up: LookUp = candidate.detail
        route = search(task, candidate.turn, look_up, scope)
        if route is None:
            return task
        changed = with_calls(task, look_up.goal, candidate.turn, route.reads)
        goal = look_up.goal + len(route.reads)
        changed = call_with(changed, goal, sources={**changed.gold[goal].sources, **route.sources})
        changed = without_calls(changed, look_up.calls)
        return without_mentions(changed, candidate.turn, candidate.mentions)

    def check(self, before: Task, after: Task, candidate: Candidate, scope: Scope) -> OperatorRecord | Violation:
        """Check that the other reads answer, that nothing is lost, and that what is dropped served nothing else."""
        look_up: LookUp = candidate.detail
        if after is before or any(uses(after, name) for name in candidate.mentions):
            return Violation(self.name, candidate.turn, "no reads from what is still said find it uniquely")
        missing = lost(before, after)
        if missing:
            return Violation(self.name, candidate.turn, missing[0])
        if not same_as_recorded(scope, after):
            return Violation(self.name, candidate.turn, "the gold answers otherwise")
        reads = len(after.gold) - len(before.gold) + len(look_up.calls)
        evidence = {"reads": reads, "reads_before": len(look_up.calls), "depth": DEPTH, "values": 1}
        return OperatorRecord(operator=self.name, mentions=list(candidate.mentions), evidence=evidence)


def _look_ups(task: Task, turn: int, goal: int) -> list[LookUp]:
    """Return the sets of resolve calls of a turn that serve nothing but some arguments of a goal call."""
    first, last = task.turns[turn].calls
    own = {number for number in range(first, last) if task.gold[number].purpose == "resolve"}
    own -= {each.call for each in task.turns[turn].facts}
    found: dict[frozenset[int], LookUp] = {}
    for source in task.gold[goal].sources.values():
        if not isinstance(source, FromResult) or source.call not in own:
            continue
        calls = frozenset(_behind(task, source.call, own))
        paths = tuple(name for name, each in task.gold[goal].sources.items() if _from(each, calls))
        outside = any(
            _from(each, calls)
            for number, call in enumerate(task.gold)
            if number != goal and number not in calls
            for each in call.sources.values()
        )
        if not outside:
            found[calls] = LookUp(calls, goal, paths)
    return list(found.values())


def _from(source: Source, calls: frozenset[int]) -> bool:
    return isinstance(source, FromResult) and source.call in calls


def _behind(task: Task, number: int, own: set[int]) -> set[int]:
    found = {number}
    for source in task.gold[number].sources.values():
        if isinstance(source, FromResult) and source.call in own:
            found |= _behind(task, source.call, own)
    return found


def _only_for(task: Task, turn: int, look_up: LookUp) -> tuple[str, ...]:
    """Return what is said for the look-up's own arguments and for nothing else."""
    said = [each for each in task.turns[turn].mentions if each.form in ("stated", "relative")]
    return tuple(
        each.id for each in said if (places := uses(task, each.id)) and all(use.call in look_up.calls for use in places)
    )


# --- the search -------------------------------------------------------------------------------------------------------


def search(task: Task, turn: int, look_up: LookUp, scope: Scope) -> Route | None:
    """Return reads from what the request names anyhow that find every argument of the look-up uniquely."""
    goal = task.gold[look_up.goal]
    known = _start(task, look_up, scope)
    reads: list[GoldCall] = []
    sources: dict[str, Source] = {}
    tried: set[str] = set()
    for _ in range(DEPTH):
        for tool in scope.contracts(goal.environment).tools:
            given = _given(tool, known)
            if tool.kind != "read" or given is None or tool.name in tried or len(tried) >= READS:
                continue
            tried.add(tool.name)
            call = _heard(task, turn, goal.environment, tool, given, reads, scope)
            if call is None:
                continue
            reads.append(call)
            place = look_up.goal + len(reads) - 1
            found = {path: _found(goal, path, call, place, scope) for path in look_up.paths if path not in sources}
            sources |= {path: source for path, source in found.items() if source is not None}
            if len(sources) == len(look_up.paths):
                return _pruned(reads, sources, look_up.goal, len(tried))
            _learn(known, call, place, scope)
    return None


def _start(task: Task, look_up: LookUp, scope: Scope) -> dict[str, Known]:
    """Return the keys known without the look-up, by `table.column`: the goal call's other ones, and the person's."""
    goal = task.gold[look_up.goal]
    known: dict[str, Known] = {}
    for path, value in argument_leaves(goal.arguments):
        source = goal.sources.get(path)
        column = reference_column(scope, goal, path)
        if column and source is not None and path not in look_up.paths:
            known[column] = Known(value, source)
    people = scope.contracts(goal.environment).principal
    for profile in task.profile:
        if profile.environment == goal.environment and people:
            for column, value in profile.columns.items():
                source = FromProfile(environment=profile.environment, column=column)
                known.setdefault(f"{people}.{column}", Known(value, source))
    return known


def _given(tool: Contract, known: Mapping[str, Known]) -> dict[str, Known] | None:
    needed = {name: each.ref or "" for name, each in tool.parameters.items() if each.required}
    if not needed or not all(column in known for column in needed.values()):
        return None
    return {name: known[column] for name, column in needed.items()}


def _heard(
    task: Task,
    turn: int,
    environment: str,
    tool: Contract,
    given: Mapping[str, Known],
    before: list[GoldCall],
    scope: Scope,
) -> GoldCall | None:
    """Return a read as a gold call with what it answers in the state before the turn; None where it fails."""
    arguments = {name: each.value for name, each in given.items()}
    step = Step(environment=environment, tool=tool.name, arguments=arguments)
    heard = hear(scope, [*before_turn(task, turn), step])
    if not heard or heard[-1].outcome != "ok":
        return None
    return GoldCall(
        environment=environment,
        tool=tool.name,
        arguments=arguments,
        sources={name: each.source for name, each in given.items()},
        result=heard[-1].result,
        purpose="resolve",
    )


def _learn(known: dict[str, Known], call: GoldCall, place: int, scope: Scope) -> None:
    """Add the keys that a result shows outside its lists."""
    columns = key_columns(scope, call.environment)
    shown = call.result if isinstance(call.result, dict) else {}
    for path, value in argument_leaves(shown):
        name = path.rpartition(".")[2]
        if "[" not in path and name in columns and value is not None:
            known.setdefault(columns[name], Known(value, FromResult(call=place, path=path)))


def _found(goal: GoldCall, path: str, call: GoldCall, place: int, scope: Scope) -> Source | None:
    """Return where a read shows an argument's value uniquely, by a proven edge and what the turn says of the row."""
    old = goal.sources[path]
    value = next((each for name, each in argument_leaves(goal.arguments) if name == path), None)
    if not isinstance(old, FromResult) or old.rank is not None:
        return None
    for edge in scope.topology(call.environment).producers(goal.tool, path):
        if edge.producer != call.tool:
            continue
        rows = candidates(call.result, edge.field.replace("[]", "[0]"))
        where = [_translated(condition, rows) for condition in old.where]
        kept = left(rows, [each for each in where if each is not None])
        if None not in where and len(distinct(kept)) == 1 and same(kept[0].value, value):
            return FromResult(call=place, path=kept[0].path, where=[each for each in where if each is not None])
    return None


def _translated(condition: Condition, rows: list[Row]) -> Condition | None:
    """Return a condition on these rows: by its own field, else by the one field whose values include its constant."""
    if condition.op != "eq":
        return None
    fields = [condition.field, *dict.fromkeys(name for each in rows for row in each.rows[-1:] for name in row)]
    for field in fields:
        told = condition.model_copy(update={"field": field})
        if left(rows, [told]):
            return told
    return None


def _pruned(reads: list[GoldCall], sources: dict[str, Source], first: int, tried: int) -> Route:
    """Return the route with the reads that it needs, renumbered from the goal call's place on."""
    needed: set[int] = set()
    queue = [source.call for source in sources.values() if isinstance(source, FromResult)]
    while queue:
        number = queue.pop()
        if number >= first and number not in needed:
            needed.add(number)
            behind = reads[number - first].sources.values()
            queue += [source.call for source in behind if isinstance(source, FromResult)]
    places = {number: first + at for at, number in enumerate(sorted(needed))}

    def moved(source: Source) -> Source:
        if isinstance(source, FromResult) and source.call in places:
            return source.model_copy(update={"call": places[source.call]})
        return source

    kept = [
        reads[number - first].model_copy(
            update={"sources": {name: moved(each) for name, each in reads[number - first].sources.items()}}
        )
        for number in sorted(needed)
    ]
    return Route(kept, {path: moved(source) for path, source in sources.items()}, tried)
