"""The topology-aware sampler: task i of a seed, over-specified, executed, every argument grounded.

Task i depends on (seed, i) and the environments alone. Coverage is steered without looking at other tasks: each round of
indices deals every focus (an edge, a tool, an error code) once, in an order shuffled by the seed and the round.
"""

from __future__ import annotations

import random
from collections.abc import Mapping
from typing import Any, NamedTuple

from envfactory.sampling.chain import Chain
from envfactory.sampling.controls import Controls
from envfactory.sampling.lab import Lab
from envfactory.sampling.scenes import Stagehand, Tools
from envfactory.sampling.stories import acquire, follow, is_final, manage
from envfactory.sampling.views import EnvironmentView, ToolView
from envfactory.tasks.model import Goal, Persona, Profile, Task
from envfactory.tasks.scope import Scope

_TONES = ("plain", "polite", "brief", "chatty", "casual")


class Refused(NamedTuple):
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
        self._kits = {name: Tools.of(EnvironmentView(scope, name)) for name in scope.names}
        self._focuses = [f"{name}.{tool}" for name, kit in self._kits.items() for tool in kit.view.tools]

    def sample(self, index: int) -> Task | Refused:
        """Return the task of an index, or why there is none."""
        rng = random.Random(f"{self.seed}/{index}")
        focus = self.focus(index)
        environment, _, tool = focus.partition(".")
        reason = "no person"
        for _ in range(self.controls.attempts):
            task, reason = self._attempt(index, environment, self._kits[environment].view.tools[tool], rng)
            if task is not None:
                return task
        return Refused(index, focus, reason)

    def focus(self, index: int) -> str:
        """Return what the index is dealt."""
        round_, place = divmod(index, len(self._focuses))
        order = list(self._focuses)
        random.Random(f"{self.seed}/round/{round_}").shuffle(order)
        return order[place]

    def _attempt(self, index: int, environment: str, tool: ToolView, rng: random.Random) -> tuple[Task | None, str]:
        kit = self._kits[environment]
        persons = kit.view.persons()
        if not persons:
            return None, "no person"
        person = rng.choice(persons)
        chain = Chain(self._lab, {environment: kit.view}, {environment: person})
        profile = self._profile(kit.view, person, rng)
        if profile is not None:
            chain.profiles[environment] = profile
        stage = Stagehand(self._lab, {environment: kit}, chain, self.controls, rng)
        party = rng.choice((1, 1, 2, 2, 2, 3, 4))
        stage.party = party
        turns = rng.randint(self.controls.min_turns, min(self.controls.max_turns, 5))
        begin = acquire if tool.verb == "create" else manage
        thread = begin(stage, environment, tool, turns)
        if thread is None and not chain.turns:
            return None, "no arguments that work"
        used = {call.tool for call in chain.gold}
        while thread is not None and len(chain.turns) < turns:
            followed = follow(stage, thread, used)
            if followed is None:
                break
            used.add(followed.name)
            if is_final(followed):
                break
        if len(chain.turns) < self.controls.min_turns:
            return None, "too short"
        return self._task(index, stage, tool, rng), ""

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

    def _task(self, index: int, stage: Stagehand, tool: ToolView, rng: random.Random) -> Task:
        chain = stage.chain
        names = list(chain.views)
        return Task(
            id=f"t{self.seed}_{index:06d}",
            seed=self.seed,
            index=index,
            environments=[chain.views[name].reference for name in names],
            story=" > ".join(request.story for turn in chain.turns for request in turn.requests),
            focus=self.focus(index),
            persona=Persona.model_validate({"tone": rng.choice(_TONES), "party": stage.party}),
            profile=list(chain.profiles.values()),
            turns=chain.turns,
            gold=chain.gold,
            goal=Goal(changes=chain.changes()),
            written_by={"sampler": "rules"},
        )
