"""How a story goes on: what one does with a thing in hand, after a refusal, after a search, on another errand.

Nothing is wanted twice, nothing is undone that was done here, no question is asked whose answer was given.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from envfactory.dependencies.lineage import canonical
from envfactory.sampling.nearness import PARTY, could_meet, days_between
from envfactory.sampling.paths import records
from envfactory.sampling.plausible import ends, is_claim
from envfactory.sampling.scenes import Stage
from envfactory.sampling.trying import Arguments, Fixed, Thread
from envfactory.sampling.views import DAY, PLACES, EnvironmentView, Slot, ToolView
from envfactory.tasks.model import FromResult, GoldCall, Mention, Turn

_FOLLOWING = {"detail": 2.0, "add": 3.0, "change": 2.0, "pay": 3.0, "confirm": 2.0, "create": 2.0, "cancel": 0.6}
_STARTING = {"create": 3.0, "search": 2.0, "change": 2.0, "cancel": 1.0, "list": 1.0, "detail": 1.0}
_LOOKS = ("search", "list", "detail")
_ALSO = ("add", "change", "pay", "create")
_ERRANDS = 16
_SEASON = 45
_COMPANY = 3  # a party of one or two says nothing
_PEOPLE = ("people", "adults", "passengers", "guests", "party")
_THERE = ("to_", "dest", "arriv")
_BREATH = 0.3  # how often a second wish comes in the same breath
_MORE = 0.35  # how often somebody who has what they want looks at another one
_STEP = 0.45  # how often a look that a deed needs is asked for in the same turn


class Telling:
    """The turns a story can take, and the things it is about."""

    def __init__(self, stage: Stage, turns: int, *, read_only: bool = False) -> None:
        self.stage = stage
        self.turns = turns
        self.read_only = read_only
        self.rng = stage.rng
        self.threads: list[Thread] = []

    @property
    def left(self) -> int:
        """How many turns may still come."""
        return self.turns - len(self.stage.chain.turns)

    # --- turns ----------------------------------------------------------------------------------------------------

    def _begin(self, environment: str, tool: ToolView) -> bool:
        given = self.stage.working(environment, tool, {})
        return given is not None and self.act(environment, tool, given)

    def act(self, environment: str, tool: ToolView, given: Arguments, *, led: bool = False, motive: str = "") -> bool:
        """Do something in a turn, after a look at what there is; its thing becomes the story's."""
        if not led and self.left > 2 and self.rng.random() < 0.6:
            self.lead_in(environment, tool, given)
        step = tool.kind == "write" and self.rng.random() < _STEP
        if not self.stage.play(environment, tool, given, self.latest(), step=step, motive=motive):
            return False
        self._take_up(environment, tool)
        return True

    def _take_up(self, environment: str, tool: ToolView) -> None:
        """Make the thing that the last call was about the story's."""
        thread = self.stage.thread(environment, tool)
        known = next((each for each in self.threads if thread and _same(each, thread)), None)
        if known is not None:
            _note(known, tool)
        elif thread is not None:
            self.threads.append(thread)

    def meet(self, environment: str, tool: ToolView, wished: Arguments, code: str, motive: str = "") -> bool:
        """Ask for what a rule forbids, in a turn of its own."""
        return self.stage.play(environment, tool, wished, self.latest(), code, motive=motive)

    def lead_in(self, environment: str, tool: ToolView, given: Arguments, code: str = "ok") -> bool:
        """Play the last look that a call needs as a turn before it; True if there was one."""
        mark = self.stage.open()
        found = None
        if self.stage.add(environment, tool, given, self.latest(), code):
            tools = self._tools(environment)
            calls = self.stage.chain.gold[self.stage.chain.turn.first :]
            looks = [call for call in calls if call.purpose == "resolve" and tools[call.tool].verb in _LOOKS]
            looks = [call for call in looks if call.arguments or tools[call.tool].verb != "search"]
            found = (tools[looks[-1].tool], dict(looks[-1].arguments)) if looks else None
        self.stage.undo(mark)
        return found is not None and self.stage.play(environment, *found)

    def react(self, environment: str, tool: ToolView, wished: Arguments) -> bool:
        """Do what a person does who was refused: another choice, a look, something else with the same thing."""
        if self.left < 1:
            return False
        fixed = {
            slot.name: wished[slot.name] for slot in keys_of(self.stage.view(environment), tool) if slot.name in wished
        }
        ways: list[Callable[[], bool]] = [
            lambda: self._instead(environment, tool, fixed),
            lambda: self._look_after(environment, tool, fixed),
        ]
        if self.rng.random() < 0.3:
            ways.reverse()
        return any(way() for way in ways) or self._instead(environment, tool, {})

    def _instead(self, environment: str, tool: ToolView, fixed: Fixed) -> bool:
        if tool.verb == "cancel" or self.read_only:
            return False
        given = self.stage.working(environment, tool, fixed, self.latest())
        return given is not None and self.act(environment, tool, given, led=True)

    def _look_after(self, environment: str, tool: ToolView, fixed: Fixed) -> bool:
        """Look at the thing that something was refused about."""
        view = self.stage.view(environment)
        for slot in keys_of(view, tool):
            if slot.column is not None and slot.name in fixed:
                table = canonical(slot.column, view.schema)[0]
                thread = Thread(environment, table, fixed[slot.name], tools=[tool.name])
                return self.follow(thread, ("detail", "change", "add", "pay"))
        return False

    # --- turns that nothing grants --------------------------------------------------------------------------------

    def decline(self, thread: Thread) -> str:
        """Ask for what no offered tool does; return the tool that is withheld (`environment.tool`), if there is one."""
        view = self.stage.view(thread.environment)
        used = {call.tool for call in self.stage.chain.gold if call.environment == thread.environment}
        tools = [tool for tool in view.tools.values() if tool.kind == "write" and tool.name not in used]
        tools = [tool for tool in tools if self._may(thread, tool, ()) and not _has_twin(view, tool)]
        self.rng.shuffle(tools)
        for tool in tools:
            slot = key_slot(view, tool, thread)
            given = self.stage.working(thread.environment, tool, {slot: thread.key}, thread) if slot else None
            if given is not None and slot is not None and self._ask_in_vain(thread, tool, slot, given):
                return f"{thread.environment}.{tool.name}"
        return ""

    def _ask_in_vain(self, thread: Thread, tool: ToolView, slot: str, given: Arguments) -> bool:
        """Say what a withheld tool would have needed; False where that takes things nobody can say."""
        said = [each for each in tool.slots.values() if each.name in given and each.role != "person"]
        if any(each.role == "key" and each.name != slot for each in said):
            return False
        chain = self.stage.chain
        mark = self.stage.open()
        key = self.stage.view(thread.environment).primary(thread.table)
        if not self.stage.add(thread.environment, tool, given, thread) or len(chain.gold) != chain.turn.first + 1:
            self.stage.undo(mark)
            return False
        mentions = list(chain.turn.mentions)
        self.stage.undo(mark)
        own = [each for each in mentions if each.slot.partition(".")[0] == tool.name]
        known_by = [each.slot.partition(".")[0] for each in mentions if each not in own]
        pointer = f"{thread.table}.{key}"
        described = known_by in ([], [thread.table])  # the words have one place for what it is about
        if not described and not chain.spoken_of(thread.environment, pointer, thread.key):
            return False
        self.stage.open()
        chain.turn.mentions += mentions if described else own
        if not described:
            chain.say(thread.environment, pointer, thread.key, "referred")
        chain.end("declined")
        self.stage.withheld.add(f"{thread.environment}.{tool.name}")
        return True

    # --- going on -------------------------------------------------------------------------------------------------

    def fill(self) -> None:
        """Take the turns that are left: go on with the things in hand, look at one more of what was shown."""
        while self.left > 0:
            open_threads = [each for each in self.threads if not each.over]
            thread = open_threads[-1] if open_threads else None
            if thread is not None and self.follow(thread):
                continue
            enough = len(self.stage.chain.turns) >= self.stage.controls.min_turns
            if (enough and self.rng.random() >= _MORE) or not self._look_on():
                return

    def follow(self, thread: Thread, verbs: tuple[str, ...] = ()) -> bool:
        """Go on with a thing; False where nothing more makes sense."""
        tools = [tool for tool in self._tools(thread.environment).values() if self._may(thread, tool, verbs)]
        while tools:
            tool = self.rng.choices(tools, [_FOLLOWING.get(each.verb, 0.5) for each in tools])[0]
            tools.remove(tool)
            slot = key_slot(self.stage.view(thread.environment), tool, thread)
            given = self.stage.working(thread.environment, tool, {slot: thread.key}, thread) if slot else None
            if given is not None and self._go_on(thread, tool, given):
                return True
        return False

    def _go_on(self, thread: Thread, tool: ToolView, given: Arguments) -> bool:
        """Do something with the thing in hand, and sometimes another thing in the same breath."""
        also: list[ToolView] = []
        more = (lambda: self._also(thread, tool, also)) if self.rng.random() < _BREATH else None
        if not self.stage.play(thread.environment, tool, given, thread, more=more):
            return False
        if thread not in self.threads:
            self.threads.append(thread)
        for each in [tool, *also]:
            _note(thread, each)
        made = self.stage.thread(thread.environment, tool) if tool.verb == "create" and not also else None
        if made is not None and not any(_same(made, each) for each in self.threads):
            self.threads.append(made)
        return True

    def _also(self, thread: Thread, tool: ToolView, also: list[ToolView]) -> bool:
        """Add a second wish about the same thing to the turn (no question beside a deed: their order would matter)."""
        tools = [each for each in self._tools(thread.environment).values() if self._may(thread, each, ())]
        tools = [each for each in tools if each is not tool and each.verb in _ALSO and tool.verb in _ALSO]
        self.rng.shuffle(tools)
        for each in tools[:3]:
            slot = key_slot(self.stage.view(thread.environment), each, thread)
            given = self.stage.working(thread.environment, each, {slot: thread.key}, thread) if slot else None
            if given is not None and self.stage.add(thread.environment, each, given, thread):
                also.append(each)
                return True
        return False

    def _may(self, thread: Thread, tool: ToolView, verbs: tuple[str, ...]) -> bool:
        """Tell whether a person who did what was done would want this next."""
        if tool.name in thread.tools or key_slot(self.stage.view(thread.environment), tool, thread) is None:
            return False
        if verbs and tool.verb not in verbs:
            return False
        if self.read_only and tool.kind == "write":
            return False
        if tool.verb == "cancel":
            return thread.wrote == 0 and not thread.made_here
        if thread.over and tool.kind == "write":
            return False
        tools = self._tools(thread.environment)
        if tool.verb == "confirm" and any(tools[each].verb == "confirm" for each in thread.tools):
            return False
        return not (thread.made_here and is_claim(tool))

    def _look_on(self) -> bool:
        """Look once more: at another row of what was shown last, or with another filter."""
        chain = self.stage.chain
        for call in reversed(chain.gold):
            tool = self.stage.view(call.environment).tools[call.tool]
            looked = call.purpose == "goal" and tool.kind == "read" and call.outcome == "ok"
            if looked and (tool.verb == "search" or (tool.verb == "detail" and self._one_of_many(call))):
                return self._vary(call.environment, tool, call.arguments)
        return False

    def _one_of_many(self, call: GoldCall) -> bool:
        """Tell whether a look was at one of several things that a search had shown."""
        sources = [each for each in call.sources.values() if isinstance(each, FromResult)]
        tools = [self._tools(call.environment)[self.stage.chain.gold[each.call].tool].verb for each in sources]
        return "search" in tools

    def _vary(self, environment: str, tool: ToolView, before: Arguments) -> bool:
        """Ask the same of something else: other days, another one of those shown; once in a conversation."""
        if sum(call.tool == tool.name and call.purpose == "goal" for call in self.stage.chain.gold) > 1:
            return False
        plain = [name for name in before if tool.slots[name].role not in ("person", "contact")]
        if not plain:
            return False
        changed = self.rng.choice(plain)
        fixed = {name: value for name, value in before.items() if name != changed}
        for given, seen in self.stage.options(environment, tool, fixed):
            differs = [name for name in set(given) | set(before) if given.get(name) != before.get(name)]
            if differs == [changed] and changed in given and self.stage.usable(environment, tool, given, seen):
                return self.stage.play(environment, tool, given)
        return False

    # --- another errand -------------------------------------------------------------------------------------------

    def errand(self, environment: str) -> bool:
        """Turn to something else, in another environment: the one change of topic."""
        chain = self.stage.chain
        topics = {each for turn in chain.turns for each in _topics(turn, chain.gold)}
        if not could_meet(self.stage.view(chain.gold[0].environment), self.stage.view(environment), topics):
            return False
        tools = list(self._tools(environment).values())
        for _ in range(_ERRANDS):
            tool = self.rng.choices(tools, [_STARTING.get(each.verb, 0.1) for each in tools])[0]
            if self.read_only and tool.kind == "write":
                continue
            given = self.stage.working(environment, tool, self._common_ground(environment, tool))
            self.threads.clear()
            mark, before = self.stage.mark(), len(self.stage.chain.turns)
            if given is not None and self.act(environment, tool, given) and self._touches(before):
                return True
            self.stage.undo(mark)
            self.threads.clear()
        return False

    def _common_ground(self, environment: str, tool: ToolView) -> Arguments:
        """Return arguments that take up a place and a day which the conversation is about."""
        view, fixed = self.stage.view(environment), {}
        topics = [value for turn in self.stage.chain.turns for value in _values(turn, self.stage.chain.gold)]
        days = sorted(value[:10] for _, value in topics if DAY.match(value) and value[:10] >= view.now[:10])
        places = [city for _, value in topics for city in sorted(view.cities) if city in value]
        for slot in tool.slots.values():
            there = self._there(view, tool, slot, places)
            if slot.name in PLACES and places:
                fixed[slot.name] = places[-1]
            elif there is not None:
                fixed[slot.name] = there
            elif slot.role == "date" and slot.required and days and not any(name in days for name in fixed.values()):
                fixed[slot.name] = days[0]
        return fixed

    def _there(self, view: EnvironmentView, tool: ToolView, slot: Slot, places: Sequence[str]) -> Any:
        """Return the key of a station or a port in the place that the conversation is about, for where one goes."""
        if slot.role != "key" or slot.column is None or slot.many or not places:
            return None
        table, key = canonical(slot.column, view.schema)
        alike = [
            each for each in keys_of(view, tool) if each.column and canonical(each.column, view.schema)[0] == table
        ]
        if view.owner(table) is not None or (len(alike) > 1 and not slot.name.startswith(_THERE)):
            return None
        rows = [row for row in view.world.rows(table) if any(row.get(name) == places[-1] for name in PLACES)]
        return self.rng.choice(rows)[key] if rows else None

    def _touches(self, before: int) -> bool:
        """Tell whether the turns from `before` on say a place, a day or a party that those before them were about."""
        turns, gold = self.stage.chain.turns, self.stage.chain.gold
        earlier = {each for turn in turns[:before] for each in _topics(turn, gold)}
        later = {each for turn in turns[before:] for mention in turn.mentions for each in topic(mention)}
        views = [self.stage.view(call.environment) for call in (gold[0], gold[-1])]
        near = days_between(*views) <= _SEASON  # a party of four is the same one where the trips are
        if any(near or not each.endswith(PARTY) for each in earlier & later):
            return True
        names = {value for turn in turns[before:] for mention in turn.mentions for value in (mention.value,)}
        here = {each.casefold() for each in views[0].cities & views[1].cities}
        told = {str(each).casefold() for each in names}
        return any(city in one and city in other for city in here for one in earlier for other in told)

    # --- small things ---------------------------------------------------------------------------------------------

    def _tools(self, environment: str) -> dict[str, ToolView]:
        return self.stage.view(environment).tools

    def latest(self) -> Thread | None:
        return self.threads[-1] if self.threads else None


def _has_twin(view: EnvironmentView, tool: ToolView) -> bool:
    """Tell whether another tool does the like: the same verb on the same things."""
    return any(
        each is not tool and each.verb == tool.verb and each.subject == tool.subject for each in view.tools.values()
    )


def key_slot(view: EnvironmentView, tool: ToolView, thread: Thread) -> str | None:
    """Return the parameter of a tool that names the thing in hand."""
    for slot in keys_of(view, tool):
        if slot.required and slot.column and canonical(slot.column, view.schema)[0] == thread.table:
            return slot.name
    return None


def keys_of(view: EnvironmentView, tool: ToolView) -> list[Slot]:
    """Return the parameters of a tool that name one row each."""
    return [slot for slot in tool.slots.values() if slot.role == "key" and slot.column is not None and not slot.many]


def persons_of(tool: ToolView) -> list[Slot]:
    return [slot for slot in tool.slots.values() if slot.role == "person"]


def _same(one: Thread, other: Thread) -> bool:
    return (one.environment, one.table, one.key) == (other.environment, other.table, other.key)


def _topics(turn: Turn, gold: Sequence[GoldCall]) -> set[str]:
    """Return the places, days and parties that a turn said, asked with or was told."""
    said = {each for mention in turn.mentions for each in topic(mention)}
    return said | {each for name, value in _values(turn, gold) for each in _topic(name, value)}


def _values(turn: Turn, gold: Sequence[GoldCall]) -> list[tuple[str, str]]:
    """Return the words and days that a turn's requests were about, by name."""
    shown = [gold[request.call] for request in turn.requests]
    kept = [each for call in shown for each in [*records(call.arguments), *records(call.result)] if not each.listed]
    return [(name, value) for each in kept for name, value in each.fields.items() if isinstance(value, str)]


def topic(mention: Mention) -> set[str]:
    """Return the place, day or party that a mention speaks of."""
    return _topic(mention.slot.rpartition(".")[2], mention.value)


def _topic(name: str, value: Any) -> set[str]:
    if isinstance(value, str) and DAY.match(value):
        return {value[:10]}
    if isinstance(value, str) and name.endswith(PLACES):
        return {value.casefold()}
    party = isinstance(value, int) and name in _PEOPLE and value >= _COMPANY
    return {f"{value}{PARTY}"} if party else set()


def _note(thread: Thread, tool: ToolView) -> None:
    """Keep in mind what was done with a thing."""
    thread.tools.append(tool.name)
    thread.wrote += int(tool.kind == "write")
    thread.over = thread.over or ends(tool)
