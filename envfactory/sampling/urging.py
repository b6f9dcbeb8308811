"""Stories that need a motive: asked once more, wanted after all, called off, put back, taken in the place of another.

Each brings about a state edge that nobody travels without a reason; the reason becomes the request's story, so that the
words can give it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from envfactory.dependencies.lineage import canonical
from envfactory.runtime.paths import general
from envfactory.sampling.focus import Focus
from envfactory.sampling.going import Telling, keys_of
from envfactory.sampling.plausible import as_people_say, things
from envfactory.sampling.trying import Arguments
from envfactory.sampling.views import EnvironmentView, ToolView
from envfactory.sandbox.session import Call
from envfactory.tasks.model import FromResult
from envfactory.tasks.motives import ANEW, BACK, CALLED_OFF, INSTEAD, RETRY, ROOM

_TRIES = 3
_OPTIONS = 16
_ANY_OTHER = 0.5  # how often what is wanted instead is tried as any such thing first, not as the same one over again


class Urging(Telling):
    """See the module's docstring."""

    def once_more(self, focus: Focus, literal: bool) -> str:
        """Do something, then ask for the very same again, since nothing seems to have come of it."""
        view = self.view(focus)
        first = view.tools[focus.first]
        for _ in range(_TRIES):
            mark = self.stage.mark()
            if not self.first(focus, first, literal):
                return ""
            given = dict(self.stage.chain.gold[-1].arguments)
            seen = self.stage.chain.look(focus.environment, [(first.name, given)])[0]
            if seen.code == focus.code and self.meet(focus.environment, first, given, focus.code, focus.motive):
                return "asking twice"
            self.stage.undo(mark)
            self.threads.clear()
        return ""

    def put_back(self, focus: Focus, literal: bool) -> str:
        """Change something, then have it as it was."""
        view = self.view(focus)
        tool = view.tools[focus.first]
        if literal:
            return self.as_proved(focus, tool, tool, "ok")
        for _ in range(_TRIES):
            mark, before = self.stage.mark(), self.stage.chain.writes(focus.environment)
            if not self._begin(focus.environment, tool):
                return ""
            back = self._as_it_was(view, tool, self.stage.chain.gold[-1].arguments)
            was = self.stage.chain.lab.look(focus.environment, before, [(tool.name, back)])[0].code if back else ""
            if was == focus.code and self.act(focus.environment, tool, back, led=True, motive=BACK):
                return "changing it back"
            self.stage.undo(mark)
            self.threads.clear()
        return ""

    def _as_it_was(self, view: EnvironmentView, tool: ToolView, changed: Arguments) -> Arguments:
        """Return the call that gives a thing back what it had at first; empty where its row does not say."""
        given = dict(changed)
        keys = {slot.name for slot in keys_of(view, tool)}
        thread = self.latest()
        key = view.primary(thread.table) if thread else None
        rows = view.world.where(thread.table, key, thread.key) if thread and key else []
        for name in changed:
            slot = tool.slots[name]
            own = slot.column[1] if slot.column else name
            held = next((rows[0][each] for each in (name, own) if rows and rows[0].get(each) is not None), None)
            mine = name in keys and thread is not None and given[name] == thread.key
            if held is not None and not mine and slot.role not in ("person", "contact"):
                given[name] = held
        return given if given != changed else {}

    def in_place(self, focus: Focus, literal: bool) -> str:
        """Give something up and take another thing in its place, which was refused before (asked for, sometimes)."""
        view = self.view(focus)
        first, then = view.tools[focus.first], view.tools[focus.then]
        if literal:
            return self.as_proved(focus, first, then, "ok")
        mark = self.stage.mark()
        for given, fixed in self._what_one_has(focus.environment, first, then):
            wished = self.stage.refused(focus.environment, then, focus.code, fixed, tries=_OPTIONS)
            if wished is None or not self._makes_room(focus.environment, first, given, then, wished):
                continue
            asked = self.left > 2 and self.rng.random() < 0.5
            asked = asked and self.meet(focus.environment, then, wished, focus.code)
            why = ROOM if asked else ""
            if self.act(focus.environment, first, given, led=asked, motive=why):
                self.threads.clear()
                again = self.stage.given_up(focus.environment, then, wished)
                reason = RETRY if asked else ANEW if again else INSTEAD
                if self.act(focus.environment, then, wished, led=True, motive=reason):
                    return "making room" if asked else "taking another"
            self.stage.undo(mark)
            self.threads.clear()
        return ""

    def _what_one_has(self, environment: str, first: ToolView, then: ToolView) -> Iterator[tuple[Arguments, Arguments]]:
        """Yield what one can give up, and what the like of it must be for: anything, then the very slot or sailing."""
        view, world = self.stage.view(environment), self.stage.chain.world(environment)
        found = [
            given
            for given, seen in self.stage.options(environment, first, {}, tries=_OPTIONS)
            if self.stage.usable(environment, first, given, seen)
        ]
        for given in found:
            rows = [
                row
                for table, key in things(view, first, given)[:1]
                for row in world.where(table, view.primary(table) or "", key)
            ]
            kept = {
                slot.name: row[slot.name]
                for row in rows
                for slot in keys_of(view, then)
                if row.get(slot.name) is not None
            }
            yield from ((given, fixed) for fixed in ({}, kept) if fixed or not kept or self.rng.random() < _ANY_OTHER)

    def _makes_room(
        self, environment: str, first: ToolView, given: Arguments, then: ToolView, wished: Arguments
    ) -> bool:
        """Tell whether a wish that is refused now is granted once something is given up."""
        before: Sequence[Call] = self.stage.chain.writes(environment)
        return self.stage.chain.lab.look(environment, [*before, (first.name, given)], [(then.name, wished)])[0].ok

    def first(self, focus: Focus, tool: ToolView, literal: bool) -> bool:
        """Do what a focus begins with, as its proof did where that is wanted."""
        if not literal:
            return self._begin(focus.environment, tool)
        calls = [*focus.evidence.get("setup", ()), focus.evidence["call"]]
        tools = self.view(focus).tools
        return all(self.act(focus.environment, tools[name], as_people_say(tools[name], given)) for name, given in calls)

    def as_proved(self, focus: Focus, first: ToolView, then: ToolView, code: str) -> str:
        """Tell an edge as its proof went."""
        if not self.first(focus, first, literal=True):
            return ""
        wished = as_people_say(then, focus.evidence["arguments"])
        if code == "ok":
            return "preparing" if self.act(focus.environment, then, wished, led=True, motive=focus.motive) else ""
        if not self.meet(focus.environment, then, wished, code, focus.motive):
            return ""
        self.put_up(focus, then, wished)
        return "going too far"

    def put_up(self, focus: Focus, tool: ToolView, wished: Arguments) -> None:
        """Take it from a refusal; who had to give a thing up has nothing more in mind with it."""
        thread = self.latest()
        if focus.motive != CALLED_OFF:
            self.react(focus.environment, tool, wished)
        elif thread is not None:
            thread.over = True

    # --- small things ---------------------------------------------------------------------------------------------

    def used(self, focus: Focus) -> bool:
        """Tell whether the last call took the focus's value from where it should."""
        gold = self.stage.chain.gold
        sources = [source for path, source in gold[-1].sources.items() if general(path) == focus.parameter]
        return any(
            isinstance(each, FromResult) and gold[each.call].tool == focus.first and general(each.path) == focus.field
            for each in sources
        )

    def view(self, focus: Focus) -> EnvironmentView:
        """Return the view of a focus's environment."""
        return self.stage.view(focus.environment)

    def common(self, view: EnvironmentView, one: ToolView, other: ToolView, given: Arguments) -> Arguments:
        """Return the arguments of `other` that must name the same things as those given to `one`."""
        named: dict[Any, Any] = {
            canonical(slot.column, view.schema): given[slot.name]
            for slot in keys_of(view, one)
            if slot.column and slot.name in given
        }
        keys = {slot.name: canonical(slot.column, view.schema) for slot in keys_of(view, other) if slot.column}
        return {name: named[key] for name, key in keys.items() if key in named}
