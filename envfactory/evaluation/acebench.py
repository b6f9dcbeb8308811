"""ACEBench, normal and special categories in English, by the data and the checker of a checkout of it.

No package carries it: `--place acebench=DIR` names the folder. An entry is settled by one message after a conversation
that stands in its `question`; its checker compares the calls with one or more right answers. Special entries want no
call but one of three fixed phrases, which the prompt states. The agent categories are played with a language model as
the person in scenarios of its own code: they are not played here.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator, Mapping, Sequence
from importlib import import_module
from pathlib import Path
from typing import Any, NamedTuple

from envfactory.environments.files import digest
from envfactory.errors import ConfigError
from envfactory.evaluation.items import POLICY, Item, Outcome, Scored, Talk
from envfactory.evaluation.playing import Try, converse
from envfactory.evaluation.suite import scripted
from envfactory.rollouts.formats import ToolCall, write
from envfactory.rollouts.policy import Asked, Policy, Reply

NEEDS = "a checkout of ACEBench with its data (data_all/data_en): --place acebench=DIR"
AGENT = ("agent_multi_step", "agent_multi_turn")
_CHECKER = "model_eval.checker"
_DATA = ("data_all/data_en", "data/en")
_ANSWERS = ("possible_answer", "../possible_answer_en", "../possible_answer/en")
_WRONG, _MISSING, _UNABLE = (
    "There is incorrect value",
    "Missing necessary parameters",
    "the limitations of the function",
)
_PLAIN = "Read the conversation so far and make the calls that its last request needs."
_SPECIAL = (
    f"{_PLAIN} Where a value does not fit what its parameter takes, make no call and write: "
    f'["{_WRONG} (value) for the parameters (key) in the conversation history."] '
    "Where a required parameter was not told, make no call and write: "
    f'["{_MISSING} (key1, key2, ...) for the api (name)"] '
    "Where no tool can do what is asked, make no call and write: "
    f'["Due to {_UNABLE}, I cannot solve this problem."]'
)


class _Problem(NamedTuple):
    category: str
    entry: dict[str, Any]
    answer: Any


class AceBench:
    """The categories asked for. Raise ConfigError where the folder is not one of ACEBench's."""

    name = "acebench"
    measure = "accuracy"
    traits = ("category",)

    def __init__(self, place: Path | None, categories: Sequence[str] = ()) -> None:
        if place is None:
            raise ConfigError("the suite acebench has no data", remedy=f"give {NEEDS}")
        if set(categories) & set(AGENT):
            raise ConfigError(
                "the agent categories of ACEBench are not played here",
                remedy="leave them out: docs/evaluation.md says why",
            )
        data = _folder(place, _DATA)
        self._answers = _folder(data, _ANSWERS)
        self._check = _checker(place)
        self._problems = {
            each.entry["id"]: each for name in _categories(data, categories) for each in self._load(data, name)
        }

    def items(self) -> Sequence[Item]:
        """Return the entries; those of one conversation of several turns are a cluster."""
        return [
            Item(
                name,
                name.rpartition("_")[0] if "multi_turn" in problem.category else name,
                {"category": problem.category},
            )
            for name, problem in self._problems.items()
        ]

    def play(self, tries: Sequence[Try], policy: Policy, side_by_side: int) -> Iterator[Scored]:
        """Play attempts, a message each."""
        return converse(tries, self._begin, {POLICY: policy}, side_by_side)

    def scripted(self, name: str) -> Policy:
        """Return the oracle (the right answer), the empty or the random policy."""
        return scripted(name, self._truth)

    def facts(self) -> Mapping[str, Any]:
        """Return which entries these are."""
        text = json.dumps([[each.entry, each.answer] for each in self._problems.values()], sort_keys=True)
        return {"data": digest(text.encode())[:16], "items": len(self._problems)}

    def _load(self, data: Path, category: str) -> list[_Problem]:
        entries, answers = _lines(data / f"data_{category}.json"), _lines(self._answers / f"data_{category}.json")
        right = {each["id"]: each["ground_truth"] for each in answers}
        return [_Problem(category, each, right[each["id"]]) for each in entries if each["id"] in right]

    def _begin(self, which: Try) -> Talk:
        return _OneMessage(self._check, self._problems[which.item.id], which.attempt)

    def _truth(self, asked: Asked) -> str:
        category, _, answer = self._problems[asked.task]
        if "irrelevant" in category:
            return f"Due to {_UNABLE}, I cannot solve this problem."
        if "special" in category:
            phrase = _MISSING if "incomplete" in category else _WRONG
            return "; ".join(f"{phrase} ({', '.join(map(str, values))}) for {name}" for name, values in answer.items())
        first = answer[0] if isinstance(answer, list) else answer
        return write("", [ToolCall(_plain_name(name, asked.tools), values) for name, values in first.items()])


class _OneMessage:
    """An entry's talk."""

    speaker = POLICY

    def __init__(self, check: Any, problem: _Problem, attempt: int) -> None:
        self._check, self._problem, self._attempt = check, problem, attempt
        self._reply: Reply | None = None

    def ask(self) -> Asked | None:
        """Return the prompt, once."""
        if self._reply is not None:
            return None
        entry = self._problem.entry
        told = [_SPECIAL if "special" in self._problem.category else _PLAIN]
        told += [f"The time: {entry['time']}"] if entry.get("time") else []
        told += [f"The person: {entry['profile']}"] if entry.get("profile") else []
        messages = [{"role": "system", "content": "\n".join(told)}, {"role": "user", "content": str(entry["question"])}]
        return Asked(messages, [_schema(each) for each in entry["function"]], entry["id"], self._attempt)

    def take(self, reply: Reply) -> None:
        """Take the one message."""
        self._reply = reply

    def outcome(self) -> Outcome:
        """Judge it: special entries by their phrases, others by the checkout's checker against each right answer."""
        reply = self._reply or Reply()
        if "special" in self._problem.category:
            why = _missing_phrase(self._problem, reply.content)
            return Outcome(float(not why), why=why)
        answers = self._problem.answer if isinstance(self._problem.answer, list) else [self._problem.answer]
        calls = [{call.name: dict(call.arguments)} for call in reply.calls]
        whys = [self._judged(calls, answer) for answer in answers]
        return Outcome(float("" in whys), why="" if "" in whys else whys[0])

    def close(self) -> None:
        """Nothing is held."""

    def _judged(self, calls: list[dict[str, Any]], answer: Mapping[str, Any]) -> str:
        """Return what is wrong by the checker, nothing where all is right."""
        entry = self._problem.entry
        try:
            told = self._check(entry["function"], calls, dict(answer), entry["question"], self._problem.category)
        except Exception as error:  # noqa: BLE001 - the boundary to a checker that odd arguments make raise anything
            return f"the checker could not read the call: {type(error).__name__}: {error}"
        return "" if told["valid"] else str(told.get("error") or told.get("error_type") or "wrong")[:300]


def _missing_phrase(problem: _Problem, said: str) -> str:
    """Say which phrase a special entry's answer lacks."""
    if "irrelevant" in problem.category:
        wanted = [_UNABLE]
    else:
        named = [str(value) for values in problem.answer.values() for value in values]
        lead = [_MISSING, *problem.answer] if "incomplete" in problem.category else [_WRONG]
        wanted = [*lead, *named]
    absent = [each for each in wanted if each not in said]
    return f"{absent[0]!r} is not said" if absent else ""


def _plain_name(name: str, tools: Sequence[Mapping[str, Any]]) -> str:
    """Return a tool's name without the number that tells answers to equal calls apart."""
    names = {tool["function"]["name"] for tool in tools}
    stem, _, number = name.rpartition("_")
    return stem if name not in names and number.isdigit() else name


def _schema(function: Mapping[str, Any]) -> dict[str, Any]:
    parameters = function.get("parameters") or {"type": "object", "properties": {}}
    return {"type": "function", "function": {**function, "parameters": {**parameters, "type": "object"}}}


def _folder(base: Path, names: Sequence[str]) -> Path:
    found = [base / name for name in names if (base / name).is_dir()]
    if not found:
        raise ConfigError(f"{base} has none of {', '.join(names)}", remedy=f"give {NEEDS}")
    return found[0]


def _categories(data: Path, wanted: Sequence[str]) -> list[str]:
    known = sorted(each.stem.removeprefix("data_") for each in data.glob("data_*.json"))
    strange = [name for name in wanted if name not in known]
    if strange:
        raise ConfigError(f"acebench has no category {strange[0]}", remedy=f"one of: {', '.join(known)}")
    return list(wanted) or [name for name in known if name not in AGENT]


def _checker(place: Path) -> Any:
    """Return the checkout's own `normal_checker`."""
    if not (place / "model_eval" / "checker.py").is_file():
        raise ConfigError(f"{place} has no model_eval/checker.py", remedy=f"give {NEEDS}")
    sys.path.insert(0, str(place))
    try:
        return import_module(_CHECKER).normal_checker
    except ImportError as error:
        raise ConfigError(f"ACEBench's checker cannot be loaded: {error}", remedy="install its requirements") from error
    finally:
        sys.path.remove(str(place))


def _lines(file: Path) -> list[dict[str, Any]]:
    try:
        return [json.loads(line) for line in file.read_text(encoding="utf-8").splitlines() if line.strip()]
    except (OSError, ValueError) as error:
        raise ConfigError(f"{file} cannot be read: {error}", remedy=f"give {NEEDS}") from error
