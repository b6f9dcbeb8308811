"""Which of a task's facts does an answer state, and had it them from anywhere?

A fact counts if the answer states its value (by what the words mean, `envfactory.reading`), does not hedge, and the
value was *seen* in the result of an executed call of this rollout; where the turn was not for information, it may
also be the person's own words or profile that the answer repeats. Values that occur everywhere (small numbers, yes
and no) count as seen only under the same field or from the same tool.

Tool output pasted into an answer is no answer: JSON, code blocks, tool markup and `key_name: value` lines are cut
before anything is read. An answer that states all the values that other rows had as well has not answered
(*hedging*).
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import Any, NamedTuple

import msgspec

from envfactory.reading.values import denies, states
from envfactory.reading.words import words
from envfactory.runtime.paths import MISSING, find, leaves, parts
from envfactory.tasks.changes import Renaming
from envfactory.tasks.model import Fact, GoldCall, Task, Turn
from envfactory.tasks.play import Outcome, word

_CODE_BLOCK = re.compile(r"```.*?(?:```|$)|`[^`\n]*`", re.DOTALL)
_MARKUP = re.compile(
    r"<(\w*(?:tool|function|call|result|response|output)\w*)\b[^>]*>.*?(?:</\1>|$)", re.DOTALL | re.IGNORECASE
)
_PAIRS = re.compile(r"[\"']?\b[a-z]+(?:_[a-z0-9]+)+\b[\"']?\s*[:=]\s*(?:\"[^\"]*\"|'[^']*'|\S+)", re.IGNORECASE)
_BROKEN_JSON = re.compile(r"[{\[][^{}\[\]]*[\"']\s*:[^{}\[\]]*[}\]]?")
_SENTENCES = re.compile(r"(?<=[.!?;])\s+|\n+")
_LESS = re.compile(
    r"[-\u2212\u2013]\s?[^\w\s]?\d|\b(?:minus|less|fewer|lower|back|refund|credit|down|reduc|decreas|return|short|cheaper|save|under)",
    re.IGNORECASE,
)
_IN_LIST = re.compile(r"(?P<list>.*)\[\d+\]\.(?P<field>[^\[]+)")
_DECODER = json.JSONDecoder()


@dataclass(frozen=True)
class Executed:
    """One executed call of a rollout, with the outcome that replaying it gave."""

    environment: str
    tool: str
    arguments: Any
    outcome: Outcome
    turn: int

    @cached_property
    def _shown(self) -> _Shown:
        if self.outcome["status"] != "ok":
            return _Shown([], {})
        try:
            return _decoded(msgspec.msgpack.encode(self.outcome["result"]))
        except (OverflowError, UnicodeEncodeError):  # what msgpack cannot say: integers over 64 bits, half characters
            return _shown(self.outcome["result"])

    @property
    def leaves(self) -> Sequence[tuple[str, Any]]:
        """Every scalar of its result with its path; none where it was refused."""
        return self._shown.leaves

    def paths_of(self, value: Any) -> Sequence[str]:
        """Return where its result shows a scalar, in the order of the result; yes and no are not 1 and 0."""
        return () if isinstance(value, list | dict) else self._shown.places.get((isinstance(value, bool), value), ())


class _Shown(NamedTuple):
    """What a result shows: its scalars with their paths, and the paths of each scalar."""

    leaves: Sequence[tuple[str, Any]]
    places: Mapping[tuple[bool, Any], Sequence[str]]


def _shown(result: Any) -> _Shown:
    found = leaves(result)
    places: dict[tuple[bool, Any], list[str]] = {}
    for path, leaf in found:
        places.setdefault((isinstance(leaf, bool), leaf), []).append(path)
    return _Shown(found, places)


@lru_cache(maxsize=512)
def _decoded(result: bytes) -> _Shown:
    """Return what a result shows; the ways through a task show the same ones over and over."""
    return _shown(msgspec.msgpack.decode(result))


class FactCheck(NamedTuple):
    """One fact of one turn: `reason` is empty where the answer states it and had it from somewhere."""

    turn: int
    name: str
    reason: str = ""

    @property
    def holds(self) -> bool:
        return not self.reason


def check_facts(
    task: Task, answers: Sequence[str], calls: Sequence[Executed], renaming: Mapping[str, Renaming] | None = None
) -> list[FactCheck]:
    """Return a check for every fact of every turn; a turn that must be refused has at least one.

    `renaming` leads from the gold's new ids to the rollout's, for facts whose value is one.
    """
    return [
        check
        for number, turn in enumerate(task.turns)
        for check in _turn_checks(task, number, turn, answers, calls, renaming or {})
    ]


def _turn_checks(
    task: Task,
    number: int,
    turn: Turn,
    answers: Sequence[str],
    calls: Sequence[Executed],
    renaming: Mapping[str, Renaming],
) -> Iterator[FactCheck]:
    answer = spoken(answers[number]) if number < len(answers) else ""
    before = [call for call in calls if call.turn <= number]
    for fact in turn.facts:
        gold = task.gold[fact.call]
        here = _renamed(fact, renaming.get(gold.environment, {}))
        now = next(each.now for each in task.environments if each.name == gold.environment)
        yield FactCheck(number, fact.name, _reason(task, number, here, gold, answer, before, now))
    if turn.outcome in ("refused", "declined") and not any(fact.kind == "refusal" for fact in turn.facts):
        yield FactCheck(number, turn.outcome, "" if _denies(answer) else "the answer does not say that it was not done")


def _renamed(fact: Fact, renaming: Renaming) -> Fact:
    is_id = isinstance(fact.value, str | int) and fact.value in renaming
    return fact.model_copy(update={"value": renaming[fact.value]}) if is_id else fact


def _reason(
    task: Task, number: int, fact: Fact, gold: GoldCall, answer: str, calls: Sequence[Executed], now: str
) -> str:
    """Return why a fact does not count; empty where it does."""
    if fact.kind == "refusal":
        return _refusal_reason(fact, gold, answer, calls)
    if not answer or not states_fact(answer, fact, now):
        return f"{fact.name} = {fact.value!r} is not stated"
    here = [call for call in calls if call.environment == gold.environment]
    if is_hedged(answer, fact, rivals_of(fact, task.turns[number], here), now):
        return f"{fact.name}: the answer states every rival too"
    repeated = task.turns[number].outcome != "informed" and _was_said(task, number, fact.value)
    if not (repeated or _was_seen(fact, gold, calls)):
        return f"{fact.name} = {fact.value!r} is stated, but no executed call showed it"
    return ""


# --- stated -----------------------------------------------------------------------------------------------------------


@lru_cache(maxsize=512)
def spoken(answer: str) -> str:
    """Return an answer without what is no speech: code, tool markup, JSON, `key_name: value`."""
    text = _MARKUP.sub(" ", _CODE_BLOCK.sub(" ", answer))
    return _PAIRS.sub(" ", _BROKEN_JSON.sub(" ", _without_json(text)))


def _without_json(text: str) -> str:
    at = 0
    while (match := re.compile(r"[{\[]").search(text, at)) is not None:
        try:
            value, end = _DECODER.raw_decode(text, match.start())
        except ValueError:
            at = match.end()
            continue
        if value:
            text = f"{text[: match.start()]} {text[end:]}"
        at = match.start() + 1
    return text


def states_fact(answer: str, fact: Fact, now: str) -> bool:
    """Tell whether an answer states a fact's value."""
    unit = fact.unit or (fact.name if fact.kind == "boolean" else "")
    return _states(answer, fact.kind, fact.value, unit, now)


def _states(text: str, kind: str, value: Any, unit: str, now: str) -> bool:
    if isinstance(value, list | dict):
        return False
    return _states_scalar(text, kind, value, type(value).__name__, unit, now)


@lru_cache(maxsize=4096)
def _states_scalar(text: str, kind: Any, value: Any, _type: str, unit: str, now: str) -> bool:
    if states(text, kind, value, unit, now):
        return True
    if kind in ("number", "money") and isinstance(value, int | float) and value < 0:
        return (
            states(text, kind, -value, unit, now) and _LESS.search(text) is not None
        )  # "27.53 less", "you get 2 back"
    # A number such as 4.25 is read as a sum without a currency.
    hundredths = kind == "number" and isinstance(value, float) and round(value * 100)
    return bool(hundredths) and hundredths == value * 100 and states(text, "money", hundredths, "", now)


@lru_cache(maxsize=512)
def _denies(answer: str) -> bool:
    return denies(answer)


def rivals_of(fact: Fact, turn: Turn, calls: Sequence[Executed]) -> list[Any]:
    """Return the values that other rows had: those a fact names, else those beside it in the lists that were shown.

    What the turn must state anyway is no rival, nor are values that stand everywhere, nor a single neighbour.
    """
    if fact.rivals:
        return [rival for rival in fact.rivals if rival is not None and rival != fact.value]
    wanted = [each.value for each in turn.facts]
    beside = [each for call in calls for each in _beside(fact, call)]
    values = [each for each in beside if isinstance(each, str | int | float) and each not in wanted]
    distinct = list(dict.fromkeys(each for each in values if not is_common(each)))
    return distinct if len(distinct) > 1 else []


def _beside(fact: Fact, call: Executed) -> list[Any]:
    """Return the values of the field in the other rows of lists in which a call showed the fact's value."""
    key = _last_key(fact.path)
    for path in call.paths_of(fact.value):
        match = _IN_LIST.fullmatch(path)
        if match and _last_key(path) == key:
            return [find(row, match["field"]) for row in find(call.outcome["result"], match["list"])]
    return []


def is_hedged(answer: str, fact: Fact, rivals: Sequence[Any], now: str) -> bool:
    """Tell whether an answer states a fact's rivals as well, without saying which it is.

    Of several rivals it may name some, not all nor more than half of many, unless its last sentence on them states the
    value alone. A single rival may be named for comparison, once a sentence of its own has stated the value.
    """
    told = [rival for rival in rivals if _states(answer, fact.kind, rival, fact.unit, now)]
    if not told:
        return False
    saying = _sentences_about(answer, fact, told, now)
    if len(rivals) == 1:
        return saying[0] != (True, 0)
    if len(told) < len(rivals) and len(told) <= max(2, len(rivals) // 2):
        return False
    return saying[-1] != (True, 0) or (False, 1) in saying


def _sentences_about(answer: str, fact: Fact, rivals: Sequence[Any], now: str) -> list[tuple[bool, int]]:
    """Return for each sentence that states any of them whether it states the value, and how many rivals."""
    found = []
    for sentence in _SENTENCES.split(answer):
        value = states_fact(sentence, fact, now)
        others = sum(_states(sentence, fact.kind, rival, fact.unit, now) for rival in rivals)
        if value or others:
            found.append((value, others))
    return found or [(False, len(rivals))]  # what only the whole answer states is no clear word


# --- seen -------------------------------------------------------------------------------------------------------------


def _was_said(task: Task, number: int, value: Any) -> bool:
    return any(_same(said, value) for said in _said(task, number))


def _said(task: Task, number: int) -> Iterator[Any]:
    """Yield the values that the person conveyed up to a turn, and those of their profile."""
    for turn in task.turns[: number + 1]:
        yield from (mention.value for mention in turn.mentions)
        yield from (mention.value for reply in turn.replies for mention in reply.mentions)
    for profile in task.profile:
        yield from profile.columns.values()


def _was_seen(fact: Fact, gold: GoldCall, calls: Sequence[Executed]) -> bool:
    shown = [call for call in calls if call.environment == gold.environment and call.outcome["status"] == "ok"]
    if fact.path.endswith("[]"):
        return any(_shows_count(fact, call, gold) for call in shown)
    key = _last_key(fact.path)
    return any(_shows(fact.value, key, call, strict=call.tool != gold.tool) for call in shown)


def _shows_count(fact: Fact, call: Executed, gold: GoldCall) -> bool:
    """Tell whether a call's result has a list of so many rows, at the same place of the same tool or of that name."""
    rows = find(call.outcome["result"], fact.path[:-2])
    if rows is MISSING and isinstance(call.outcome["result"], dict):
        rows = call.outcome["result"].get(_last_key(fact.path[:-2]), MISSING)
    return isinstance(rows, list) and len(rows) == fact.value


def _shows(value: Any, key: str, call: Executed, *, strict: bool) -> bool:
    common = strict and is_common(value)
    return any(not common or _last_key(path) == key for path in call.paths_of(value))


def is_common(value: Any) -> bool:
    """Tell whether a value may stand in a result by chance."""
    if isinstance(value, bool) or value is None:
        return True
    return abs(value) < 100 if isinstance(value, int | float) else len(str(value)) < 3


def _same(one: Any, other: Any) -> bool:
    return bool(one == other) and isinstance(one, bool) == isinstance(other, bool)


@lru_cache(maxsize=4096)
def _last_key(path: str) -> str:
    return next((part for part in reversed(parts(path)) if isinstance(part, str)), "")


# --- refusals ---------------------------------------------------------------------------------------------------------


def _refusal_reason(fact: Fact, gold: GoldCall, answer: str, calls: Sequence[Executed]) -> str:
    if not answer or not _denies(answer):
        return "the answer does not say that it was not done"
    if fact.terms and not any(_mentions(answer, term) for term in fact.terms):
        return f"the answer gives no reason (none of: {', '.join(fact.terms[:6])})"
    if not any(_shows_refusal(fact, gold, call) for call in calls):
        return f"{fact.value} was claimed, but no executed call showed it"
    return ""


@lru_cache(maxsize=2048)
def _mentions(answer: str, term: str) -> bool:
    """Tell whether a word of an answer is a term, as far as their stems go."""
    stems = [each.plain[: max(4, len(each.plain) - 3)] for each in words(term)]
    said = [each.plain for each in words(answer)]
    return all(any(one.startswith(stem) for one in said) for stem in stems)


def _shows_refusal(fact: Fact, gold: GoldCall, call: Executed) -> bool:
    """Tell whether a call showed that something is refused: by the code, or by showing what the call is about.

    A solver who has read the thing in question (a row that one of the refused call's ids names) and the rules in the
    tools' descriptions need not run into the refusal. Where the refused call names no row, it must.
    """
    if call.environment != gold.environment:
        return False
    if word(call.outcome) == fact.value:
        return call.tool == gold.tool or call.outcome["status"] == "error"
    if call.outcome["status"] != "ok" or not gold.sources:
        return False
    targets = {
        value for path, value in leaves(gold.arguments) if path in gold.sources and gold.sources[path].kind == "result"
    }
    return any(leaf in targets for _, leaf in call.leaves if isinstance(leaf, str))


# --- saying it --------------------------------------------------------------------------------------------------------

_MINOR = {"JPY": 0, "KRW": 0, "VND": 0, "CLP": 0, "ISK": 0, "KWD": 3, "BHD": 3, "OMR": 3, "TND": 3}


def statement(fact: Fact) -> str:
    """Return the barest sentence that states a fact, for tasks whose answers nobody has worded yet."""
    if fact.kind == "refusal":
        return f"Sorry, that was not done: it is not possible ({' '.join(fact.terms)})."
    name = fact.name.replace("_", " ")
    if fact.kind == "money":
        name = name.removesuffix(" cents")  # the sum is told in whole units
    if fact.kind == "boolean":
        return f"{'Yes' if fact.value else 'No'}, {name}: {'yes' if fact.value else 'no'}."
    return f"The {name} is {_worded(fact)}."


def _worded(fact: Fact) -> str:
    if isinstance(fact.value, int | float) and fact.value < 0:
        return f"minus {_worded(fact.model_copy(update={'value': -fact.value}))}"
    if fact.kind == "money":
        digits = _MINOR.get(fact.unit, 2)
        return f"{fact.value / 10**digits:,.{digits}f} {fact.unit}".strip()
    if fact.kind == "datetime":
        return f"{str(fact.value)[:10]} at {str(fact.value)[11:16]}"
    return str(fact.value)


def gold_answers(task: Task) -> list[str]:
    """Return the answer to each turn: as worded, or the barest statement of its facts."""
    return [turn.answer or " ".join(map(statement, turn.facts)) or _bare(turn) for turn in task.turns]


def _bare(turn: Turn) -> str:
    return "Sorry, that is not possible here." if turn.outcome in ("refused", "declined") else "Done."
