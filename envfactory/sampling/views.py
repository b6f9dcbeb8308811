"""What the sampler has to know of one environment: each tool's class, its parameters' roles, what its results show.

Roles say how a value can come about: the signed-in person's key or contact, a key that only tools show, or something a
person says. They come from `ref`, format, bounds and the look of the real values; frames refine them where there are any.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any, Literal

from envfactory.bench.inputs.facts import ToolFacts
from envfactory.bench.inputs.world import World
from envfactory.bench.sql.queries import Origin
from envfactory.dependencies.lineage import canonical, fields
from envfactory.environments.contract import Contract, Insert, Parameter
from envfactory.runtime.paths import general
from envfactory.tasks.scope import Scope

Role = Literal[
    "person", "contact", "key", "date", "time", "moment", "money", "count", "choice", "flag", "text", "paging"
]
_PAGING = frozenset({"limit", "offset", "page", "page_size", "cursor", "per_page", "max_results"})
_CODE = re.compile(r"^(?!\d{4}-)[a-z0-9]{1,12}([_-][A-Za-z0-9]+)+$|^[a-z]+[0-9]+$|^[0-9a-f]{8,}$")
_CITY = ("city", "region")
PLACES = ("city", "region", "country", "place", "town")
DAY = re.compile(r"\d{4}-\d{2}-\d{2}")
_CLOCK = re.compile(r":\[0-5\](\[0-9\]|\\d)\$?$")
_CLASSES = {"read": "detail", "update": "change", "claim": "create", "return": "confirm"}
_VERBS = {
    "cancel": ("cancel", "withdraw", "retract", "delete", "remove", "drop", "void", "unwatch", "stop"),
    "pay": ("pay", "settle"),
    "confirm": ("confirm", "check_in", "approve", "submit", "collect", "return"),
    "add": ("add", "attach"),
    "change": ("change", "update", "move", "set", "edit", "switch", "renew", "extend", "reschedule", "rebook"),
    "search": ("search", "find", "query", "browse", "quote"),
    "list": ("list",),
    "detail": ("get", "read", "show", "describe"),
}


@dataclass(frozen=True)
class Slot:
    """A parameter of a tool: its role, and the table column it takes values of (where it is one)."""

    name: str
    parameter: Parameter
    role: Role
    column: Origin | None = None
    related: tuple[Origin, ...] = ()

    @cached_property
    def required(self) -> bool:
        return self.parameter.required

    @cached_property
    def many(self) -> bool:
        """Whether it takes a list."""
        return self.parameter.type == "array"

    def item(self, place: int) -> Slot:
        """Return the slot of one item of a list."""
        return replace(self, name=f"{self.name}[{place}]", parameter=self.parameter.items or self.parameter)


@dataclass(frozen=True)
class Shown:
    """A field of a result by its general path: the column it is, and the key which that column stands for."""

    path: str
    column: Origin | None
    key: Origin | None


@dataclass(frozen=True)
class ToolView:
    """One tool. `subject` is the table it is about: what it makes, changes or shows."""

    name: str
    contract: Contract
    kind: Literal["read", "write"]
    verb: str
    subject: str | None
    slots: Mapping[str, Slot]
    shown: Mapping[str, Shown]

    @property
    def frames(self) -> dict[str, Any]:
        return self.contract.frames

    @cached_property
    def required(self) -> list[Slot]:
        return [slot for slot in self.slots.values() if slot.required]

    @cached_property
    def party(self) -> list[str]:
        """The parameters that count the people of a party."""
        frames = self.frames.get("slots", {})
        return [
            name
            for name, slot in self.slots.items()
            if slot.role == "count" and isinstance(frames.get(name), dict) and frames[name].get("party")
        ]

    def shows(self, column: Origin) -> list[Shown]:
        """Return the fields that hold values of a key column."""
        return [field for field in self.shown.values() if field.key == column]


class EnvironmentView:
    """See the module's docstring."""

    def __init__(self, scope: Scope, name: str) -> None:
        self.name = name
        self.reference = scope.reference(name)
        self.contracts = scope.contracts(name)
        self.schema = scope.schema(name)
        self.topology = scope.topology(name)
        self.world = World(self.schema, {table: list(rows) for table, rows in scope.initial_rows(name).items()})
        self.cases = scope.environment(name).cases
        self.now = self.contracts.now
        self.entities = self.contracts.entities
        self.people = self.contracts.principal
        self._joining: dict[tuple[str, str, Origin], list[str]] = {}
        self.tools = {tool.name: self._tool(tool) for tool in self.contracts.tools}

    @cached_property
    def person_key(self) -> Origin | None:
        """The key column of the signed-in person's table."""
        if self.people is None or len(self.schema.tables[self.people].primary_key) != 1:
            return None
        return self.people, self.schema.tables[self.people].primary_key[0]

    @cached_property
    def identify(self) -> list[tuple[ToolView, Slot]]:
        """The tools that find the person's key by a contact alone, each with its contact parameter."""
        if self.person_key is None:
            return []
        found = []
        for tool in self.tools.values():
            contacts = [slot for slot in tool.slots.values() if slot.role == "contact"]
            enough = all(slot.role == "contact" for slot in tool.required) and len(tool.required) <= 1
            if tool.kind == "read" and contacts and enough and tool.shows(self.person_key):
                found += [(tool, contact) for contact in contacts if contact.required or not tool.required]
        return found

    @cached_property
    def cities(self) -> frozenset[str]:
        """The names of the cities that the rows hold."""
        return frozenset(str(value) for name, value in self._values() if name in _CITY)

    @cached_property
    def places(self) -> frozenset[str]:
        """What a conversation here can call a place, in small letters: what rows hold, or a parameter's choices are."""
        slots = [slot for tool in self.tools.values() for slot in tool.slots.values() if slot.name.endswith(PLACES)]
        named = [str(value) for name, value in self._values() if name.endswith(PLACES)]
        named += [str(value) for slot in slots for value in slot.parameter.enum or ()]
        return frozenset(each.casefold() for each in named)

    @cached_property
    def days(self) -> frozenset[str]:
        """The days that the rows hold."""
        return frozenset(value[:10] for _, value in self._values() if isinstance(value, str) and DAY.match(value))

    def _values(self) -> Iterator[tuple[str, Any]]:
        """Yield every value of the rows with the name of its column."""
        for table in self.schema.tables:
            for row in self.world.rows(table):
                yield from row.items()

    def joining(self, one: str, other: str, key: Origin) -> list[str]:
        """Return the tables with two columns, the other of which refers to a key."""
        place = one, other, key
        if place not in self._joining:
            tables = self.schema.tables.items()
            held = [name for name, facts in tables if one in facts.columns and other in facts.columns]
            self._joining[place] = [name for name in held if self.schema.target(name, other) == key]
        return self._joining[place]

    def persons(self) -> list[dict[str, Any]]:
        """Return the rows of the people who can be signed in."""
        return self.world.rows(self.people) if self.people else []

    def owner(self, table: str) -> str | None:
        """Return the column of a table that says whose a row is, if it refers to the people."""
        declared = self.entities.get(table, {}).get("owner")
        if isinstance(declared, str):
            return declared
        for reference in self.schema.tables[table].references if table in self.schema.tables else ():
            if reference.to_table == self.people and len(reference.columns) == 1:
                return reference.columns[0]
        return None

    def primary(self, table: str) -> str | None:
        """Return the key column of a table with a key of one column."""
        facts = self.schema.tables.get(table)
        return facts.primary_key[0] if facts and len(facts.primary_key) == 1 else None

    def names_row(self, column: Origin) -> bool:
        """Tell whether a column is the key of its table."""
        return self.primary(column[0]) == column[1]

    def _tool(self, contract: Contract) -> ToolView:
        facts = ToolFacts(contract, self.schema)
        slots = {name: self._slot(facts, name, parameter) for name, parameter in contract.parameters.items()}
        shown = {}
        for field in fields(contract, self.schema):
            key = canonical(field.column, self.schema) if field.column else None
            shown[general(field.path)] = Shown(field.path, field.column, key)
        verb = _verb(contract)
        return ToolView(
            contract.name, contract, contract.kind, verb, self._subject(contract, verb, slots, shown), slots, shown
        )

    def _slot(self, facts: ToolFacts, name: str, parameter: Parameter) -> Slot:
        leaf = facts.leaves.get(name) or facts.leaves.get(f"{name}[]")
        related = leaf.columns if leaf else ()
        column = None
        declared = parameter.ref or (parameter.items.ref if parameter.items else None)
        if declared and related:
            column = related[0]
        elif leaf is not None:
            column = self._compared(facts.contract, name, related)
        plain = parameter.items if parameter.type == "array" and parameter.items is not None else parameter
        return Slot(name, parameter, self._role(name, plain, column), column, related)

    def _compared(self, contract: Contract, name: str, related: Iterable[Origin]) -> Origin | None:
        """Return the key that an undeclared reference stands for: a parameter named like it and related to it."""
        for table, column in related:
            key = canonical((table, column), self.schema)
            if self.names_row(key) and name.endswith("id") and contract.parameters[name].type in ("string", "integer"):
                return key
        return None

    def _role(self, name: str, parameter: Parameter, column: Origin | None) -> Role:
        if column is not None:
            table, of = canonical(column, self.schema)
            if table == self.people and self.names_row((table, of)):
                return "person"
            if table == self.people and column[0] == self.people:
                return "contact"
            if self.names_row((table, of)) and not self.public(table, of):
                return "key"
        return _plain_role(name, parameter)

    def public(self, table: str, column: str) -> bool:
        """Tell whether people have a key in mind though it is one: a voucher code printed on a leaflet."""
        named = self.entities.get(table, {}).get("name")
        if isinstance(named, str) and named != column:
            return False
        values = [row[column] for row in self.world.rows(table)]
        return bool(values) and all(isinstance(value, str) and not _CODE.match(value) for value in values)

    def _subject(
        self, contract: Contract, verb: str, slots: Mapping[str, Slot], shown: Mapping[str, Shown]
    ) -> str | None:
        if verb == "create":
            made = [effect.insert for effect in contract.effects if isinstance(effect, Insert)]
            keys = {field.key for field in shown.values() if field.key}
            for table in made:
                if any(key and key[0] == table for key in keys):
                    return table
            return made[0] if made else None
        given = [
            canonical(each.column, self.schema)[0] for each in slots.values() if each.role == "key" and each.column
        ]
        listed = [
            field.key[0] for field in shown.values() if field.key and "[]" in field.path and self._is_thing(field.key)
        ]
        found = [table for table in listed if table not in given]
        if contract.kind == "read" and verb in ("search", "list") and found:
            return found[0]
        return next(iter([*given, *found]), None)

    def _is_thing(self, key: Origin) -> bool:
        return self.names_row(key) and key[0] != self.people


def _verb(contract: Contract) -> str:
    """Return the class of a tool: from its frame, else from kind, name and effects."""
    declared = contract.frames.get("class")
    if isinstance(declared, str) and declared:
        return _CLASSES.get(declared, declared)
    for verb, words in _VERBS.items():
        if contract.name.startswith(words) and (verb in ("search", "list", "detail")) == (contract.kind == "read"):
            return verb
    if contract.kind == "read":
        return "list" if any(not isinstance(part, str) for part in contract.result.values()) else "detail"
    return "create" if any(isinstance(effect, Insert) for effect in contract.effects) else "change"


def _plain_role(name: str, parameter: Parameter) -> Role:
    if name in _PAGING:
        return "paging"
    if parameter.enum:
        return "choice"
    if parameter.type == "boolean":
        return "flag"
    if parameter.type in ("integer", "number"):
        return "money" if name.endswith(("_cents", "_pence", "_minor")) else "count"
    formats: dict[str, Role] = {"date": "date", "date-time": "moment", "time": "time"}
    if parameter.pattern is not None and _CLOCK.search(parameter.pattern):
        return "time"
    return formats.get(parameter.format or "", "text")


def looks_like_code(value: Any) -> bool:
    """Tell whether a value is one that nobody says: `pa_03`, `tr_rj61_0316`."""
    return isinstance(value, str) and bool(_CODE.match(value))


def leaves_of(tool: ToolView, arguments: Mapping[str, Any]) -> Iterator[tuple[str, tuple[Slot, Any]]]:
    """Yield every scalar of a call's arguments by its path, with its slot."""
    for slot in tool.slots.values():
        if slot.name in arguments:
            value = arguments[slot.name]
            if slot.many and isinstance(value, list):
                yield from ((f"{slot.name}[{place}]", (slot.item(place), each)) for place, each in enumerate(value))
            else:
                yield slot.name, (slot, value)
