"""What each index is to bring about: an edge to travel, a rule to run into, a tool to use; dealt, never chosen.

Index i gets its focus from (seed, i) alone. Of every hundred indices a fixed share is dealt from the refusals, spread by
the seed; within its kind an index gets the next focus of the current round, and every round deals each focus once.
"""

from __future__ import annotations

import random
import re
from collections.abc import Iterable
from typing import Any, Literal, NamedTuple

from envfactory.environments.contract import GuardStep, RowStep
from envfactory.environments.graph import StateEdge, ValueEdge
from envfactory.sampling.controls import Controls
from envfactory.sampling.plausible import contradictory, is_claim, senseless_codes
from envfactory.sampling.views import EnvironmentView

Kind = Literal["value", "enables", "disables", "code", "tool"]
_PERIOD = 100
_LATER = 0.7  # rules and tools that no edge speaks of come later in a round


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
        everything = [focus for view in views for focus in focuses(view)]
        self._refusals = [each for each in everything if each.kind in ("disables", "code")]
        self._others = [each for each in everything if each.kind not in ("disables", "code")]
        share = controls.share_refused if self._refusals else 0
        share = share if self._others else 1
        marks = list(range(_PERIOD))
        random.Random(f"{seed}/kinds").shuffle(marks)
        self._chosen = sorted(marks[: round(share * _PERIOD)])

    def deal(self, index: int) -> Focus:
        """Return the focus of an index."""
        block, place = divmod(index, _PERIOD)
        before = sum(1 for mark in self._chosen if mark < place)
        if place in self._chosen:
            return self._next(self._refusals, block * len(self._chosen) + before, "refusals")
        return self._next(self._others, block * (_PERIOD - len(self._chosen)) + place - before, "others")

    def instead(self, index: int, count: int) -> list[Focus]:
        """Return other focuses for an index whose own one leads nowhere: of its environment, refusals for a refusal."""
        own = self.deal(index)
        refusal = own in self._refusals
        found = [each for each in (self._refusals if refusal else self._others) if each.environment == own.environment]
        rng = random.Random(f"{self._seed}/instead/{index}")
        found = [each for each in rng.sample(found, len(found)) if each != own]
        return found[:count]

    def _next(self, among: list[Focus], number: int, kind: str) -> Focus:
        round_, place = divmod(number, len(among))
        order = list(range(len(among)))
        rng = random.Random(f"{self._seed}/{kind}/{round_}")
        rng.shuffle(order)
        late = {each: rng.random() + (_LATER if among[each].kind in ("code", "tool") else 0) for each in order}
        return among[sorted(order, key=late.__getitem__)[place]]


def focuses(view: EnvironmentView) -> list[Focus]:
    """Return everything about an environment that tasks are to bring about."""
    found = [_value(view, edge) for edge in view.topology.graph.value_edges if _worth_dealing(view, edge)]
    edges = [edge for edge in view.topology.graph.state_edges if not asks_again(edge)]
    found += [_state(view, edge) for edge in edges if not contradictory(view, edge)]
    known = {(each.then, each.code) for each in found if each.kind == "disables"}
    for tool in view.tools.values():
        for code in plausible_codes(view, tool.name):
            if (tool.name, code) not in known:
                found.append(Focus("code", view.name, "", tool.name, code=code))
    touched = {name for each in found for name in (each.first, each.then)}
    found += [Focus("tool", view.name, "", name) for name in view.tools if name not in touched]
    return found


def plausible_codes(view: EnvironmentView, tool: str) -> list[str]:
    """Return the codes of rules that a person can run into without knowing: guards, none of them subsumed."""
    contract = view.tools[tool].contract
    whose = _whose(view, tool)
    guards = {step.otherwise for step in contract.steps if isinstance(step, GuardStep) and not whose.search(step.guard)}
    guards -= senseless_codes(view.tools[tool])
    return [code for code in contract.codes() if code in guards and contract.errors[code].subsumed_by is None]


def asks_again(edge: StateEdge) -> bool:
    """Tell whether an edge is about asking for the very same thing a second time, which nobody does."""
    if edge.producer != edge.consumer or edge.effect != "disables":
        return False
    return bool(edge.evidence.get("call", ["", {}])[1] == edge.evidence.get("arguments"))


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
    return Focus(
        "value", view.name, edge.producer, edge.consumer, edge.field, edge.parameter, evidence=dict(edge.evidence)
    )


def _state(view: EnvironmentView, edge: StateEdge) -> Focus:
    return Focus(edge.effect, view.name, edge.producer, edge.consumer, code=edge.code, evidence=dict(edge.evidence))
