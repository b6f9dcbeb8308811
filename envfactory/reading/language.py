"""Turns of speech in which a wish is bounded, ranked, negated or tied to what was said before."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

from envfactory.reading.spans import Reading, flatten

# What an adjective ranks by, and which end of it.
_RANKS: dict[str, tuple[str, str]] = {
    **dict.fromkeys(("cheapest", "least expensive", "lowest-priced", "most affordable"), ("min", "price")),
    **dict.fromkeys(("dearest", "most expensive", "priciest", "costliest"), ("max", "price")),
    **dict.fromkeys(("earliest", "soonest"), ("min", "time")),
    **dict.fromkeys(("latest", "most recent", "newest"), ("max", "time")),
    "oldest": ("min", "time"),
    **dict.fromkeys(("quickest", "fastest", "shortest"), ("min", "duration")),
    **dict.fromkeys(("slowest", "longest"), ("max", "duration")),
    **dict.fromkeys(("biggest", "largest", "roomiest", "heaviest", "tallest", "emptiest", "fullest"), ("max", "size")),
    **dict.fromkeys(("smallest", "tiniest", "lightest"), ("min", "size")),
    **dict.fromkeys(("nearest", "closest"), ("min", "distance")),
    **dict.fromkeys(("farthest", "furthest"), ("max", "distance")),
    **dict.fromkeys(("best", "top-rated", "highest-rated", "best-rated", "most popular"), ("max", "rating")),
    **dict.fromkeys(("worst", "lowest-rated", "worst-rated"), ("min", "rating")),
    "highest": ("max", ""),
    "lowest": ("min", ""),
    "fewest": ("min", ""),
}
_NOT_RANKS = frozenset(
    "west rest guest test request interest forest harvest honest invest contest protest arrest chest nest quest"
    " digest priest"
    " modest earnest tempest manifest suggest digest budapest bucharest brest everest trieste pest vest zest jest"
    " crest wrest"
    " breast feast least beast coast east yeast ernest conquest inquest southwest northwest midwest amethyst fest"
    " congest ingest"
    " detest attest infest molest at-rest unrest".split()
)
_KNOWN_RANK = "|".join(sorted((re.escape(each) for each in _RANKS), key=len, reverse=True))
_SUPERLATIVE = re.compile(
    rf"\b(?P<known>{_KNOWN_RANK})\b|\b(?P<most>most|least) (?P<adjective>[a-z]+)\b"
    rf"|\b(?P<other>[a-z]{{3,}}est)(?:-[a-z]+)?\b"
)
_AS_POSSIBLE = re.compile(r"\bas (?P<adjective>[a-z]+) as (?:possible|you can|we can|can be)\b")
_EDGE = re.compile(
    r"\b(?:the|my) (?:very )?(?P<edge>first|last|next)\b(?! (?:name|week|weekend|month|year|time|of all|day|night"
    r"|thing|minute|two|three|few|step|monday|tuesday|wednesday|thursday|friday|saturday|sunday))"
)
_POSITIVE = {
    "cheap": ("min", "price"),
    "early": ("min", "time"),
    "soon": ("min", "time"),
    "late": ("max", "time"),
    "quick": ("min", "duration"),
    "fast": ("min", "duration"),
    "short": ("min", "duration"),
    "long": ("max", "duration"),
    "big": ("max", "size"),
    "large": ("max", "size"),
    "small": ("min", "size"),
    "close": ("min", "distance"),
    "near": ("min", "distance"),
}
_EDGES = {"first": ("min", "time"), "next": ("min", "time"), "last": ("max", "time")}

_BOUNDS: list[tuple[str, re.Pattern[str]]] = [
    (
        "le",
        re.compile(
            r"\b(?:no more than|not more than|at most|up to|a maximum of|maximum of|maximum|max|within|not over"
            r"|no later than|no longer than|by|or less than|at the latest) $"
        ),
    ),
    (
        "lt",
        re.compile(
            r"\b(?:under|below|less than|fewer than|cheaper than|before|earlier than|shorter than|lower than) $"
        ),
    ),
    (
        "ge",
        re.compile(
            r"\b(?:at least|no less than|not less than|no fewer than|a minimum of|minimum of|minimum|min|from|since"
            r"|no earlier than|not before|starting) $"
        ),
    ),
    ("gt", re.compile(r"\b(?:over|above|more than|after|later than|longer than|beyond|exceeding|higher than) $")),
    ("about", re.compile(r"\b(?:about|around|roughly|approximately|some|circa|nearly|almost) $")),
]
_AFTERWARDS: list[tuple[str, re.Pattern[str]]] = [
    (
        "ge",
        re.compile(
            r"^ (?:\w+ )?(?:or more|or over|or later|or above|or longer|minimum|at least|onwards|and up|upwards|plus)\b"
        ),
    ),
    (
        "le",
        re.compile(
            r"^ (?:\w+ )?(?:or less|or fewer|or under|or earlier|or below|at most|maximum|max|tops|at the latest"
            r"|or shorter)\b"
        ),
    ),
]
_BACK = re.compile(
    r"\b(?:that one|this one|those ones|these ones|that same \w+|the same(?: \w+)?|that (?:day|date|time|evening"
    r"|morning|afternoon|night)|the other one"
    r"|the former|the latter|it|its|them|they|there|those|that|this|then|the one)\b"
)
_RELATIVE = re.compile(
    r"\b(?:that|this|those|there) (?:is|are|was|were|'s|will|would|has|have|takes?|goes|leaves?|comes?|costs?|can"
    r"|includes?)\b|there's|that's"
)
_CHOICE = re.compile(
    r"\b(?:either )?(?:(?:in|by|at|on) )?(?:(?:an?|the) )?(?P<first>[a-z][\w-]*(?: [a-z][\w-]*)?) or (?:an? |the "
    r"|in |by |at |on )?(?P<second>[a-z][\w-]*)\b"
)
_QUOTED = re.compile(r"\"([^\"]{1,120})\"|(?<!\w)'([^']{2,80})'(?!\w)")
_NOT = re.compile(
    r"\b(?P<how>not|without|no|except|but not|rather than|instead of|other than|apart from)\b(?: (?:the|a|an|any|in"
    r"|on|at|to))?(?P<what>(?: [a-z0-9][\w'-]*){1,3})"
)
_IDLE = frozenset("more less later earlier than so now problem worries hurry rush need idea".split())


def expressions(text: str, values: list[Reading]) -> list[Reading]:
    """Return rankings, references back, choices, quotations and negations outside the values already read."""
    readers: tuple[Callable[[str], Iterator[Reading]], ...] = (
        _superlatives,
        _references,
        _choices,
        _quotations,
        _negations,
    )
    found = [each for reader in readers for each in reader(text)]
    ranked = [each for each in found if each.kind == "superlative"]
    blocked = [each for each in values if each.kind not in ("ordinal", "number")]
    return [
        each
        for each in found
        if each.kind in ("quoted", "negation", "choice")
        or not any(each.overlaps(other) for other in (blocked if each.kind == "superlative" else [*blocked, *ranked]))
    ]


def comparisons(text: str, values: list[Reading]) -> list[Reading]:
    """Return bounds: each value that words before or after it turn into a limit, as `(op, denotation)` pairs."""
    flat, found = flatten(text), []
    for value in values:
        if value.kind in ("range", "time_range"):
            continue  # "from" begins it and is no bound
        before = next((each for op, form in _BOUNDS if (each := _bound(op, form.search(flat[: value.start])))), None)
        after = next((each for op, form in _AFTERWARDS if (each := _bound(op, form.search(flat[value.end :])))), None)
        if before:
            op, start, end = before[0], before[1], value.end
        elif after:
            op, start, end = after[0], value.start, value.end + after[2]
        else:
            continue
        pairs = tuple((op, denotation) for denotation in value.values)
        found.append(Reading("comparison", start, end, text[start:end], pairs, value.unit or value.kind))
    return found


def _bound(op: str, match: re.Match[str] | None) -> tuple[str, int, int] | None:
    return (op, match.start(), match.end()) if match else None


def _superlatives(text: str) -> Iterator[Reading]:
    flat = flatten(text)
    for match in _SUPERLATIVE.finditer(flat):
        rank = _rank(match)
        if rank is not None:
            yield _reading("superlative", text, match, (rank[0],), rank[1])
    for match in _AS_POSSIBLE.finditer(flat):
        if match["adjective"] in _POSITIVE:
            order, by = _POSITIVE[match["adjective"]]
            yield _reading("superlative", text, match, (order,), by)
    for match in _EDGE.finditer(flat):
        order, by = _EDGES[match["edge"]]
        yield _reading("superlative", text, match, (order,), by)


def _rank(match: re.Match[str]) -> tuple[str, str] | None:
    if match["known"]:
        return _RANKS[match["known"]]
    if match["most"]:
        return ("max" if match["most"] == "most" else "min"), match["adjective"]
    word = match["other"]
    return None if word in _NOT_RANKS else ("max", word.removesuffix("est"))


def _references(text: str) -> Iterator[Reading]:
    flat = flatten(text)
    for match in _BACK.finditer(flat):
        if not _RELATIVE.match(flat, match.start()):
            yield _reading("reference", text, match, (match.group(),), "")


def _choices(text: str) -> Iterator[Reading]:
    for match in _CHOICE.finditer(flatten(text)):
        yield _reading("choice", text, match, ((match["first"], match["second"]),), "")


def _quotations(text: str) -> Iterator[Reading]:
    for match in _QUOTED.finditer(text.translate({0x201C: '"', 0x201D: '"', 0x2018: "'", 0x2019: "'"})):
        group = 1 if match[1] else 2
        yield Reading(
            "quoted", match.start(), match.end(), match.group(), (text[match.start(group) : match.end(group)],)
        )


def _negations(text: str) -> Iterator[Reading]:
    for match in _NOT.finditer(flatten(text)):
        what = match["what"].strip()
        if what.split()[0] not in _IDLE:
            yield _reading("negation", text, match, (what,), match["how"])


def _reading(kind: str, text: str, match: re.Match[str], values: tuple[object, ...], unit: str) -> Reading:
    return Reading(kind, match.start(), match.end(), text[match.start() : match.end()], values, unit)  # type: ignore[arg-type]
