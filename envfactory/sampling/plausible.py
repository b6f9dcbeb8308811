"""What a person could ask for before knowing the answer: a refused wish must make sense until the rule is told.

Sold out, too late, too many, not with this fare: nobody knows before asking. To leave before arriving, to start last week,
to move something to where it is, to add to what one has just cancelled: nobody asks.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from typing import Any

from envfactory.bench.inputs.world import World
from envfactory.dependencies.lineage import canonical
from envfactory.environments.contract import GuardStep
from envfactory.sampling.views import EnvironmentView, Slot, ToolView, looks_like_code

_AGREES = r"(?:<>|!=|IS NOT|>=?|<=?)"
_SENSELESS = re.compile(
    r":\w+ (?:>=|<=) \$(?:now|today)"  # in the past, or not yet
    r"|:\w+ [<>]=? \$now"
    rf"|:\w+ {_AGREES} :\w+"  # an end before its beginning, from here to here
    rf"|:(\w+) {_AGREES} \$\w+\.\1|\$\w+\.(\w+) {_AGREES} :\2"  # as it is already
)
_AS_IT_IS = ("SAME_", "NOTHING_CHANGES")
_STARTS = ("check_in", "start", "arriv", "pickup", "depart", "from")
_ENDS = ("check_out", "end", "return", "until", "leav", "to_", "departure")
_LONGER = ("extend", "prolong")
_WHEN = ("date", "moment")
_TIMES = ("depart", "start", "day", "date", "arriv", "begin")
_MOMENT = re.compile(r"\d{4}-\d{2}-\d{2}")
_SECONDS = re.compile(r"(?<=:\d\d):(?!00)\d\dZ$")
_CENTS = 100
_ROUND = 500  # cents
_DAMAGE, _LARGE = 5_000, 1_000_000  # cents
_OVER = re.compile(r"cancel|refund|void|withdrawn|returned|closed")


def senseless(step: GuardStep) -> bool:
    """Tell whether a rule only forbids what nobody would ask for."""
    return step.otherwise.startswith(_AS_IT_IS) or _SENSELESS.fullmatch(step.guard.strip()) is not None


def senseless_codes(tool: ToolView) -> set[str]:
    """Return the codes of a tool's rules that only forbid what nobody would ask for."""
    return {step.otherwise for step in tool.contract.steps if isinstance(step, GuardStep) and senseless(step)}


def is_claim(tool: ToolView) -> bool:
    """Tell whether a tool asks for what somebody is owed after something went wrong: not on the day one pays."""
    return tool.frames.get("class") == "claim"


def ends(tool: ToolView) -> bool:
    """Tell whether a tool is the end of a thing: it was given up, or brought back."""
    return tool.verb == "cancel" or tool.frames.get("class") == "return"


def things(view: EnvironmentView, tool: ToolView, given: Mapping[str, Any]) -> list[tuple[str, Any]]:
    """Return the rows, by table and key, that a call's arguments name; the signed-in person is none."""
    return [
        (canonical(slot.column, view.schema)[0], given[slot.name])
        for slot in tool.slots.values()
        if slot.role == "key" and slot.column is not None and not slot.many and slot.name in given
    ]


def has_already(view: EnvironmentView, tool: ToolView, given: Mapping[str, Any], world: World, person: Any) -> bool:
    """Tell whether a call would make what the signed-in person has: their own row for the same thing and the same days.

    What takes place at a time (a departure, a slot) is the same thing and day by itself, whatever the fare.
    """
    owner = view.owner(tool.subject) if tool.verb == "create" and tool.subject else None
    if owner is None or tool.subject is None or is_claim(tool):
        return False
    facts = view.schema.tables[tool.subject]
    told = {
        name: given[name]
        for name, slot in tool.slots.items()
        if name in given and name in facts.columns and slot.role in ("key", *_WHEN)
    }
    told = {name: value for name, value in told.items() if _takes_place(view, tool.slots[name])} or told
    rows = [row for row in world.rows(tool.subject) if row.get(owner) == person]
    return bool(told) and any(
        all(row[name] == value for name, value in told.items()) and not is_over(row.get("status")) for row in rows
    )


def _takes_place(view: EnvironmentView, slot: Slot) -> bool:
    """Tell whether a parameter names something that happens once, at its time, and is nobody's own."""
    if slot.role != "key" or slot.column is None:
        return False
    table = canonical(slot.column, view.schema)[0]
    return view.owner(table) is None and any(
        isinstance(value, str) and _MOMENT.match(value) and name.startswith(_TIMES)
        for row in view.world.rows(table)[:1]
        for name, value in row.items()
    )


def is_over(status: Any) -> bool:
    """Tell whether a row's status says that the thing was given up or brought back."""
    return _OVER.search(str(status or "")) is not None


def for_one(code: str) -> bool:
    """Tell whether a code says that a thing can be had once only: the very same home for the very same days."""
    return code.endswith(("_NOT_FREE", "_TAKEN"))


def sensible(
    view: EnvironmentView, tool: ToolView, given: Mapping[str, Any], world: World, shown: Collection[Any] = ()
) -> bool:
    """Tell whether somebody who does not know the rules could want a call; `shown` are sums that results have told."""
    slots = [tool.slots[name] for name in given]
    if not people_say(tool, given, shown) or any(_is_placeholder(slot, given[slot.name]) for slot in slots):
        return False
    if any(_past(slot, given[slot.name], view.now) for slot in slots):
        return False
    return _in_order(slots, given) and not _shortened(view, tool, given, world)


def people_say(tool: ToolView, given: Mapping[str, Any], shown: Collection[Any] = ()) -> bool:
    """Tell whether a call has sums and times such as people name: no cents or seconds that nobody told them."""
    if any(_SECONDS.search(str(value)) for name, value in given.items() if tool.slots[name].role == "moment"):
        return False
    sums = [value for name, value in given.items() if tool.slots[name].role == "money" and isinstance(value, int)]
    return all(value in shown or value == 0 or (value >= _CENTS and value % _CENTS == 0) for value in sums)


def _is_placeholder(slot: Slot, value: Any) -> bool:
    return slot.role == "text" and slot.column is not None and looks_like_code(value)


def _past(slot: Slot, value: Any, now: str) -> bool:
    """Tell whether a beginning or an end that is wanted lies behind (what has happened may)."""
    if slot.role not in _WHEN or not slot.name.startswith((*_STARTS, *_ENDS)) or not isinstance(value, str):
        return False
    return value < now[: len(value)]


def _in_order(slots: Collection[Slot], given: Mapping[str, Any]) -> bool:
    whens = [slot for slot in slots if slot.role in _WHEN]
    starts = [given[slot.name] for slot in whens if slot.name.startswith(_STARTS) and slot.name not in _ENDS]
    ends = [given[slot.name] for slot in whens if slot.name.startswith(_ENDS)]
    return all(start <= end for start in starts for end in ends if len(str(start)) == len(str(end)))


def _shortened(view: EnvironmentView, tool: ToolView, given: Mapping[str, Any], world: World) -> bool:
    """Tell whether what is to be extended would end no later than now it does."""
    if not tool.name.startswith(_LONGER):
        return False
    for table, key in things(view, tool, given):
        primary = view.primary(table)
        for row in world.where(table, primary, key) if primary else ():
            if any(_no_later(tool.slots[name], value, row.get(name)) for name, value in given.items()):
                return True
    return False


def _no_later(slot: Slot, value: Any, present: Any) -> bool:
    return slot.role in _WHEN and isinstance(present, str) and str(value) <= present


def as_people_say(tool: ToolView, given: Mapping[str, Any]) -> dict[str, Any]:
    """Return the arguments of a case as somebody would give them: what lies on a bound rounded, none of something unsaid."""
    found = {}
    for name, value in given.items():
        slot = tool.slots[name]
        empty = (slot.role == "count" and value == 0) or (slot.role == "text" and slot.column is None)
        if slot.required or not empty:
            found[name] = _rounded(slot, value)
    parted = [name for name in tool.party if name in found]
    if parted and tool.party[0] not in found:  # two children do not go alone
        found[tool.party[0]] = tool.slots[tool.party[0]].parameter.default or 1
    return found


def _rounded(slot: Slot, value: Any) -> Any:
    if slot.role == "moment" and isinstance(value, str):
        return _SECONDS.sub(":00Z", value)
    return _round(slot, value) if slot.role == "money" and isinstance(value, int) else value


def _round(slot: Slot, value: int) -> int:
    """Return a sum that somebody would name: round, and no trifle where it may be thousands."""
    least = _DAMAGE if (slot.parameter.maximum or 0) >= _LARGE and value else 0
    return max(least, -(-value // _ROUND) * _ROUND)
