"""The independent reader: does each turn, as it is worded, say exactly what it ought to say, and nothing else?

It reads words with `reading` alone, shares no code with what writes them, and is asked about every wording, whoever
wrote it. A finding names the turn, the mention (where one is concerned), and what was heard.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from functools import lru_cache
from typing import Any, Literal, NamedTuple

from envfactory.environments.contract import Contracts
from envfactory.reading.match import find_names
from envfactory.reading.readings import read
from envfactory.reading.spans import Reading, flatten
from envfactory.reading.words import contains
from envfactory.refinement.hearing import Ear, documented_words
from envfactory.refinement.selection import same
from envfactory.tasks.model import GoldCall, Mention, Task, Turn
from envfactory.tasks.scope import Scope

Kind = Literal["missing", "ambiguous", "contradicted", "extra", "leak", "answered", "other_turn", "empty"]
_SNAKE = re.compile(r"(?<![\w@./-])[a-z]+(?:_[a-z0-9]+)+(?![\w@])")
_JSON = re.compile(r"[{}\[\]]|\"\w+\"\s*:|</?\w+>|\bnull\b|\bNone\b")
_STAMP = re.compile(r"\b\d{4}-\d{2}-\d{2}T\d{2}:\d{2}")
_IDENTIFIER = re.compile(r"(?<![\w-])[a-z]{1,12}[_-](?=[a-z0-9]*\d)[a-z0-9]{2,}(?![\w-])")
_UNSPEAKABLE = re.compile(r"_(?:at|id|cents|pence|minor|until|utc|percent|tenths)$|_(?:until|at|id)_")
_DAYS = "(?:mon|tues|wednes|thurs|fri|satur|sun)day|jan|feb|mar|apr|may|june?|july?|aug|sept?|oct|nov|dec"
_NO_TIME = (
    r"(?! (?:\d|half|quarter|noon|midnight|about|around|the|[a-z]+ (?:in the|o'clock|past|to)"
    rf"|(?:{_DAYS}|today|tomorrow|tonight|next|this|then|when|at least|after)\b|(?:{_DAYS})[a-z]+ \d))"
)
_TWICE = re.compile(r"\b(?!that|had|bye|very)([a-z]+) \1\b", re.IGNORECASE)
_GAP = re.compile(r"\b(?:from|until|towards|of|for|with) (?:for|with|from|until|of|to|towards)\b")
_DANGLING = re.compile(
    r"(?<!come )(?<!comes )(?<!going )(?<!what )(?<!looking )(?<!registered )(?<!waiting )(?<!up )(?<!in )\b(?:to|towards|from|at|with|of|by|until|the|a|an|my|for) ?(?=[?.!,](?: |$))"
)
_HOLE = re.compile(r"\{\w*\}|\$[a-z]\w*|\bTODO\b|\bundefined\b")
_VALUES = ("date", "range", "time", "datetime", "time_range", "money", "number", "percent", "duration", "superlative")
_IDLE_NOUNS = frozenset("way thing bit sec second minute moment more question time of".split())


class Finding(NamedTuple):
    """Something a reader would stumble over. `mention` is empty where it concerns the text as a whole."""

    turn: int
    mention: str
    kind: Kind
    detail: str


class Known(NamedTuple):
    """What the whole conversation shows: names of things, keys of rows, names of tools and parameters, odd names of fields.

    `words` are those that names of fields are made of: "how much I get back today" may ask for `refund_today`.
    """

    names: frozenset[str]
    keys: frozenset[str]
    tools: frozenset[str]
    fields: frozenset[str]
    words: frozenset[str]


def audit_words(task: Task, scope: Scope) -> list[Finding]:
    """Return everything that is wrong with the words of a task; an empty list where nothing is."""
    known = known_of(task, scope)
    findings: list[Finding] = []
    for number, turn in enumerate(task.turns):
        findings += _turn(task, number, turn, scope, known)
    return findings


def known_of(task: Task, scope: Scope) -> Known:
    """Return the names and keys that the gold calls brought up, and what is offered under which name."""
    names: set[str] = set()
    keys: set[str] = set()
    for call in task.gold:
        for field, value in _texts([call.arguments, call.result]):
            if field.endswith("_id") or field == "id":
                keys.add(value)
            elif _is_name(field, value):
                names.add(value)
    offered = [tool for each in task.environments for tool in scope.contracts(each.name).tools]
    words = {name for tool in offered for name in (tool.name, *tool.parameters) if "_" in name}
    columns = {field for call in task.gold for field in _fields([call.arguments, call.result])}
    parts = {part for field in columns for part in field.split("_")}
    odd = {field.replace("_", " ") for field in columns if _UNSPEAKABLE.search(field)}
    return Known(frozenset(names - keys), frozenset(keys), frozenset(words), frozenset(odd), frozenset(parts))


def _fields(value: Any) -> Iterator[str]:
    if isinstance(value, Mapping):
        for name, below in value.items():
            yield str(name)
            yield from _fields(below)
    elif isinstance(value, list):
        for below in value:
            yield from _fields(below)


def _texts(value: Any, field: str = "") -> Iterator[tuple[str, str]]:
    if isinstance(value, Mapping):
        for name, below in value.items():
            yield from _texts(below, str(name))
    elif isinstance(value, list):
        for below in value:
            yield from _texts(below, field)
    elif isinstance(value, str) and value:
        yield field, value


def _is_name(field: str, value: str) -> bool:
    proper = value[:1].isupper() and len(value) > 2 and not re.match(r"\d{4}-\d{2}", value)
    return (
        proper
        and len(value) <= 60
        and not value.isupper()
        and not field.endswith(("currency", "country", "notes", "message"))
    )


def _turn(task: Task, number: int, turn: Turn, scope: Scope, known: Known) -> list[Finding]:
    findings = []
    earlier = [each for before in task.turns[:number] for each in all_mentions(before)]
    parts = [(turn.text, turn.mentions), *((reply.text, reply.mentions) for reply in turn.replies)]
    for place, (text, mentions) in enumerate(parts):
        if not text.strip():
            findings.append(Finding(number, "", "empty", "there are no words"))
            continue
        here = [each for _, said in parts[: place + 1] for each in said]
        findings += [Finding(number, *each) for each in _heard(task, text, mentions, here, earlier, scope)]
        findings += [Finding(number, "", "leak", each) for each in leaks(text, mentions, known)]
        findings += [
            Finding(number, "", *each)
            for each in _strangers(task, number, text, mentions, [*here, *earlier], known, scope)
        ]
    findings += [Finding(number, "", "answered", each) for each in _answered(task, number)]
    return findings


def all_mentions(turn: Turn) -> list[Mention]:
    """Return what a turn says, asked or not."""
    return [*turn.mentions, *(each for reply in turn.replies for each in reply.mentions)]


# --- what ought to be said --------------------------------------------------------------------------------------------


def _heard(
    task: Task, text: str, mentions: Iterable[Mention], here: list[Mention], earlier: list[Mention], scope: Scope
) -> Iterator[tuple[str, Kind, str]]:
    for mention in mentions:
        contracts = scope.contracts(mention.environment)
        ear = Ear(text, contracts.now, contracts, here, earlier)
        heard = ear.hear(mention)
        if heard is not None:
            yield mention.id, heard.kind, f"{mention.slot} = {mention.value!r}: {heard.detail}"  # type: ignore[misc]


# --- what ought not ---------------------------------------------------------------------------------------------------


def leaks(text: str, mentions: Iterable[Mention], known: Known) -> list[str]:
    """Return what no person would write: names of tools and parameters, keys, JSON, time stamps, unfilled holes."""
    own = [str(each.value) for each in mentions if each.form == "stated"]
    found = [f"a key: {key}" for key in sorted(known.keys) if _coded(key) and contains(text, key) and key not in own]
    found += [f"a tool's or parameter's name: {name}" for name in sorted(known.tools) if name in text]
    flat = flatten(text)
    found += [f"a field's name: {name}" for name in sorted(known.fields) if _as_field(name).search(flat)]
    found += [f"snake case: {match.group()}" for match in _SNAKE.finditer(text)]  # nobody says an underscore
    for what, form in (
        ("JSON", _JSON),
        ("a time stamp", _STAMP),
        ("a hole", _HOLE),
        ("nothing after", _DANGLING),
        ("nothing between", _GAP),
    ):
        found += [f"{what}: {match.group()}" for match in form.finditer(text) if match.group() not in own]
    found += [f"an id: {match.group()}" for match in _IDENTIFIER.finditer(text) if not _inside(match.group(), own)]
    return list(dict.fromkeys(found))


@lru_cache(maxsize=4096)
def _as_field(name: str) -> re.Pattern[str]:
    """Return the form of a field's name in a text; more of them are in use than `re` remembers."""
    return re.compile(rf"\b{name}\b{_NO_TIME}")


def _inside(words: str, values: Iterable[str]) -> bool:
    return any(words.lower() in value.lower() for value in values)


def _coded(key: str) -> bool:
    return bool(re.search(r"\d", key)) and not key.isdigit()


def _strangers(
    task: Task, number: int, text: str, mentions: list[Mention], said: list[Mention], known: Known, scope: Scope
) -> Iterator[tuple[Kind, str]]:
    """Yield values and names in a text that no mention accounts for."""
    now = _now(task, number, scope)
    later = [each for turn in task.turns[number + 1 :] for each in all_mentions(turn)]
    named = find_names(text, known.names)
    for reading in read(text, now):
        if reading.kind not in _VALUES or any(reading.start < each.end and each.start < reading.end for each in named):
            continue
        if (
            set(reading.words.lower().split()) <= known.words
            or _idle(reading, text)
            or _explained(reading, mentions, said)
        ):
            continue
        if not _documented(reading, said, task, scope):
            elsewhere = any(_means(reading, each) for each in later)
            yield ("other_turn" if elsewhere else "extra"), f"{reading.kind} {reading.words!r}"
    for found in named:
        if _covered(found.start, found.end, mentions) or any(_names(each, found.name) for each in said):
            continue
        if any(contains(str(each.value), found.name) for each in said) or contains(task.persona.situation, found.name):
            continue
        if not found.exact:
            continue
        if found.name[:1] != text[found.start : found.start + 1]:
            continue
        elsewhere = any(same(each.value, found.name) for each in later)
        yield ("other_turn" if elsewhere else "extra"), f"name {found.name!r}"


def _now(task: Task, number: int, scope: Scope) -> str:
    calls = task.gold[slice(*task.turns[number].calls)] or task.gold[:1]
    environment = calls[0].environment if calls else task.environments[0].name
    return scope.contracts(environment).now


def _explained(reading: Reading, mentions: Iterable[Mention], said: Iterable[Mention]) -> bool:
    """Tell whether a reading stands in the words of a mention, or only says again what was said."""
    return _covered(reading.start, reading.end, mentions) or any(_means(reading, each) for each in said)


def _covered(start: int, end: int, mentions: Iterable[Mention]) -> bool:
    return any(each.span and each.span[0] < end and start < each.span[1] for each in mentions)


def _means(reading: Reading, mention: Mention) -> bool:
    values = {str(each) for value in reading.values for each in (value if isinstance(value, tuple) else (value,))}
    wanted = str(mention.value)
    return wanted in values or (
        len(wanted) > 10 and (wanted[:10] in values or wanted[11:16] in values or wanted[:16] in values)
    )


def _names(mention: Mention, name: str) -> bool:
    return same(mention.value, name)


def _idle(reading: Reading, text: str) -> bool:
    """Tell whether a number is none: "one", "a second", "give me two minutes", "first of all"."""
    before = flatten(text[max(0, reading.start - 24) : reading.start])
    if reading.kind in ("number", "duration") and (
        reading.unit in _IDLE_NOUNS or reading.words.lower() in ("one", "a", "an")
    ):
        return True
    if reading.kind == "superlative":
        return (
            bool(re.search(r"\b(?:at|thank you|all the|be|is|it's|would be|the) ?$", before))
            and "best" in reading.words.lower()
        )
    return False


def _documented(reading: Reading, said: Iterable[Mention], task: Task, scope: Scope) -> bool:
    """Tell whether the words are those of a document for a value that is said ("a one-way ticket")."""
    contracts: dict[str, Contracts] = {each.name: scope.contracts(each.name) for each in task.environments}
    for mention in said:
        words = documented_words(Ear("", "", contracts[mention.environment], ()), mention)
        if any(contains(each, reading.words) for each in words.values()):
            return True
    return any(contains(each, reading.words) for one in contracts.values() for each in _document_texts(one))


def _document_texts(contracts: Contracts) -> list[str]:
    """Return the sentences of a document that a person may well use: situations, reasons, phrases of tools."""
    texts = []
    for tool in contracts.tools:
        for key in ("situations", "reasons", "vp", "questions", "wants"):
            texts += [value for _, value in _texts(tool.frames.get(key) or [])]
    return texts


# --- questions that are none ------------------------------------------------------------------------------------------


def _answered(task: Task, number: int) -> Iterator[str]:
    """Yield questions that the conversation has answered: the assistant's for what is said, the person's for what was told."""
    turn = task.turns[number]
    known = {each.slot for each in turn.mentions}
    for reply in turn.replies:
        for mention in reply.mentions:
            if mention.slot in known:
                yield f"asks for {mention.slot}, which is said"
    for request in turn.requests:
        call = task.gold[request.call]
        if turn.outcome == "informed" and any(_asked_before(task, number, each, call) for each in range(number)):
            yield f"asks {call.tool} again, and nothing has changed"


def _asked_before(task: Task, number: int, earlier: int, call: GoldCall) -> bool:
    told = [task.gold[each.call] for each in task.turns[earlier].requests]
    changed = any(task.turns[each].outcome == "done" for each in range(earlier, number))
    return not changed and any(
        (each.environment, each.tool, _canonical(each.arguments))
        == (call.environment, call.tool, _canonical(call.arguments))
        for each in told
    )


def _canonical(value: Any) -> str:
    return json.dumps(value, sort_keys=True)
