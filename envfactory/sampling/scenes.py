"""One turn of a story: a wish that works (or is refused for one reason), what it needs, and what must be answered.

A `Stagehand` tries calls in the state that the conversation has reached and brings the chosen one into the chain as a
turn's goal. It knows nothing of what makes a good story; `stories` does.
"""

from __future__ import annotations

import random
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from envfactory.bench.inputs.world import Place
from envfactory.dependencies.lineage import canonical
from envfactory.sampling.chain import Chain
from envfactory.sampling.controls import Controls
from envfactory.sampling.lab import Lab, Seen
from envfactory.sampling.proposing import Proposer, Wish
from envfactory.sampling.resolving import Resolver
from envfactory.sampling.selecting import Selector
from envfactory.sampling.telling import Teller
from envfactory.sampling.views import EnvironmentView, ToolView
from envfactory.tasks.model import Request

_TRIES = 14


@dataclass(frozen=True)
class Tools:
    """What is made once for an environment and used for every task in it."""

    view: EnvironmentView
    proposer: Proposer
    selector: Selector
    teller: Teller

    @classmethod
    def of(cls, view: EnvironmentView) -> Tools:
        """Return the tools of a view."""
        selector = Selector(view)
        return cls(view, Proposer(view), selector, Teller(view, selector))


@dataclass
class Thread:
    """The thing a conversation is about: a row by table and key."""

    environment: str
    table: str
    key: Any


class Stagehand:
    """See the module's docstring."""

    def __init__(self, lab: Lab, kits: Mapping[str, Tools], chain: Chain, controls: Controls, rng: random.Random) -> None:
        self.lab, self.kits, self.chain, self.controls, self.rng = lab, kits, chain, controls, rng
        self.values: dict[str, Any] = {}
        self.party: int | None = None
        self.told: set[tuple[str, str, Any]] = set()
        self.resolver = Resolver(
            chain,
            {name: kit.proposer for name, kit in kits.items()},
            {name: kit.selector for name, kit in kits.items()},
            rng,
            depth=controls.max_depth,
        )

    def wish(self, environment: str, fixed: Mapping[str, Any], thread: Thread | None) -> Wish:
        """Return what proposals must hold to at this point of the conversation."""
        rows: tuple[Place, ...] = ()
        if thread is not None and thread.environment == environment:
            key = self.kits[environment].view.primary(thread.table)
            found = self.chain.world(environment).where(thread.table, key, thread.key) if key else []
            rows = tuple(Place(thread.table, row) for row in found[:1])
        return Wish(self.chain.people[environment], dict(fixed), dict(self.values), rows, self.party)

    def options(
        self, environment: str, tool: ToolView, fixed: Mapping[str, Any], thread: Thread | None, tries: int = _TRIES
    ) -> list[tuple[dict[str, Any], Seen]]:
        """Return proposals with what each would do now, in the order proposed."""
        wish = self.wish(environment, fixed, thread)
        world = self.chain.world(environment)
        proposed = self.kits[environment].proposer.propose(tool, world, wish, self.rng, tries)
        seen = self.chain.look(environment, [(tool.name, given) for given in proposed])
        return list(zip(proposed, seen, strict=True))

    def working(
        self, environment: str, tool: ToolView, fixed: Mapping[str, Any], thread: Thread | None = None
    ) -> dict[str, Any] | None:
        """Return arguments that work now and were not used before; reads must show something."""
        for given, seen in self.options(environment, tool, fixed, thread):
            fresh = not self.chain.called(environment, tool.name, given)
            if seen.ok and fresh and (tool.kind == "write" or _shows(seen.result)):
                if tool.kind == "read" or seen.changes:
                    return given
        return None

    def play(self, environment: str, tool: ToolView, arguments: Mapping[str, Any], thread: Thread | None = None) -> bool:
        """Make a call the goal of a turn of its own; take everything back and return False where it cannot be."""
        mark = self.chain.mark()
        self.chain.begin()
        if self.add(environment, tool, arguments, thread) and self._fits():
            self.chain.end("done" if self._wrote() else "informed")
            return True
        self.chain.rollback(mark)
        return False

    def add(self, environment: str, tool: ToolView, arguments: Mapping[str, Any], thread: Thread | None) -> bool:
        """Make a call a goal of the turn that was begun."""
        wish = self.wish(environment, {}, thread)
        seen = self.resolver.bring(self.kits[environment].view, tool, arguments, wish=wish)
        if seen is None or not seen.ok:
            return False
        index = len(self.chain.gold) - 1
        self.chain.turn.requests.append(Request(call=index, story=tool.verb))
        facts = self.kits[environment].teller.facts(tool, self.chain.shown[index], index, self.rng)
        self.chain.turn.facts += facts
        self._remember(tool, arguments)
        return bool(facts) or tool.kind == "write"

    def _remember(self, tool: ToolView, arguments: Mapping[str, Any]) -> None:
        """Keep what is in play, so that later wishes are about the same city, days and people."""
        for name, value in arguments.items():
            slot = tool.slots[name]
            if slot.role not in ("person", "contact", "key", "paging", "flag", "money"):
                self.values[name] = value
            frame = tool.frames.get("slots", {}).get(name)
            if isinstance(frame, dict) and frame.get("party") and self.party is None:
                self.party = value

    def _fits(self) -> bool:
        return len(self.chain.gold) - self.chain.turn.first <= self.controls.max_calls_per_turn

    def _wrote(self) -> bool:
        calls = self.chain.gold[self.chain.turn.first :]
        return any(self.kits[call.environment].view.tools[call.tool].kind == "write" for call in calls)

    def made(self, environment: str, tool: ToolView) -> Thread | None:
        """Return the thing that the last call made or was about."""
        view = self.kits[environment].view
        call = self.chain.gold[-1]
        for slot in tool.slots.values():
            if slot.role == "key" and slot.column and slot.name in call.arguments and tool.verb != "create":
                table = canonical(slot.column, view.schema)[0]
                if table == tool.subject:
                    return Thread(environment, table, call.arguments[slot.name])
        key = view.primary(tool.subject) if tool.subject else None
        if tool.subject and key:
            for shown in tool.shows((tool.subject, key)):
                for record in self.chain.shown[-1]:
                    if not record.listed and record.at(shown.path.rpartition(".")[2]) == shown.path:
                        return Thread(environment, tool.subject, record.fields[shown.path.rpartition(".")[2]])
        return None


def _shows(result: Any) -> bool:
    """Tell whether a result has something in it: no list of it is empty."""
    if isinstance(result, dict):
        lists = [value for value in result.values() if isinstance(value, list)]
        return not lists or bool(lists[0])
    return bool(result)
