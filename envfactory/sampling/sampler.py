"""The topology-aware sampler: task i of a seed, over-specified, executed, every argument grounded.

Task i depends on (seed, i) and the environments alone: its focus is dealt (`focus`), its story told around it
(`stories`), its calls executed while it is told (`chain`, `resolving`). What leads nowhere is tried again with another
person, at last as the focus was once proved; an index for which nothing works is refused, with the reason.
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
from envfactory.sampling.scenes import Kit, Stage
from envfactory.sampling.shapes import shape_of
from envfactory.sampling.situations import situation
from envfactory.sampling.stories import Stories
from envfactory.sampling.views import EnvironmentView
from envfactory.tasks.model import Goal, Persona, Profile, Task
from envfactory.tasks.scope import Scope

_TONES = ("plain", "polite", "brief", "chatty", "casual")
_LITERAL_FROM = 0.6


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
        self._dealer = Dealer((kit.view for kit in self._kits.values()), self.controls, seed)

    def sample(self, index: int) -> Task | Refused:
        """Return the task of an index, or why there is none."""
        focus = self._dealer.deal(index)
        rng = random.Random(f"{self.seed}/{index}")
        attempts = self.controls.attempts
        for attempt in range(attempts):
            literal = attempt >= attempts * _LITERAL_FROM
            task = self._attempt(index, focus, rng, literal)
            if task is not None:
                return task
        return Refused(index, str(focus), "no story brings it about")

    def focus(self, index: int) -> Focus:
        """Return what an index is dealt."""
        return self._dealer.deal(index)

    def _attempt(self, index: int, focus: Focus, rng: random.Random, literal: bool) -> Task | None:
        kit = self._kits[focus.environment]
        person = self._person(kit.view, focus, rng, literal)
        if person is None:
            return None
        chain = Chain(self._lab, {focus.environment: kit.view}, {focus.environment: person})
        profile = self._profile(kit.view, person, rng)
        if profile is not None:
            chain.profiles[focus.environment] = profile
        stage = Stage({focus.environment: kit}, chain, self.controls, rng)
        stage.party = rng.choice((1, 1, 2, 2, 2, 3, 4))
        stage.resolver.liking = self._liking(kit.view, rng)
        turns = rng.choice((2, 3, 3, 3, 4, 4, 5, 6))
        turns = max(self.controls.min_turns, min(self.controls.max_turns, turns))
        consumer = kit.view.tools[focus.then]
        stories = Stories(stage, turns, read_only=consumer.kind == "read" and rng.random() < 0.5)
        story = stories.tell(focus, literal)
        if not story:
            return None
        stories.fill()
        if not self.controls.min_turns <= len(chain.turns) <= self.controls.max_turns:
            return None
        return self._task(index, focus, story, stage, rng)

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

    def _profile(self, view: EnvironmentView, person: Mapping[str, Any], rng: random.Random) -> Profile | None:
        if view.people is None or view.person_key is None:
            return None
        contacts = [slot for _, slot in view.identify if slot.column and person.get(slot.column[1]) is not None]
        name = {"name": person["name"]} if "name" in person else {}
        if contacts and rng.random() < self.controls.share_identify:
            column = contacts[0].column[1] if contacts[0].column else ""
            return Profile(environment=view.name, table=view.people, columns={**name, column: person[column]})
        key = view.person_key[1]
        return Profile(environment=view.name, table=view.people, columns={**name, key: person[key]})

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
