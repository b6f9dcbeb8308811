"""Which records and operations make one coherent, small world.

Every connected set of at most four candidates is weighed: how much can be done with its members, how they refer to each other, and
how close they stand to what the document is called. Operations are then taken in the order of their worth: actions first, then the
whole handling of the central record, then what its neighbours need to be reached.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import combinations

from envfactory.resources.model import Resource
from envfactory.synthesis.inference.candidates import Candidate
from envfactory.synthesis.inference.columns import choose_columns
from envfactory.synthesis.inference.links import Link
from envfactory.synthesis.inference.readings import Reading
from envfactory.synthesis.inference.relations import Reference
from envfactory.synthesis.inference.verbs import is_action
from envfactory.synthesis.inference.words import words_of

MAX_ENTITIES = 4
_POOL = 16
_KIND_WORTH = {"create": 3.0, "list": 3.0, "get": 2.0, "update": 2.0, "delete": 1.5}
_FADING = (1.0, 0.9, 0.75, 0.6)
_TECHNICAL = frozenset(
    "service webhook hook log credential configuration config key token session notification permission setting settings receipt binding upload "
    "asset attachment media image channel operation about app client plugin version markdown markup cron git_hook push_mirror email "
    "smime_info send_as forwarding_address delegate calendar_list team_drive tenant keypair key_pair identity gpg_key oauth2 grant api_key metadata file_content blob tree ref heatmap poll scp scus".split()
)
_ORDER = {
    0: {"action": 0, "create": 1, "list": 1, "get": 2, "update": 3, "delete": 4},
    1: {"action": 2, "create": 1, "list": 1, "get": 3, "update": 4, "delete": 5},
    2: {"action": 3, "create": 2, "list": 1, "get": 4, "update": 5, "delete": 6},
    3: {"action": 3, "create": 3, "list": 1, "get": 4, "update": 6, "delete": 7},
}


@dataclass(frozen=True)
class Choice:
    """The chosen nouns, the central one first, and the references between them."""

    nouns: list[str]
    references: list[Reference]
    score: float


def worth_of(candidate: Candidate, resource: Resource, references: list[Reference]) -> float:
    """How much can be done with a record; negative where it cannot be a table."""
    columns = choose_columns(candidate, [each for each in references if each.source == candidate.noun])
    spoken_of = [column for column, _ in columns if column.role in ("name", "plain", "status")]
    if not spoken_of or not candidate.of_kind("list", "create"):
        return -10.0
    kinds = {reading.kind for reading in candidate.readings if not reading.facet or reading.kind == "list"}
    worth = sum(_KIND_WORTH.get(kind, 0.0) for kind in kinds)
    verbs = {reading.verb for reading in candidate.of_kind("action") if is_action(reading.verb)}
    worth += 2.5 * min(3, len(verbs)) + 0.4 * min(8, len(columns))
    worth += 0.7 * min(4, len({each.source for each in references if each.target == candidate.noun}))
    title = {word.rstrip("s") for word in words_of(resource.title)}
    worth += 3.0 * bool(title & {word.rstrip("s") for word in candidate.noun.split("_")})
    worth -= 5.0 * (candidate.noun in _TECHNICAL or candidate.noun.split("_")[-1] in _TECHNICAL)
    worth -= 4.0 * (kinds == {"list"})
    worth -= 4.0 * (not {"list", "get"} & kinds) + 3.0 * (len(candidate.noun.split("_")) > 3)
    return worth


def choose(
    candidates: dict[str, Candidate], references: list[Reference], links: list[Link], resource: Resource
) -> Choice | None:
    """The best connected set of records; None where no two records belong together."""
    worths = {noun: worth_of(candidate, resource, references) for noun, candidate in candidates.items()}
    pool = sorted((noun for noun, worth in worths.items() if worth > 0), key=lambda noun: (-worths[noun], noun))[:_POOL]
    pairs = {(each.source, each.target) for each in references if each.source != each.target}
    linked = {(link.left, link.right) for link in links}
    best: Choice | None = None
    for size in range(2, MAX_ENTITIES + 1):
        for nouns in combinations(pool, size):
            inside = {pair for pair in pairs | linked if pair[0] in nouns and pair[1] in nouns}
            if not _connected(nouns, inside):
                continue
            score = sum(worths[noun] * fade for noun, fade in zip(nouns, _FADING, strict=False)) + 2.0 * min(
                4, len(inside)
            )
            score += 4.0 * bool(inside & linked)
            if best is None or score > best.score:
                best = Choice(list(nouns), references_within(references, nouns), score)
    if best is None and any(_has_parts(candidates[noun]) for noun in pool[:3]) and len(pool) >= 3:
        return Choice(pool[:3], [], 0.0)
    return _completed(best, pool, references) if best else None


def _has_parts(candidate: Candidate) -> bool:
    """Whether a record holds an array of objects, which can be a table inside it."""
    return any(
        each.shape == "array" and each.schema.get("items", {}).keys() & {"properties", "$ref"}
        for each in candidate.fields.values()
    )


def _connected(nouns: tuple[str, ...], pairs: set[tuple[str, str]]) -> bool:
    reached = {nouns[0]}
    while True:
        more = {noun for pair in pairs if set(pair) & reached for noun in pair} - reached
        if not more:
            return len(reached) == len(nouns)
        reached |= more


def _completed(choice: Choice, pool: list[str], references: list[Reference]) -> Choice:
    """A pair alone is too small a world: the best unrelated record joins it."""
    if len(choice.nouns) > 2:
        return choice
    others = [noun for noun in pool if noun not in choice.nouns]
    nouns = [*choice.nouns, *others[:1]]
    return Choice(nouns, references_within(references, nouns), choice.score)


def references_within(references: list[Reference], nouns: list[str] | tuple[str, ...]) -> list[Reference]:
    """The references between these nouns, without circles: the weaker one of a circle is left out."""
    inside = [each for each in references if each.source in nouns and each.target in nouns]
    kept: list[Reference] = []
    for each in sorted(inside, key=lambda each: (not each.contains, "nested" in each.evidence, not each.required)):
        same = [other for other in kept if other.source == each.source and other.column == each.column]
        aside = each.source == each.target and "parent" not in each.column
        if same or aside or (each.source != each.target and _leads_to(each.target, each.source, kept)):
            continue
        kept.append(each)
    return kept


def _leads_to(start: str, goal: str, references: list[Reference]) -> bool:
    reached, waiting = set[str](), [start]
    while waiting:
        noun = waiting.pop()
        if noun == goal:
            return True
        reached.add(noun)
        waiting += [
            each.target
            for each in references
            if each.source == noun and each.target not in reached and each.target != noun
        ]
    return False


def in_order(nouns: list[str], candidates: dict[str, Candidate]) -> list[tuple[str, Reading]]:
    """The readings of the chosen nouns, most wanted first; of equal ones the simplest first."""
    ranked: list[tuple[int, int, int, int, str, Reading]] = []
    for place, noun in enumerate(nouns):
        order = _ORDER[min(place, 3)]
        free = any(not reading.scopes for reading in candidates[noun].of_kind("list", "create"))
        for number, reading in enumerate(candidates[noun].readings):
            if reading.kind in order:
                ranked.append((order[reading.kind], place, _awkwardness(reading, nouns, free), number, noun, reading))
    return [(noun, reading) for *_, noun, reading in sorted(ranked, key=lambda entry: entry[:4])]


def _awkwardness(reading: Reading, nouns: list[str], free: bool) -> int:
    """How far an operation is from the plain one of its kind: scopes that are outside or that
    others do without, searches, versions, facets."""
    outside = sum(scope.noun not in nouns for scope in reading.scopes) + bool(free and reading.scopes)
    plain = not reading.facet or reading.kind == "action"
    return (
        4 * outside
        + 3 * (not plain)
        + 2 * max(0, len(reading.scopes) - 1)
        + ("/v2/" in reading.operation.path)
        + 5 * reading.operation.deprecated
        + 2 * ("/me/" in reading.operation.path)
    )
