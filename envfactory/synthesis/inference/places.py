"""Where an operation stands: its path read as a chain of places, each a literal with the parameter that picks one of them.

`/v1/owners/{ownerId}/pets/{petId}` is the pet `petId` of the owner `ownerId`; `:borrow` or a last literal that is a verb is what
is done there. Which literals are collections is seen only over the whole document, so a `PathAtlas` is made first.
"""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass

from envfactory.resources.model import Operation, Resource
from envfactory.synthesis.inference.shapes import looks_many
from envfactory.synthesis.inference.verbs import is_verb
from envfactory.synthesis.inference.words import is_plural, words_of

_VERSION = re.compile(r"^v?\d+(\.\d+)*([a-z]+\d*)?$|^api$|^rest$|^-$")
_PARAMETER = re.compile(r"^\{([^{}]+)\}")
_EXTENSION = re.compile(r"\.(json|xml|ya?ml)$")


@dataclass(frozen=True)
class Place:
    """A literal of a path and the parameters right behind it (`repos` with owner and repo)."""

    literal: str
    parameters: tuple[str, ...] = ()


@dataclass(frozen=True)
class Route:
    """A path, read: its places and the custom verb behind a colon."""

    places: tuple[Place, ...]
    suffix: str = ""

    @property
    def last(self) -> Place:
        """The place the path ends in."""
        return self.places[-1] if self.places else Place("")


def route_of(path: str, skip: int = 0) -> Route:
    """Read a path; `skip` literals at its beginning say nothing (they are the same in every path)."""
    places: list[Place] = []
    suffix = ""
    for part in [part for part in path.split("/") if part]:
        part = _EXTENSION.sub("", part)
        match = _PARAMETER.match(part)
        literal, _, verb = (part[match.end() :] if match else part).partition(":")
        suffix = verb or suffix
        if match:
            last = places.pop() if places else Place("")
            places.append(Place(last.literal, (*last.parameters, match[1])))
        elif literal and not _VERSION.match(literal):
            places.append(Place(literal))
    return Route(tuple(places[skip:]), suffix)


@dataclass(frozen=True)
class PathAtlas:
    """What only the whole document tells: the prefix of all paths, and which literals are collections."""

    skip: int
    collections: frozenset[str]

    def route(self, path: str) -> Route:
        """The route of one path."""
        return route_of(path, self.skip)

    def is_collection(self, literal: str) -> bool:
        """Whether records stand under this literal."""
        return literal in self.collections


def atlas_of(resource: Resource) -> PathAtlas:
    """Read all paths of a document."""
    skip = _shared_prefix([route_of(operation.path) for operation in resource.operations if operation.path])
    evidence: Counter[str] = Counter()
    for operation in resource.operations:
        route = route_of(operation.path, skip)
        for place in route.places:
            evidence[place.literal] += 2 if place.parameters else 0
        last = route.last
        if last.literal and not last.parameters and not route.suffix:
            evidence[last.literal] += _ends_in_collection(operation, last.literal, resource)
    return PathAtlas(skip, frozenset(literal for literal, points in evidence.items() if points >= 2 and literal))


def _shared_prefix(routes: list[Route]) -> int:
    """How many leading places all routes share, none of which takes a parameter."""
    skip = 0
    while len(routes) > 1 and all(len(route.places) > skip + 1 for route in routes):
        places = {route.places[skip] for route in routes}
        if len(places) > 1 or next(iter(places)).parameters:
            break
        skip += 1
    return skip


def _ends_in_collection(operation: Operation, literal: str, resource: Resource) -> int:
    first = words_of(literal)[:1]
    verb_first = bool(first) and is_verb(first[0]) and len(words_of(literal)) > 1
    many = any(looks_many(response.schema, resource.schemas) for response in operation.responses)
    if operation.method == "GET" and many and not verb_first:
        return 2
    if operation.method == "POST" and is_plural(literal) and not verb_first:
        return 2
    return 1 if is_plural(literal) and not verb_first else 0
