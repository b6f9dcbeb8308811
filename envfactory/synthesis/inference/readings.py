"""One operation, understood: what is done (kind, verb), to what (noun), inside what (containers), with which payloads.

Documents of paths are read by their paths, service models and tool lists by their operations' names. Nothing is decided here about
tables; a reading only says what an operation speaks of.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace

from envfactory.resources.model import Operation, Parameter, Resource
from envfactory.resources.payloads import follow
from envfactory.synthesis.inference.places import PathAtlas, Place, Route, atlas_of
from envfactory.synthesis.inference.shapes import Payload, record_of
from envfactory.synthesis.inference.verbs import CREATING_STEPS, KINDS, Kind, is_action, is_verb
from envfactory.synthesis.inference.words import singular_name, words_of

_SEPARATORS = re.compile(r"[/.:#]")
_KEY_WORDS = ("id", "sid", "uuid", "uid", "guid", "arn", "number", "name", "key", "slug", "code", "ids", "identifier")
_JOINTS = frozenset({"to", "from", "for", "in", "of", "with", "on", "at", "by"})


@dataclass(frozen=True)
class Scope:
    """What contains the record an operation handles: its noun, and the parameter that says which one."""

    noun: str
    parameter: str


@dataclass(frozen=True)
class Reading:
    """An operation, understood as far as its words go."""

    operation: Operation
    kind: Kind
    verb: str
    noun: str
    own: str = ""
    scopes: tuple[Scope, ...] = ()
    facet: str = ""
    record: Payload | None = None
    sent: Payload | None = None
    second: str = ""  # of a link: the noun on the other side
    ignored: frozenset[str] = frozenset()  # parameters that mean the only tenant there is

    @property
    def container(self) -> str:
        """The noun of the nearest container, or nothing."""
        return self.scopes[-1].noun if self.scopes else ""

    def parameter(self, name: str) -> Parameter | None:
        """The operation's parameter of that name."""
        return next((each for each in self.operation.parameters if each.name == name), None)


def read_operations(resource: Resource) -> list[Reading]:
    """Every operation of the document, in its order."""
    if resource.provenance.format in ("botocore", "mcp"):
        readings = _read_names(resource)
        if resource.provenance.format == "mcp":
            return _without_companions(readings)
    else:
        atlas = atlas_of(resource)
        readings = [_read_path(operation, atlas, resource) for operation in resource.operations if operation.path]
    return _without_tenant(readings)


# By path ---------------------------------------------------------------------------------------------------------------------


def _read_path(operation: Operation, atlas: PathAtlas, resource: Resource) -> Reading:
    route = atlas.route(operation.path)
    verb = _verb_of(operation, route)
    steps = list(route.places)
    last = steps[-1] if steps else Place("")
    facet = ""
    if not last.parameters and not atlas.is_collection(last.literal) and len(steps) > 1:
        facet = last.literal
        steps.pop()
    scopes = tuple(_scope(step, operation) for step in steps if step.parameters)
    target = steps[-1] if steps else last
    on_item = bool(target.parameters)
    noun = _noun_of(target, operation)
    kind = _kind_by_path(operation.method, verb, on_item, facet or route.suffix)
    own = scopes[-1].parameter if on_item and scopes else ""
    around = scopes[:-1] if on_item else scopes
    reading = Reading(operation, kind, verb, noun, own, around, facet or route.suffix)
    return _with_payloads(_about_the_container(reading) if kind == "unknown" else reading, resource)


def _about_the_container(reading: Reading) -> Reading:
    """`PUT /playlists/{id}/followers` follows the playlist; `PUT /me/albums?ids=` saves albums, `DELETE` takes them off again."""
    method = reading.operation.method
    if not re.search(r"(^|\}|/me)/[\w.-]+$", reading.operation.path):
        return reading
    if method in ("PUT", "PATCH") and not reading.own and not reading.facet and (given := _key_in_body(reading)):
        return replace(reading, kind="update", own=given)
    if reading.scopes and is_action(reading.verb) and method in ("PUT", "DELETE", "POST") and not reading.own:
        scope = reading.scopes[-1]
        return replace(
            reading, kind="action", noun=scope.noun, own=scope.parameter, scopes=reading.scopes[:-1], facet=reading.verb
        )
    if method == "DELETE" and not reading.own and not reading.facet and (batch := _batch(reading)):
        return replace(reading, kind="delete", own=batch)
    ids = next((each.name for each in reading.operation.parameters if words_of(each.name) in (["ids"], ["id"])), "")
    if (
        ids
        and "/me/" in reading.operation.path
        and method in ("PUT", "DELETE")
        and not reading.scopes
        and not reading.facet
    ):
        verb = "save" if method == "PUT" else "unsave"
        return replace(reading, kind="action", verb=verb, own=ids, facet=verb)
    return reading


def _key_in_body(reading: Reading) -> str:
    """The property of the body that says which record is changed (`PUT /pet` with the pet's id inside)."""
    for parameter in reading.operation.parameters:
        words = words_of(parameter.name)
        if parameter.location == "body" and words[-1:] == ["id"] and key_base(parameter.name) in ("", reading.noun):
            return parameter.name
    return ""


def _batch(reading: Reading) -> str:
    """The parameter of a bulk deletion that names the records: an array, of which a tool takes one at a time."""
    for parameter in reading.operation.parameters:
        if (
            parameter.schema.get("type") == "array"
            and words_of(parameter.name)[-1:]
            and parameter.location in ("body", "query")
        ):
            return parameter.name
    return ""


def _scope(place: Place, operation: Operation) -> Scope:
    return Scope(_noun_of(place, operation), place.parameters[-1])


def _noun_of(place: Place, operation: Operation) -> str:
    """The noun of a place: its literal, unless that is an abbreviation; then the parameter's or the operation's words."""
    noun = singular_name(place.literal)
    if len(noun) > 2:
        return noun
    for name in place.parameters:
        words = [word for word in words_of(name) if word not in _KEY_WORDS]
        if words:
            return "_".join(words)
    words = [word for word in words_of(_SEPARATORS.split(operation.id)[-1]) if not is_verb(word)]
    return singular_name(words[0]) if words else noun


def _verb_of(operation: Operation, route: Route) -> str:
    """The verb an operation goes by: behind a colon, in its id, or as the last literal."""
    id_parts = [words_of(part) for part in _SEPARATORS.split(operation.id) if part]
    last_id = id_parts[-1] if id_parts else []
    literal = words_of(route.last.literal) if not route.last.parameters else []
    candidates = [*words_of(route.suffix)[:1], *literal[:1], *last_id[:1], *last_id[-1:]]
    return next((word for word in candidates if is_verb(word)), "")


def _kind_by_path(method: str, verb: str, on_item: bool, facet: str) -> Kind:
    said = KINDS.get(verb, "unknown")
    if facet:
        return _kind_of_facet(method, verb, said, on_item, words_of(facet))
    if method == "GET":
        return "get" if on_item else "list"
    if method == "DELETE":
        return "delete" if on_item else "unknown"
    if method in ("PUT", "PATCH"):
        return "update" if on_item else ("create" if said == "create" else "unknown")
    if on_item:
        return said if said in ("create", "link", "unlink") else "update"
    return "list" if said == "list" else "create"


def _kind_of_facet(method: str, verb: str, said: Kind, on_item: bool, facet: list[str]) -> Kind:
    """What stands behind a record or a collection and is no collection itself: an action, a search, or a part of the record."""
    word = facet[0] if facet else ""
    if said == "list" and method in ("GET", "POST") and word in KINDS:
        return "list"
    if is_action(word) and method != "GET":
        return "action" if on_item else "create" if word in CREATING_STEPS else "unknown"
    if is_action(verb) and on_item and method != "GET":
        return "action"
    if word in KINDS or (len(facet) > 1 and is_verb(word)):
        return "unknown"
    if on_item and method == "GET":
        return "get"
    return "update" if on_item and method in ("PUT", "PATCH", "POST") else "unknown"


# By name ---------------------------------------------------------------------------------------------------------------------


def _read_names(resource: Resource) -> list[Reading]:
    nouns = _known_nouns(resource)
    return [_read_name(operation, nouns, resource) for operation in resource.operations]


def _known_nouns(resource: Resource) -> frozenset[str]:
    """The nouns that the document creates or reads one by one."""
    found: set[str] = set()
    for operation in resource.operations:
        verb, noun, joined = _split_name(operation.id)
        if KINDS.get(verb) in ("create", "get", "update", "delete", "list") and not joined and noun:
            found.add(noun)
    return frozenset(found)


def _split_name(name: str) -> tuple[str, str, str]:
    """`AssociateMemberToGroup` → associate, member, group; `create_or_update_file` → create, file."""
    words = words_of(name)
    verb, rest = (words[0], words[1:]) if words else ("", [])
    if rest[:1] == ["or"]:
        rest = rest[2:]
    for number, word in enumerate(rest):
        if word in _JOINTS and 0 < number < len(rest) - 1:
            return verb, singular_name(" ".join(rest[:number])), singular_name(" ".join(rest[number + 1 :]))
    return verb, singular_name(" ".join(rest)), ""


def _read_name(operation: Operation, nouns: frozenset[str], resource: Resource) -> Reading:
    verb, noun, joined = _split_name(operation.id)
    if words_of(operation.id)[1:2] and words_of(operation.id)[1] in _JOINTS:
        return Reading(operation, "unknown", verb, "")
    words = words_of(operation.id)
    said = KINDS.get(verb, "unknown")
    many = len(words) > 1 and singular_name(" ".join(words[1:])) != "_".join(words[1:])
    kind: Kind = "action" if said == "unknown" and is_action(verb) else said
    if kind == "unknown" and verb in CREATING_STEPS and noun in nouns and not joined and not _asks_for(operation, noun):
        kind = "create"
    answered = [record_of(response.schema, resource.schemas, hint=noun) for response in operation.responses]
    if kind == "get" and many and all(record is None or record.many for record in answered):
        kind = "list"
    if joined and kind in ("link", "unlink", "create", "delete", "list"):
        kind = kind if kind in ("link", "unlink", "list") else "unknown"
    own, scopes = _named_scopes(operation, noun if kind not in ("link", "unlink") else "", nouns, kind)
    reading = Reading(operation, kind, verb, noun, own, scopes, second=joined)
    return _with_payloads(reading, resource)


def _asks_for(operation: Operation, noun: str) -> bool:
    """Whether an operation asks for the key of one that is there already (to book this very room)."""
    return any(_names_a_key(each.name) and _stands_for(key_base(each.name), noun) for each in operation.parameters)


def _named_scopes(operation: Operation, noun: str, nouns: frozenset[str], kind: Kind) -> tuple[str, tuple[Scope, ...]]:
    own = ""
    scopes: list[Scope] = []
    for parameter in operation.parameters:
        base = key_base(parameter.name)
        if not parameter.required or not (_names_a_key(parameter.name) or match_noun(base, nouns)):
            continue
        if kind in ("get", "update", "delete", "action") and not own and _stands_for(base, noun):
            own = parameter.name
            continue
        known = match_noun(base, nouns - {noun})
        if known and known not in [scope.noun for scope in scopes]:
            scopes.append(Scope(known, parameter.name))
    return own, tuple(scopes)


def _names_a_key(name: str) -> bool:
    return words_of(name)[-1:] != [] and words_of(name)[-1] in _KEY_WORDS


def key_base(name: str) -> str:
    """What a key's name says it is the key of: `ConversationSid` → conversation; nothing for a bare `id`."""
    words = words_of(name)
    return "_".join(words[:-1]) if words and words[-1] in _KEY_WORDS else "_".join(words)


def _stands_for(base: str, noun: str) -> bool:
    return not base or base == noun or noun.endswith("_" + base) or noun.startswith(base + "_")


def match_noun(base: str, nouns: Iterable[str]) -> str:
    """The noun that a key's base means: itself, or the shortest one that ends in it; nothing if there is none."""
    if not base:
        return ""
    if base in nouns:
        return base
    ending = [noun for noun in nouns if noun.endswith("_" + base) or base.endswith("_" + noun)]
    beginning = [
        noun
        for noun in nouns
        if (noun.startswith(base + "_") and len(base) > 3) or (noun.startswith(base) and base == "repo")
    ]
    return min(ending or beginning, key=lambda noun: (len(noun), noun), default="")


# Both ------------------------------------------------------------------------------------------------------------------------


def _with_payloads(reading: Reading, resource: Resource) -> Reading:
    operation = reading.operation
    record = None
    for response in operation.responses:
        record = record or record_of(response.schema, resource.schemas, hint=reading.noun)
    sent = record_of(operation.body.schema, resource.schemas, hint=reading.noun) if operation.body else None
    if (
        reading.kind == "list"
        and operation.method == "GET"
        and record is not None
        and not record.many
        and not reading.facet
    ):
        reading = replace(
            reading, kind="unknown"
        )  # one object under a collection's name: a summary, or the caller's own record
    if reading.kind == "create" and operation.method == "POST" and _only_asks(record, sent):
        reading = replace(reading, kind="list")
    return replace(reading, record=record, sent=sent)


def _only_asks(record: Payload | None, sent: Payload | None) -> bool:
    """Whether a POST sends conditions and gets records back: a question, not a record to keep."""
    if record is None or sent is None or not record.many or sent.many or (sent.name and sent.name == record.name):
        return False
    shared = set(record.properties) & set(sent.properties)
    return len(shared) < 0.5 * len(sent.properties)


def _without_tenant(readings: list[Reading]) -> list[Reading]:
    """Drop a scope that nearly every operation carries (an account, an instance, `userId` "me"): there is only one of it."""
    outermost: dict[str, int] = {}
    for reading in readings:
        for name in {scope.parameter for scope in reading.scopes[:1]} | ({reading.own} if reading.own else set()):
            outermost[name] = outermost.get(name, 0) + 1
    for name, count in outermost.items():
        others = {reading.noun for reading in readings if name not in (reading.own,)}
        noun = next((s.noun for r in readings for s in r.scopes[:1] if s.parameter == name), "")
        if noun and (_is_me(name, readings) or (count >= 0.75 * len(readings) and len(others - {noun}) >= 3)):
            return [_out_of(reading, name, noun) for reading in readings]
    return readings


def _without_companions(readings: list[Reading]) -> list[Reading]:
    """Ignore a required text that accompanies the scope in most tools (`owner` beside `repo`): it names no record of its own."""
    counts: dict[str, int] = {}
    for reading in readings:
        scoping = {scope.parameter for scope in reading.scopes} | {reading.own}
        for parameter in reading.operation.parameters:
            if parameter.required and parameter.name not in scoping and parameter.schema.get("type") == "string":
                counts[parameter.name] = counts.get(parameter.name, 0) + 1
    often = frozenset(name for name, count in counts.items() if count >= 0.5 * len(readings) and len(readings) >= 8)
    return [replace(reading, ignored=reading.ignored | often) for reading in readings]


def _is_me(name: str, readings: list[Reading]) -> bool:
    """Whether the document says that this parameter means the caller."""
    for reading in readings:
        parameter = reading.parameter(name)
        if parameter is not None and (
            parameter.schema.get("default") == "me" or re.search(r"[`'\"]me[`'\"]", parameter.description)
        ):
            return True
    return False


def _out_of(reading: Reading, name: str, noun: str) -> Reading:
    scopes = tuple(scope for scope in reading.scopes if scope.parameter != name)
    reading = replace(reading, scopes=scopes, ignored=reading.ignored | {name})
    if reading.own == name:
        reading = replace(reading, own="")
    return replace(reading, kind="unknown") if reading.noun == noun else reading


def parameter_schema(parameter: Parameter, resource: Resource) -> dict[str, object]:
    """A parameter's schema with its reference followed."""
    return follow(parameter.schema, resource.schemas)
