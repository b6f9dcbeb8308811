"""What each index is to bring about: an edge to travel, a rule to run into, a tool to use; dealt, never chosen.

Index i gets its focus from (seed, i) alone. Of every hundred indices a fixed share is dealt from the refusals and another
from what takes a motive, spread by the seed; within its kind an index gets the next focus of the current round, and every
round deals each focus once, those with a rule that no other one has shown first. From the second round on, what nothing brings
about by the way comes before what every other story does: a value of a search is used anyway, one of a ticket looked at is not.
"""

from __future__ import annotations

import random
import re
from collections.abc import Iterable
from typing import Any, Literal, NamedTuple

from envfactory.environments.contract import GuardStep, RowStep
from envfactory.environments.graph import StateEdge, ValueEdge
from envfactory.sampling.controls import Controls
from envfactory.sampling.holding import about
from envfactory.sampling.motives import NONE, Senseless, motive_of
from envfactory.sampling.plausible import is_claim, senseless_codes
from envfactory.sampling.views import EnvironmentView

Kind = Literal["value", "enables", "disables", "code", "tool"]
_PERIOD = 100
_LOOKS = ("search", "list", "identify")
_LATER = 0.7  # tools that no edge speaks of, and rules that an earlier focus of the round has shown, come later in it


class Focus(NamedTuple):
    """`first` and `then` are tools (producer and consumer; of a code or tool only `then`). `value` or `code` say more."""

    kind: Kind
    environment: str
    first: str
    then: str
    field: str = ""
    parameter: str = ""
    code: str = ""
    evidence: dict[str, Any] = {}
    motive: str = NONE
    common: bool = False
    """Whether stories around other focuses bring it about by the way."""

    def __str__(self) -> str:
        if self.kind == "value":
            return f"{self.environment}: {self.first}.{self.field} -> {self.then}.{self.parameter}"
        if self.kind in ("enables", "disables"):
            return f"{self.environment}: {self.first} {self.kind} {self.then} ({self.code})"
        return f"{self.environment}: {self.then}{f' ({self.code})' if self.code else ''}"


class Dealer:
    """Deals focuses to indices."""

    def __init__(self, views: Iterable[EnvironmentView], controls: Controls, seed: int) -> None:
        self._seed = seed
        self._piles: dict[str, list[Focus]] = {"refusals": [], "urges": [], "others": []}
        for view in views:
            for focus in focuses(view):
                self._piles[_pile(focus)].append(focus)
        marks = list(range(_PERIOD))
        random.Random(f"{seed}/kinds").shuffle(marks)
        refusals = round(controls.share_refused * _PERIOD)
        urges = round(controls.share_motive * _PERIOD)
        dealt = {mark: "refusals" if at < refusals else "urges" for at, mark in enumerate(marks[: refusals + urges])}
        kinds = [self._filled(dealt.get(place, "others")) for place in range(_PERIOD)]
        self._kinds = [(kind, kinds[:place].count(kind), kinds.count(kind)) for place, kind in enumerate(kinds)]
        self._orders: dict[str, tuple[int, list[Focus]]] = {}

    def _filled(self, kind: str) -> str:
        """Return a kind, or another one where nothing is of it."""
        return next((each for each in (kind, "others", "refusals", "urges") if self._piles[each]), kind)

    def deal(self, index: int) -> Focus:
        """Return the focus of an index."""
        block, place = divmod(index, _PERIOD)
        kind, before, share = self._kinds[place]
        round_, at = divmod(block * share + before, len(self._piles[kind]))
        return self._order(kind, round_)[at]

    def instead(self, index: int, count: int) -> list[Focus]:
        """Return other focuses for an index whose own one leads nowhere: of its environment and kind."""
        own = self.deal(index)
        found = [each for each in self._piles[_pile(own)] if each.environment == own.environment]
        rng = random.Random(f"{self._seed}/instead/{index}")
        found = [each for each in rng.sample(found, len(found)) if each != own]
        return found[:count]

    def _order(self, kind: str, round_: int) -> list[Focus]:
        """Return the focuses of a kind in the order of a round; the last round's is kept."""
        if self._orders.get(kind, (-1, []))[0] != round_:
            among = list(self._piles[kind])
            rng = random.Random(f"{self._seed}/{kind}/{round_}")
            rng.shuffle(among)
            self._orders[kind] = (round_, _new_ones_first(among, rng, spare_common=round_ > 0))
        return self._orders[kind][1]


def _pile(focus: Focus) -> str:
    if focus.motive:
        return "urges"
    return "refusals" if focus.kind in ("disables", "code") else "others"


def _new_ones_first(among: list[Focus], rng: random.Random, *, spare_common: bool) -> list[Focus]:
    """Return focuses in another order: what shows nothing that one before has shown comes earlier, tools come late.

    `spare_common`: what comes about by the way comes last of all.
    """
    shown: set[tuple[str, str, str]] = set()
    late: list[float] = []
    for focus in among:
        rule = (focus.environment, focus.then, focus.code)
        again = focus.kind == "tool" or (focus.code != "" and rule in shown)
        shown.add(rule)
        late.append(rng.random() + (_LATER if again else 0) + (2 if spare_common and focus.common else 0))
    return [among[at] for at in sorted(range(len(among)), key=late.__getitem__)]


def focuses(view: EnvironmentView) -> list[Focus]:
    """Return everything about an environment that tasks are to bring about."""
    found = [_value(view, edge) for edge in view.topology.graph.value_edges if _worth_dealing(view, edge)]
    states = [(edge, motive_of(view, edge)) for edge in view.topology.graph.state_edges]
    found += [_state(view, edge, motive) for edge, motive in states if not isinstance(motive, Senseless)]
    known = {(each.then, each.code) for each in found if each.kind == "disables"}
    for tool in view.tools.values():
        for code in plausible_codes(view, tool.name):
            if (tool.name, code) not in known:
                found.append(Focus("code", view.name, "", tool.name, code=code, common=True))
    touched = {name for each in found for name in (each.first, each.then)}
    found += [Focus("tool", view.name, "", name, common=True) for name in view.tools if name not in touched]
    return found


def plausible_codes(view: EnvironmentView, tool: str) -> list[str]:
    """Return the codes of rules that a person can run into without knowing: guards, none of them subsumed."""
    contract = view.tools[tool].contract
    whose = _whose(view, tool)
    guards = {step.otherwise for step in contract.steps if isinstance(step, GuardStep) and not whose.search(step.guard)}
    guards -= senseless_codes(view.tools[tool])
    return [code for code in contract.codes() if code in guards and contract.errors[code].subsumed_by is None]


def _whose(view: EnvironmentView, tool: str) -> re.Pattern[str]:
    """Return what a guard says that asks whose a row is: nobody names another person's things on purpose."""
    persons = [slot.name for slot in view.tools[tool].slots.values() if slot.role == "person"]
    key = view.person_key[1] if view.person_key else "id"
    rows = [
        step.let
        for step in view.tools[tool].contract.steps
        if isinstance(step, RowStep) and any(f":{name}" in step.row for name in persons)
    ]
    words = [rf":{name}\b" for name in persons] + [rf"= \${let}\.{key}\b" for let in rows]
    return re.compile("|".join(words) or "(?!)")


def _worth_dealing(view: EnvironmentView, edge: ValueEdge) -> bool:
    """Tell whether an edge needs a task of its own: what finds out who somebody is comes along by itself."""
    slot = view.tools[edge.consumer].slots.get(edge.parameter.removesuffix("[]"))
    if edge.echo or slot is None or slot.role == "contact":
        return False
    if view.tools[edge.producer].verb == "create" and is_claim(view.tools[edge.consumer]):
        return False
    return slot.role != "person" or edge.producer not in {tool.name for tool, _ in view.identify}


def _value(view: EnvironmentView, edge: ValueEdge) -> Focus:
    producer, evidence = view.tools[edge.producer], dict(edge.evidence)
    shown = producer.shown.get(edge.field)
    named = shown is not None and shown.key is not None and not about(view, producer, shown.key)
    common = named and producer.verb in _LOOKS
    names = (view.name, edge.producer, edge.consumer, edge.field, edge.parameter)
    return Focus("value", *names, evidence=evidence, common=common)


def _state(view: EnvironmentView, edge: StateEdge, motive: str) -> Focus:
    evidence = dict(edge.evidence)
    return Focus(edge.effect, view.name, edge.producer, edge.consumer, "", "", edge.code, evidence, motive)
