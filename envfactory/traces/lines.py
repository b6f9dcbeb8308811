"""The difference of two texts, a line at a time, as a person would mark it.

Lines that occur once in both texts are the anchors (patience diff, Bram Cohen's idea); between anchors the standard
library's matcher does the rest. Its own choice of anchors fails on long data with many equal lines, such as test cases.
"""

from __future__ import annotations

import difflib
from bisect import bisect_left
from collections import Counter
from collections.abc import Iterator, Sequence

_EXACT = 400  # lines on either side between two anchors, up to which the best match is looked for
Match = tuple[int, int]


def unified(before: Sequence[str], after: Sequence[str], context: int = 3) -> Iterator[str]:
    """Yield a unified diff without file names; nothing where the texts are equal."""
    hunk: list[tuple[str, int, int]] = []  # sign, and places in both texts
    edits = list(_edits(before, after))
    changed = [number for number, edit in enumerate(edits) if edit[0] != " "]
    near = {place for number in changed for place in range(number - context, number + context + 1)}
    for number, edit in enumerate(edits):
        if number in near:
            hunk.append(edit)
        elif hunk:
            yield from _hunk(hunk, before, after)
            hunk = []
    if hunk:
        yield from _hunk(hunk, before, after)


def _hunk(hunk: list[tuple[str, int, int]], before: Sequence[str], after: Sequence[str]) -> Iterator[str]:
    old = sum(sign != "+" for sign, _, _ in hunk)
    new = sum(sign != "-" for sign, _, _ in hunk)
    _, first, second = hunk[0]
    yield f"@@ -{first + (old > 0)},{old} +{second + (new > 0)},{new} @@"
    for sign, i, j in hunk:
        yield sign + (after[j] if sign == "+" else before[i])


def _edits(before: Sequence[str], after: Sequence[str]) -> Iterator[tuple[str, int, int]]:
    """Yield every line of both texts: kept (" "), taken out ("-") or put in ("+")."""
    i = j = 0
    for to_i, to_j in [*_matches(before, after, (0, len(before)), (0, len(after))), (len(before), len(after))]:
        yield from (("-", place, j) for place in range(i, to_i))
        yield from (("+", to_i, place) for place in range(j, to_j))
        if to_i < len(before) or to_j < len(after):
            yield " ", to_i, to_j
        i, j = to_i + 1, to_j + 1


def _matches(before: Sequence[str], after: Sequence[str], rows: Match, columns: Match) -> Iterator[Match]:
    """Yield the pairs of equal lines that the difference keeps, in order, within a range of each text."""
    (top, bottom), (left, right) = rows, columns
    while top < bottom and left < right and before[top] == after[left]:
        yield top, left
        top, left = top + 1, left + 1
    tail = 0
    while top < bottom - tail and left < right - tail and before[bottom - tail - 1] == after[right - tail - 1]:
        tail += 1
    yield from _between(before, after, (top, bottom - tail), (left, right - tail))
    yield from ((bottom - back, right - back) for back in range(tail, 0, -1))


def _between(before: Sequence[str], after: Sequence[str], rows: Match, columns: Match) -> Iterator[Match]:
    anchors = _anchors(before, after, rows, columns)
    if not anchors:
        yield from _exact(before, after, rows, columns)
        return
    i, j = rows[0], columns[0]
    for to_i, to_j in anchors:
        yield from _matches(before, after, (i, to_i), (j, to_j))
        yield to_i, to_j
        i, j = to_i + 1, to_j + 1
    yield from _matches(before, after, (i, rows[1]), (j, columns[1]))


def _anchors(before: Sequence[str], after: Sequence[str], rows: Match, columns: Match) -> list[Match]:
    """Return the longest run in order of lines that are unique in both ranges."""
    ours, theirs = Counter(before[slice(*rows)]), Counter(after[slice(*columns)])
    places = {after[j]: j for j in range(*columns) if theirs[after[j]] == 1}
    pairs = [(i, places[before[i]]) for i in range(*rows) if ours[before[i]] == 1 and before[i] in places]
    tops: list[int] = []  # the least end of an increasing run of each length
    ends: list[int] = []  # and which pair it is
    previous: list[int] = []
    for number, (_, j) in enumerate(pairs):
        length = bisect_left(tops, j)
        previous.append(ends[length - 1] if length else -1)
        tops[length:] = [j, *tops[length + 1 :]]
        ends[length:] = [number, *ends[length + 1 :]]
    chosen = []
    place = ends[-1] if ends else -1
    while place >= 0:
        chosen.append(pairs[place])
        place = previous[place]
    return chosen[::-1]


def _exact(before: Sequence[str], after: Sequence[str], rows: Match, columns: Match) -> Iterator[Match]:
    """Yield the best matches of a short stretch; of a long one without a single anchor, none."""
    if max(rows[1] - rows[0], columns[1] - columns[0]) > _EXACT:
        return
    matcher = difflib.SequenceMatcher(None, before[slice(*rows)], after[slice(*columns)], autojunk=False)
    for block in matcher.get_matching_blocks():
        yield from ((rows[0] + block.a + n, columns[0] + block.b + n) for n in range(block.size))
