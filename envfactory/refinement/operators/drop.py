"""Drop a value: what still is said, the profile and the history lead to the same one value, or it is put back.

Three ways a value may go unsaid: it was one of several properties of a row and the others still single the row out; it
is what the tool does anyhow; it was said before and holds on. The proof of each is in `recoverability`.
"""

from __future__ import annotations

import re

from envfactory.refinement.edits import Use, call_with, uses, without_conditions, without_mentions
from envfactory.refinement.operators.base import (
    Candidate,
    Violation,
    frames,
    lost,
    mention_of,
    reference_column,
    slot_of,
)
from envfactory.refinement.recoverability import prove_dropped
from envfactory.refinement.selection import same
from envfactory.tasks.model import FromResult, GoldCall, Mention, OperatorRecord, Task
from envfactory.tasks.scope import Scope


class Drop:
    """See the module's docstring."""

    name = "drop"

    def applicable(self, task: Task, turn: int, scope: Scope) -> list[Candidate]:
        """Return the stated mentions whose value something rests on."""
        stated = [each for each in task.turns[turn].mentions if each.form in ("stated", "relative")]
        whole: dict[str, list[str]] = {}
        for each in stated:
            if uses(task, each.id):
                whole.setdefault(_unit(each, scope), []).append(each.id)
        return [Candidate(turn, tuple(names)) for names in whole.values()]

    def apply(self, task: Task, candidate: Candidate, scope: Scope) -> Task:
        """Return the task that says it no more, its arguments sourced from where they can be had."""
        proof = prove_dropped(task, candidate.turn, candidate.mentions, scope)
        if proof is None:
            return task
        changed = without_conditions(task, candidate.mentions)
        for call, path, source in proof.sources:
            sources = {**changed.gold[call].sources, path: source}
            changed = call_with(changed, call, sources=sources)
        for call, path in proof.omitted:
            arguments = {name: value for name, value in changed.gold[call].arguments.items() if name != path}
            sources = {name: source for name, source in changed.gold[call].sources.items() if name != path}
            changed = call_with(changed, call, arguments=arguments, sources=sources)
        return without_mentions(changed, candidate.turn, candidate.mentions)

    def check(self, before: Task, after: Task, candidate: Candidate, scope: Scope) -> OperatorRecord | Violation:
        """Check that every argument is still found and that nothing rests on what is no longer said."""
        proof = prove_dropped(before, candidate.turn, candidate.mentions, scope)
        if proof is None:
            return Violation(self.name, candidate.turn, "no bounded search finds the value uniquely")
        missing = lost(before, after)
        if missing:
            return Violation(self.name, candidate.turn, missing[0])
        if any(uses(after, name) for name in candidate.mentions):
            return Violation(self.name, candidate.turn, "something still rests on the value")
        if self._unnamed(before, after, candidate, scope):
            return Violation(self.name, candidate.turn, "what is wanted would go unsaid")
        values = [each.value for name in candidate.mentions if (each := mention_of(before, candidate.turn, name))]
        return OperatorRecord(
            operator=self.name, mentions=list(candidate.mentions), evidence={"values": values, **proof.evidence}
        )

    @staticmethod
    def _unnamed(before: Task, after: Task, candidate: Candidate, scope: Scope) -> bool:
        """Tell whether a thing that is not the person's own has lost the last words that name it.

        "Cancel my booking" names enough where there is one; "add an extra" does not, even where there is one. A day or a
        time may go: "a ferry to Ibiza" is what people say where one goes.
        """
        names = {
            name
            for name in candidate.mentions
            if (said := mention_of(before, candidate.turn, name)) and not re.match(r"\d", str(said.value))
        }
        kept = {source for call in after.gold for source in _selected(call)}
        return any(
            _named_by(call, path, source, names, scope) and (source.call, source.path) not in kept
            for call in before.gold
            for path, source in call.sources.items()
            if isinstance(source, FromResult)
        )


def _selected(call: GoldCall) -> list[tuple[int, str]]:
    """Return the places that a call takes values from by something that is said."""
    sources = [each for each in call.sources.values() if isinstance(each, FromResult)]
    return [(each.call, each.path) for each in sources if each.where or each.rank]


def _named_by(call: GoldCall, path: str, source: FromResult, names: set[str], scope: Scope) -> bool:
    """Tell whether mentions describe a row of a table that nobody owns."""
    if not any(each.mention in names for each in source.where):
        return False
    entity = frames(scope, call.environment).entity(reference_column(scope, call, path).partition(".")[0])
    return entity is None or not entity.owner


def _unit(mention: Mention, scope: Scope) -> str:
    """Return what a mention is said together with: the interval of two parameters, else itself alone."""
    tool, _, parameter = mention.slot.partition(".")
    slot = slot_of(scope, mention.environment, tool, parameter)
    return f"{tool}.{slot.name}" if slot is not None and slot.columns else mention.id


class DropDefaults(Drop):
    """Leave unsaid, all at once, what the tools do anyhow: nobody asks for zero children."""

    name = "drop_default"

    def applicable(self, task: Task, turn: int, scope: Scope) -> list[Candidate]:
        """Return the mentions that say a default and nothing else, all of them first, then each alone."""
        said = task.turns[turn].mentions
        parted = sum(_counts_people(each, scope) for each in said) > 1  # one adult is said beside one child
        names = [
            each.id
            for each in said
            if each.form == "stated" and _is_default(task, each, scope) and not (parted and _counts_people(each, scope))
        ]
        return [Candidate(turn, tuple(names)), *(Candidate(turn, (name,)) for name in names)] if names else []


def _counts_people(mention: Mention, scope: Scope) -> bool:
    tool, _, parameter = mention.slot.partition(".")
    slot = slot_of(scope, mention.environment, tool, parameter)
    return slot is not None and slot.party


def _is_default(task: Task, mention: Mention, scope: Scope) -> bool:
    places = uses(task, mention.id)
    return bool(places) and all(use.kind == "said" and _default_at(task, use, scope) for use in places)


def _default_at(task: Task, use: Use, scope: Scope) -> bool:
    call = task.gold[use.call]
    parameter = scope.contracts(call.environment).tool(call.tool).parameters.get(use.path)
    return parameter is not None and not parameter.required and same(parameter.default, call.arguments[use.path])
