"""From a document without `x-env` to one with it: choose, understand, write down.

The steps, each a module: readings (what each operation says), candidates (the records spoken of), relations (who refers to whom),
choosing (a coherent few), building (columns, states, uniqueness), the tools, seeding, annotate.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from envfactory.errors import DesignError
from envfactory.resources.model import Resource
from envfactory.synthesis.inference.annotate import annotated
from envfactory.synthesis.inference.building import build
from envfactory.synthesis.inference.candidates import Candidate, candidates_of
from envfactory.synthesis.inference.children import add_children, add_link, add_loans, add_single
from envfactory.synthesis.inference.choosing import Choice, choose, in_order
from envfactory.synthesis.inference.links import links_of, without_linking
from envfactory.synthesis.inference.readings import Reading, read_operations
from envfactory.synthesis.inference.relations import references_of, worth_a_column
from envfactory.synthesis.inference.seeding import seed_of
from envfactory.synthesis.inference.tools_link import build_links
from envfactory.synthesis.inference.tools_read import build_get, build_list, build_single
from envfactory.synthesis.inference.tools_state import build_action
from envfactory.synthesis.inference.tools_write import build_create, build_delete, build_update
from envfactory.synthesis.inference.words import words_of
from envfactory.synthesis.inference.world import Entity, Tool, World

MIN_TOOLS = 6
MIN_WRITING = 2
MIN_TABLES = 3


@dataclass(frozen=True)
class Inferred:
    """The annotated resource, what was chosen and dropped, and which rule gave what."""

    resource: Resource
    chosen: list[str]
    dropped: dict[str, str]
    rules: list[str]


def infer(resource: Resource, *, limit: int = 15) -> Inferred:
    """Choose at most `limit` operations and say in `x-env` what they mean.

    The same document gives the same environment. Raises DesignError, with a reason for people, where no coherent one can be made.
    """
    readings = read_operations(resource)
    candidates = candidates_of(resource, readings)
    _check_writes(resource, readings)
    links = links_of(candidates, readings)
    without_linking(candidates, links)
    joined = {(link.right, link.left) for link in links} | {(link.left, link.right) for link in links}
    references = [
        each for each in references_of(candidates) if not (each.contains and (each.source, each.target) in joined)
    ]
    choice = choose(candidates, worth_a_column(references, candidates), links, resource)
    if choice is None:
        raise _nothing_found(resource, candidates)
    ranked = in_order(choice.nouns, candidates)
    likely = _likely(ranked, limit)
    world = build(choice, candidates, likely, references)
    chosen_links = [link for link in links if {link.left, link.right} <= set(choice.nouns)][:2]
    pairs = [add_link(link, world) for link in chosen_links]
    for entity in list(world.entities.values()):
        add_loans(entity, world)
    add_single(world, readings)
    alone = not any(entity.references() for entity in world.entities.values())
    add_children(world, resource, len(world.entities) + 1 if alone else MIN_TABLES)
    _name_prefixes(world)
    for link, pair in zip(chosen_links, pairs, strict=True):
        world.tools += build_links(link, pair, world)
    world.tools += [build_single(entity) for entity in world.entities.values() if entity.single]
    dropped = _add_tools(world, ranked, limit, resource)
    _check_world(world, resource)
    for entity in world.entities.values():
        seed_of(entity, world)
    chosen = [tool.reading.operation.id for tool in world.tools]
    for operation in resource.operations:
        if operation.id not in chosen:
            dropped.setdefault(operation.id, _why_dropped(operation.id, readings, candidates, choice))
    return Inferred(annotated(resource, world), chosen, dropped, world.rules)


def _likely(ranked: list[tuple[str, Reading]], limit: int) -> dict[str, list[Reading]]:
    """The first reading of each kind for each noun (all actions), as far as the limit will probably go."""
    found: dict[str, list[Reading]] = {}
    seen: set[tuple[str, str, str]] = set()
    for noun, reading in ranked:
        mark = (noun, reading.kind, reading.verb if reading.kind == "action" else "")
        if mark not in seen and len(seen) < limit + 3:
            seen.add(mark)
            found.setdefault(noun, []).append(reading)
    return found


Builder = Callable[[Entity, Reading, World], Tool | str]


def _add_tools(world: World, ranked: list[tuple[str, Reading]], limit: int, resource: Resource) -> dict[str, str]:
    """Build tools in order of worth until there are enough; return why the others were left out."""
    dropped: dict[str, str] = {}
    names = {tool.name for tool in world.tools}
    for noun, reading in ranked:
        if len(world.tools) >= limit:
            dropped.setdefault(reading.operation.id, "the subset is full")
            continue
        tool = _tool(world.entities[noun], reading, world, resource)
        if isinstance(tool, str):
            dropped[reading.operation.id] = tool
        elif tool.name in names:
            dropped[reading.operation.id] = f"{tool.name} is taken from a simpler operation"
        else:
            names.add(tool.name)
            world.tools.append(tool)
    return dropped


def _tool(entity: Entity, reading: Reading, world: World, resource: Resource) -> Tool | str:
    if reading.facet and reading.kind not in ("action", "list", "create"):
        return f"a part of {entity.noun} ({reading.facet}) that is no record of its own"
    if reading.kind in ("get", "update", "delete", "action") and not reading.own and not entity.natural_key:
        return "it names no single record"
    if entity.unguarded and reading.kind in ("create", "update", "delete", "action"):
        return "nothing in the document would show that it went wrong"
    if reading.kind == "list":
        return build_list(entity, reading, world, resource.schemas)
    builders: dict[str, Builder] = {
        "get": build_get,
        "create": build_create,
        "update": build_update,
        "delete": build_delete,
        "action": build_action,
    }
    return builders[reading.kind](entity, reading, world)


def _name_prefixes(world: World) -> None:
    taken: set[str] = set()
    for entity in world.entities.values():
        letters = entity.noun.replace("_", "")
        words = entity.noun.split("_")
        options = [
            "".join(word[0] for word in words) if len(words) > 1 else letters[:3],
            letters[:3],
            letters[:4],
            letters[:6],
            f"{letters[:3]}2",
        ]
        entity.prefix = next(option for option in options if len(option) > 1 and option not in taken)
        taken.add(entity.prefix)


def _check_writes(resource: Resource, readings: list[Reading]) -> None:
    writing = [
        reading for reading in readings if reading.kind in ("create", "update", "delete", "action", "link", "unlink")
    ]
    if len(readings) < MIN_TOOLS:
        raise DesignError(
            f"{resource.title} has {len(readings)} operations; an environment needs at least {MIN_TOOLS} tools",
            remedy="give a document with more operations, or several documents",
        )
    if len(writing) < MIN_WRITING:
        raise DesignError(
            f"{resource.title} is read-only: {len(writing)} of its {len(readings)} operations write",
            remedy="choose an API that changes something",
        )


def _nothing_found(resource: Resource, candidates: dict[str, Candidate]) -> DesignError:
    names = list(_names(resource))
    foreign = [name for name in names if name[:1].isalpha() and not words_of(name)]
    if 2 * len(foreign) > len(names):
        return DesignError(
            f"{resource.title}: names like {foreign[0]!r} have no letter of which a tool's name can be made",
            remedy="name operations and fields in Latin letters",
        )
    named = ", ".join(sorted(candidates)[:6])
    why = f"no two of its records ({named}) refer to each other"
    return DesignError(
        f"{resource.title}: {why if candidates else 'no operation carries a record with named fields'}",
        remedy="describe the records and their relations in x-env",
    )


def _names(resource: Resource) -> Iterator[str]:
    """The names that a document gives its fields, parameters and operations."""
    for schema in resource.schemas.values():
        yield from schema.get("properties", {})
    for operation in resource.operations:
        yield from (operation.id, *(parameter.name for parameter in operation.parameters))


def _check_world(world: World, resource: Resource) -> None:
    writing = [tool for tool in world.tools if tool.kind == "write"]
    problems = []
    if len(world.tools) < MIN_TOOLS:
        problems.append(f"only {len(world.tools)} operations can be given a meaning (at least {MIN_TOOLS} are needed)")
    if len(writing) < MIN_WRITING:
        problems.append(f"only {len(writing)} of them write")
    if len(world.entities) < MIN_TABLES:
        problems.append(f"only {len(world.entities)} tables were found (at least {MIN_TABLES} are needed)")
    if not any(
        column.references and column.references != entity.table
        for entity in world.entities.values()
        for column in entity.columns.values()
    ):
        problems.append("no record refers to another")
    if problems:
        raise DesignError(
            f"{resource.title}: {'; '.join(problems)}", remedy="state the rest in x-env, or give a richer document"
        )


def _why_dropped(operation_id: str, readings: list[Reading], candidates: dict[str, Candidate], choice: Choice) -> str:
    reading = next((each for each in readings if each.operation.id == operation_id), None)
    if reading is None or reading.kind == "unknown":
        return "what it does is not known"
    if reading.noun not in candidates:
        return f"{reading.noun or 'its record'} has no record of its own"
    if reading.noun not in choice.nouns:
        return f"{reading.noun} is not among the chosen records"
    return "a simpler operation does the same"
