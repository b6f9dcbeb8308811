"""Ids found for parameters: in the profile, among rows already seen, in what was last spoken of, or by calling producers.

A row is picked by what was said: names, days, sums and counts in its fields, then bounds, then a ranking. Among rows
that fit equally the choice is by lot: attempts that disagree show that the words do not settle it.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from random import Random
from typing import Any

from envfactory.calibration.hearing import Said, hear_part, rank_field, within_bounds
from envfactory.calibration.memory import Row, value_for
from envfactory.calibration.offered import Parameter, Tool
from envfactory.calibration.solver import Outcome
from envfactory.calibration.table import Table
from envfactory.calibration.typed import any_name, fill_typed, has_role, role_words
from envfactory.calibration.vocabulary import root

_DEPTH = 3
_PRODUCERS = 5
_NAMES = 3
_STRONG = 2.4
_IT = re.compile(r"\b(?:it|that (?:one|\w+))\b(?!')")
_TO = re.compile(r"\b(?:to|onto|into) (?=the|a|an|flight|train|\d|my|that|this|[a-z]+day\b|[A-Z])")
_INSTEAD = re.compile(r"\binstead (?:of|for)\b|\brather than\b")
_PEOPLE = frozenset(
    map(
        root,
        "approver manager organiser owner employee requester host sender seller buyer person guest member payer"
        " user".split(),
    )
)


@dataclass
class Task:
    """What is being done: the tool, the words that ask for it, the words around them, rows already settled on."""

    tool: Tool
    said: Said
    around: Said
    depth: int = 0
    rows: list[Row] = field(default_factory=list)
    found: dict[str, Any] = field(default_factory=dict)
    consulted: bool = False
    certain: bool = False


@dataclass(frozen=True)
class Choice:
    """A row with what it gives, how well it fits, and how many fit as well."""

    row: Row
    value: Any
    score: float
    rivals: int
    evidence: float


class Finder:
    """Finds ids for one attempt."""

    def __init__(self, table: Table, rng: Random) -> None:
        self._table = table
        self._rng = rng

    def arguments(self, task: Task) -> tuple[dict[str, Any], list[Parameter]]:
        """Return arguments for a tool, and the required parameters for which nothing was found."""
        found = self._typed(task)
        if task.around is not task.said:
            wider = fill_typed(task.tool, task.around)
            found |= {name: value for name, value in wider.items() if name not in found and self._needed(name, task)}
        profile = self._table.profile(task.tool.environment)
        found = {
            name: value
            for name, value in found.items()
            if name not in profile and self._allowed(task.tool, name, value)
        }
        task.found = found
        missing = []
        for parameter in task.tool.parameters:
            if parameter.name in found:
                continue
            value = self._value(parameter, task)
            if value is not None:
                found[parameter.name] = value
            elif parameter.required:
                missing.append(parameter)
        return found, missing

    @staticmethod
    def _typed(task: Task) -> dict[str, Any]:
        """Return typed arguments; of what is changed, the days and times that stand with the new state."""
        found = fill_typed(task.tool, task.said)
        new = _old_and_new(task.said.text)[1] if "change" in task.tool.acts and not task.depth else ""
        return found | fill_typed(task.tool, hear_part(new, task.said.now)) if new else found

    @staticmethod
    def _needed(name: str, task: Task) -> bool:
        """Whether a parameter may take its value from the words around: any one of the goal's, the required ones of a look-up."""
        parameter = task.tool.parameter(name)
        return task.depth == 0 or (parameter is not None and parameter.required)

    def _allowed(self, tool: Tool, name: str, value: Any) -> bool:
        """Whether a value keeps the bounds of its parameter's schema."""
        parameter = tool.parameter(name)
        schema = parameter.schema if parameter else {}
        if isinstance(value, int | float) and not isinstance(value, bool):
            return bool(schema.get("minimum", value) <= value <= schema.get("maximum", value))
        pattern = schema.get("pattern")
        return not (isinstance(value, str) and pattern and parameter and parameter.sort == "text") or bool(
            re.search(pattern, value)
        )

    def _value(self, parameter: Parameter, task: Task) -> Any:
        profile = self._table.profile(task.tool.environment)
        if parameter.name in profile and (
            parameter.required or parameter.sort == "ref" or _identifies(task.tool, parameter)
        ):
            return profile[parameter.name]
        if parameter.sort == "ref":
            return self._id(parameter, task) if parameter.required or self._spoken_of(parameter, task) else None
        if not parameter.required:
            return self._known_name(parameter, task)
        found = self._known_name(parameter, task) or self._remembered(parameter, task) or self._assumed(parameter, task)
        if found is None and parameter.sort == "text" and task.tool.reads and "pattern" not in parameter.schema:
            return any_name(task.around)
        return found

    def _spoken_of(self, parameter: Parameter, task: Task) -> bool:
        told = set(parameter.words) & task.said.root_set or has_role(parameter, task.said)
        return bool(told) and task.depth == 0

    def _known_name(self, parameter: Parameter, task: Task) -> Any:
        """Return a value seen in a field of this name that was said."""
        if parameter.sort != "text":
            return None
        for row in reversed(self._table.memory.rows):
            value = row.fields.get(parameter.name)
            if isinstance(value, str) and len(value) > 1 and task.said.holds(value):
                return value
        return None

    def _remembered(self, parameter: Parameter, task: Task) -> Any:
        """Return what a parameter of this name, or of this kind, was given last."""
        for _, name, value in reversed(self._table.memory.given):
            if name == parameter.name:
                return value
        row = next((row for row in reversed(task.rows) if parameter.name in row.fields), None)
        return row.fields[parameter.name] if row else None

    def _assumed(self, parameter: Parameter, task: Task) -> Any:
        """Return a guess that harms nobody: only for reads, and only for days."""
        if not task.tool.reads or parameter.sort not in ("date", "datetime"):
            return None
        today = self._table.now(task.tool.environment)[:10]
        return today if parameter.sort == "date" else None

    # --- ids ----------------------------------------------------------------------------------------------------------

    def _id(self, parameter: Parameter, task: Task) -> Any:
        settled = next((value for row in task.rows if (value := value_for(parameter, row.fields)) is not None), None)
        said = self._words_for(parameter, task)
        if settled is not None and not self._evident(said):
            return settled
        focus = self._table.memory.focus.get(parameter.name)
        meant = parameter.noun == self._table.memory.topic and _IT.search(said.flat) is not None
        if focus is not None and (meant or not self._evident(said)):
            return focus
        choice = self._choose(parameter, task, said)
        if choice is None or choice.evidence < _STRONG:
            self._produce(parameter, task)
            choice = self._choose(parameter, task, said)
        return self._settle(choice, focus, settled, parameter, task)

    def _settle(self, choice: Choice | None, focus: Any, settled: Any, parameter: Parameter, task: Task) -> Any:
        if not parameter.required:
            return choice.value if choice is not None and choice.score >= _STRONG else None
        if choice is None:
            return focus if focus is not None else settled if settled is not None else self._self(parameter, task)
        if choice.score < _STRONG and (focus is not None or settled is not None) and choice.rivals > 1:
            return focus if focus is not None else settled
        if choice.rivals > 1 and choice.evidence < 0.5 and task.certain and task.depth == 0 and not task.tool.reads:
            return None  # better ask than guess
        task.rows.append(choice.row)
        return choice.value

    def _self(self, parameter: Parameter, task: Task) -> Any:
        """Return the signed-in person's own key: who approves or organises may be they."""
        if task.depth or not set(parameter.words) & _PEOPLE:
            return None
        profile = self._table.profile(task.tool.environment)
        if "id" in profile:
            return profile["id"]
        return next(
            (
                row.fields[name]
                for row in self._table.memory.rows
                for name in row.fields
                if name in self._table.own_keys
            ),
            None,
        )

    @staticmethod
    def _evident(said: Said) -> bool:
        """Whether words single something out: a name, a day, a sum, a ranking."""
        return bool(said.names or said.days or said.sums or said.times or said.rank)

    def _words_for(self, parameter: Parameter, task: Task) -> Said:
        """Return the words that tell of a parameter: of what is changed, what stands before "to", of its new state, after."""
        role = role_words(parameter, task.said) if task.depth == 0 or len(task.tool.refs) > 1 else None
        if role is not None:
            return role
        if "change" not in task.tool.acts or task.depth:
            return task.said
        old, new = _old_and_new(task.said.text)
        if not new:
            return task.said
        first = set(parameter.words) & set(task.tool.nouns) or parameter is _first_ref(task.tool)
        return hear_part(old if first else new, task.said.now)

    def _choose(self, parameter: Parameter, task: Task, said: Said) -> Choice | None:
        candidates = self._table.memory.with_field(parameter, task.tool.environment)
        if not candidates:
            return None
        bounded = [each for each in candidates if within_bounds(each[0].fields, said)] or candidates
        scored = [(self._fit(row, said, task), row, value) for row, value in bounded]
        best = max(score for score, _, _ in scored)
        top = [(row, value) for score, row, value in scored if score > best - 0.3]
        latest = max(row.turn for row, _ in top)
        top = [(row, value) for row, value in top if row.turn == latest] if best < _STRONG else top
        ranked = 0.0
        if said.rank is not None or task.around.rank is not None:
            few = self._ranked(top, said if said.rank is not None else task.around)
            ranked, top = (3.0 if few is not top and said.rank is not None else 0.0), few
        by_value = {str(value): (row, value) for row, value in top}
        row, value = by_value[self._rng.choice(sorted(by_value))]
        return Choice(row, value, best + ranked, len(by_value), row.fit(said) + ranked)

    def _fit(self, row: Row, said: Said, task: Task) -> float:
        score = row.fit(said)
        if task.around is not said:
            score += 0.3 * row.fit(task.around)
        covered = sum(1 for each in task.rows if _agree(each.fields, row.fields))
        return score + 0.5 * covered + (0.6 if row.turn == self._table.turn else 0.0)

    def _ranked(self, top: list[tuple[Row, Any]], said: Said) -> list[tuple[Row, Any]]:
        rank = said.rank
        tool = top[-1][0].tool
        same = [(row, value) for row, value in top if row.tool == tool and row.container == top[-1][0].container]
        name = rank_field(rank, [row.fields for row, _ in same]) if rank else None
        if rank is None or name is None:
            return top
        values = [row.fields[name] for row, _ in same]
        best = min(values) if rank.values[0] == "min" else max(values)
        return [(row, value) for row, value in same if row.fields[name] == best]

    # --- producers ----------------------------------------------------------------------------------------------------

    def _produce(self, parameter: Parameter, task: Task) -> None:
        """Call the reads that are likeliest to tell of a parameter until one does."""
        if task.depth >= _DEPTH:
            return
        self._consult(task)
        for tool in self._producers(parameter, task)[:_PRODUCERS]:
            if self._table.exhausted:
                return
            rows = self._look(tool, parameter, task)
            if any(value_for(parameter, row.fields) is not None for row in rows):
                said = self._words_for(parameter, task)
                if not self._evident(said) or any(row.fit(said) >= _STRONG for row in rows) or said.rank:
                    return

    def _look(self, tool: Tool, parameter: Parameter, task: Task) -> list[Row]:
        inner = Task(
            tool, self._words_for(parameter, task), task.around, task.depth + 1, rows=list(task.rows), consulted=True
        )
        arguments, missing = self.arguments(inner)
        if missing:
            return []
        limit = tool.parameter("limit")
        if limit is not None and "maximum" in limit.schema:
            arguments["limit"] = limit.schema["maximum"]
        outcome, rows = self._table.call(tool, arguments)
        if outcome["status"] == "error":
            outcome, rows, arguments = self._look_elsewhere(tool, arguments, outcome, inner.around)
        if outcome["status"] == "ok" and rows and not _is_empty(outcome["result"]):
            return rows
        return self._look_wider(tool, arguments)

    def _consult(self, task: Task) -> None:
        """Read the thing that is to be acted on, if it is known by now: where it is decides what goes with it."""
        if task.consulted or task.tool.reads:
            return
        task.consulted = True
        profile = self._table.profile(task.tool.environment)
        for name in [each.name for each in task.tool.refs if each.name in task.found and each.name not in profile][:1]:
            for tool in self._table.offer.tools:
                wanted = [each.name for each in tool.refs if each.name not in profile]
                if (
                    tool.reads
                    and tool.environment == task.tool.environment
                    and wanted == [name]
                    and tool.verb in ("get", "read", "show")
                ):
                    needed = {each.name: profile[each.name] for each in tool.refs if each.name in profile}
                    _, rows = self._table.call(tool, {name: task.found[name], **needed})
                    task.rows += [row for row in rows if row.fields.get(name) == task.found[name]][:1]
                    return

    def _look_elsewhere(
        self, tool: Tool, arguments: dict[str, Any], outcome: Outcome, said: Said
    ) -> tuple[Outcome, list[Row], dict[str, Any]]:
        """Look again under the other names said, where one was taken for something that it is not."""
        named = [each.name for each in tool.parameters if each.sort == "text" and each.name in arguments]
        others = [name for name, _ in said.names if name not in arguments.values()]
        for parameter in named[:1]:
            for name in others[:_NAMES]:
                changed = {**arguments, parameter: name}
                outcome, rows = self._table.call(tool, changed)
                if outcome["status"] == "ok":
                    return outcome, rows, changed
        return outcome, [], arguments

    def _look_wider(self, tool: Tool, arguments: Mapping[str, Any]) -> list[Row]:
        """Look again without the optional filters, where they let nothing through."""
        required = {each.name for each in tool.parameters if each.required} | {"limit"}
        wider = {name: value for name, value in arguments.items() if name in required}
        return self._table.call(tool, wider)[1] if wider != arguments else []

    def _producers(self, parameter: Parameter, task: Task) -> list[Tool]:
        scored = [
            (self._promise(tool, parameter, task) + self._rng.gauss(0, 0.1), tool.name)
            for tool in self._table.offer.tools
            if tool.reads and tool.environment == task.tool.environment and tool is not task.tool
        ]
        return [self._table.offer.named(name) for score, name in sorted(scored, reverse=True) if score > -1.5]

    def _in_memory(self, parameter: Parameter, task: Task) -> bool:
        return bool(self._table.memory.with_field(parameter, task.tool.environment))

    def _promise(self, tool: Tool, parameter: Parameter, task: Task) -> float:
        """Return how likely a read tells of a parameter, by its name, its description and what it gave before."""
        score = _kinship(tool, parameter)
        if tool.name in self._table.yields:
            known = dict.fromkeys(self._table.yields[tool.name], 0)
            score += 2.0 if value_for(parameter, known) is not None else -2.0
        if tool.parameter(parameter.name) is not None:
            score -= 3.0 if tool.parameter(parameter.name).required else 0.0  # type: ignore[union-attr]
        score += 1.0 if parameter.head in tool.nouns else 0.0
        score += 0.4 if tool.verb in ("list", "search", "find", "browse") else 0.0
        score += 0.3 if any(f"{each.noun}_id" in self._table.own_keys for each in tool.parameters) else 0.0
        needed = [each for each in tool.parameters if each.required and each.sort == "ref"]
        return score - 0.4 * sum(
            each.name not in self._table.own_keys and not self._in_memory(each, task) for each in needed
        )


@lru_cache(maxsize=4096)
def _kinship(tool: Tool, parameter: Parameter) -> float:
    """Return how much a read's words are those of a parameter."""
    wanted = set(parameter.words) | (parameter.description_words if not parameter.words else set())
    score = sum(tool.weights.get(word, 0.0) for word in wanted) / max(1, len(wanted))
    return score + 0.25 * sum(min(1.0, tool.weights.get(word, 0.0)) for word in parameter.description_words)


def _identifies(tool: Tool, parameter: Parameter) -> bool:
    """Whether an optional parameter is one of several ways to say who is signed in."""
    return tool.reads and parameter.name != "name" and not any(each.required for each in tool.parameters)


def _old_and_new(text: str) -> tuple[str, str]:
    """Return the words for what is changed and for what it becomes: "X to Y", "Y instead of X"; no new where unsaid."""
    turned = _INSTEAD.search(text)
    if turned:
        return text[turned.end() :], text[: turned.start()]
    joint = _TO.search(text)
    return (text[: joint.start()], text[joint.start() :]) if joint else (text, "")


def _first_ref(tool: Tool) -> Parameter | None:
    return next((each for each in tool.parameters if each.sort == "ref"), None)


def _agree(one: Mapping[str, Any], other: Mapping[str, Any]) -> bool:
    shared = [name for name in one if name in other and name.endswith("_id")]
    return bool(shared) and all(one[name] == other[name] for name in shared)


def _is_empty(result: Any) -> bool:
    return isinstance(result, Mapping) and bool(result) and all(value in ([], None, {}) for value in result.values())
