"""Stories: what one person wants, turn after turn, about one thing and for one reason.

Every story is told around a focus: an edge to travel (look something up, then use it), a call that makes another possible
or impossible, a rule to run into and what the person does then. Around it stand the turns that such a person would have
taken anyway: looking before choosing, checking after doing, adding, paying, changing, giving up.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from envfactory.dependencies.lineage import canonical
from envfactory.sampling.focus import Focus
from envfactory.sampling.paths import general
from envfactory.sampling.scenes import Arguments, Fixed, Stage, Thread, values_at
from envfactory.sampling.views import EnvironmentView, Slot, ToolView
from envfactory.tasks.model import FromResult, GoldCall

_FOLLOWING = {"detail": 2.0, "add": 3.0, "change": 2.0, "pay": 3.0, "confirm": 2.0, "create": 2.0, "cancel": 0.6}
_LOOKS = ("search", "list", "detail")
_VALUES = 4


class Stories:
    """Tells one task's story on a stage."""

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

    def tell(self, focus: Focus, literal: bool) -> str:
        """Bring a focus about; return the story's name, empty where it cannot be. `literal`: as its evidence did."""
        told: dict[str, Callable[[Focus, bool], str]] = {
            "value": self._value,
            "enables": self._enables,
            "disables": self._disables,
            "code": self._code,
            "tool": self._tool,
        }
        return told[focus.kind](focus, literal)

    # --- the focus ------------------------------------------------------------------------------------------------

    def _tool(self, focus: Focus, literal: bool) -> str:
        tool = self._view(focus).tools[focus.then]
        given = self._stored(focus, tool, "ok") if literal else self.stage.working(focus.environment, tool, {})
        if given is None or not self._act(focus.environment, tool, given):
            return ""
        return "asking" if tool.kind == "read" else "getting" if tool.verb == "create" else "managing"

    def _value(self, focus: Focus, literal: bool) -> str:
        """Look something up (or do it), then use what it showed."""
        view = self._view(focus)
        producer, consumer = view.tools[focus.first], view.tools[focus.then]
        self.stage.resolver.liking[(focus.environment, focus.first, focus.field, focus.then, focus.parameter)] = 0
        if producer.kind == "write":
            return self._made_use(focus, producer, consumer)
        given = self.stage.working(focus.environment, producer, {})
        if literal:
            given = dict(focus.evidence["setup"][focus.evidence["producer"]][1])
        if given is None:
            return ""
        shown = self.stage.chain.look(focus.environment, [(producer.name, given)])[0]
        use = self._use(focus, consumer, shown.result, literal) if shown.ok else None
        if use is None:
            return ""
        leading = producer.verb == "detail" or (producer.verb != "identify" and self.rng.random() < 0.7)
        if leading and not self.stage.play(focus.environment, producer, given) and producer.verb == "detail":
            return ""
        if not self._act(focus.environment, consumer, use, led=leading) or not self._used(focus):
            return ""
        return "looking and using"

    def _used(self, focus: Focus) -> bool:
        """Tell whether the last call took the focus's value from where it should."""
        gold = self.stage.chain.gold
        source = gold[-1].sources.get(focus.parameter)
        if not isinstance(source, FromResult):
            return False
        return gold[source.call].tool == focus.first and general(source.path) == focus.field

    def _use(self, focus: Focus, consumer: ToolView, result: Any, literal: bool) -> Arguments | None:
        if literal:
            return dict(focus.evidence["arguments"])
        values = values_at(result, focus.field)
        self.rng.shuffle(values)
        for value in values[:_VALUES]:
            given = self.stage.working(focus.environment, consumer, {focus.parameter: value}, tries=8)
            if given is not None:
                return given
        return None

    def _made_use(self, focus: Focus, producer: ToolView, consumer: ToolView) -> str:
        """Do something, then go on with what it made."""
        if not self._begin(focus.environment, producer):
            return ""
        values = values_at(self.stage.chain.gold[-1].result, focus.field)
        for value in values:
            given = self.stage.working(focus.environment, consumer, {focus.parameter: value}, self._latest())
            if given is not None and self._act(focus.environment, consumer, given, led=True):
                return "taking it back" if producer.verb == "cancel" or consumer.verb == "cancel" else "going on"
        return ""

    def _enables(self, focus: Focus, literal: bool) -> str:
        """Do what makes something possible (once it was refused, sometimes), then that."""
        view = self._view(focus)
        first, then = view.tools[focus.first], view.tools[focus.then]
        if literal:
            return self._as_proved(focus, first, then, "ok")
        for _ in range(3):
            mark = self.stage.chain.mark()
            wished = self.stage.refused(focus.environment, then, focus.code, {}, tries=10)
            if wished is None:
                return ""
            refused = self.left > 2 and self.rng.random() < 0.5 and self._meet(focus.environment, then, wished, focus.code)
            fixed = self._common(view, then, first, wished)
            given = self.stage.working(focus.environment, first, fixed)
            if given is not None and self._act(focus.environment, first, given, led=refused):
                seen = self.stage.chain.look(focus.environment, [(then.name, wished)])[0]
                if seen.ok and self._act(focus.environment, then, wished, led=True):
                    return "mending" if refused else "preparing"
            self.stage.undo(mark)
        return ""

    def _disables(self, focus: Focus, literal: bool) -> str:
        """Do something after which something else is refused, ask for that too, and take it from there."""
        view = self._view(focus)
        first, then = view.tools[focus.first], view.tools[focus.then]
        if literal:
            return self._as_proved(focus, first, then, focus.code)
        mark = self.stage.chain.mark()
        for _ in range(3):
            if not self._begin(focus.environment, first):
                return ""
            done = self.stage.chain.gold[-1]
            fixed = self._common(view, first, then, done.arguments) or self._made_key(view, then)
            wished = self.stage.refused(focus.environment, then, focus.code, fixed, self._latest(), tries=16)
            if wished is not None and self._meet(focus.environment, then, wished, focus.code):
                self.react(focus.environment, then, wished)
                return "second thoughts" if first.verb == "cancel" else "going too far"
            self.stage.undo(mark)
            self.threads.clear()
        return ""

    def _as_proved(self, focus: Focus, first: ToolView, then: ToolView, code: str) -> str:
        """Tell an edge as its proof went."""
        evidence = focus.evidence
        for name, given in evidence.get("setup", ()):
            if not self._act(focus.environment, self._view(focus).tools[name], dict(given)):
                return ""
        if not self._act(focus.environment, first, dict(evidence["call"][1])):
            return ""
        wished = dict(evidence["arguments"])
        if code == "ok":
            return "preparing" if self._act(focus.environment, then, wished, led=True) else ""
        if not self._meet(focus.environment, then, wished, code):
            return ""
        self.react(focus.environment, then, wished)
        return "going too far"

    def _code(self, focus: Focus, literal: bool) -> str:
        """Run into a rule, and react."""
        tool = self._view(focus).tools[focus.then]
        if literal:
            wished = self._stored(focus, tool, focus.code)
        else:
            wished = self.stage.refused(focus.environment, tool, focus.code, {})
        if wished is None:
            return ""
        if self.left > 2 and self.rng.random() < 0.5:
            self._lead_in(focus.environment, tool, wished, focus.code)
        if not self._meet(focus.environment, tool, wished, focus.code):
            return ""
        self.react(focus.environment, tool, wished)
        return "running into a rule"

    # --- turns ----------------------------------------------------------------------------------------------------

    def _begin(self, environment: str, tool: ToolView) -> bool:
        given = self.stage.working(environment, tool, {})
        return given is not None and self._act(environment, tool, given)

    def _act(self, environment: str, tool: ToolView, given: Arguments, *, led: bool = False) -> bool:
        """Do something in a turn, after a look at what there is; its thing becomes the story's."""
        if not led and self.left > 2 and self.rng.random() < 0.6:
            self._lead_in(environment, tool, given)
        if not self.stage.play(environment, tool, given, self._latest()):
            return False
        thread = self.stage.thread(environment, tool)
        known = next((each for each in self.threads if thread and _same(each, thread)), None)
        if known is not None:
            _note(known, tool)
        elif thread is not None:
            self.threads.append(thread)
        return True

    def _meet(self, environment: str, tool: ToolView, wished: Arguments, code: str) -> bool:
        """Ask for what a rule forbids, in a turn of its own."""
        return self.stage.play(environment, tool, wished, self._latest(), code)

    def _lead_in(self, environment: str, tool: ToolView, given: Arguments, code: str = "ok") -> bool:
        """Play the last look that a call needs as a turn before it; True if there was one."""
        mark = self.stage.open()
        found = None
        if self.stage.add(environment, tool, given, self._latest(), code):
            tools = self._tools(environment)
            calls = self.stage.chain.gold[self.stage.chain.turn.first :]
            looks = [call for call in calls if call.purpose == "resolve" and tools[call.tool].verb in _LOOKS]
            found = (tools[looks[-1].tool], dict(looks[-1].arguments)) if looks else None
        self.stage.undo(mark)
        return found is not None and self.stage.play(environment, *found)

    def react(self, environment: str, tool: ToolView, wished: Arguments) -> bool:
        """Do what a person does who was refused: another choice, a look, something else with the same thing."""
        if self.left < 1:
            return False
        fixed = {slot.name: wished[slot.name] for slot in _own(self.stage.view(environment), tool) if slot.name in wished}
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
        given = self.stage.working(environment, tool, fixed, self._latest())
        return given is not None and self._act(environment, tool, given, led=True)

    def _look_after(self, environment: str, tool: ToolView, fixed: Fixed) -> bool:
        """Look at the thing that something was refused about."""
        view = self.stage.view(environment)
        for slot in _own(view, tool):
            if slot.column is not None and slot.name in fixed:
                table = canonical(slot.column, view.schema)[0]
                thread = Thread(environment, table, fixed[slot.name], tools=[tool.name])
                return self.follow(thread, ("detail", "change", "add", "pay"))
        return False

    # --- going on -------------------------------------------------------------------------------------------------

    def fill(self) -> None:
        """Take the turns that are left: go on with the things in hand, look at one more of what was shown."""
        while self.left > 0:
            open_threads = [each for each in self.threads if not each.over]
            thread = open_threads[-1] if open_threads else None
            if thread is not None and self.follow(thread):
                continue
            if not self._look_on():
                return

    def follow(self, thread: Thread, verbs: tuple[str, ...] = ()) -> bool:
        """Go on with a thing; False where nothing more makes sense."""
        tools = [tool for tool in self._tools(thread.environment).values() if self._may(thread, tool, verbs)]
        while tools:
            tool = self.rng.choices(tools, [_FOLLOWING.get(each.verb, 0.5) for each in tools])[0]
            tools.remove(tool)
            slot = key_slot(self.stage.view(thread.environment), tool, thread)
            given = self.stage.working(thread.environment, tool, {slot: thread.key}, thread) if slot else None
            if given is not None and self.stage.play(thread.environment, tool, given, thread):
                if thread not in self.threads:
                    self.threads.append(thread)
                _note(thread, tool)
                made = self.stage.thread(thread.environment, tool) if tool.verb == "create" else None
                if made is not None and not any(_same(made, each) for each in self.threads):
                    self.threads.append(made)
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
        return not (thread.over and tool.kind == "write")

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
            if differs == [changed] and self.stage.usable(environment, tool, given, seen):
                return self.stage.play(environment, tool, given)
        return False

    # --- small things ---------------------------------------------------------------------------------------------

    def _view(self, focus: Focus) -> EnvironmentView:
        return self.stage.view(focus.environment)

    def _tools(self, environment: str) -> dict[str, ToolView]:
        return self.stage.view(environment).tools

    def _latest(self) -> Thread | None:
        return self.threads[-1] if self.threads else None

    def _common(self, view: EnvironmentView, one: ToolView, other: ToolView, given: Arguments) -> Arguments:
        """Return the arguments of `other` that must name the same things as those given to `one`."""
        found = {}
        for slot in _own(view, other):
            for each in _own(view, one):
                if each.column and slot.column and each.name in given:
                    if canonical(each.column, view.schema) == canonical(slot.column, view.schema):
                        found[slot.name] = given[each.name]
        return found

    def _made_key(self, view: EnvironmentView, then: ToolView) -> Arguments:
        thread = self._latest()
        slot = key_slot(view, then, thread) if thread is not None else None
        return {slot: thread.key} if slot and thread is not None else {}

    def _stored(self, focus: Focus, tool: ToolView, code: str) -> Arguments | None:
        """Return the arguments of a stored case with this outcome, for the person who is signed in."""
        view = self._view(focus)
        person = self.stage.chain.people[focus.environment]
        key = view.person_key[1] if view.person_key else ""
        cases = [case for case in view.cases.of(tool.name) if not case.setup and case.now is None]
        fitting = [
            dict(case.arguments)
            for case in cases
            if (case.expect.status == "ok" if code == "ok" else case.expect.codes == [code])
            and all(case.arguments.get(slot.name) == person.get(key) for slot in _persons(tool) if slot.name in case.arguments)
        ]
        return self.rng.choice(fitting) if fitting else None


def key_slot(view: EnvironmentView, tool: ToolView, thread: Thread) -> str | None:
    """Return the parameter of a tool that names the thing in hand."""
    for slot in _own(view, tool):
        if slot.required and slot.column and canonical(slot.column, view.schema)[0] == thread.table:
            return slot.name
    return None


def _own(view: EnvironmentView, tool: ToolView) -> list[Slot]:
    """Return the parameters of a tool that name rows."""
    return [slot for slot in tool.slots.values() if slot.role == "key" and slot.column is not None]


def _persons(tool: ToolView) -> list[Slot]:
    return [slot for slot in tool.slots.values() if slot.role == "person"]


def _same(one: Thread, other: Thread) -> bool:
    return (one.environment, one.table, one.key) == (other.environment, other.table, other.key)


def _note(thread: Thread, tool: ToolView) -> None:
    """Keep in mind what was done with a thing."""
    thread.tools.append(tool.name)
    thread.wrote += int(tool.kind == "write")
    thread.over = thread.over or tool.verb == "cancel"
