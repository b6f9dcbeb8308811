"""Reading tools: one record with what belongs to it, and filtered lists.

A list needs something to choose by: the document's query parameters where they fit a column, else its status, its container or a flag.
"""

from __future__ import annotations

import re

from envfactory.resources.model import Parameter
from envfactory.resources.payloads import follow, object_view
from envfactory.resources.tolerant import JsonObject
from envfactory.synthesis.inference.parts import (
    Draft,
    booleans,
    key_param,
    own_row,
    parent_row,
    refer,
    row_of,
    said_of,
    selected,
    tool_name,
)
from envfactory.synthesis.inference.readings import Reading
from envfactory.synthesis.inference.tools_link import inside_rows
from envfactory.synthesis.inference.words import (
    article,
    column_name,
    error_code,
    plural_name,
    sentence,
    singular,
    spoken,
)
from envfactory.synthesis.inference.world import Column, Entity, Param, Tool, World

MAX_FILTERS = 5
MAX_LISTED = 7
_TEXT = frozenset(
    {"q", "query", "search", "text", "keyword", "keywords", "term", "search_query", "search_term", "full_text"}
)
_LIMITS = frozenset(
    {
        "limit",
        "max_results",
        "page_size",
        "per_page",
        "size",
        "count",
        "top",
        "first",
        "take",
        "number_of_results",
        "maxresults",
    }
)
_LOWER = ("min", "from", "after", "since", "start", "starting", "gte", "lower")
_UPPER = ("max", "to", "before", "until", "end", "ending", "lte", "upper")


def build_get(entity: Entity, reading: Reading, world: World) -> Tool:
    """Read one record, together with the records inside it that have no list of their own."""
    draft = Draft(entity, reading)
    own_row(draft, world)
    result: JsonObject = {entity.noun: row_of(entity, f"{entity.key} = :{entity.key_parameter}")}
    for child, column in world.children(entity.noun):
        if not child.candidate.readings and not child.pair and child.parent == entity.noun:
            shown = [each for each in child.visible() if each is not column]
            select = f"SELECT {selected(child, shown)} FROM {child.table} WHERE {column.name} = :{entity.key_parameter} ORDER BY {_order(child)}"
            result[child.table] = {"rows": select, **booleans(shown)}
        elif child.pair and not child.listed and child.parent == entity.noun:
            right = world.by_table(child.columns[child.pair[1]].references)
            result[right.table] = inside_rows(child, entity, right)
    name = tool_name("get", entity.noun)
    said = said_of(reading, f"Get {article(entity.noun)}.")
    return Tool(name, reading, said, said, list(draft.parameters.values()), draft.note(result=result), "read")


def build_single(entity: Entity) -> Tool:
    """Read the one row of a table of settings."""
    reading = entity.candidate.readings[0]
    shown = entity.visible()
    names = ", ".join(column.name for column in shown)
    result = {entity.table: {"row": f"SELECT {names} FROM {entity.table} ORDER BY id LIMIT 1", **booleans(shown)}}
    said = said_of(reading, f"Show the {spoken(entity.table)}.")
    return Tool(tool_name("get", entity.table), reading, said, said, [], {"result": result}, "read")


def build_list(entity: Entity, reading: Reading, world: World, schemas: dict[str, JsonObject]) -> Tool:
    """List records, filtered."""
    draft = Draft(entity, reading)
    within = bool(entity.parent) and any(scope.noun == entity.parent for scope in reading.scopes)
    conditions: list[str] = []
    if within:
        parent_row(draft, world)
        conditions.append(f"{entity.parent_column} = :{world.entities[entity.parent].key_parameter}")
    limit = ""
    for parameter in offered(reading, schemas):
        if _name(parameter) in _LIMITS:
            limit = limit or _limit(draft, parameter)
        elif len(conditions) - within < MAX_FILTERS:
            conditions += _filter(draft, entity, parameter, world)
    if len(conditions) == within:
        conditions += _own_filters(draft, entity, world, within)
    shown = _listed(entity)
    where = f" WHERE {' AND '.join(conditions)}" if conditions else ""
    select = f"SELECT {selected(entity, shown)} FROM {entity.table}{where} ORDER BY {_order(entity)}{limit}"
    word = (
        "search"
        if any(name in _TEXT or name == "query" for name in draft.parameters)
        and reading.verb in ("search", "query", "find")
        else "list"
    )
    said = said_of(reading, f"List {spoken(plural_name(entity.noun))}.")
    result = {entity.table: {"rows": select, **booleans(shown)}}
    return Tool(
        tool_name(word, entity.table),
        reading,
        said,
        said,
        list(draft.parameters.values()),
        draft.note(result=result),
        "read",
    )


def offered(reading: Reading, schemas: dict[str, JsonObject]) -> list[Parameter]:
    """The parameters a list takes, objects of filters opened, containers left out."""
    taken = {scope.parameter for scope in reading.scopes} | {reading.own} | set(reading.ignored)
    found: list[Parameter] = []
    for parameter in reading.operation.parameters:
        if parameter.name in taken or parameter.location == "header":
            continue
        inner = object_view(parameter.schema, schemas).properties
        if inner:
            found += [
                Parameter(
                    name=name,
                    location="query",
                    schema=follow(schema, schemas),
                    description=str(follow(schema, schemas).get("description", "")),
                )
                for name, schema in inner.items()
            ]
        else:
            found.append(parameter)
    return found


def _name(parameter: Parameter) -> str:
    return column_name(parameter.name)


def _limit(draft: Draft, parameter: Parameter) -> str:
    schema: JsonObject = {"type": "integer", "minimum": 1, "maximum": 100, "default": 50}
    draft.add(Param("limit", schema, "Return at most this many.", location="query"))
    return " LIMIT :limit"


def _filter(draft: Draft, entity: Entity, parameter: Parameter, world: World) -> list[str]:
    name = _name(parameter)
    column = entity.columns.get(name)
    if column is not None and column.role != "key":
        return _equal(draft, column, parameter.description, world)
    if name in _TEXT:
        return _search(draft, entity)
    paging = re.search(
        r"\b(cursor|pagina|token|page|next set|results? after|id (after|before)|after which|before which)",
        parameter.description.lower(),
    )
    return [] if paging else _bound(draft, entity, name)


def _equal(draft: Draft, column: Column, said: str, world: World) -> list[str]:
    if column.name in draft.parameters:
        return []
    description = _filter_text(column, said)
    if column.references:
        target = world.by_table(column.references)
        parameter = key_param(target, f"Only those of this {spoken(target.noun)}.")
        parameter.name, parameter.required, parameter.location = column.name, False, "query"
        draft.lookups[column.name] = False
        draft.guard(
            f":{column.name} IS NULL OR EXISTS (SELECT 1 FROM {target.table} WHERE {target.key} = :{column.name})",
            error_code(target.noun, "not_found"),
            f"There is no such {spoken(target.noun)}.",
        )
    else:
        schema = {key: value for key, value in column.parameter_schema().items() if key not in ("default",)}
        parameter = Param(column.name, schema, description, location="query")
    draft.add(refer(parameter, world))
    if column.format == "date-time":
        draft.parameters.pop(column.name)
        return []
    return [f"(:{column.name} IS NULL OR {column.name} = :{column.name})"]


def _filter_text(column: Column, said: str) -> str:
    """What a filter does; the document's words where they say so."""
    if column.type == "boolean":
        state = spoken(column.name.removeprefix("is_"))
        return f"True for those that are {state}, false for those that are not."
    text = sentence(said)
    usable = text.lower().startswith(("only", "filter", "limit", "restrict", "return", "list", "find", "search"))
    return text if usable else f"Only those with this {spoken(column.name)}."


def _search(draft: Draft, entity: Entity) -> list[str]:
    texts = [
        column
        for column in entity.columns.values()
        if column.role == "name" or column.name in ("description", "body", "text", "content")
    ][:2]
    if not texts or "query" in draft.parameters:
        return []
    said = " or ".join(spoken(column.name) for column in texts)
    draft.add(
        Param(
            "query",
            {"type": "string", "minLength": 1, "maxLength": 60, "pattern": r"\S"},
            f"Only those whose {said} contains this text.",
            location="query",
            ref=f"{entity.table}.{texts[0].name}",
        )
    )
    shown = [f"COALESCE({column.name}, '')" if column.nullable else column.name for column in texts]
    found = " OR ".join(f"INSTR(LOWER({text}), LOWER(:query)) > 0" for text in shown)
    return [f"(:query IS NULL OR {found})"]


def _bound(draft: Draft, entity: Entity, name: str) -> list[str]:
    """`min_price`, `created_after`, `time_max`: a bound on a column of numbers or dates."""
    words = name.split("_")
    lower, upper = any(word in _LOWER for word in words), any(word in _UPPER for word in words)
    if lower == upper:
        return []
    base = [
        singular(word)
        for word in words
        if word not in _LOWER + _UPPER and word not in ("than", "date", "time", "at", "price")
    ]
    columns = [column for column in entity.columns.values() if column.type in ("integer", "number") or column.format]
    fitting = [column for column in columns if base and base[0] in column.name.split("_")]
    if not fitting and not base:
        fitting = [column for column in columns if column.format and not column.nullable]
    if not fitting or name in draft.parameters:
        return []
    column = fitting[0]
    schema = {key: value for key, value in column.parameter_schema().items() if key != "enum"}
    sign, word = (
        (">=", "at or after" if column.format else "at least")
        if lower
        else ("<=", "at or before" if column.format else "at most")
    )
    draft.add(Param(name, schema, f"Only those whose {spoken(column.name)} is {word} this.", location="query"))
    return [f"(:{name} IS NULL OR {column.name} {sign} :{name})"]


def _own_filters(draft: Draft, entity: Entity, world: World, within: bool) -> list[str]:
    """Filters for a list whose operation offers none that fits."""
    usable = [column for column in entity.columns.values() if column.name != entity.parent_column or not within]
    states = [column for column in usable if column.role == "status" or (column.enum and column.type == "string")]
    flags = [column for column in usable if column.type == "boolean"]
    references = [column for column in usable if column.references and column.references != entity.table]
    chosen = [*references[:1], *states[:1], *(flags[:1] if not states else [])]
    found = [condition for column in chosen for condition in _equal(draft, column, "", world)]
    if not found:
        found = _search(draft, entity)
    if found:
        world.say(f"list of {entity.table}: filter by {', '.join(draft.parameters)}", draft.reading.operation.citation)
    return found


def _listed(entity: Entity) -> list[Column]:
    """What a list shows: everything short; the rest is what reading one record is for."""
    short = [column for column in entity.visible() if not ((column.max_length or 0) > 200 or column.role == "updated")]
    return short[:MAX_LISTED]


def _order(entity: Entity) -> str:
    name = entity.name_column()
    moment = next(
        (column for column in entity.columns.values() if column.role == "moment" and not column.nullable), None
    )
    first = moment or name
    return f"{first.name}, {entity.key}" if first is not None and first.name != entity.key else entity.key
