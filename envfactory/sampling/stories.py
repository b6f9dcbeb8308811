"""Stories: what one person wants, turn after turn, about one thing and for one reason.

Every story is told around a focus: an edge to travel (look something up, then use it), a call that makes another possible
or impossible, a rule to run into and what the person does then. Around it stand the turns that such a person would have
taken anyway (`going`): looking before choosing, checking after doing, adding, paying, changing, giving up.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from envfactory.dependencies.lineage import canonical
from envfactory.sampling.focus import Focus
from envfactory.sampling.going import key_slot, keys_of, persons_of
from envfactory.sampling.holding import ends
from envfactory.sampling.journeys import Journeys
from envfactory.sampling.paths import records
from envfactory.sampling.plausible import as_people_say
from envfactory.sampling.scenes import values_at
from envfactory.sampling.trying import Arguments
from envfactory.sampling.views import EnvironmentView, Shown, ToolView
from envfactory.sandbox.session import Call
from envfactory.tasks.motives import BACK, INSTEAD, ONCE_MORE, RETRY

_VALUES = 4
_BEGINNINGS = 3
_MAKING = ("create", "change")
_SAME_THING = 0.7  # how often who somebody is must be used for the thing it was seen with


class Stories(Journeys):
    """Tells one task's story on a stage."""

    def tell(self, focus: Focus, literal: bool) -> str:
        """Bring a focus about; return the story's name, empty where it cannot be. `literal`: as its evidence did."""
        told: dict[str, Callable[[Focus, bool], str]] = {
            "value": self._value,
            "enables": self._enables,
            "disables": self._disables,
            "code": self._code,
            "tool": self._tool,
        }
        urged: dict[str, Callable[[Focus, bool], str]] = {
            ONCE_MORE: self.once_more,
            BACK: self.put_back,
            INSTEAD: self.in_place,
        }
        return urged.get(focus.motive, told[focus.kind])(focus, literal)

    # --- the focus ------------------------------------------------------------------------------------------------

    def _tool(self, focus: Focus, literal: bool) -> str:
        tool = self.view(focus).tools[focus.then]
        given = self._stored(focus, tool, "ok") if literal else self.stage.working(focus.environment, tool, {})
        if given is None or not self.act(focus.environment, tool, given):
            return ""
        return "asking" if tool.kind == "read" else "getting" if tool.verb == "create" else "managing"

    def _value(self, focus: Focus, literal: bool) -> str:
        """Look something up (or do it), then use what it showed."""
        view = self.view(focus)
        producer, consumer = view.tools[focus.first], view.tools[focus.then]
        if not literal and ends(view, producer, focus.field):
            return self.travel_on(focus)
        self.stage.resolver.liking[(focus.environment, focus.first, focus.field, focus.then, focus.parameter)] = 0
        if producer.kind == "write":
            return self._made_use(focus, producer, consumer, literal)
        given = self.stage.working(focus.environment, producer, {})
        if literal:
            given = dict(focus.evidence["setup"][focus.evidence["producer"]][1])
        if given is None:
            return ""
        shown = self.stage.chain.look(focus.environment, [(producer.name, given)])[0]
        self.stage.remember(producer, given)
        use = self._use(focus, producer, consumer, given, shown.result, literal) if shown.ok else None
        if use is None:
            return ""
        telling = producer.verb != "identify" and (bool(given) or producer.verb != "search")
        leading = producer.verb == "detail" or (telling and self.rng.random() < 0.7)
        if leading and not self.stage.play(focus.environment, producer, given) and producer.verb == "detail":
            return ""
        if not self.act(focus.environment, consumer, use, led=leading) or not self.used(focus):
            return ""
        return "looking and using"

    def _use(
        self, focus: Focus, producer: ToolView, consumer: ToolView, given: Arguments, result: Any, literal: bool
    ) -> Arguments | None:
        """Return arguments that use a value of a result, about the same thing where that works."""
        if literal:
            return as_people_say(consumer, focus.evidence["arguments"])
        view = self.view(focus)
        values = values_at(result, focus.field)
        self.rng.shuffle(values)
        common = self.common(view, producer, consumer, given)
        mine = producer.subject is not None and view.owner(producer.subject) is not None
        for value in values[:_VALUES]:
            beside = _beside(view, producer, consumer, result, focus, value)
            ways = [{**common, **beside}, beside, common, {}]
            if consumer.slots[focus.parameter.removesuffix("[]")].role == "person" and self.rng.random() < _SAME_THING:
                ways = ways[:1]
            for fixed in (way for place, way in enumerate(ways) if way not in ways[:place]):
                wanted = {**fixed, **_given(focus, value, values)}
                use = self.stage.working(focus.environment, consumer, wanted, tries=8, others=mine)
                if use is not None:
                    return use
        return None

    def _made_use(self, focus: Focus, producer: ToolView, consumer: ToolView, literal: bool) -> str:
        """Do something, then go on with what it made."""
        if literal:
            return self._as_used(focus, consumer)
        for _ in range(_BEGINNINGS):
            mark = self.stage.mark()
            if self._begin(focus.environment, producer):
                break
            self.stage.undo(mark)
        else:
            return ""
        thread = self.latest()
        for value in values_at(self.stage.chain.gold[-1].result, focus.field):
            if self._goes_on(focus, consumer, value):
                return "taking it back" if "cancel" in (producer.verb, consumer.verb) else "going on"
            # what was just done says all: there is something to ask once it was changed
            changed = consumer.kind == "read" and thread is not None and self.follow(thread, ("change", "add"))
            if changed and self._goes_on(focus, consumer, value):
                return "going on"
        return ""

    def _goes_on(self, focus: Focus, consumer: ToolView, value: Any) -> bool:
        given = self.stage.working(focus.environment, consumer, _given(focus, value, ()), self.latest())
        return given is not None and self.act(focus.environment, consumer, given, led=True) and self.used(focus)

    def _as_used(self, focus: Focus, consumer: ToolView) -> str:
        """Go on with what something made as the proof did: step by step, with the value as it is now."""
        evidence = focus.evidence
        old, new = evidence["value"], evidence["value"]
        for place, (name, given) in enumerate(evidence["setup"]):
            tool = self.view(focus).tools[name]
            now = as_people_say(tool, {each: new if value == old else value for each, value in given.items()})
            if not self.act(focus.environment, tool, now, led=place > 0):
                return ""
            if place == evidence["producer"]:
                new = next(iter(values_at(self.stage.chain.gold[-1].result, focus.field)), None)
        given = {**as_people_say(consumer, evidence["arguments"]), **_given(focus, new, ())}
        if not self.act(focus.environment, consumer, given, led=True) or not self.used(focus):
            return ""
        return "going on"

    def _enables(self, focus: Focus, literal: bool) -> str:
        """Do what makes something possible (once it was refused, sometimes), then that."""
        view = self.view(focus)
        first, then = view.tools[focus.first], view.tools[focus.then]
        if literal:
            return self.as_proved(focus, first, then, "ok")
        for _ in range(3):
            mark = self.stage.mark()
            wished = self.stage.refused(focus.environment, then, focus.code, {}, tries=10)
            if wished is None:
                return ""
            refused = self.left > 2 and not focus.motive and self.rng.random() < 0.5
            refused = refused and self.meet(focus.environment, then, wished, focus.code)
            why = RETRY if refused else focus.motive
            fixed = self.common(view, then, first, wished)
            given = self.stage.working(focus.environment, first, fixed)
            if given is not None and self.act(focus.environment, first, given, led=refused):
                seen = self.stage.chain.look(focus.environment, [(then.name, wished)])[0]
                if seen.ok and self.act(focus.environment, then, wished, led=True, motive=why):
                    again = first.verb == "cancel" and fixed
                    return "mending" if refused else "taking it back" if again else "preparing"
            self.stage.undo(mark)
        return ""

    def _disables(self, focus: Focus, literal: bool) -> str:
        """Do something after which something else is refused, ask for that too, and take it from there."""
        view = self.view(focus)
        first, then = view.tools[focus.first], view.tools[focus.then]
        if literal:
            return self.as_proved(focus, first, then, focus.code)
        mark, before = self.stage.mark(), self.stage.chain.writes(focus.environment)
        for _ in range(3):
            if not self._begin(focus.environment, first):
                self.stage.undo(mark)  # a look before it may have been told
                continue
            done = self.stage.chain.gold[-1]
            fixed = self.common(view, first, then, done.arguments) or self._made_key(view, then)
            for about in [fixed, {}] if fixed else [{}]:
                wished = self.stage.refused(
                    focus.environment, then, focus.code, about, self.latest(), tries=16, motive=focus.motive
                )
                if wished is None or (not about and not self._worked(focus.environment, before, then, wished)):
                    continue
                if self.meet(focus.environment, then, wished, focus.code, focus.motive):
                    if not focus.motive and _makes_another(first, then):
                        self.stage.for_others()
                    self.put_up(focus, then, wished)
                    return "second thoughts" if first.verb == "cancel" else "going too far"
            self.stage.undo(mark)
            self.threads.clear()
        return ""

    def _worked(self, environment: str, before: Sequence[Call], tool: ToolView, wished: Arguments) -> bool:
        """Tell whether a call that is refused now would have worked before."""
        return self.stage.chain.lab.look(environment, before, [(tool.name, wished)])[0].ok

    def _code(self, focus: Focus, literal: bool) -> str:
        """Run into a rule, and react."""
        tool = self.view(focus).tools[focus.then]
        if literal:
            wished = self._stored(focus, tool, focus.code)
        else:
            wished = self.stage.refused(focus.environment, tool, focus.code, {})
        if wished is None:
            return ""
        if self.left > 2 and self.rng.random() < 0.5:
            self.lead_in(focus.environment, tool, wished, focus.code)
        if not self.meet(focus.environment, tool, wished, focus.code):
            return ""
        self.react(focus.environment, tool, wished)
        return "running into a rule"

    # --- small things ---------------------------------------------------------------------------------------------

    def _made_key(self, view: EnvironmentView, then: ToolView) -> Arguments:
        thread = self.latest()
        slot = key_slot(view, then, thread) if thread is not None else None
        return {slot: thread.key} if slot and thread is not None else {}

    def _stored(self, focus: Focus, tool: ToolView, code: str) -> Arguments | None:
        """Return the arguments of a stored case with this outcome, for the person who is signed in."""
        view = self.view(focus)
        person = self.stage.chain.people[focus.environment]
        key = view.person_key[1] if view.person_key else ""
        cases = [case for case in view.cases.of(tool.name) if not case.setup and case.now is None]
        fitting = [
            dict(case.arguments)
            for case in cases
            if (case.expect.status == "ok" if code == "ok" else case.expect.codes == [code])
            and all(
                case.arguments.get(slot.name) == person.get(key)
                for slot in persons_of(tool)
                if slot.name in case.arguments
            )
        ]
        return as_people_say(tool, self.rng.choice(fitting)) if fitting else None


def _makes_another(first: ToolView, then: ToolView) -> bool:
    """Tell whether the second of two calls gets the like of what the first one got or changed."""
    return first.verb in _MAKING and then.verb == "create" and first.subject == then.subject


def _given(focus: Focus, value: Any, others: Sequence[Any]) -> Arguments:
    """Return the argument that takes a value: alone, or in a list with another one of those shown."""
    if not focus.parameter.endswith("[]"):
        return {focus.parameter: value}
    beside = [each for each in others if each != value][:1]
    return {focus.parameter.removesuffix("[]"): [value, *beside]}


def _beside(
    view: EnvironmentView, producer: ToolView, consumer: ToolView, result: Any, focus: Focus, value: Any
) -> Arguments:
    """Return the consumer's other keys that stand in the same row of a result as the value, by their own names first."""
    place, _, name = focus.field.rpartition(".")
    rows = [record for record in records(result) if record.place == place and record.fields.get(name) == value]
    found = {}
    for slot in keys_of(view, consumer):
        key = canonical(slot.column, view.schema) if slot.column and slot.name != focus.parameter else None
        fields = [each.path.rpartition(".")[2] for each in (producer.shows(key) if key else ()) if _is_at(each, place)]
        held = [field for field in fields if rows and rows[0].fields.get(field) not in (None, value)]
        if held:
            found[slot.name] = rows[0].fields[slot.name if slot.name in held else held[-1]]
    return found


def _is_at(shown: Shown, place: str) -> bool:
    return shown.path.rpartition(".")[0] == place
