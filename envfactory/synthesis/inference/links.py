"""Records that are put together: operations that add one to another and take it out again.

`POST /contacts/{contact_id}/segments/{segment_id}` and `AssociateMemberToGroup` create no record; they link two that exist.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from envfactory.synthesis.inference.candidates import Candidate
from envfactory.synthesis.inference.readings import Reading, key_base, match_noun
from envfactory.synthesis.inference.relations import PEOPLE
from envfactory.synthesis.inference.words import column_name, snake, words_of

_ADDING = frozenset({"add", "attach", "assign", "associate", "insert", "put"})
_TAKING = frozenset({"remove", "detach", "unassign", "disassociate", "delete"})


@dataclass(frozen=True)
class Link:
    """`right` records can be added to a `left` one. `add` and `remove` are the operations, `listing` the one that lists them."""

    left: str
    right: str
    add: Reading
    remove: Reading | None = None
    listing: Reading | None = None


def links_of(candidates: dict[str, Candidate], readings: list[Reading]) -> list[Link]:
    """Every link whose both ends are candidates, one for each pair."""
    adding = [reading for reading in readings if _links(reading, candidates)]
    found: dict[tuple[str, str], Link] = {}
    for reading in adding:
        left, right = _ends(reading, candidates)
        if left and right and left != right and (left, right) not in found and (right, left) not in found:
            found[left, right] = Link(
                left, right, reading, _removing(reading, readings), _listing(left, right, reading, readings, candidates)
            )
    return list(found.values())


def without_linking(candidates: dict[str, Candidate], links: list[Link]) -> None:
    """Take the linking operations away from the candidates they were filed under."""
    linking = {
        each.operation.id for link in links for each in (link.add, link.remove, link.listing) if each is not None
    }
    for candidate in candidates.values():
        candidate.readings = [reading for reading in candidate.readings if reading.operation.id not in linking]


def _links(reading: Reading, candidates: dict[str, Candidate]) -> bool:
    if reading.kind == "link" or _by_facet(reading, candidates) or _by_arrays(reading, candidates):
        return True
    candidate = candidates.get(_known(reading.noun, candidates))
    if (
        reading.operation.method not in ("PUT", "POST")
        or not reading.own
        or not reading.scopes
        or reading.facet
        or candidate is None
    ):
        return False
    if reading.sent is not None and {column_name(name) for name in reading.sent.properties} & set(candidate.fields):
        return False
    return any(not other.scopes and other.kind in ("get", "list", "create") for other in candidate.readings)


def _by_facet(reading: Reading, candidates: dict[str, Candidate]) -> str:
    """`POST /bookshelves/{shelf}/addVolume?volumeId=` puts a volume on a shelf: the noun that the action names."""
    words = words_of(reading.facet)
    if not reading.own or len(words) < 2 or words[0] not in _ADDING:
        return ""
    partner = _known("_".join(words[1:]), candidates)
    named = any(
        _known(key_base(snake(parameter.name)), candidates) == partner for parameter in reading.operation.parameters
    )
    return partner if named else ""


def _by_arrays(reading: Reading, candidates: dict[str, Candidate]) -> str:
    """`{addLabelIds, removeLabelIds}` changes which labels a record has."""
    if not reading.own or reading.sent is None:
        return ""
    for name in reading.sent.properties:
        words = words_of(name)
        if words[:1] == ["add"] and words[-1:] == ["ids"] and len(words) > 2:
            return _known("_".join(words[1:-1]), candidates)
    return ""


def _undoes(facet: str, adding: str) -> bool:
    words = words_of(facet)
    return bool(words) and words[0] in _TAKING and words[1:] == words_of(adding)[1:]


def _ends(reading: Reading, candidates: dict[str, Candidate]) -> tuple[str, str]:
    if partner := _by_facet(reading, candidates) or _by_arrays(reading, candidates):
        return _known(reading.noun, candidates), partner
    if reading.kind == "link":
        left = match_noun(reading.second, candidates)
        right = match_noun(reading.noun, candidates)
        right = (
            right if right and not right.startswith(left) else next((noun for noun in PEOPLE if noun in candidates), "")
        )
        return left, right
    return _known(reading.scopes[-1].noun, candidates), _known(reading.noun, candidates)


def _known(noun: str, candidates: dict[str, Candidate]) -> str:
    if noun in candidates:
        return noun
    return next(
        (name for name, candidate in candidates.items() if noun in candidate.aliases), match_noun(noun, candidates)
    )


def _removing(adding: Reading, readings: list[Reading]) -> Reading | None:
    if adding.sent is not None and any(words_of(name)[:1] == ["remove"] for name in adding.sent.properties):
        return replace(adding, kind="unlink")
    for reading in readings:
        same_path = (
            bool(adding.operation.path.strip("/"))
            and reading.operation.path == adding.operation.path
            and reading.operation.method == "DELETE"
        )
        if adding.facet and reading.own and reading.noun == adding.noun and _undoes(reading.facet, adding.facet):
            return replace(reading, kind="unlink")
        same_words = reading.kind == "unlink" and reading.noun == adding.noun and reading.second == adding.second
        if (same_path and adding.kind != "link") or same_words:
            return replace(reading, kind="unlink")
    return None


def _listing(
    left: str, right: str, adding: Reading, readings: list[Reading], candidates: dict[str, Candidate]
) -> Reading | None:
    for reading in readings:
        if reading.kind != "list" or not reading.scopes or _known(reading.scopes[-1].noun, candidates) != left:
            continue
        if _known(reading.noun, candidates) == right or reading.noun in (f"{left}_{adding.noun}", f"{left}_{right}"):
            return reading
    return None
