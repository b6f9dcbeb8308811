"""From an over-specified task to what a person would say: operators, then words, then the independent reader.

Operators are chosen turn by turn, each kept only if its contract holds on the changed task. The words are written and
audited; where the reader stumbles, the last operator of that turn is put back and the words are written anew. A task whose
plainest words do not pass is refused. Nothing with a violation is ever handed on.
"""

from __future__ import annotations

import json
import random
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from envfactory.refinement.audit import Finding, all_mentions, audit_words
from envfactory.refinement.controls import Refinement
from envfactory.refinement.edits import turn_with, uses
from envfactory.refinement.flow import audit_flow, pointed_at, spoken_in, unrecovered
from envfactory.refinement.freshness import Memory, stale
from envfactory.refinement.locate import located
from envfactory.refinement.naming import named
from envfactory.refinement.operators import AFTERWARDS, IN_ORDER, Candidate, Operator, Violation
from envfactory.refinement.rehearsal import replayed
from envfactory.refinement.wording import Wordsmith, by_rules, plainly
from envfactory.tasks.model import OperatorRecord, Task
from envfactory.tasks.scope import Scope


class Refused(NamedTuple):
    """A task that could not be refined: its id and every reason of the last attempt."""

    task: str
    reasons: list[str]


class Wording(NamedTuple):
    """The words of one turn by another hand: what the person says, and the answers to the assistant's questions."""

    text: str
    replies: list[str] = []


Reword = Callable[[Task, int, Sequence[Finding]], Wording | None]
"""Writes a turn's words from its meaning; is told what was wrong with its last attempt, or returns None to pass."""


class Put(NamedTuple):
    """An operator at a turn: what may be put back."""

    operator: str
    turn: int


@dataclass
class _Plan:
    """What has been decided of one task: operators put back, and how often the words were written."""

    task: Task
    scope: Scope
    controls: Refinement
    seed: str
    back: set[Put] = field(default_factory=set)
    fresh: Memory = field(default_factory=dict)

    def rng(self, *purpose: object) -> random.Random:
        """Return the stream of one purpose; putting an operator back disturbs no other."""
        return random.Random("/".join(map(str, (self.seed, self.task.id, *purpose))))


def refine(
    task: Task,
    scope: Scope,
    controls: Refinement,
    rng: random.Random,
    *,
    reword: Reword | None = None,
    wordsmith: Wordsmith = by_rules,
) -> Task | Refused:
    """Return the task refined, worded and audited, or why not.

    `rng` gives the task's seed and nothing else. With `reword`, another hand words each turn; where its words do not pass
    the same audit after one repair, those of the `wordsmith` stay.
    """
    task = named(tidied(task), scope)
    faults = _unsound(task)
    if faults:
        return Refused(task.id, faults)
    seed = f"{rng.getrandbits(64):x}"
    plan = _Plan(plainly(task, scope, random.Random(seed)), scope, controls, seed)
    return _attempts(plan, reword, wordsmith)


def _attempts(plan: _Plan, reword: Reword | None, wordsmith: Wordsmith) -> Task | Refused:
    """Choose, word and audit until the reader finds nothing, putting back what it stumbles over."""
    reasons: list[str] = []
    scope = plan.scope
    for attempt in range(plan.controls.attempts):
        meant = choose(plan)
        outdated = stale(meant, scope, plan.fresh)
        if outdated:
            return Refused(
                plan.task.id, [f"turn {turn}: what {path} is described by has changed" for turn, path in outdated]
            )
        worded = wordsmith(meant, scope, plan.rng("words", attempt))
        findings = audit_words(worded, scope)
        if not findings:
            reworded = _reworded(worded, scope, reword) if reword else worded
            return _finished(reworded, plan)
        reasons = [f"turn {each.turn}: {each.kind}: {each.detail}" for each in findings]
        _put_back(plan, meant, findings)
    return Refused(plan.task.id, reasons)


def _unsound(task: Task) -> list[str]:
    """Return what no wording could mend: arguments nobody can have, references to more than one thing."""
    faults = [f"call {line.call} {line.path}: {line.way}" for line in unrecovered(audit_flow(task))]
    for spoken in spoken_in(task):
        if spoken.mention.form == "referred" and pointed_at(task, spoken) is None:
            faults.append(f"turn {spoken.turn}: {spoken.mention.slot} points at more than one thing, or at none")
    return faults


def tidied(task: Task) -> Task:
    """Return the task without references to what the same turn looks up: nothing earlier stands there to point at."""
    for number, turn in enumerate(task.turns):
        shown = json.dumps([[call.arguments, call.result] for call in task.gold[: turn.calls[0]]], ensure_ascii=False)
        kept = [
            each
            for each in turn.mentions
            if each.form != "referred" or uses(task, each.id) or json.dumps(each.value, ensure_ascii=False) in shown
        ]
        if len(kept) != len(turn.mentions):
            task = turn_with(task, number, mentions=kept)
    return task


# --- operators --------------------------------------------------------------------------------------------------------


def choose(plan: _Plan) -> Task:
    """Return the task with every operator applied that was tried and whose contract holds."""
    task = plan.task
    for number in range(len(task.turns)):
        for operator in IN_ORDER:
            if _wanted(plan, task, operator, number):
                task = _tried(plan, task, operator, number)
    return task


def _wanted(plan: _Plan, task: Task, operator: Operator, turn: int) -> bool:
    controls = plan.controls
    applied = [len(each.operators) for each in task.turns]
    if applied[turn] >= controls.most_per_turn or sum(applied) >= controls.most_per_task:
        return False
    if Put(operator.name, turn) in plan.back:
        return False
    if plan.rng("try", turn, operator.name).random() < controls.share(operator.name):
        return True
    # a description that no longer holds must go
    return operator.name == "refer_back" and any(at == turn for at, _ in stale(task, plan.scope, plan.fresh))


def _tried(plan: _Plan, task: Task, operator: Operator, turn: int) -> Task:
    """Return the task with an operator applied at the first candidate whose contract holds."""
    found = operator.applicable(task, turn, plan.scope)
    plan.rng("pick", turn, operator.name).shuffle(found)
    for candidate in found:
        changed, record = _applied(task, operator, candidate, plan.scope)
        if record is not None:
            records = [*changed.turns[turn].operators, record]
            return turn_with(changed, turn, operators=records)
    return task


def _applied(task: Task, operator: Operator, candidate: Candidate, scope: Scope) -> tuple[Task, OperatorRecord | None]:
    changed = operator.apply(task, candidate, scope)
    checked = operator.check(task, changed, candidate, scope)
    return changed, None if isinstance(checked, Violation) else checked


def _put_back(plan: _Plan, meant: Task, findings: Sequence[Finding]) -> None:
    """Put back the last operator of every turn that the reader stumbled over."""
    for turn in {each.turn for each in findings}:
        records = meant.turns[turn].operators
        if records:
            plan.back.add(Put(records[-1].operator, turn))


# --- words by another hand --------------------------------------------------------------------------------------------


def _reworded(task: Task, scope: Scope, reword: Reword) -> Task:
    """Return the task in another's words, turn by turn, each turn only if the audit passes them."""
    for number in range(len(task.turns)):
        findings: list[Finding] = []
        for _ in range(2):
            wording = reword(task, number, findings)
            if wording is None:
                break
            changed = _said_so(task, number, wording, scope)
            findings = audit_words(changed, scope)
            if not findings:
                task = changed
                break
    return task


def _said_so(task: Task, number: int, wording: Wording, scope: Scope) -> Task:
    turn = task.turns[number]
    contracts = {each.name: scope.contracts(each.name) for each in task.environments}
    earlier = [each for before in task.turns[:number] for each in all_mentions(before)]
    said = located(wording.text, turn.mentions, contracts, earlier)
    texts = [*wording.replies, *([""] * len(turn.replies))]
    replies = [
        reply.model_copy(update={"text": text, "mentions": located(text, reply.mentions, contracts, [*earlier, *said])})
        for reply, text in zip(turn.replies, texts, strict=False)
    ]
    return turn_with(task, number, text=wording.text, mentions=said, replies=replies)


# --- the whole --------------------------------------------------------------------------------------------------------


def _finished(task: Task, plan: _Plan) -> Task | Refused:
    """Return the task with what comes after the words, and with its information flow; never with a gap in it."""
    for number in range(len(task.turns) - 1, -1, -1):
        for operator in AFTERWARDS:
            if _wanted(plan, task, operator, number):
                task = _tried(plan, task, operator, number)
    changes = replayed(plan.scope, task)
    if changes is None:
        return Refused(task.id, ["the gold calls, played again, do not answer as recorded"])
    task = task.model_copy(update={"goal": task.goal.model_copy(update={"changes": changes})})
    flow = audit_flow(task)
    if unrecovered(flow):
        return Refused(task.id, [f"call {line.call} {line.path}: {line.way}" for line in unrecovered(flow)])
    return task.model_copy(update={"flow": flow, "written_by": {**task.written_by, "refiner": "rules"}})


def operators_used(tasks: Sequence[Task]) -> Counter[str]:
    """Return how often each operator was applied, over tasks."""
    return Counter(record.operator for record in _records(tasks))


def _records(tasks: Sequence[Task]) -> Iterator[OperatorRecord]:
    for task in tasks:
        for turn in task.turns:
            yield from turn.operators
