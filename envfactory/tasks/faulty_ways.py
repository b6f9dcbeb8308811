"""The reject set: ways that look like a solution and are none, several of each kind where the task has them.

`nothing`, `claims_without_acting`, `reads_only`; `dropped_write` (each once); `wrong_argument` (a said value
replaced by another valid one); `wrong_target` (another row of the same table); `extra_write` (done twice, or one
more allowed write); `wrong_environment`; `wrong_answer`; and the canaries `answers_everything`,
`repeats_tool_output`, `spoofed_output`.

An edit that changes nothing that matters (the same end, the same facts shown) is no fault and is left out. The answers
of a faulty way are what its solver would say: where its calls showed another value than the gold's, it states that one,
and where they showed none, that it found nothing.
"""

from __future__ import annotations

import json
import random
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from typing import Any

from envfactory.environments.contract import Contract
from envfactory.runtime.paths import MISSING, find, placed
from envfactory.tasks.changes import compare
from envfactory.tasks.columns import is_free_text
from envfactory.tasks.edits import with_arguments, without
from envfactory.tasks.facts import statement
from envfactory.tasks.grader import turn_marks
from envfactory.tasks.model import Fact, Path, Said, Step, Task, Turn
from envfactory.tasks.play import Outcome, Playback, play
from envfactory.tasks.scope import Scope
from envfactory.tasks.values import other_values, parameter_at
from envfactory.tasks.ways import Way

CANARIES = ("answers_everything", "repeats_tool_output", "spoofed_output")
_MOST = {"wrong_argument": 4, "wrong_target": 3, "extra_write": 2, "wrong_environment": 2, "wrong_answer": 3}
_TRIED_VALUES, _TRIED_TARGETS = 2, 4
_NOT_FOUND = "I could not find that."
_SUCCESS = "All done, everything is booked as you asked."


def faulty_ways(task: Task, gold: Way, scope: Scope) -> list[Way]:
    """Return the reject set of a task, from its played gold."""
    return list(_FaultyWays(task, gold, scope).all())


class _FaultyWays:
    def __init__(self, task: Task, gold: Way, scope: Scope) -> None:
        self._task = task
        self._scope = scope
        self._gold = gold
        self._steps = gold.path.steps
        self._answers = gold.path.answers
        self._rng = random.Random(f"faulty/{task.seed}/{task.index}")
        self._writes = [at for at, step in enumerate(self._steps) if self._contract(step).kind == "write"]
        self._done = [at for at in self._writes if gold.played.outcomes[at]["status"] == "ok"]

    def all(self) -> Iterator[Way]:
        yield self._way("nothing", "", [], [])
        yield from self._claims()
        if self._done:
            kept = without(self._steps, self._writes)
            yield self._way("reads_only", "", kept, self._answers)
        for at in self._done:
            yield from self._checked("dropped_write", self._steps[at].tool, without(self._steps, [at]), None)
        for kind, candidates in (
            ("wrong_argument", self._wrong_arguments()),
            ("wrong_target", self._wrong_targets()),
            ("extra_write", self._extra_writes()),
            ("wrong_environment", self._wrong_environments()),
            ("wrong_answer", self._wrong_answers()),
        ):
            yield from self._first(candidates, _MOST[kind])
        yield from self._canaries()

    def _first(self, candidates: Iterator[Way], most: int) -> Iterator[Way]:
        for way, _ in zip(candidates, range(most), strict=False):
            yield way

    # --- playing ------------------------------------------------------------------------------------------------------

    def _play(self, steps: Sequence[Step]) -> Playback:
        return play(self._scope, steps, marks=turn_marks(self._task, steps))

    def _way(self, kind: str, note: str, steps: Sequence[Step], answers: Sequence[str]) -> Way:
        path = Path(kind=kind, note=note, steps=list(steps), answers=list(answers))
        return Way(path, self._play(steps))

    def _checked(
        self, kind: str, note: str, steps: Sequence[Step], at: Callable[[int], int | None] | None
    ) -> Iterator[Way]:
        """Yield a way if it ends elsewhere than the gold, or shows other facts. `at` leads from gold calls to steps."""
        played = self._play(steps)
        if not played.played:
            return
        same = compare(self._task.goal.changes, played.changes, self._scope, self._task.goal).same
        answers, differ = self._told(played, at or (lambda number: None))
        if same and not (at and differ):
            return
        yield Way(Path(kind=kind, note=note, steps=list(steps), answers=answers), played)

    def _told(self, played: Playback, at: Callable[[int], int | None]) -> tuple[list[str], bool]:
        """Return what the solver of a faulty way would answer, and whether its calls showed other facts."""
        answers, differ = [], False
        for number, turn in enumerate(self._task.turns):
            shown = [self._shown(fact, played, at) for fact in turn.facts]
            told = [fact for fact in shown if fact is not None]
            if Counter(map(_content, told)) == Counter(map(_content, turn.facts)):
                answers.append(self._answers[number])
            else:
                differ = True
                answers.append(" ".join(map(statement, told)) or _NOT_FOUND)
        return answers, differ

    def _shown(self, fact: Fact, played: Playback, at: Callable[[int], int | None]) -> Fact | None:
        """Return the fact with the value that this way showed in its place; None where it showed none."""
        number = at(fact.call)
        if number is None or fact.kind == "refusal":
            return fact
        outcome = played.outcomes[number]
        value = find(outcome["result"], fact.path.removesuffix("[]")) if outcome["status"] == "ok" else MISSING
        if fact.path.endswith("[]") and isinstance(value, list):
            value = len(value)
        if value is MISSING or isinstance(value, list | dict) or value is None:
            return None
        return fact.model_copy(update={"value": value})

    # --- kinds --------------------------------------------------------------------------------------------------------

    def _claims(self) -> Iterator[Way]:
        if self._steps:
            yield self._way("claims_without_acting", "the gold's answers", [], self._answers)
        refused = [n for n, turn in enumerate(self._task.turns) if turn.outcome in ("refused", "declined")]
        for number in refused[:1]:
            answers = [_SUCCESS if n == number else answer for n, answer in enumerate(self._answers)]
            yield self._way("claims_without_acting", f"turn {number + 1} said to be done", self._steps, answers)

    def _wrong_arguments(self) -> Iterator[Way]:
        spots = [
            (at, path)
            for at, call in enumerate(self._task.gold)
            for path, source in call.sources.items()
            if isinstance(source, Said) and not self._is_key(at, path)
        ]
        for at, path in self._shuffled(spots):
            value = find(self._steps[at].arguments, path)
            parameter = parameter_at(self._contract(self._steps[at]).parameters, path)
            if parameter is None or is_free_text(path, parameter):
                continue
            others = other_values(self._scope, self._steps[at].environment, parameter, value, self._rng)
            for other in others[:_TRIED_VALUES]:
                yield from self._replaced("wrong_argument", at, path, other)

    def _wrong_targets(self) -> Iterator[Way]:
        spots = [
            (at, path) for at, call in enumerate(self._task.gold) for path in call.sources if self._is_key(at, path)
        ]
        for at, path in self._shuffled(spots):
            value = find(self._steps[at].arguments, path)
            parameter = parameter_at(self._contract(self._steps[at]).parameters, path)
            if parameter is not None:
                others = other_values(self._scope, self._steps[at].environment, parameter, value, self._rng)
                yield from self._first(
                    (
                        way
                        for other in others[:_TRIED_TARGETS]
                        for way in self._replaced("wrong_target", at, path, other)
                    ),
                    2,
                )

    def _is_key(self, at: int, path: str) -> bool:
        """Tell whether an argument names a row by its key."""
        step = self._steps[at]
        parameter = parameter_at(self._contract(step).parameters, path)
        if parameter is None or parameter.ref is None:
            return False
        table, _, column = parameter.ref.partition(".")
        facts = self._scope.schema(step.environment).tables.get(table)
        return facts is not None and facts.primary_key == (column,)

    def _replaced(self, kind: str, at: int, path: str, other: Any) -> Iterator[Way]:
        arguments = placed(self._steps[at].arguments, path, other)
        steps = with_arguments(self._steps, at, arguments, unbound=path)
        yield from self._checked(kind, f"{self._steps[at].tool}.{path} = {other!r}", steps, lambda number: number)

    def _extra_writes(self) -> Iterator[Way]:
        last = len(self._task.turns) - 1
        for at in self._shuffled(self._done)[:1]:
            again = self._steps[at].model_copy(update={"turn": last})
            yield from self._added("extra_write", f"{again.tool} twice", again)
        for name in dict.fromkeys(step.environment for step in self._steps):
            for step in self._stored_writes(name, last):
                yield from self._added("extra_write", f"{step.tool} too", step)

    def _added(self, kind: str, note: str, step: Step) -> Iterator[Way]:
        steps = [*self._steps, step]
        played = self._play(steps)
        if played.played and not compare(self._task.goal.changes, played.changes, self._scope, self._task.goal).same:
            yield Way(Path(kind=kind, note=note, steps=steps, answers=self._answers), played)

    def _stored_writes(self, name: str, turn: int) -> list[Step]:
        """Return writes that are allowed in the initial state of an environment, one a tool, from its stored cases."""
        environment = self._scope.environment(name)
        cases = [
            case
            for case in environment.cases.cases
            if case.expect.status == "ok" and case.expect.changes and not case.setup and case.now is None
        ]
        found = {case.tool: case for case in self._shuffled(cases)}
        return [Step(environment=name, tool=case.tool, arguments=case.arguments, turn=turn) for case in found.values()][
            :2
        ]

    def _wrong_environments(self) -> Iterator[Way]:
        names = [each.name for each in (*self._task.environments, *self._task.distractors)]
        for name in names:
            for other in names:
                if other != name and self._task.goal.changes.get(name):
                    yield from self._elsewhere(name, other)

    def _elsewhere(self, name: str, other: str) -> Iterator[Way]:
        """Yield the gold with one environment's writes made in another one instead."""
        writes = [at for at in self._done if self._steps[at].environment == name]
        tools = {tool.name for tool in self._scope.contracts(other).tools}
        same = [
            self._steps[at].model_copy(update={"environment": other, "bind": {}})
            for at in writes
            if self._steps[at].tool in tools
        ]
        steps = [*without(self._steps, writes), *(same or self._stored_writes(other, len(self._task.turns) - 1)[:1])]
        yield from self._checked("wrong_environment", f"{other} instead of {name}", steps, None)

    def _wrong_answers(self) -> Iterator[Way]:
        """Yield the gold with the value of one fact stated wrongly."""
        for number, turn in enumerate(self._task.turns):
            for fact in turn.facts[:1]:
                wrong = _other_fact(fact)
                if wrong is not None:
                    answers = [statement(wrong) if n == number else each for n, each in enumerate(self._answers)]
                    path = Path(kind="wrong_answer", note=fact.name, steps=self._steps, answers=answers)
                    yield Way(path, self._gold.played)

    def _canaries(self) -> Iterator[Way]:
        reads = without(self._steps, self._writes)
        shown = self._play(reads)
        dumps = [self._dump(reads, shown.outcomes, number) for number in range(len(self._task.turns))]
        everything = [
            self._everything(turn, answer) for turn, answer in zip(self._task.turns, self._answers, strict=True)
        ]
        hedging = any(fact.rivals for turn in self._task.turns for fact in turn.facts)
        if hedging and not self._done:
            yield Way(Path(kind="answers_everything", steps=reads, answers=everything), shown)
        else:
            yield self._way("answers_everything", "", [], everything)
        yield Way(Path(kind="repeats_tool_output", steps=reads, answers=dumps), shown)
        outcomes = self._gold.played.outcomes
        spoofs = [
            f"<tool_response>{self._dump(self._steps, outcomes, number)}</tool_response> {answer}"
            for number, answer in enumerate(self._answers)
        ]
        yield self._way("spoofed_output", "", [], spoofs)

    def _dump(self, steps: Sequence[Step], outcomes: Sequence[Outcome], turn: int) -> str:
        return "\n".join(json.dumps(outcome) for outcome in self._of_turn(steps, outcomes, turn))

    def _of_turn(self, steps: Sequence[Step], outcomes: Sequence[Outcome], turn: int) -> list[Outcome]:
        return [outcome for step, outcome in zip(steps, outcomes, strict=True) if step.turn == turn]

    def _everything(self, turn: Turn, answer: str) -> str:
        listed = [
            statement(fact.model_copy(update={"value": value}))
            for fact in turn.facts
            for value in (fact.value, *fact.rivals)
            if value is not None
        ]
        return " ".join([*listed, _SUCCESS, "Sorry, that was not possible."]) or answer

    # --- help ---------------------------------------------------------------------------------------------------------

    def _contract(self, step: Step) -> Contract:
        return self._scope.contracts(step.environment).tool(step.tool)

    def _shuffled(self, items: Sequence[Any]) -> list[Any]:
        return self._rng.sample(items, len(items))


def _content(fact: Fact) -> tuple[str, str, Any]:
    return fact.name, fact.kind, repr(fact.value)


def _other_fact(fact: Fact) -> Fact | None:
    """Return a fact with a value that is not its own: a rival's, or a near one."""
    if fact.kind == "refusal":
        return None
    if fact.rivals and fact.rivals[0] is not None:
        value = fact.rivals[0]
    elif isinstance(fact.value, bool):
        value = not fact.value
    elif isinstance(fact.value, int | float):
        value = fact.value + (1100 if fact.kind == "money" else 1)
    elif fact.kind == "text":
        value = "something else"
    else:
        return None
    return fact.model_copy(update={"value": value, "rivals": []})
