"""A conversation in the making: executed calls, what was said, how the state stands; any of it can be taken back.

Every call enters the chain by being executed in the state that its predecessors left. A story that leads nowhere is
rolled back to a mark, so that nothing half-done ever reaches a task.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from envfactory.bench.inputs.world import World
from envfactory.sampling.antecedents import antecedent
from envfactory.sampling.lab import Lab, Seen
from envfactory.sampling.paths import Record, records
from envfactory.sampling.views import EnvironmentView, ToolView
from envfactory.sandbox.session import Call
from envfactory.tasks.model import Change, Fact, GoldCall, Mention, Profile, Request, Source, Turn


class Stage(NamedTuple):
    """How one environment stands: the successful writes so far, the rows after them, the net changes."""

    writes: tuple[Call, ...]
    world: World
    net: Mapping[tuple[str, str], Change]


class Mark(NamedTuple):
    """A place to roll back to."""

    gold: int
    turns: int
    stages: Mapping[str, Stage]
    draft: tuple[int, int, int] | None


@dataclass
class Draft:
    """A turn in the making."""

    first: int
    mentions: list[Mention] = field(default_factory=list)
    requests: list[Request] = field(default_factory=list)
    facts: list[Fact] = field(default_factory=list)


class Chain:
    """See the module's docstring."""

    def __init__(self, lab: Lab, views: Mapping[str, EnvironmentView], people: Mapping[str, Mapping[str, Any]]) -> None:
        self.lab = lab
        self.views = views
        self.people = people
        self.profiles: dict[str, Profile] = {}
        self.gold: list[GoldCall] = []
        self.shown: list[list[Record]] = []
        self.turns: list[Turn] = []
        self.draft: Draft | None = None
        self._stages = {name: Stage((), view.world, {}) for name, view in views.items()}

    # --- marks ----------------------------------------------------------------------------------------------------

    def mark(self) -> Mark:
        """Return a place to roll back to."""
        draft = self.draft
        sizes = (len(draft.mentions), len(draft.requests), len(draft.facts)) if draft else None
        return Mark(len(self.gold), len(self.turns), dict(self._stages), sizes)

    def rollback(self, mark: Mark) -> None:
        """Take back everything since a mark."""
        del self.gold[mark.gold :], self.shown[mark.gold :], self.turns[mark.turns :]
        self._stages = dict(mark.stages)
        if mark.draft is None:
            self.draft = None
        elif self.draft is not None:
            said, asked, told = mark.draft
            del self.draft.mentions[said:], self.draft.requests[asked:], self.draft.facts[told:]

    # --- state ----------------------------------------------------------------------------------------------------

    def world(self, environment: str) -> World:
        """Return the rows of an environment as they are now."""
        return self._stages[environment].world

    def writes(self, environment: str) -> tuple[Call, ...]:
        """Return the successful writes in an environment so far."""
        return self._stages[environment].writes

    def changes(self) -> dict[str, list[Change]]:
        """Return the net changes by environment, those without any left out."""
        found = {name: sorted(stage.net.values(), key=_by_place) for name, stage in self._stages.items()}
        return {name: changes for name, changes in found.items() if changes}

    def look(self, environment: str, calls: Iterable[Call]) -> list[Seen]:
        """Return what calls would do now, each alone."""
        return self.lab.look(environment, self.writes(environment), calls)

    def called(self, environment: str, tool: str, arguments: Mapping[str, Any], code: str = "") -> bool:
        """Tell whether this very call was made before (and came to an outcome)."""
        return any(
            each.environment == environment
            and each.tool == tool
            and each.arguments == arguments
            and code in ("", each.outcome)
            for each in self.gold
        )

    def keep(self, names: Iterable[str]) -> None:
        """Forget the environments in which nothing was done."""
        kept = set(names)
        self.views = {name: view for name, view in self.views.items() if name in kept}
        self.profiles = {name: profile for name, profile in self.profiles.items() if name in kept}
        self._stages = {name: stage for name, stage in self._stages.items() if name in kept}

    # --- calls ----------------------------------------------------------------------------------------------------

    def execute(
        self,
        view: EnvironmentView,
        tool: ToolView,
        arguments: Mapping[str, Any],
        sources: Mapping[str, Source],
        purpose: str,
    ) -> Seen:
        """Make a call for good and return what it did."""
        seen = self.look(view.name, [(tool.name, arguments)])[0]
        call = GoldCall.model_construct(
            environment=view.name,
            tool=tool.name,
            arguments=dict(arguments),
            sources=dict(sources),
            outcome=seen.code,
            result=seen.result,
            message=seen.message,
            purpose=purpose,
        )
        self.gold.append(call)
        self.shown.append(list(records(seen.result)) if seen.ok else [])
        if seen.ok and tool.kind == "write":
            self._advance(view.name, (tool.name, dict(arguments)), seen)
        return seen

    def _advance(self, environment: str, call: Call, seen: Seen) -> None:
        stage = self._stages[environment]
        net = dict(stage.net)
        for change in seen.changes:
            _fold(net, change)
        self._stages[environment] = Stage((*stage.writes, call), stage.world.after(seen.changes), net)

    # --- turns ----------------------------------------------------------------------------------------------------

    def begin(self) -> Draft:
        """Begin a turn."""
        self.draft = Draft(len(self.gold))
        return self.draft

    def end(self, outcome: str) -> None:
        """End the turn that was begun."""
        draft = self.turn
        self.turns.append(
            Turn.model_validate(
                {
                    "text": "",
                    "requests": draft.requests,
                    "mentions": draft.mentions,
                    "calls": (draft.first, len(self.gold)),
                    "facts": draft.facts,
                    "outcome": outcome,
                }
            )
        )
        self.draft = None

    @property
    def turn(self) -> Draft:
        """The turn in the making."""
        if self.draft is None:
            raise AssertionError("no turn was begun")
        return self.draft

    def say(self, environment: str, slot: str, value: Any, form: str = "stated") -> str:
        """Return the id of this turn's mention of a value, made where there is none.

        A value said once in a turn is not said again for a parameter or column of the same name.
        """
        name = slot.rpartition(".")[2]
        for mention in self.turn.mentions:
            alike = mention.slot == slot or (mention.slot.rpartition(".")[2] == name and form == "stated")
            if mention.environment == environment and alike and mention.form == form and _same(mention.value, value):
                return mention.id
        made = Mention.model_validate(
            {
                "id": f"m{len(self.turns) + 1}_{len(self.turn.mentions) + 1}",
                "environment": environment,
                "slot": slot,
                "value": value,
                "form": form,
            }
        )
        self.turn.mentions.append(made)
        return made.id

    def spoken_of(self, environment: str, slot: str, value: Any) -> bool:
        """Tell whether an earlier turn dealt with one such thing alone, so that a person may point at it."""
        wanted = Mention(id="", environment=environment, slot=slot, value=value, form="referred")
        return antecedent(self.turns, self.gold, len(self.turns), wanted) is not None


def _same(one: Any, other: Any) -> bool:
    return type(one) is type(other) and bool(one == other)


def _by_place(change: Change) -> tuple[str, str]:
    return change.table, repr(change.key)


def _fold(net: dict[tuple[str, str], Change], change: Mapping[str, Any]) -> None:
    """Fold a call's change into the net ones: made and unmade is nothing, made and changed is made so."""
    place = (change["table"], repr(list(change["key"])))
    new = Change.model_validate(change)
    old = net.pop(place, None)
    folded = new if old is None else _folded(old, new)
    if folded is not None:
        net[place] = folded


def _folded(old: Change, new: Change) -> Change | None:
    if old.op == "insert":
        if new.op == "delete":
            return None
        return old.model_copy(update={"after": {**(old.after or {}), **(new.after or {})}})
    if old.op == "update" and new.op == "update":
        before = {**(new.before or {}), **(old.before or {})}
        after = {**(old.after or {}), **(new.after or {})}
        moved = [name for name in before if before[name] != after[name]]
        if not moved:
            return None
        return old.model_copy(
            update={"before": {name: before[name] for name in moved}, "after": {name: after[name] for name in moved}}
        )
    if old.op == "update":
        return new.model_copy(update={"before": {**(new.before or {}), **(old.before or {})}})
    return _made_again(old, new)


def _made_again(old: Change, new: Change) -> Change | None:
    """Return the net of a row deleted and made again: the columns that differ."""
    before, after = old.before or {}, new.after or {}
    moved = [name for name in after if before.get(name) != after[name]]
    if not moved:
        return None
    return Change(
        table=old.table,
        op="update",
        key=old.key,
        before={name: before.get(name) for name in moved},
        after={name: after[name] for name in moved},
    )
