"""The tools a solver is offered, as a solver can understand them: from name, description and JSON schema alone."""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from typing import Any, Literal

import msgspec

from envfactory.calibration.vocabulary import READING_VERBS, acts_of, root, roots

Sort = Literal[
    "ref",
    "enum",
    "boolean",
    "date",
    "datetime",
    "time",
    "money",
    "integer",
    "number",
    "contact",
    "text",
    "list",
    "object",
]
_MONEY = re.compile(r"_(?:cents|pence|minor)$|(?:^|_)cents$")
_ID = re.compile(r"\bids?\b|\bidentifier\b", re.IGNORECASE)
_SPLIT_VERB = re.compile(r"^(check|sign|hand|top|set|give|look|pick)_(in|up|out|back|off)(?:_|$)")


@dataclass(frozen=True, eq=False)
class Parameter:
    """One parameter of a tool."""

    name: str
    schema: Mapping[str, Any]
    required: bool

    @cached_property
    def sort(self) -> Sort:
        """What kind of value it takes."""
        kind = self.schema.get("type")
        if kind == "array":
            return "list"
        if kind in ("boolean", "object"):
            return "boolean" if kind == "boolean" else "object"
        if self.schema.get("enum"):
            return "enum"
        if kind in ("integer", "number"):
            return "money" if _MONEY.search(self.name) else "integer" if kind == "integer" else "number"
        return _text_sort(self.name, self.schema)

    @cached_property
    def noun(self) -> str:
        """The thing an id stands for: `vehicle_class` for `vehicle_class_id`."""
        return re.sub(r"_?ids?$", "", self.name)

    @cached_property
    def words(self) -> list[str]:
        """The roots of its name."""
        return roots(self.noun.replace("_", " "))

    @cached_property
    def head(self) -> str:
        """The root of what its description begins with: the kind of thing it is ("Port of departure")."""
        return next(iter(roots(str(self.schema.get("description", "")))), "")

    @cached_property
    def description_words(self) -> frozenset[str]:
        """The roots of its description."""
        return frozenset(roots(str(self.schema.get("description", ""))))


def _text_sort(name: str, schema: Mapping[str, Any]) -> Sort:
    form, description = schema.get("format", ""), str(schema.get("description", ""))
    if form in ("date", "date-time"):
        return "date" if form == "date" else "datetime"
    if form == "email" or name in ("email", "phone", "telephone"):
        return "contact"
    if "HH:MM" in description or "[0-5][0-9]" in str(schema.get("pattern", "")):
        return "time"
    return "ref" if name.endswith("_id") or (_ID.search(description) and "_" in name) else "text"


@dataclass(frozen=True, eq=False)
class Tool:
    """One offered tool."""

    name: str
    environment: str
    own: str
    description: str
    parameters: tuple[Parameter, ...]

    @cached_property
    def verb(self) -> str:
        """What it does, in a word: the first of its name (`checkin` for `check_in_online`)."""
        split = _SPLIT_VERB.match(self.own)
        return split[1] + split[2] if split else self.own.split("_")[0]

    @cached_property
    def reads(self) -> bool:
        """Whether its name says that it only looks."""
        return self.verb in READING_VERBS

    @cached_property
    def acts(self) -> frozenset[str]:
        """The acts that the verbs in its name mean (`place_bid` is placing and bidding)."""
        light = self.verb in ("place", "make", "put", "do", "give", "take")
        return acts_of(self.verb).union(*(acts_of(noun) for noun in self.own.split("_")[1:] if light))

    @cached_property
    def nouns(self) -> list[str]:
        """The roots of what its name says after the verb."""
        split = _SPLIT_VERB.match(self.own)
        rest = self.own[split.end() :] if split else self.own.partition("_")[2]
        return roots(rest.replace("_", " "))

    @cached_property
    def weights(self) -> Mapping[str, float]:
        """The roots by which it is known, with how much each says: of its name, its description, its parameters."""
        first, _, rest = self.description.partition(". ")
        found: dict[str, float] = {}
        for words, weight in (
            (self.nouns, 2.0),
            ([root(self.verb)], 1.0),
            (roots(first), 1.0),
            (roots(rest), 0.35),
            ([word for each in self.parameters for word in each.words], 0.5),
            ([word for each in self.parameters if each.required and each.sort == "ref" for word in each.words], 0.9),
            (self._enum_words, 0.6),
            (roots(self.environment.replace("_", " ")), 0.9),
        ):
            for word in words:
                found[word] = max(found.get(word, 0.0), weight)
        return found

    @cached_property
    def _enum_words(self) -> list[str]:
        values = [str(value) for each in self.parameters for value in each.schema.get("enum", [])]
        return [word for value in values for word in roots(value.replace("_", " "))]

    @cached_property
    def refs(self) -> tuple[Parameter, ...]:
        """The ids it requires."""
        return tuple(each for each in self.parameters if each.required and each.sort == "ref")

    def parameter(self, name: str) -> Parameter | None:
        """Return a parameter by name."""
        return next((each for each in self.parameters if each.name == name), None)


@dataclass(frozen=True, eq=False)
class Offer:
    """All the tools offered, and how telling each word is among them."""

    tools: tuple[Tool, ...]
    rarity: Mapping[str, float] = field(default_factory=dict)

    @cached_property
    def owned(self) -> frozenset[str]:
        """The nouns of things that belong to a person: their ids are asked for beside another one, again and again."""
        seen = Counter(
            each.noun for tool in self.tools for each in tool.refs[:1] if len(tool.refs) > 1 and not tool.reads
        )
        return frozenset(noun for noun, many in seen.items() if many > 1)

    def named(self, name: str) -> Tool:
        """Return a tool by name."""
        return next(each for each in self.tools if each.name == name)


def understand(schemas: Sequence[Mapping[str, Any]]) -> Offer:
    """Return the offer that function schemas make; the same schemas are understood once."""
    return _understood(msgspec.json.encode(schemas))


@lru_cache(maxsize=64)
def _understood(encoded: bytes) -> Offer:
    schemas: list[Mapping[str, Any]] = msgspec.json.decode(encoded)
    tools = tuple(_tool(each.get("function", each)) for each in schemas)
    count = Counter(word for tool in tools for word in tool.weights)
    rarity = {word: math.log((len(tools) + 1) / many) for word, many in count.items()}
    return Offer(tools, rarity)


def _tool(function: Mapping[str, Any]) -> Tool:
    name = str(function["name"])
    environment, _, own = name.rpartition("__")
    schema = function.get("parameters") or {}
    required = set(schema.get("required", []))
    parameters = tuple(Parameter(each, inner, each in required) for each, inner in schema.get("properties", {}).items())
    return Tool(name, environment, own, str(function.get("description", "")), parameters)
