"""The topology-aware sampler: task i of a seed, over-specified, executed, every argument grounded.

Task i depends on (seed, i) and the environments alone: its focus is dealt (`focus`), its story told around it
(`stories`), its calls executed while it is told (`chain`, `resolving`). What leads nowhere is tried again with another
person, then in its own environment alone, then as the focus was once proved, then around another focus of the same environment; an index for which nothing
works is refused, with the reason.
"""

from __future__ import annotations

import random
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from envfactory.sampling.chain import Chain
from envfactory.sampling.controls import Controls
from envfactory.sampling.focus import Dealer, Focus
from envfactory.sampling.lab import Lab
from envfactory.sampling.nearness import connected, nearness
from envfactory.sampling.scenes import Stage
from envfactory.sampling.shapes import shape_of
from envfactory.sampling.situations import situation
from envfactory.sampling.stories import Stories
from envfactory.sampling.trying import Kit
from envfactory.sampling.views import EnvironmentView
from envfactory.tasks.model import Goal, Persona, Profile, Task
from envfactory.tasks.scope import Scope

_TONES = ("plain", "polite", "brief", "chatty", "casual")
_MORE_UNTIL, _LITERAL_FROM = 0.3, 0.7  # of the attempts: those with further environments, those as it was proved
_TRIES_INSTEAD = 3
_CANDIDATES = 3  # environments among which a story finds its other errands
_TURNS = (2, 3, 3, 3, 4, 4, 5)
_PARTIES = (1, 1, 2, 2, 2, 3, 4)


@dataclass(frozen=True)
class Refused:
    """No story was found for an index: the focus it was dealt, and why the last attempt ended."""

    index: int
    focus: str
    reason: str


class Sampler:
    """See the module's docstring."""

    def __init__(self, scope: Scope, controls: Controls | None = None, seed: int = 0) -> None:
        self.scope = scope
        self.controls = controls or Controls()
        self.seed = seed
        self._lab = Lab(scope)
        self._kits = {name: Kit.of(EnvironmentView(scope, name)) for name in scope.names}
        self._nearness = {
            (one, other): nearness(self._kits[one].view, self._kits[other].view)
            for one in self._kits
            for other in self._kits
            if one != other
        }
        self._connected = {
            (one, other) for one, other in self._nearness if connected(self._kits[one].view, self._kits[other].view)
        }
        self._dealer = Dealer((kit.view for kit in self._kits.values()), self.controls, seed)

    @property
    def views(self) -> dict[str, EnvironmentView]:
        """What the sampler knows of each environment."""
        return {name: kit.view for name, kit in self._kits.items()}

    def sample(self, index: int) -> Task | Refused:
        """Return the task of an index, or why there is none."""
        focus = self._dealer.deal(index)
        rng = random.Random(f"{self.seed}/{index}")
        attempts, more = self.controls.attempts, self._more(rng)
        for attempt in range(attempts):
            literal = attempt >= attempts * _LITERAL_FROM
            task = self._attempt(index, focus, rng, literal, more if attempt < attempts * _MORE_UNTIL else 0)
            if task is not None:
                return task
        for other in self._dealer.instead(index, self.controls.instead):
            for _ in range(_TRIES_INSTEAD):
                task = self._attempt(index, other, rng, literal=False, more=0)
                if task is not None:
                    return task
        return Refused(index, str(focus), "no story brings it about")

    def focus(self, index: int) -> Focus:
        """Return what an index is dealt."""
        return self._dealer.deal(index)

    def _attempt(self, index: int, focus: Focus, rng: random.Random, literal: bool, more: int) -> Task | None:
        names = [focus.environment, *self._others(focus.environment, _CANDIDATES if more else 0, rng)]
        if len(names) <= more:
            return None
        stage = self._stage(names, focus, rng, literal)
        if stage is None:
            return None
        if more:
            stage.values |= self._meeting_place(names[0], names[1], rng)
        turns = max(self.controls.min_turns, min(self.controls.max_turns, rng.choice(_TURNS) + more))
        consumer = self._kits[focus.environment].view.tools[focus.then]
        stories = Stories(
            stage, turns, read_only=consumer.kind == "read" and rng.random() < self.controls.share_read_only
        )
        story = stories.tell(focus, literal)
        if not story:
            return None
        self._go_on(stories, stage, names, more, rng)
        kept = [name for name in names if any(call.environment == name for call in stage.chain.gold)]
        if not self.controls.min_turns <= len(stage.chain.turns) <= self.controls.max_turns or len(kept) != more + 1:
            return None
        stage.chain.keep(kept)
        return self._task(index, focus, story, stage, rng)

    def _go_on(self, stories: Stories, stage: Stage, names: list[str], more: int, rng: random.Random) -> None:
        """Tell the rest of a story: something no tool does, what follows, errands wherever the story leads."""
        turns, others = stories.turns, names[1:]
        if rng.random() < self.controls.share_declined and stories.threads and stories.left > 0:
            stories.decline(stories.threads[-1])
        for place in range(1, more + 1):
            stories.turns = max(len(stage.chain.turns), turns - 2 * (more - place + 1) + 1)
            stories.fill()
            stories.turns = turns
            gone = self._run_errand(stories, stage, names[0], others) if stories.left > 0 else ""
            others = [name for name in others if name != gone]
        stories.fill()

    def _run_errand(self, stories: Stories, stage: Stage, here: str, others: list[str]) -> str:
        """Turn to the first other environment that has to do with what was said; return its name, empty for none."""
        for name in others:
            mark = stage.mark()
            stage.forget_days(here, name)
            if stories.errand(name):
                return name
            stage.undo(mark)
        return ""

    def _more(self, rng: random.Random) -> int:
        """Return how many further environments an index is to have."""
        if rng.random() >= self.controls.share_multi or self.controls.max_environments == 1:
            return 0
        return 2 if rng.random() < self.controls.share_three and self.controls.max_environments > 2 else 1

    def _meeting_place(self, one: str, other: str, rng: random.Random) -> dict[str, str]:
        """Return a city that two environments have in common, for the story to be about."""
        shared = sorted(self._kits[one].view.cities & self._kits[other].view.cities)
        return {"city": rng.choice(shared)} if shared else {}

    def _others(self, environment: str, count: int, rng: random.Random) -> list[str]:
        """Return further environments of a task: those that share cities or the time of the year, the nearest first."""
        names = [name for name in self._kits if (environment, name) in self._connected]
        names = [name for name in names if self._kits[name].view.persons()]
        found: list[str] = []
        while names and len(found) < count:
            weights = [self._nearness[environment, name] for name in names]
            found.append(rng.choices(names, weights)[0])
            names.remove(found[-1])
        return found

    def _stage(self, names: list[str], focus: Focus, rng: random.Random, literal: bool) -> Stage | None:
        """Return the stage for a task: who is signed in where, and what is known of them."""
        people = {}
        for name in names:
            person = self._person(self._kits[name].view, focus, rng, literal and name == focus.environment)
            if person is None:
                return None
            people[name] = person
        chain = Chain(self._lab, {name: self._kits[name].view for name in names}, people)
        for name in names:
            view = self._kits[name].view
            slot = (
                view.tools[focus.then].slots.get(focus.parameter.removesuffix("[]"))
                if name == focus.environment
                else None
            )
            share = 1.0 if slot is not None and slot.role == "person" else self.controls.share_identify
            profile = profile_of(view, people[name], rng, share, named=len(names) == 1)
            if profile is not None:
                chain.profiles[name] = profile
        stage = Stage({name: self._kits[name] for name in names}, chain, self.controls, rng)
        stage.party = rng.choice(_PARTIES)
        for name in names:
            stage.resolver.liking |= self._liking(self._kits[name].view, rng)
        return stage

    def _person(
        self, view: EnvironmentView, focus: Focus, rng: random.Random, literal: bool
    ) -> Mapping[str, Any] | None:
        """Return who is signed in: anybody, or the one of whom the focus was proved."""
        persons = view.persons()
        if not persons:
            return None
        if literal and view.person_key is not None:
            known = [row for row in persons if _speaks_of(view, focus, row[view.person_key[1]])]
            persons = known or persons
        return rng.choice(persons)

    def _liking(self, view: EnvironmentView, rng: random.Random) -> dict[tuple[str, str, str, str, str], int]:
        """Return the order in which a task likes to travel edges that are equally natural."""
        edges = [
            (view.name, edge.producer, edge.field, edge.consumer, edge.parameter)
            for edge in view.topology.graph.value_edges
            if not edge.echo
        ]
        rng.shuffle(edges)
        return {edge: place + 1 for place, edge in enumerate(edges)}

    def _task(self, index: int, focus: Focus, story: str, stage: Stage, rng: random.Random) -> Task:
        chain = stage.chain
        persona = {
            "tone": rng.choice(_TONES),
            "party": stage.party if stage.party_said else None,
            "situation": situation(stage, rng),
        }
        return Task(
            id=f"t{self.seed}_{index:06d}",
            seed=self.seed,
            index=index,
            environments=[view.reference for view in chain.views.values()],
            shape=shape_of(chain.gold),
            story=story,
            focus=str(focus),
            persona=Persona.model_validate(persona),
            profile=list(chain.profiles.values()),
            turns=chain.turns,
            gold=chain.gold,
            withheld=sorted(stage.withheld),
            goal=Goal(changes=chain.changes()),
            written_by={"sampler": "rules"},
        )


def _speaks_of(view: EnvironmentView, focus: Focus, key: Any) -> bool:
    """Tell whether a focus was proved with a person: in its evidence, or in a stored case."""
    if focus.evidence:
        calls = [focus.evidence.get("arguments", {}), dict(focus.evidence.get("call", ["", {}])[1])]
        return any(key in given.values() for given in calls)
    wanted = [focus.code] if focus.code else []
    return any(
        key in case.arguments.values() and case.expect.codes == wanted and not case.setup
        for case in view.cases.of(focus.then)
    )


def profile_of(
    view: EnvironmentView, person: Mapping[str, Any], rng: random.Random, share: float, *, named: bool
) -> Profile | None:
    """Return what the assistant is told: a contact (with probability `share`) or the key, and the name if `named`."""
    if view.people is None or view.person_key is None:
        return None
    contacts = [slot for _, slot in view.identify if slot.column and person.get(slot.column[1]) is not None]
    name = {"name": person["name"]} if named and "name" in person else {}
    if contacts and rng.random() < share:
        column = contacts[0].column[1] if contacts[0].column else ""
        return Profile(environment=view.name, table=view.people, columns={**name, column: person[column]})
    key = view.person_key[1]
    return Profile(environment=view.name, table=view.people, columns={**name, key: person[key]})
