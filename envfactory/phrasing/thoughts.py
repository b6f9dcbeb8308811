"""Brief reasoning before a call, derived from the information flow: what is unknown, who can tell, which row it is.

At most two sentences. A thought names only what the assistant has seen by then, and never a key that it has not.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from random import Random

from envfactory.environments.contract import Contracts
from envfactory.phrasing import stating
from envfactory.phrasing.assistant import Knowledge, about_the_person, knowledge, wish
from envfactory.phrasing.lexicon import plural
from envfactory.tasks.model import FromResult, GoldCall, Rank, Reply, Task

_ASIDE = re.compile(r"\[(\d+)\]")
_LOOK_UP = [
    "I need {what} first; {tool} can tell me.",
    "I don't have {what} yet, so I look it up.",
    "Before I go on I have to find {what}.",
    "To go on I need {what}, which {tool} gives.",
    "{What} first: {tool}.",
    "What I lack is {what}; {tool} should have it.",
    "Let me get {what} from {tool}.",
]
_READ = [
    "This only needs a look: {tool}.",
    "That is a question for {tool}.",
    "A read is enough here; {tool} has it.",
    "Nothing changes for this, I only read: {tool}.",
    "I can answer that from {tool}.",
    "They want to know something, so I look with {tool}.",
]
_CHECK = ["First I check whether that is possible.", "I make sure it can be done before I change anything."]
_ESTABLISH = ["Something has to come first: {wish}.", "That only works after another step, so I {wish} first."]
_ACT = [
    "Now I can {wish}.",
    "I have all I need to {wish}.",
    "Everything needed is known: {wish}.",
    "All that's left is to {wish}.",
]
_ACT_ON_IT = [
    "So I can go ahead.",
    "With that I have all I need.",
    "Now the call can be made.",
    "That was the last thing missing.",
    "The rest they have said.",
]
_ACT_AT_ONCE = [
    "They've said all I need to {wish}.",
    "Nothing is missing, so I {wish}.",
    "I can {wish} right away.",
    "No look-up needed: {wish}.",
]
_RETRY = {
    "TIMEOUT": [
        "The call timed out and nothing was carried out, so I try it again.",
        "No answer in time; the same call once more.",
        "A time-out: the request wasn't carried out, so repeating it is safe.",
    ],
    "RATE_LIMITED": [
        "Too many requests just now. I repeat the call.",
        "I was rate limited, so I send the same call again.",
        "The service wants me to slow down; then the same call again.",
    ],
    "UNAVAILABLE": [
        "The service was down for a moment; I retry.",
        "That is a temporary failure, so the same call once more.",
        "Temporarily unavailable is no answer yet. Again.",
    ],
    "STALE_READ": [
        "That still shows how things were before my change, so I look once more.",
        "What I have just done isn't in there yet. The same call again.",
        "This is older than my last change; I read it again before I say anything.",
    ],
}
_MEANT = [
    "{name} is the one they mean.",
    "They mean {name}.",
    "That fits {name}, and only that.",
    "What they describe is {name}.",
]
_REFUSED = [
    "The answer is {code}: nothing was changed. I tell them and don't try to get round it.",
    "It was refused with {code}, so I say that it didn't happen and why.",
    "{code} is a rule and no hiccup: trying again won't help. I explain.",
    "A rule forbids it ({code}). They should know that it wasn't done, and the reason.",
    "That didn't go through: {code}. I report it as it is.",
]
_ASK = [
    "They haven't said {what}, and no tool can tell me. I ask.",
    "{What} is missing and only they know it, so I ask.",
    "I shouldn't guess {what}; I ask.",
]
_ASK_WHICH = [
    "It isn't clear which one they mean, so I ask.",
    "Only they can tell which one is meant, so I ask.",
    "That leaves open which one. I ask before I do anything.",
]
_DECLINE = [
    "None of the tools I have can do this, so I say so.",
    "There is no tool for that; I shouldn't pretend otherwise.",
    "I look through my tools: none does this. I say so and leave everything as it is.",
]


def thought(task: Task, call_index: int, contracts: Mapping[str, Contracts], rng: Random) -> str:
    """Return the reasoning before a gold call."""
    call = task.gold[call_index]
    known = knowledge(task, contracts, call_index)
    chosen = _selection(known, call, rng)
    step = _step(known, call, call_index, rng, chosen=bool(chosen))
    return f"{chosen} {step}".strip()


def retry_thought(code: str, rng: Random) -> str:
    """Return the reasoning after a fault at the tool boundary, or a read that lacks one's own change."""
    return rng.choice(_RETRY[code])


def refusal_thought(call: GoldCall, rng: Random) -> str:
    """Return the reasoning before the person is told that a rule stood in the way."""
    return rng.choice(_REFUSED).format(code=call.outcome)


def asking_thought(reply: Reply, contracts: Mapping[str, Contracts], rng: Random) -> str:
    """Return the reasoning before a question for what was left unsaid: a parameter, or which row is meant."""
    tools = {tool.name for each in contracts.values() for tool in each.tools}
    slots = [each.slot.partition(".") for each in reply.mentions]
    names = dict.fromkeys(stating.words_of(name) for owner, _, name in slots if owner in tools)
    if not names or len(names) < len(slots):
        return rng.choice(_ASK_WHICH)
    return _put(rng.choice(_ASK if len(names) == 1 else _ASK[:1]), what=f"the {stating.listed(names)}")


def declining_thought(rng: Random) -> str:
    """Return the reasoning before the person is told that no tool does what they want."""
    return rng.choice(_DECLINE)


def _step(known: Knowledge, call: GoldCall, number: int, rng: Random, *, chosen: bool) -> str:
    """Return why this call is made now."""
    wanted, tool = about_the_person(wish(known, call)), _served(known.task, call)
    if call.purpose == "resolve":
        what = _sought(known, number)
        return _put(rng.choice(_LOOK_UP), what=what, tool=tool) if what else _put(rng.choice(_READ), tool=tool)
    if call.purpose == "check":
        return rng.choice(_CHECK)
    if known.tool(call).kind == "read":
        return _put(rng.choice(_READ), tool=tool)
    if call.purpose == "establish":
        return _put(rng.choice(_ESTABLISH), wish=wanted)
    if chosen:
        return rng.choice(_ACT_ON_IT)
    looked_up = any(isinstance(source, FromResult) for source in call.sources.values())
    return _put(rng.choice(_ACT if looked_up else _ACT_AT_ONCE), wish=wanted)


def _served(task: Task, call: GoldCall) -> str:
    """Return the name a tool is offered under (docs/tasks.md, "Names of tools")."""
    several = len(task.environments) + len(task.distractors) > 1
    return f"{call.environment}__{call.tool}" if several else call.tool


def _sought(known: Knowledge, number: int) -> str:
    """Return what later calls take from this one: `the passenger`, `a car and the fare`."""
    lore = known.lores[known.task.gold[number].environment]
    said: list[str] = []
    for later in known.task.gold[number + 1 :]:
        for path, source in later.sources.items():
            if isinstance(source, FromResult) and source.call == number:
                name = _ASIDE.sub("", path).rpartition(".")[2]
                table = lore.tables.get(name)
                listed = "[" in source.path
                said.append(_thing(known, later, name, table, listed=listed))
    return stating.listed(list(dict.fromkeys(said))[:2])


def _thing(known: Knowledge, call: GoldCall, name: str, table: str | None, *, listed: bool) -> str:
    """Return what an argument names: `their passenger record`, `the right booking`, `a hotel`, `the length`."""
    contracts, lore = known.contracts[call.environment], known.lores[call.environment]
    if not table:
        return f"the {stating.words_of(name)}"
    if table == contracts.principal:
        return f"their {lore.noun(table)} record"
    if contracts.entities.get(table, {}).get("owner"):
        return f"the {lore.noun(table)} they mean"
    return f"the right {lore.noun(table)}" if listed else f"the {lore.noun(table)}"


def _selection(known: Knowledge, call: GoldCall, rng: Random) -> str:
    """Return which row an argument was taken from, and by what rule; empty where there was nothing to choose."""
    for path, source in call.sources.items():
        if isinstance(source, FromResult) and (source.rank or source.where):
            told = _chosen(known, call, path, source, rng)
            if told:
                return told
    return ""


def _chosen(known: Knowledge, call: GoldCall, path: str, source: FromResult, rng: Random) -> str:
    lore = known.lores[call.environment]
    table = lore.tables.get(path, "")
    name = lore.name(table, call.arguments.get(path)) if table else ""
    if not name:
        return ""
    told = about_the_person(name) if name.startswith("your ") else name
    if source.rank:
        return stating.sentence(f"Of the {plural(lore.noun(table))}, {told} {_extreme(known, call, source.rank)}")
    return stating.sentence(rng.choice(_MEANT).format(name=told))


def _extreme(known: Knowledge, call: GoldCall, rank: Rank) -> str:
    """Return in what a row stands out: `is the cheapest`, `has the lowest price`, `is the latest`."""
    field = rank.field.rpartition(".")[2]
    for entity in known.contracts[call.environment].entities.values():
        adjective = entity.get("rank", {}).get(f"{field}:{rank.order}", {}).get("adj")
        if adjective:
            return f"is the {adjective}"
    if field.endswith(("_at", "_on", "_date", "_until")):
        return "is the earliest" if rank.order == "min" else "is the latest"
    return f"has the {'lowest' if rank.order == 'min' else 'highest'} {stating.words_of(field)}"


def _put(template: str, **values: str) -> str:
    """Return a template filled; `{What}` is `what` at the head of a sentence."""
    for name, value in values.items():
        template = template.replace(f"{{{name}}}", value)
        if value:
            template = template.replace(f"{{{name.capitalize()}}}", value[0].upper() + value[1:])
    return stating.sentence(template)
