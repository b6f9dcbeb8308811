"""One turn of a story: a wish that works (or is refused for one reason), what it needs, and what must be answered.

A `Stage` tries calls in the state that the conversation has reached and brings the chosen one into the chain as a turn's
goal. It knows nothing of what makes a good story; `stories` does.
"""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from envfactory.bench.inputs.world import Place
from envfactory.dependencies.lineage import canonical
from envfactory.sampling.chain import Chain, Mark
from envfactory.sampling.controls import Controls
from envfactory.sampling.lab import Seen
from envfactory.sampling.nearness import days_between
from envfactory.sampling.paths import records
from envfactory.sampling.plausible import has_already, people_say, sensible, things
from envfactory.sampling.proposing import Proposer, Wish
from envfactory.sampling.resolving import Resolver
from envfactory.sampling.selecting import Selector
from envfactory.sampling.telling import Teller
from envfactory.sampling.views import EnvironmentView, ToolView
from envfactory.tasks.model import AGAIN, FromResult, Request

_TRIES = 14
_NEAR_DAYS = 20
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")
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


class Bookmark(NamedTuple):
    """A place in a conversation: the chain's, and what was in play."""

    chain: Mark
    values: Mapping[str, Any]
    party: int | None
    party_said: bool


class Stage:
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

    # --- what works -----------------------------------------------------------------------------------------------

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
        self, environment: str, tool: ToolView, fixed: Fixed, thread: Thread | None = None, tries: int = _TRIES
    ) -> Arguments | None:
        """Return arguments that work now and were not used before; a read must show something, few rows best."""
        best: tuple[float, Arguments] | None = None
        for given, seen in self.options(environment, tool, fixed, thread, tries):
            if not self.usable(environment, tool, given, seen):
                continue
            if tool.kind == "write":
                return given
            score = _crowd(seen.result, given) + self.rng.random()
            if best is None or score < best[0]:
                best = (score, given)
        return best[1] if best else None

    def usable(self, environment: str, tool: ToolView, given: Arguments, seen: Seen) -> bool:
        """Tell whether a call would do or show something that no call did before."""
        if not seen.ok or self.chain.called(environment, tool.name, given) or self.again(environment, tool, given):
            return False
        return bool(seen.changes) if tool.kind == "write" else shows(tool, seen.result)

    def again(self, environment: str, tool: ToolView, given: Arguments) -> bool:
        """Tell whether somebody would get for a second time what is theirs: for others, who must then be spoken of."""
        view = self.view(environment)
        person = self.chain.people[environment].get(view.person_key[1]) if view.person_key else None
        return has_already(view, tool, given, self.chain.world(environment), person)

    def _given_up(self, environment: str, tool: ToolView, given: Arguments) -> bool:
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
        self, environment: str, tool: ToolView, code: str, fixed: Fixed, thread: Thread | None = None, tries: int = 30
    ) -> Arguments | None:
        """Return arguments that fail with a code, and with no other by the contract."""
        for given, seen in self.options(environment, tool, fixed, thread, tries):
            likely = seen.code == code and self.plausible(environment, tool, given)
            if likely and self.fails_only(environment, tool, given, code):
                return given
        return None

    def plausible(self, environment: str, tool: ToolView, given: Arguments) -> bool:
        """Tell whether somebody could want a call that is refused: it makes sense, and of nothing just given up."""
        view = self.view(environment)
        gone: set[tuple[str, Any]] = set()
        for call in self.chain.gold:
            if call.environment == environment and call.purpose == "goal" and view.tools[call.tool].verb == "cancel":
                gone |= set(things(view, view.tools[call.tool], call.arguments)[:1])
        if gone & set(things(view, tool, given)):
            return False
        return sensible(view, tool, given, self.chain.world(environment), self._sums())

    def _sums(self) -> set[Any]:
        """Return the numbers that results have shown."""
        fields = (value for each in self.chain.shown for record in each for value in record.fields.values())
        return {value for value in fields if isinstance(value, int)}

    def fails_only(self, environment: str, tool: ToolView, given: Arguments, code: str) -> bool:
        """Tell whether exactly one rule forbids a call now."""
        codes = self.chain.lab.failing(environment, self.chain.writes(environment), (tool.name, given))
        return set(codes) == {code}

    # --- turns ----------------------------------------------------------------------------------------------------

    def play(
        self,
        environment: str,
        tool: ToolView,
        given: Arguments,
        thread: Thread | None = None,
        code: str = "ok",
        more: Callable[[], bool] | None = None,
        *,
        step: bool = False,
    ) -> bool:
        """Make a call the goal of a turn of its own; take everything back and return False where it cannot be.

        `more` may add a further goal to the turn; where it fails, the turn goes without. `step`: the look that the call
        needs is asked for too, where there is one.
        """
        mark = self.open()
        if self.add(environment, tool, given, thread, code):
            if step:
                self._ask_for_step(environment)
            if more is not None:
                self._add_more(more)
            return self.close(mark, code)
        self.undo(mark)
        return False

    def _ask_for_step(self, environment: str) -> None:
        """Let the turn ask for the search that its goal call rests on, before it asks for the call itself."""
        turn, teller = self.chain.turn, self.kits[environment].teller
        needed = [each.call for each in self.chain.gold[-1].sources.values() if isinstance(each, FromResult)]
        for number in sorted(set(needed) & set(range(turn.first, len(self.chain.gold) - 1))):
            call = self.chain.gold[number]
            tool = self.view(environment).tools[call.tool]
            if call.purpose != "resolve" or tool.verb != "search" or not shows(tool, call.result):
                continue
            facts = teller.facts(tool, self.chain.shown[number], number, self.rng, known=self.told)
            if facts:
                self.chain.gold[number] = call.model_copy(update={"purpose": "goal"})
                turn.requests.insert(0, Request(call=number, story=tool.verb))
                turn.facts[:0] = facts
            return

    def _add_more(self, more: Callable[[], bool]) -> None:
        mark = self.mark()
        if not more() or len(self.chain.gold) - self.chain.turn.first > self.controls.max_calls_per_turn:
            self.undo(mark)

    def mark(self) -> Bookmark:
        """Return a place to go back to."""
        return Bookmark(self.chain.mark(), dict(self.values), self.party, self.party_said)

    def open(self) -> Bookmark:
        """Begin a turn and return the place before it."""
        mark = self.mark()
        self.chain.begin()
        return mark

    def undo(self, mark: Bookmark) -> None:
        """Take everything back since a mark."""
        self.chain.rollback(mark.chain)
        self.values, self.party, self.party_said = dict(mark.values), mark.party, mark.party_said

    def close(self, mark: Bookmark, code: str = "ok") -> bool:
        """End the turn; take it back where it has more calls than allowed."""
        first = self.chain.turn.first
        if len(self.chain.gold) - first > self.controls.max_calls_per_turn:
            self.undo(mark)
            return False
        wrote = any(
            self._is_write(each.environment, each.tool) for each in self.chain.gold[first:] if each.outcome == "ok"
        )
        self.chain.end("refused" if code != "ok" else "done" if wrote else "informed")
        return True

    def _is_write(self, environment: str, tool: str) -> bool:
        return self.view(environment).tools[tool].kind == "write"

    def add(
        self, environment: str, tool: ToolView, given: Arguments, thread: Thread | None = None, code: str = "ok"
    ) -> bool:
        """Make a call a goal of the turn that was begun; False where it cannot be (the caller goes back)."""
        if f"{environment}.{tool.name}" in self.withheld or self.chain.called(environment, tool.name, given):
            return False
        if not self._own(environment, tool, given) or not people_say(tool, given, self._sums()):
            return False
        if self._given_up(environment, tool, given):
            return False
        if code != "ok" and not self._refusable(environment, tool, given, code):
            return False
        wish = self.wish(environment, given, thread)
        story = AGAIN if self.again(environment, tool, given) else tool.verb
        seen = self.resolver.bring(self.view(environment), tool, given, wish=wish)
        if seen is None or seen.code != code or self._repeats():
            return False
        index = len(self.chain.gold) - 1
        self.chain.turn.requests.append(Request(call=index, story=story))
        self.remember(tool, given)
        return self._tell(environment, tool, index, code)

    def _refusable(self, environment: str, tool: ToolView, given: Arguments, code: str) -> bool:
        return self.plausible(environment, tool, given) and self.fails_only(environment, tool, given, code)

    def _own(self, environment: str, tool: ToolView, given: Arguments) -> bool:
        """Tell whether a call speaks of nobody but the person who is signed in."""
        person, key = self.chain.people[environment], self.view(environment).person_key
        for name, value in given.items():
            slot = tool.slots[name]
            column = key[1] if slot.role == "person" and key else slot.column[1] if slot.column else ""
            if slot.role in ("person", "contact") and value != person.get(column):
                return False
        return True

    def _repeats(self) -> bool:
        """Tell whether the turn calls one read twice to find one value each time."""
        calls = self.chain.gold[self.chain.turn.first :]
        made = [(call.environment, call.tool) for call in calls if call.purpose == "resolve"]
        return len(made) - len(set(made)) > 1

    def _tell(self, environment: str, tool: ToolView, index: int, code: str) -> bool:
        """Put down what the answer must state; False where nothing new is told of a read."""
        teller = self.kits[environment].teller
        if code != "ok":
            self.chain.turn.facts += teller.refusal(tool, code, index)
            return True
        said = [mention.value for mention in self.chain.turn.mentions]
        facts = teller.facts(tool, self.chain.shown[index], index, self.rng, known=self.told, said=said)
        self.chain.turn.facts += facts
        return bool(facts) or tool.kind == "write"

    def remember(self, tool: ToolView, given: Arguments) -> None:
        """Keep what is in play, so that later wishes are about the same city, days and people."""
        for name, value in given.items():
            slot = tool.slots[name]
            passing = slot.role in ("paging", "flag", "money", "text") and slot.column is None
            if slot.role not in ("person", "contact", "key") and not passing:
                self.values[name] = value
        counted = [given[name] for name in tool.party if name in given]
        if counted:
            self.party_said = True
            self.party = sum(counted)

    def forget_days(self, one: str, other: str) -> None:
        """Forget the days in play where another environment's clock stands far from them."""
        if days_between(self.view(one), self.view(other)) > _NEAR_DAYS:
            self.values = {name: value for name, value in self.values.items() if not _DAY.match(str(value))}

    # --- threads --------------------------------------------------------------------------------------------------

    def thread(self, environment: str, tool: ToolView) -> Thread | None:
        """Return the thing that the last call made or was about."""
        view = self.view(environment)
        call = self.chain.gold[-1]
        if tool.verb != "create":
            for slot in tool.slots.values():
                if slot.role == "key" and slot.column and not slot.many and slot.name in call.arguments:
                    table = canonical(slot.column, view.schema)[0]
                    if table == tool.subject:
                        return self._started(Thread(environment, table, call.arguments[slot.name]), tool)
        key = view.primary(tool.subject) if tool.subject else None
        for shown in tool.shows((tool.subject, key)) if tool.subject and key else ():
            name = shown.path.rpartition(".")[2]
            for record in self.chain.shown[-1]:
                if not record.listed and record.at(name) == shown.path and tool.subject:
                    made = Thread(environment, tool.subject, record.fields[name], made_here=True)
                    return self._started(made, tool)
        return None

    def _started(self, thread: Thread, tool: ToolView) -> Thread:
        thread.tools.append(tool.name)
        thread.wrote = int(tool.kind == "write")
        thread.over = tool.verb == "cancel"
        return thread


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


def columns_of(records_seen: Sequence[Any], path: str) -> list[Any]:
    """Return the values of a field by its general path, each once."""
    place, _, name = path.rpartition(".")
    found = [record.fields.get(name) for record in records_seen if record.place == place]
    return [value for value in dict.fromkeys(found) if value is not None]


def values_at(result: Any, path: str) -> list[Any]:
    """Return the values of a result at a general path, each once."""
    return columns_of(list(records(result)), path)
