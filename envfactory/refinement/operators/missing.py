"""What is missing: a value that the person gives when asked, or the very tool that would be needed."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator
from typing import NamedTuple

from envfactory.environments.contract import Contract, Effect, Insert, Update, effect_table
from envfactory.phrasing.frames import SlotFrame, ToolFrame
from envfactory.refinement.edits import Use, turn_with, uses, without_calls
from envfactory.refinement.operators.base import Candidate, Violation, frames, lost, reference_column, slot_of
from envfactory.refinement.recoverability import said_before, values_by_reading
from envfactory.refinement.rehearsal import same_as_recorded, steps_of
from envfactory.refinement.selection import candidates, distinct, left
from envfactory.sampling.antecedents import argument_leaves
from envfactory.tasks.model import Change, FromResult, OperatorRecord, Reply, Said, Task
from envfactory.tasks.play import play
from envfactory.tasks.scope import Scope


class Gap(NamedTuple):
    """What is left unsaid: the goal call and the parameters it is for, the mentions that say it, and the question."""

    call: int
    paths: tuple[str, ...]
    mentions: tuple[str, ...]
    question: str


class MissingParameter:
    """Leave out what the assistant then has to ask for: no default, no history and no read tells it."""

    name = "missing_parameter"

    def applicable(self, task: Task, turn: int, scope: Scope) -> list[Candidate]:
        """Return the things of a turn that there is a question for, where it asks for one thing and none is missing."""
        here = task.turns[turn]
        if len(here.requests) != 1 or here.replies or here.outcome in ("chat", "declined"):
            return []
        return [
            Candidate(turn, gap.mentions, gap) for gap in _gaps(task, turn, scope) if _needed_only_here(task, turn, gap)
        ]

    def apply(self, task: Task, candidate: Candidate, scope: Scope) -> Task:
        """Return the task in which the mentions are said in reply to the question."""
        gap: Gap = candidate.detail
        here = task.turns[candidate.turn]
        kept = [each for each in here.mentions if each.id not in gap.mentions]
        asked = [each for each in here.mentions if each.id in gap.mentions]
        reply = Reply(question=gap.question, text="", mentions=asked)
        return turn_with(task, candidate.turn, mentions=kept, replies=[*here.replies, reply])

    def check(self, before: Task, after: Task, candidate: Candidate, scope: Scope) -> OperatorRecord | Violation:
        """Check that nothing but the question can tell the value, and that the reply tells that alone."""
        gap: Gap = candidate.detail
        if len(after.turns[candidate.turn].replies) > 1:
            return Violation(self.name, candidate.turn, "two questions in one turn")
        for path in gap.paths:
            reason = _known_anyhow(before, candidate.turn, gap, path, scope)
            if reason:
                return Violation(self.name, candidate.turn, reason)
        missing = lost(before, after)
        if missing:
            return Violation(self.name, candidate.turn, missing[0])
        evidence = {"parameters": list(gap.paths), "default": False, "history": 0, "unique_read": False}
        return OperatorRecord(operator=self.name, mentions=list(gap.mentions), evidence=evidence)


def _gaps(task: Task, turn: int, scope: Scope) -> Iterator[Gap]:
    """Yield what the goal call takes from this turn's words and its frames have a question for, intervals whole."""
    here = {each.id for each in task.turns[turn].mentions if each.form in ("stated", "relative")}
    number = task.turns[turn].requests[0].call
    call = task.gold[number]
    frame = frames(scope, call.environment).tools[call.tool]
    by_slot: dict[str, tuple[list[str], list[str], str]] = {}
    for path, _ in argument_leaves(call.arguments):
        slot = slot_of(scope, call.environment, call.tool, path)
        mentions = _mentions_behind(task, number, path, here)
        entity = frames(scope, call.environment).entity(reference_column(scope, call, path).partition(".")[0])
        own = entity is not None and bool(entity.owner)
        if slot is not None and slot.ask and mentions and _can_go_unsaid(frame, slot, own):
            paths, names, _ask = by_slot.setdefault(slot.name, ([], [], slot.ask))
            paths.append(path)
            names += [name for name in mentions if name not in names]
    for paths, names, ask in by_slot.values():
        yield Gap(number, tuple(paths), tuple(names), ask)


def _can_go_unsaid(tool: ToolFrame, slot: SlotFrame, own: bool) -> bool:
    """Tell whether the request is a sentence without the slot: what is one's own is still "my booking", a price is nothing."""
    if own:
        return True
    heads = [phrase.partition("|")[0] for phrase in tool.phrases]
    return any(f"{{{slot.name}}}" not in head for head in heads)


def _mentions_behind(task: Task, number: int, path: str, here: Collection[str]) -> list[str]:
    """Return this turn's mentions that give an argument, where all that it takes from words is said in this turn."""
    source = task.gold[number].sources.get(path)
    if isinstance(source, Said):
        return [source.mention] if source.mention in here else []
    if isinstance(source, FromResult) and source.rank is None:
        if any(isinstance(each.value, int | float) for each in source.where):
            return []  # "Saver or flex?" is not answered by a price
        names = [each.mention for each in source.where]
        return [str(name) for name in names] if names and all(name in here for name in names) else []
    return []


def _needed_only_here(task: Task, turn: int, gap: Gap) -> bool:
    """Tell whether the mentions serve the missing parameters alone, and something else is said in the turn."""
    served = {(gap.call, path) for path in gap.paths}
    feeding = {use for name in gap.mentions for use in uses(task, name)}
    if any(not _serves(task, use, served) for use in feeding):
        return False
    return any(each.id not in gap.mentions for each in task.turns[turn].mentions) or len(
        task.turns[turn].mentions
    ) == len(gap.mentions)


def _serves(task: Task, use: Use, served: Collection[tuple[int, str]]) -> bool:
    """Tell whether a use is one of the served arguments, or in a call that nothing but those rests on."""
    if (use.call, use.path) in served:
        return True
    resting = {
        (number, path)
        for number, call in enumerate(task.gold)
        for path, source in call.sources.items()
        if isinstance(source, FromResult) and source.call == use.call
    }
    return task.gold[use.call].purpose == "resolve" and bool(resting) and resting <= set(served)


def _known_anyhow(task: Task, turn: int, gap: Gap, path: str, scope: Scope) -> str:
    """Return why a value need not be asked for, empty where it must."""
    call = task.gold[gap.call]
    source = call.sources[path]
    name = path.split(".")[0].split("[")[0]
    parameter = scope.contracts(call.environment).tool(call.tool).parameters[name]
    if not parameter.required:
        return f"{name} need not be given"
    if isinstance(source, FromResult):
        rows = candidates(task.gold[source.call].result, source.path)
        kept = [each for each in source.where if each.mention not in gap.mentions]
        return "" if len(distinct(left(rows, kept))) > 1 else "one row is left without it"
    if list(said_before(task, turn, call.environment, path)):
        return f"{name} was said before"
    found = values_by_reading(task, turn, gap.call, path, scope)
    return "" if found is None or len(found) != 1 else f"one read tells {name}"


# --- the tool itself --------------------------------------------------------------------------------------------------


class MissingFunction:
    """Withhold the tool that a turn needs: the right answer is that it cannot be done, and nothing changes.

    Applied to a turn whose words stand already: they ask for the same as before, in good faith.
    """

    name = "missing_function"

    def applicable(self, task: Task, turn: int, scope: Scope) -> list[Candidate]:
        """Return the write that is all a turn asks for, where no later turn rests on it and no other turn uses it."""
        here = task.turns[turn]
        if task.withheld or here.outcome != "done" or len(here.requests) != 1 or here.replies or turn == 0:
            return []
        if turn + 1 < len(task.turns) and _CONTENT.match(task.turns[turn + 1].text):
            return []
        number = here.requests[0].call
        call = task.gold[number]
        first, last = here.calls
        elsewhere = any(
            (each.environment, each.tool) == (call.environment, call.tool)
            for at, each in enumerate(task.gold)
            if not first <= at < last
        )
        rested = any(
            isinstance(source, FromResult) and first <= source.call < last
            for each in task.gold[last:]
            for source in each.sources.values()
        )
        writes = [at for at in range(first, last) if _kind(task, at, scope) == "write"]
        return [] if elsewhere or rested or writes != [number] else [Candidate(turn, (), number)]

    def apply(self, task: Task, candidate: Candidate, scope: Scope) -> Task:
        """Return the task in which the tool is not offered and the turn does nothing."""
        call = task.gold[candidate.detail]
        changed = turn_with(task, candidate.turn, outcome="declined", facts=[], requests=[])
        changed = without_calls(changed, set(range(*task.turns[candidate.turn].calls)))
        withheld = [*task.withheld, f"{call.environment}.{call.tool}"]
        return changed.model_copy(update={"withheld": withheld})

    def check(self, before: Task, after: Task, candidate: Candidate, scope: Scope) -> OperatorRecord | Violation:
        """Check that no other tool can bring the change about and that the rest of the task stays as it was."""
        call = before.gold[candidate.detail]
        contracts = scope.contracts(call.environment)
        others = [each for each in contracts.tools if each.kind == "write" and each.name != call.tool]
        wanted = _changes_of_turn(before, candidate.turn, scope)
        if not wanted:
            return Violation(self.name, candidate.turn, "the sandbox shows no change that the tool makes")
        only = next((each for each in wanted if not any(could_make(each, other) for other in others)), None)
        if only is None:
            return Violation(self.name, candidate.turn, f"{_rival(wanted, others)} could do it too")
        if lost(before, after):
            return Violation(self.name, candidate.turn, lost(before, after)[0])
        if not same_as_recorded(scope, after):
            return Violation(self.name, candidate.turn, "a later turn rests on what the tool does")
        evidence = {
            "withheld": f"{call.environment}.{call.tool}",
            "tools_left": len(others),
            "unreachable": f"{only.op} {only.table}",
            "other_paths": 0,
        }
        return OperatorRecord(operator=self.name, mentions=[], evidence=evidence)


def _kind(task: Task, number: int, scope: Scope) -> str:
    call = task.gold[number]
    return scope.contracts(call.environment).tool(call.tool).kind


def _changes_of_turn(task: Task, turn: int, scope: Scope) -> list[Change]:
    """Return the changes that the gold calls of a turn make, as they were executed."""
    first, last = task.turns[turn].calls
    played = play(scope, steps_of(task.gold[:last]), marks=[first, last])
    if not played.played:
        return []
    name = task.gold[last - 1].environment
    before = played.marked.get(first, {}).get(name, [])
    return [each for each in played.marked.get(last, {}).get(name, []) if each not in before]


def _rival(wanted: Iterable[Change], others: Iterable[Contract]) -> str:
    change = next(iter(wanted))
    return next((each.name for each in others if could_make(change, each)), "another tool")


def could_make(change: Change, tool: Contract) -> bool:
    """Tell whether a tool could bring a change about, going by what its effects name.

    An over-approximation: a tool is taken to write whatever its effects name, a constant excepted that is another value.
    A row that can be made anew counts as changed, unless the change only moves it through its life.
    """
    return any(_makes(change, each) for each in tool.effects)


def _makes(change: Change, effect: Effect) -> bool:
    if effect_table(effect) != change.table:
        return False
    if isinstance(effect, Update):
        if change.op != "update":
            return False
        wanted = change.after or {}
        return any(column in effect.set and _may_be(effect.set[column], value) for column, value in wanted.items())
    if isinstance(effect, Insert):
        moved = change.op == "update" and any(column in _LIFE for column in change.after or {})
        return change.op == "insert" or (change.op == "update" and not moved)
    return change.op == "delete"


def _may_be(expression: str, value: object) -> bool:
    constant = re.fullmatch(r"'([^']*)'", expression.strip())
    return constant is None or constant[1] == value


_CONTENT = re.compile(
    r"(?:that's very kind|thank|great|good\b|wonderful|brilliant|oh great|perfect|lovely|you're a star|nice|cheers|cool|sweet)",
    re.IGNORECASE,
)
"""How somebody goes on for whom something was done."""

_LIFE = frozenset({"status", "state", "stage", "phase"})
