"""Where a text says a mention: spans for words that somebody wrote who was not asked to say where.

A mention that cannot be found stays without a span, and the audit will say that it is missing.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from envfactory.environments.contract import Contracts
from envfactory.reading.match import find_names
from envfactory.reading.readings import read
from envfactory.reading.spans import flatten
from envfactory.reading.words import find
from envfactory.refinement.hearing import Ear, about, documented_words, ranking_words
from envfactory.tasks.model import Mention

Span = tuple[int, int]


def located(
    text: str, mentions: Iterable[Mention], contracts: dict[str, Contracts], earlier: list[Mention]
) -> list[Mention]:
    """Return the mentions with the spans and words at which a text says them, each place used once where possible."""
    wanted = list(mentions)
    taken: list[Span] = []
    found: dict[str, Span] = {}
    for mention in sorted(wanted, key=_vagueness):
        spans = list(_places(text, mention, wanted, contracts[mention.environment], earlier))
        free = [span for span in spans if span not in taken] or spans
        if free:
            found[mention.id] = free[0]
            taken.append(free[0])
    return [_placed(text, each, found.get(each.id)) for each in wanted]


def _vagueness(mention: Mention) -> tuple[bool, int]:
    """Names and long values first: what is short may stand anywhere."""
    return mention.form in ("referred", "ranked"), -len(str(mention.value))


def _placed(text: str, mention: Mention, span: Span | None) -> Mention:
    words = text[span[0] : span[1]] if span else ""
    return mention.model_copy(update={"span": span, "words": words})


def _places(
    text: str, mention: Mention, mentions: list[Mention], contracts: Contracts, earlier: list[Mention]
) -> Iterator[Span]:
    """Yield every place whose words an ear takes for the mention, the narrowest that a reading has."""
    ear = Ear(text, contracts.now, contracts, mentions, earlier)
    for span in sorted(_candidates(ear, mention), key=lambda each: (each[1] - each[0], each[0])):
        if ear.hear(mention.model_copy(update={"span": span})) is None:
            yield span


def _candidates(ear: Ear, mention: Mention) -> set[Span]:
    spans: set[Span] = set()
    value = str(mention.value).replace("_", " ")
    if mention.form in ("stated", "relative", "vague"):
        at = find(ear.text, value)
        spans |= {at} if at else set()
        spans |= {(each.start, each.end) for each in find_names(ear.text, [value])}
        for key, said in documented_words(ear, mention).items():
            if key == str(mention.value) or key == str(mention.value).lower():
                at = find(ear.text, said)
                spans |= {at} if at else set()
    if mention.form == "ranked":
        spans |= {at for each in ranking_words(ear, mention) if (at := find(ear.text, each))}
    if mention.form == "referred":
        spans |= set(_demonstratives(ear, mention))
    kinds = {"referred": ("reference",), "ranked": ("superlative", "ordinal")}.get(mention.form)
    for reading in read(ear.text, ear.now):
        if kinds is None or (reading.kind in kinds and (mention.form != "ranked" or about(mention.slot, reading.unit))):
            spans.add((reading.start, reading.end))
    return spans


def _demonstratives(ear: Ear, mention: Mention) -> Iterator[Span]:
    """Yield "that booking", "my stay": a word that points before a noun of the mention's table."""
    table = mention.slot.partition(".")[0]
    nouns = ear.contracts.entities.get(table, {}).get("noun") or [table.replace("_", " ").removesuffix("s")]
    for noun in [nouns] if isinstance(nouns, str) else nouns:
        form = re.compile(rf"\b(?:that|this|the|my|our|same) (?:\w+ )?{re.escape(str(noun))}s?\b")
        yield from (match.span() for match in form.finditer(flatten(ear.text)))
