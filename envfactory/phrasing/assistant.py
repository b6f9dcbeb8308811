"""The assistant's knowledge at one point of a conversation, and templates filled from it.

A template such as "I've booked {room_type_id} for you, {stay}." takes its values from the arguments of a call, from what
it answered, and from rows seen before; keys become names. A hole that nothing fills makes the template unusable, save
one that stands for an optional argument, which is left out.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from envfactory.environments.contract import Contract, Contracts
from envfactory.phrasing import stating
from envfactory.phrasing.lexicon import plural, with_article
from envfactory.phrasing.lore import Lore, lore_of
from envfactory.phrasing.naming import UNCOUNTED
from envfactory.tasks.model import Fact, GoldCall, Task

Slot = Mapping[str, Any]
_HOLE = re.compile(r"\{(\w+)\}")
_PREPOSITIONS = frozenset("at on in by to from until for of with under after before is".split())
_DETERMINERS = frozenset("your the a an my this that".split())
_HEAD = re.compile(r"(.*?)((?: (?:in|of|with|for) .*)?)")
_WEEKDAY = re.compile(r"(?:Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)day \d")
PARTICIPLES = {
    "add": "added", "book": "booked", "buy": "bought", "cancel": "cancelled", "change": "changed", "close": "closed",
    "confirm": "confirmed", "create": "created", "delete": "deleted", "file": "filed", "make": "made", "move": "moved",
    "open": "opened", "order": "ordered", "pay": "paid", "place": "placed", "remove": "removed", "renew": "renewed",
    "report": "reported", "request": "requested", "reserve": "reserved", "return": "returned", "schedule": "scheduled",
    "send": "sent", "set": "set", "start": "started", "submit": "submitted", "switch": "switched", "update": "updated",
    "upgrade": "upgraded", "withdraw": "withdrawn", "write": "written", "join": "joined", "leave": "left",
}  # fmt: skip
_PERSONS = {
    "me": "you",
    "my": "your",
    "I": "you",
    "us": "you",
    "our": "your",
    "we": "you",
    "I'm": "you're",
    "mine": "yours",
}
_OTHERS = {
    "me": "them",
    "my": "their",
    "I": "they",
    "us": "them",
    "our": "their",
    "we": "they",
    "I'm": "they're",
    "mine": "theirs",
    "your": "their",
    "you're": "they're",
}


@dataclass(frozen=True)
class Knowledge:
    """What the assistant has seen when it speaks: all calls of the conversation up to now, by environment."""

    task: Task
    contracts: Mapping[str, Contracts]
    lores: Mapping[str, Lore]
    after: Mapping[str, Lore] = field(default_factory=dict)
    """What the present call has shown as well; by `lores` alone things have the names they had before it."""

    def lore(self, call: GoldCall) -> Lore:
        """Return what was seen in the call's environment."""
        return self.lores[call.environment]

    def tool(self, call: GoldCall) -> Contract:
        """Return the contract of the call's tool."""
        return self.contracts[call.environment].tool(call.tool)

    def now(self, call: GoldCall) -> str:
        """Return the environment's clock."""
        return self.contracts[call.environment].now

    def currency(self, call: GoldCall) -> str:
        """Return the currency that the facts of the call's environment are stated in; empty where none is."""
        stated = (fact for turn in self.task.turns for fact in turn.facts if fact.kind == "money" and fact.unit)
        return next((fact.unit for fact in stated if self.task.gold[fact.call].environment == call.environment), "")

    def name(self, call: GoldCall, table: str, key: Any) -> str:
        """Return what the assistant calls a row: as it was called before the call, else as the call shows it."""
        return self.lore(call).name(table, key) or self.after.get(call.environment, self.lore(call)).name(table, key)


def knowledge(task: Task, contracts: Mapping[str, Contracts], call: int, *, answered: bool = False) -> Knowledge:
    """Return what is known before a gold call (by its number), or when it is `answered`."""
    before = lore_of(contracts, task.gold[:call], task.profile)
    return Knowledge(
        task, contracts, before, lore_of(contracts, task.gold[: call + 1], task.profile) if answered else {}
    )


def fill(known: Knowledge, call: GoldCall, template: str, given: Mapping[str, str] | None = None) -> str | None:
    """Return a template with its holes filled, or None where one cannot be. `given` are values known beforehand."""
    said, at = "", 0
    for hole in _HOLE.finditer(template):
        said += template[at : hole.start()]
        value = (given or {}).get(hole[1])
        value = _value(known, call, hole[1], said) if value is None else value
        if value is None:
            return None
        said, at = _in_number(_agreeing(said, value), value), hole.end()
    return said + template[at:]


def _in_number(said: str, value: str) -> str:
    """Return words and a value after them, with a count and a name in agreement: `4 linen sets`, `the roof box`."""
    count = re.search(r"\b(\d+) $", said)
    if count is None or not value.startswith("the "):
        return said + value
    if count[1] == "1":
        return said[: count.start()] + value
    head, rest = _HEAD.fullmatch(value.removeprefix("the ")).groups()  # type: ignore[union-attr]  # matches anything
    return f"{said}{head if head.endswith('s') or UNCOUNTED.search(head) else plural(head)}{rest}"


def _agreeing(said: str, value: str) -> str:
    """Return the words before a value with the article that goes with it: `take an ` before `outside`."""
    article = f"{with_article(value).partition(' ')[0]} " if value else ""
    return re.sub(r"\b([Aa])n? $", lambda found: found[1] + article[1:], said) if article else said


def to_the_person(text: str) -> str:
    """Return words a person says of themselves as the assistant says them back: `my room` is `your room`."""
    return re.sub(r"\b(?:I'm|[A-Za-z]+)\b", lambda word: _PERSONS.get(word[0], word[0]), text)


def about_the_person(text: str) -> str:
    """Return words a person says of themselves as one speaks of them: `my room` is `their room`."""
    return re.sub(r"\b(?:I'm|you're|[A-Za-z]+)\b", lambda word: _OTHERS.get(word[0], word[0]), text)


def wish(known: Knowledge, call: GoldCall) -> str:
    """Return what was asked for as a verb phrase, in the person's own words: `book the Courtyard Double`."""
    for phrase in known.tool(call).frames.get("vp", []):
        filled = fill(known, call, str(phrase).partition("|")[0])
        if filled is not None:
            return " ".join(filled.split())
    verb, _, rest = call.tool.partition("_")
    return f"{verb} {thing(known, call, rest)}" if verb in PARTICIPLES and rest else "do that"


def thing(known: Knowledge, call: GoldCall, words: str) -> str:
    """Return what a tool's name speaks of (`boat` of `book_boat`): its row by name where the call has it, or the noun."""
    noun = words.replace("_", " ")
    lore = known.lore(call)
    for field_name, key in call.arguments.items():
        table = lore.tables.get(field_name, "")
        if table and lore.noun(table) == noun and isinstance(key, str | int):
            return known.name(call, table, key) or f"the {noun}"
    return f"the {noun}"


def fact_words(known: Knowledge, call: GoldCall, fact: Fact) -> str:
    """Return the value of a fact as it is stated."""
    now = known.now(call)
    if fact.kind == "money":
        return stating.amount(fact.value, fact.unit)
    if fact.kind == "text" and re.fullmatch(r"\d{4}-\d{2}", str(fact.value)):
        return str(fact.value)  # read as text, so told as it stands
    told = _coded(known, call, fact) if fact.kind == "text" else ""
    if told:
        return told
    if fact.kind == "time":
        return stating.clock(str(fact.value))
    return stating.plain(fact.value, now)


def _coded(known: Knowledge, call: GoldCall, fact: Fact) -> str:
    """Return how some slot of the same name says a code ("at the bar"), where the code itself stands in it."""
    name = re.sub(r"\[\d+\]", "", fact.path).rpartition(".")[2]
    value = str(fact.value)
    for tool in known.contracts[call.environment].tools:
        slot = tool.frames.get("slots", {}).get(name, {})
        said = slot.get("values", {}).get(value) or slot.get(value)
        if (
            isinstance(said, str)
            and not said.startswith("that ")
            and value.replace("_", " ").casefold() in said.casefold()
        ):
            return said
    return ""


def _value(known: Knowledge, call: GoldCall, hole: str, before: str) -> str | None:
    """Return what a hole says after the words before it; empty for an optional argument that was not given."""
    tool = known.tool(call)
    slot: Slot = tool.frames.get("slots", {}).get(hole, {})
    made = _made_of_several(known, call, slot)
    if made is not None:
        return _after(made, before)
    value = _looked_up(known, call, hole)
    parameter = tool.parameters.get(hole)
    if value is None and parameter is not None:
        value = parameter.default
    if value is None:
        return "" if parameter is not None and not parameter.required and _is_adjunct(slot) else None
    table = known.lore(call).tables.get(hole, "")
    if table and (parameter is None or (parameter.ref or "").endswith(".id")):
        return _named(known, call, table, value, before)
    return _after(_in_slot(known, call, slot, hole, value, before), before)


def _made_of_several(known: Knowledge, call: GoldCall, slot: Slot) -> str | None:
    """Return a stretch of days, or a beginning and a length."""
    arguments, now = call.arguments, known.now(call)
    if "interval" in slot and all(name in arguments for name in slot["interval"]):
        first, last = (str(arguments[name]) for name in slot["interval"])
        return stating.stretch(first, last, now)
    if "start" in slot and slot["start"] in arguments:
        length = arguments.get(slot.get("minutes", ""))
        lasting = f" for {stating.counted(length, 'minute')}" if isinstance(length, int) else ""
        return f"at {stating.moment(str(arguments[slot['start']]), now)}{lasting}"
    return None


def _looked_up(known: Knowledge, call: GoldCall, hole: str) -> Any:
    """Return the value of a hole: an argument, a field of the answer, a field of a row that the call is about."""
    if hole in call.arguments:
        return call.arguments[hole]
    left_out = known.tool(call).parameters.get(hole)
    if left_out is not None and left_out.default is not None:
        return left_out.default  # and not what a row has by the same name
    result = call.result if isinstance(call.result, dict) else {}
    if result.get(hole) is not None:
        return result[hole]
    if hole == "count":
        return next((len(value) for value in result.values() if isinstance(value, list)), None)
    lore = known.lore(call)
    for name, key in call.arguments.items():
        if name in lore.tables and isinstance(key, str | int) and hole in lore.row(lore.tables[name], key):
            return lore.row(lore.tables[name], key)[hole]
    return None


def _is_adjunct(slot: Slot) -> bool:
    """Tell whether what a slot says may be left out of a sentence: `in Bath` may, `2 bags` may not."""
    leading = str(slot.get("np") or slot.get("pp") or "").partition("{v}")[0].split()
    return bool(leading) and leading[0] in _PREPOSITIONS


def _named(known: Knowledge, call: GoldCall, table: str, key: Any, before: str) -> str:
    """Return the name of a row as it goes on from the words before: no second `your`, no noun or preposition twice."""
    lore = known.lore(call)
    name = known.name(call, table, key) or lore.whose(table, lore.row(table, key))
    noun, last = lore.noun(table), _last_word(before)
    if re.search(rf"\b{re.escape(noun)} {last} $", before) or name.startswith(f"the {noun} {last} "):
        name = re.sub(rf"^(?:your|the) {re.escape(noun)} {last} ", "", name)
    return re.sub(r"^(the|your) ", "", name) if last in _DETERMINERS else name


def _in_slot(known: Knowledge, call: GoldCall, slot: Slot, hole: str, value: Any, before: str) -> str:
    """Return a value as its slot says it: money, a count, a word for a code, a phrase around it."""
    if "money" in slot or hole.endswith("_cents"):
        return stating.amount(value, _currency(known, call, slot))
    if "count" in slot:
        return stating.counted(value, slot["count"])
    told = slot.get("values", {}).get(str(value)) or (slot.get(str(value)) if isinstance(value, str) else None)
    if isinstance(told, str):
        return told
    plain = stating.plain(value, known.now(call))
    phrase = str(slot.get("np") or slot.get("pp") or "{v}")
    leading = phrase.partition("{v}")[0].split()
    is_article = bool(leading) and leading[0] in _DETERMINERS
    if _last_word(before) in _PREPOSITIONS and leading and not is_article and leading[-1] in _PREPOSITIONS:
        return plain
    lead, _, rest = phrase.partition("{v}")
    return f"{_agreeing(lead, plain)}{plain}{rest}"


def _currency(known: Knowledge, call: GoldCall, slot: Slot) -> str:
    money = slot.get("money")
    return money if isinstance(money, str) else known.currency(call)


def _after(words: str, before: str) -> str:
    """Return words about time with the preposition they need after the words before them: none after another one."""
    last = _last_word(before)
    if last == "to" and words.startswith("from "):
        return f"the days {words}"
    if last in _PREPOSITIONS - {"is"}:
        return re.sub(r"^(?:on|at|from) ", "", words)
    if re.match(r"\d\d:\d\d on ", words):
        return f"at {words}"
    return f"on {words}" if _WEEKDAY.match(words) else words


def _last_word(before: str) -> str:
    words = before.split()
    return words[-1].lower() if words and before.endswith(" ") else ""
