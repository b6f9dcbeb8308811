"""What somebody could want at one point of a conversation: wishes that work, and wishes that one rule refuses.

A `Trial` tries calls in the state that the conversation has reached. It brings nothing into the chain.
"""

from __future__ import annotations

import random
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from envfactory.bench.inputs.world import Place
from envfactory.sampling.chain import Chain
from envfactory.sampling.controls import Controls
from envfactory.sampling.inventing import Wish
from envfactory.sampling.lab import Seen
from envfactory.sampling.plausible import for_one, has_already, sensible, things
from envfactory.sampling.proposing import Proposer
from envfactory.sampling.resolving import Resolver
from envfactory.sampling.selecting import Selector
from envfactory.sampling.telling import Teller
from envfactory.sampling.views import EnvironmentView, Slot, ToolView
from envfactory.tasks.motives import ONCE_MORE

_TRIES = 14
_OPEN = re.compile(r"(open|balance|outstanding|due|owed|total|amount)\w*_(cents|minor|pence)$")
Arguments = dict[str, Any]
Fixed = Mapping[str, Any]


@dataclass(frozen=True)
class Kit:
    """What is made once for an environment and used for every task in it."""

    view: EnvironmentView
    proposer: Proposer
    selector: Selector
    teller: Teller

    @classmethod
    def of(cls, view: EnvironmentView) -> Kit:
        """Return the kit of a view."""
        selector = Selector(view)
        return cls(view, Proposer(view), selector, Teller(view, selector))


@dataclass
class Thread:
    """The thing a conversation is about: a row by table and key, and what was done with it so far."""

    environment: str
    table: str
    key: Any
    made_here: bool = False
    tools: list[str] = field(default_factory=list)
    wrote: int = 0
    over: bool = False


class Trial:
    """See the module's docstring."""

    def __init__(self, kits: Mapping[str, Kit], chain: Chain, controls: Controls, rng: random.Random) -> None:
        self.kits, self.chain, self.controls, self.rng = kits, chain, controls, rng
        self.values: dict[str, Any] = {}
        self.party: int | None = None
        self.party_said = False
        self.withheld: set[str] = set()
        self.resolver = Resolver(
            chain,
            {name: kit.proposer for name, kit in kits.items()},
            {name: kit.selector for name, kit in kits.items()},
            rng,
            depth=controls.max_depth,
        )

    def view(self, environment: str) -> EnvironmentView:
        """Return the view of an environment."""
        return self.kits[environment].view

    @property
    def told(self) -> set[tuple[str, str]]:
        """What answers have stated so far: names and values."""
        return {(fact.name, repr(fact.value)) for turn in self.chain.turns for fact in turn.facts}

    def wish(self, environment: str, fixed: Fixed, thread: Thread | None) -> Wish:
        """Return what proposals must hold to at this point of the conversation."""
        rows: tuple[Place, ...] = ()
        if thread is not None and thread.environment == environment:
            key = self.view(environment).primary(thread.table)
            found = self.chain.world(environment).where(thread.table, key, thread.key) if key else []
            rows = tuple(Place(thread.table, row) for row in found[:1])
        amounts = self._open_amounts(rows[0].row) if rows else ()
        return Wish(self.chain.people[environment], dict(fixed), dict(self.values), rows, self.party, amounts)

    def _open_amounts(self, row: Mapping[str, Any]) -> tuple[int, ...]:
        """Return the sums that a row says are still to be paid."""
        return tuple(
            value for name, value in row.items() if _OPEN.search(name) and isinstance(value, int) and value > 0
        )

    def options(
        self, environment: str, tool: ToolView, fixed: Fixed, thread: Thread | None = None, tries: int = _TRIES
    ) -> list[tuple[Arguments, Seen]]:
        """Return proposals with what each would do now, in the order proposed."""
        wish = self.wish(environment, fixed, thread)
        world = self.chain.world(environment)
        proposed = self.kits[environment].proposer.propose(tool, world, wish, self.rng, tries)
        seen = self.chain.look(environment, [(tool.name, given) for given in proposed])
        return list(zip(proposed, seen, strict=True))

    def working(
        self,
        environment: str,
        tool: ToolView,
        fixed: Fixed,
        thread: Thread | None = None,
        tries: int = _TRIES,
        *,
        others: bool = False,
    ) -> Arguments | None:
        """Return arguments that work now and were not used before; a read must show something, few rows best.

        `others`: what is the person's already will do, for somebody else.
        """
        best: tuple[float, Arguments] | None = None
        for given, seen in self.options(environment, tool, fixed, thread, tries):
            if not self.usable(environment, tool, given, seen, others=others):
                continue
            if tool.kind == "write":
                return given
            score = _crowd(seen.result, given) + self.rng.random()
            if best is None or score < best[0]:
                best = (score, given)
        return best[1] if best else None

    def usable(self, environment: str, tool: ToolView, given: Arguments, seen: Seen, *, others: bool = False) -> bool:
        """Tell whether a call would do or show something that no call did before."""
        if not seen.ok or self.chain.called(environment, tool.name, given):
            return False
        if not others and self.again(environment, tool, given):
            return False
        if (
            tool.kind == "read"
            and tool.verb == "search"
            and not given
            and any(_narrows(slot) for slot in tool.slots.values())
        ):
            return False  # "find the airport"
        return bool(seen.changes) if tool.kind == "write" else shows(tool, seen.result)

    def again(self, environment: str, tool: ToolView, given: Arguments) -> bool:
        """Tell whether somebody would get for a second time what is theirs: for others, who must then be spoken of."""
        view = self.view(environment)
        person = self.chain.people[environment].get(view.person_key[1]) if view.person_key else None
        return has_already(view, tool, given, self.chain.world(environment), person)

    def given_up(self, environment: str, tool: ToolView, given: Arguments) -> bool:
        """Tell whether a call would make what the person gave up in this conversation."""
        view = self.view(environment)
        person = self.chain.people[environment].get(view.person_key[1]) if view.person_key else None
        cancelled = any(
            view.tools[each.tool].verb == "cancel" for each in self.chain.gold if each.environment == view.name
        )
        return (
            cancelled
            and has_already(view, tool, given, view.world, person)
            and not self.again(environment, tool, given)
        )

    def refused(
        self,
        environment: str,
        tool: ToolView,
        code: str,
        fixed: Fixed,
        thread: Thread | None = None,
        tries: int = 30,
        motive: str = "",
    ) -> Arguments | None:
        """Return arguments that fail with a code, and with no other by the contract.

        What one has is asked for again once it was spoken of: for others.
        """
        for given, seen in self.options(environment, tool, fixed, thread, tries):
            likely = seen.code == code and self.plausible(environment, tool, given, motive)
            unsaid = for_one(code) or not self.chain.turns
            likely = likely and not (unsaid and self.again(environment, tool, given))
            if likely and self.fails_only(environment, tool, given, code):
                return given
        return None

    def plausible(self, environment: str, tool: ToolView, given: Arguments, motive: str = "") -> bool:
        """Tell whether somebody could want a call that is refused: it makes sense, and of nothing just given up.

        Who has a motive may want what they gave up; what was granted once made sense.
        """
        if motive == ONCE_MORE:
            return True
        view = self.view(environment)
        gone: set[tuple[str, Any]] = set()
        for call in self.chain.gold:
            ended = call.environment == environment and call.purpose == "goal" and not motive
            if ended and view.tools[call.tool].verb == "cancel":
                gone |= set(things(view, view.tools[call.tool], call.arguments)[:1])
        if gone & set(things(view, tool, given)):
            return False
        return sensible(view, tool, given, self.chain.world(environment), self.sums())

    def sums(self) -> set[Any]:
        """Return the numbers that results have shown."""
        fields = (value for each in self.chain.shown for record in each for value in record.fields.values())
        return {value for value in fields if isinstance(value, int)}

    def fails_only(self, environment: str, tool: ToolView, given: Arguments, code: str) -> bool:
        """Tell whether exactly one rule forbids a call now."""
        codes = self.chain.lab.failing(environment, self.chain.writes(environment), (tool.name, given))
        return set(codes) == {code}


def _narrows(slot: Slot) -> bool:
    return slot.role not in ("paging", "person", "contact")


def shows(tool: ToolView, result: Any) -> bool:
    """Tell whether a read has something to show: the rows of a search or list are not empty."""
    if isinstance(result, dict) and tool.verb in ("search", "list"):
        lists = [value for value in result.values() if isinstance(value, list)]
        return not lists or bool(lists[0])
    return bool(result)


def _crowd(result: Any, given: Arguments) -> float:
    """Return how unhandy a read is: many rows, none of them asked for in particular."""
    rows = (
        next((len(value) for value in result.values() if isinstance(value, list)), 1) if isinstance(result, dict) else 1
    )
    return (0 if rows <= 4 else 1.5 if rows <= 8 else 2.5) + (0.7 if not given else 0)
