"""One turn of a story: a wish that works (or is refused for one reason), what it needs, and what must be answered.

A `Stage` brings the call that was chosen among those tried (`trying`) into the chain as a turn's goal. It knows nothing of what makes a good story; `stories` does.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

from envfactory.dependencies.lineage import canonical
from envfactory.sampling.chain import Mark
from envfactory.sampling.nearness import days_between
from envfactory.sampling.paths import records
from envfactory.sampling.plausible import ends, people_say
from envfactory.sampling.trying import Arguments, Thread, Trial, shows
from envfactory.sampling.views import ToolView
from envfactory.tasks.model import FromResult, Request
from envfactory.tasks.motives import ANEW, FOR_OTHERS, INSTEAD, RETRY

_REPLACING = (ANEW, INSTEAD, RETRY)
_NEAR_DAYS = 20
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")


class Bookmark(NamedTuple):
    """A place in a conversation: the chain's, and what was in play."""

    chain: Mark
    values: Mapping[str, Any]
    party: int | None
    party_said: bool


class Stage(Trial):
    """See the module's docstring."""

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
        motive: str = "",
    ) -> bool:
        """Make a call the goal of a turn of its own; take everything back and return False where it cannot be.

        `more` may add a further goal to the turn; where it fails, the turn goes without. `step`: the look that the call
        needs is asked for too, where there is one. `motive`: why it is asked for, where that needs to be said.
        """
        mark = self.open()
        if self.add(environment, tool, given, thread, code, motive):
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
            look = call.purpose == "resolve" and tool.verb == "search" and bool(call.arguments)
            if not look or not shows(tool, call.result):
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
        self,
        environment: str,
        tool: ToolView,
        given: Arguments,
        thread: Thread | None = None,
        code: str = "ok",
        motive: str = "",
    ) -> bool:
        """Make a call a goal of the turn that was begun; False where it cannot be (the caller goes back)."""
        if f"{environment}.{tool.name}" in self.withheld or self.chain.called(environment, tool.name, given, code):
            return False
        if not self._own(environment, tool, given) or not people_say(tool, given, self.sums()):
            return False
        if motive not in _REPLACING and self.given_up(environment, tool, given):
            return False
        if code != "ok" and not self._refusable(environment, tool, given, code, motive):
            return False
        wish = self.wish(environment, given, thread)
        story = motive or (FOR_OTHERS if self.again(environment, tool, given) else tool.verb)
        seen = self.resolver.bring(self.view(environment), tool, given, wish=wish)
        if seen is None or seen.code != code or self._repeats():
            return False
        index = len(self.chain.gold) - 1
        self.chain.turn.requests.append(Request(call=index, story=story))
        self.remember(tool, given)
        return self._tell(environment, tool, index, code)

    def _refusable(self, environment: str, tool: ToolView, given: Arguments, code: str, motive: str) -> bool:
        return self.plausible(environment, tool, given, motive) and self.fails_only(environment, tool, given, code)

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
        thread.over = ends(tool)
        return thread

    def for_others(self) -> None:
        """Let what the last turn asked for be for somebody else: the person has just got the like themselves."""
        turn = self.chain.turns[-1]
        asked = [each.model_copy(update={"story": FOR_OTHERS}) for each in turn.requests]
        self.chain.turns[-1] = turn.model_copy(update={"requests": asked})


def columns_of(records_seen: Sequence[Any], path: str) -> list[Any]:
    """Return the values of a field by its general path, each once."""
    place, _, name = path.rpartition(".")
    found = [record.fields.get(name) for record in records_seen if record.place == place]
    return [value for value in dict.fromkeys(found) if value is not None]


def values_at(result: Any, path: str) -> list[Any]:
    """Return the values of a result at a general path, each once."""
    return columns_of(list(records(result)), path)
