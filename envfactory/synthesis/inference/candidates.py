"""The records a document speaks of: one candidate for each noun, with its fields, its key and the operations on it.

Readings of one noun are put together; the payload that most of them carry is the record. A noun whose payload is really another
noun's record (`collaborators` that are users) is only a view of that one, and is left out.
"""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass, field, replace
from itertools import pairwise

from envfactory.resources.model import Resource
from envfactory.synthesis.inference.fields import Field, fields_of
from envfactory.synthesis.inference.readings import Reading, key_base
from envfactory.synthesis.inference.shapes import ID_WORDS, Payload
from envfactory.synthesis.inference.words import column_name, plural_name, singular, snake, words_of

_UPSERT = re.compile(
    r"\b(insert|upsert|need not be previously created|creates? or (updates?|replaces?)|updates? or creates?)"
)
_NATURAL = (
    "username",
    "login",
    "slug",
    "code",
    "name",
    "email",
    "key",
    "handle",
    "filename",
    "path",
    "domain",
    "symbol",
)
_GENERIC_NOUNS = frozenset(
    {
        "",
        "get",
        "me",
        "current",
        "self",
        "search",
        "status",
        "health",
        "version",
        "info",
        "about",
        "batch",
        "config",
        "setting",
        "settings",
        "system",
        "auth",
        "token",
        "oauth",
    }
)
_HOLLOW_ENDINGS = frozenset(
    {
        "object",
        "dto",
        "response",
        "resource",
        "model",
        "entity",
        "result",
        "summary",
        "detail",
        "details",
        "output",
        "type",
        "success",
        "info",
        "item",
        "entry",
    }
)
_VAGUE = frozenset(
    {"list", "item", "entry", "record", "object", "resource", "data", "element", "rule", "group", "type"}
)


@dataclass
class Candidate:
    """A noun of the document that could become a table."""

    noun: str
    schema: str
    description: str
    readings: list[Reading]
    fields: dict[str, Field]
    record_fields: frozenset[str] = frozenset()
    on_create: dict[str, bool] = field(default_factory=dict)
    on_update: set[str] = field(default_factory=set)
    key: str = "id"
    key_fields: frozenset[str] = frozenset()
    citation: str = ""
    aliases: set[str] = field(default_factory=set)

    @property
    def table(self) -> str:
        """The table it would be."""
        return plural_name(self.noun)

    @property
    def natural(self) -> bool:
        """Whether its key means something outside this API (a name, a code)."""
        return self.key != "id"

    def of_kind(self, *kinds: str) -> list[Reading]:
        """Its readings of the given kinds."""
        return [reading for reading in self.readings if reading.kind in kinds]


def candidates_of(resource: Resource, readings: list[Reading]) -> dict[str, Candidate]:
    """All nouns with a record, by noun."""
    by_noun: dict[str, list[Reading]] = {}
    found: dict[str, Candidate] = {}
    for reading in readings:
        if reading.noun not in _GENERIC_NOUNS and (not reading.operation.deprecated or reading.kind == "action"):
            by_noun.setdefault(reading.noun, []).append(reading)
    for noun, members in by_noun.items():
        members = _with_a_create(members)
        candidate = _candidate(noun, members, resource)
        if candidate is not None:
            found[candidate.noun] = _joined(found.get(candidate.noun), candidate)
    return _under_new_names(_without_views(found))


def _with_a_create(readings: list[Reading]) -> list[Reading]:
    """Where nothing creates the record, an operation that updates *or inserts* it is what creates it."""
    if any(reading.kind == "create" for reading in readings):
        return readings
    upserts = [reading for reading in readings if reading.kind == "update" and not reading.facet and _inserts(reading)]
    return [replace(reading, kind="create") if reading in upserts[:1] else reading for reading in readings]


def _inserts(reading: Reading) -> bool:
    said = f"{reading.operation.summary} {reading.operation.description}".lower()
    return reading.verb == "put" or bool(_UPSERT.search(said))


def _under_new_names(found: dict[str, Candidate]) -> dict[str, Candidate]:
    """Scopes of readings name the nouns as they are called now."""
    renamed = {alias: noun for noun, candidate in found.items() for alias in candidate.aliases if alias not in found}
    for candidate in found.values():
        candidate.readings = [
            replace(
                reading,
                scopes=tuple(replace(scope, noun=renamed.get(scope.noun, scope.noun)) for scope in reading.scopes),
            )
            for reading in candidate.readings
        ]
    return found


def _joined(known: Candidate | None, other: Candidate) -> Candidate:
    """Two spellings of one noun, put together."""
    if known is None:
        return other
    known.readings += other.readings
    known.on_create = {**other.on_create, **known.on_create}
    known.on_update |= other.on_update
    known.fields = {**other.fields, **known.fields}
    known.aliases |= other.aliases
    return known


def _candidate(noun: str, readings: list[Reading], resource: Resource) -> Candidate | None:
    record = _record(noun, readings)
    fields: dict[str, Field] = {}
    for each in fields_of(record, resource.schemas) if record else []:
        known = fields.get(column_name(each.name))
        if known is None or (known.shape == "object" and each.shape == "scalar"):
            fields[column_name(each.name)] = each
    record_names = frozenset(fields)
    on_create: dict[str, bool] = {}
    on_update: set[str] = set()
    for reading in readings:
        if reading.kind in ("create", "update") and not reading.facet:
            for each in sent_fields(reading, resource):
                name = column_name(each.name)
                fields.setdefault(name, each)
                if reading.kind == "create":
                    on_create[name] = on_create.get(name, False) or each.required
                else:
                    on_update.add(name)
    if len(fields) < 2:
        return None
    name = _spaced(_better_noun(noun, record.name if record else ""), readings)
    key, key_fields = _key(name, readings, fields)
    if key == "id":
        key_fields |= _resource_names(readings) & set(fields)
    return Candidate(
        noun=name,
        schema=record.name if record else "",
        description=record.description if record else "",
        readings=[replace(reading, noun=name) for reading in readings],
        fields=fields,
        record_fields=record_names,
        on_create=on_create,
        on_update=on_update,
        key=key,
        key_fields=key_fields,
        citation=f"#/schemas/{record.name}" if record and record.name else readings[0].operation.citation,
        aliases={noun},
    )


def sent_fields(reading: Reading, resource: Resource) -> list[Field]:
    """The fields an operation takes in its body (or, in a tool list, as arguments), scope and key parameters left out."""
    taken = {scope.parameter for scope in reading.scopes} | {reading.own} | reading.ignored
    found = fields_of(reading.sent, resource.schemas) if reading.sent else []
    by_query = [
        Field(
            snake(parameter.name),
            (parameter.name,),
            {**parameter.schema, "description": parameter.description},
            "scalar",
            "",
            parameter.required,
        )
        for parameter in reading.operation.parameters
        if parameter.location == "query" and parameter.schema.get("type") in ("string", "integer", "number", "boolean")
    ]
    return [each for each in (found or by_query) if each.path[0] not in taken and not each.read_only]


def _record(noun: str, readings: list[Reading]) -> Payload | None:
    """The payload most readings carry; among equals the one with the most properties."""
    payloads = [
        reading.record
        for reading in readings
        if reading.record
        and len(reading.record.properties) > 1
        and reading.kind in ("get", "list", "create", "update", "action")
        and not reading.facet
    ]
    sent = [
        reading.sent
        for reading in readings
        if reading.sent and reading.kind in ("create", "update") and not reading.facet
    ]
    pool = payloads or sent
    votes = Counter(payload.name for payload in pool)
    squeezed = noun.replace("_", "")
    fits = {name for name in votes if name and squeezed in "".join(words_of(name))}

    def weight(payload: Payload) -> tuple[int, int, int]:
        return (payload.name in fits, votes[payload.name] if payload.name else 0, len(payload.properties))

    return max(pool, key=weight, default=None)


def _better_noun(noun: str, schema: str) -> str:
    """The schema's words where they say the same better: `pettype` and PetType are pet_type, `pulls` of PullRequest pull requests,
    `lists` of TaskList task lists."""
    words = words_of(schema.rpartition(".")[2])
    if len(words) > 1 and "".join([*words[:-1], singular(words[-1])]) == noun.replace("_", ""):
        return "_".join([*words[:-1], singular(words[-1])])
    while len(words) > 1 and words[-1] in _HOLLOW_ENDINGS:
        words.pop()
    words = [*words[:-1], singular(words[-1])] if words else []
    if len(words) == 2 and (words[0] == noun or (words[1] == noun and noun in _VAGUE)):
        return "_".join(words)
    if len(words) == 1 and len(noun) > 3 and words[0].startswith(noun):
        return words[0]
    return noun


def _spaced(noun: str, readings: list[Reading]) -> str:
    """The noun as the summaries write it: `seriestype` where they say "series type"."""
    for reading in readings:
        said = words_of(reading.operation.summary or reading.operation.description[:200])
        for first, second in pairwise(said):
            if first + singular(second) == noun and len(first) > 2:
                return f"{first}_{singular(second)}"
    return noun


def _key(noun: str, readings: list[Reading], fields: dict[str, Field]) -> tuple[str, frozenset[str]]:
    """The key column and the document's own fields that it stands for."""
    own = Counter(snake(reading.own) for reading in readings if reading.own and not reading.facet)
    asked = own.most_common(1)[0][0] if own else ""
    ids = {
        name
        for name, each in fields.items()
        if each.shape == "scalar" and len(each.path) == 1 and _is_own_id(name, noun, asked)
    }
    scoped = any(reading.scopes for reading in readings if reading.own)
    last = words_of(asked)[-1] if asked else ""
    base = key_base(asked)
    natural = next((name for name in (asked, last) if name in fields and last in _NATURAL), "")
    real = {name for name in ids if name.split("_")[-1] != "arn"}
    if (
        natural
        and not scoped
        and (not real or natural != "name")
        and (base in ("", noun) or noun.endswith(base) or asked in _NATURAL)
    ):
        return natural, frozenset(ids - {natural})
    return "id", frozenset(ids)


def _resource_names(readings: list[Reading]) -> frozenset[str]:
    """Fields that hold a path as the record's name (`shelves/1/books/2`): its key in another spelling."""
    return frozenset(
        column_name(parameter.name)
        for reading in readings
        for parameter in reading.operation.parameters
        if "x-resource-name" in parameter.extensions
    )


def _is_own_id(name: str, noun: str, asked: str) -> bool:
    words = name.split("_")
    by_request = name == asked and words[-1] not in _NATURAL
    if words[-1] not in (*ID_WORDS, "key") and not by_request:
        return False
    base = "_".join(words[:-1])
    return (
        words == ["id"]
        or (len(words) == 1 and words[0] in ID_WORDS)
        or base == noun
        or (bool(base) and noun.endswith(f"_{base}"))
        or by_request
    )


def _without_views(found: dict[str, Candidate]) -> dict[str, Candidate]:
    """Leave out nouns whose record belongs to another noun by name."""
    owners = {
        _squeezed(candidate.schema): noun
        for noun, candidate in found.items()
        if _squeezed(candidate.schema).endswith(noun.replace("_", ""))
    }
    kept = {}
    for noun, candidate in found.items():
        owner = owners.get(_squeezed(candidate.schema), noun) if candidate.schema else noun
        if owner == noun and not _keyed_by_other(candidate, found):
            kept[noun] = candidate
    return kept


def _keyed_by_other(candidate: Candidate, found: dict[str, Candidate]) -> bool:
    """Whether one of it is asked for by the key of another noun: it is that one's record seen from another side."""
    bases = {key_base(snake(reading.own)) for reading in candidate.readings if reading.own and not reading.facet}
    return bool(bases) and all(
        base in found and base != candidate.noun and base not in candidate.aliases for base in bases
    )


def _squeezed(schema: str) -> str:
    words = words_of(schema)
    return "".join([*words[:-1], singular(words[-1])]) if words else ""
