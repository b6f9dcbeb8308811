"""Stories: what one person wants, turn after turn, about one thing and for one reason.

`acquire` looks for something and gets it; `manage` takes up something the person already has; both go on with what one
does with such a thing: look at it, add to it, change it, pay, confirm, cancel.
"""

from __future__ import annotations

from typing import Any

from envfactory.dependencies.lineage import canonical
from envfactory.sampling.scenes import Stagehand, Thread
from envfactory.sampling.views import EnvironmentView, ToolView

_FOLLOWING = {"detail": 2.0, "add": 3.0, "change": 2.5, "pay": 3.0, "confirm": 2.0, "create": 2.0, "cancel": 0.7}
_FINAL = frozenset({"cancel"})


def acquire(stage: Stagehand, environment: str, tool: ToolView, turns: int) -> Thread | None:
    """Get something: look for it first (mostly, in a turn of its own), then ask for it."""
    given = stage.working(environment, tool, {})
    if given is None:
        return None
    if turns > 1 and stage.rng.random() < 0.75:
        lead_in(stage, environment, tool, given)
    if not stage.play(environment, tool, given):
        return None
    return stage.made(environment, tool)


def lead_in(stage: Stagehand, environment: str, tool: ToolView, given: dict[str, Any]) -> bool:
    """Play the last search that a call would need as a turn before it; True if there was one."""
    mark = stage.chain.mark()
    stage.chain.begin()
    found = None
    if stage.add(environment, tool, given, None):
        view = stage.kits[environment].view
        calls = [call for call in stage.chain.gold[stage.chain.turn.first :] if call.purpose == "resolve"]
        searches = [call for call in calls if view.tools[call.tool].verb in ("search", "list", "detail")]
        found = (searches[-1].tool, dict(searches[-1].arguments)) if searches else None
    stage.chain.rollback(mark)
    if found is None:
        return False
    return stage.play(environment, stage.kits[environment].view.tools[found[0]], found[1])


def manage(stage: Stagehand, environment: str, tool: ToolView, turns: int) -> Thread | None:
    """Take up something the person has: look at the list first (sometimes), then do what is wanted."""
    given = stage.working(environment, tool, {})
    if given is None:
        return None
    if turns > 1 and stage.rng.random() < 0.5:
        lead_in(stage, environment, tool, given)
    if not stage.play(environment, tool, given):
        return None
    return stage.made(environment, tool)


def follow(stage: Stagehand, thread: Thread, used: set[str]) -> ToolView | None:
    """Go on with the thing in hand; return the tool used, None where nothing more makes sense."""
    view = stage.kits[thread.environment].view
    options = [tool for tool in view.tools.values() if tool.name not in used and key_slot(view, tool, thread) is not None]
    weights = {tool.name: _FOLLOWING.get(tool.verb, 0.5) for tool in options}
    while options:
        tool = stage.rng.choices(options, [weights[each.name] for each in options])[0]
        options.remove(tool)
        slot = key_slot(view, tool, thread)
        given = stage.working(thread.environment, tool, {slot: thread.key}, thread) if slot else None
        if given is not None and stage.play(thread.environment, tool, given, thread):
            return tool
    return None


def key_slot(view: EnvironmentView, tool: ToolView, thread: Thread) -> str | None:
    """Return the parameter of a tool that names the thing in hand."""
    for slot in tool.slots.values():
        if slot.role == "key" and slot.required and slot.column is not None:
            if canonical(slot.column, view.schema)[0] == thread.table:
                return slot.name
    return None


def is_final(tool: ToolView) -> bool:
    """Tell whether a tool ends the story of what it is about."""
    return tool.verb in _FINAL
