"""What rows are called: by their names, in the singular or counted, and by what ranks them."""

from __future__ import annotations

import re

from envfactory.phrasing.frames import EntityFrame
from envfactory.phrasing.lexicon import plural, spaced, with_article
from envfactory.phrasing.telling import Telling
from envfactory.phrasing.words import Words, fill, say, string, text
from envfactory.tasks.model import Mention

_COMMON = re.compile(r"[A-Z][a-z-]+(?: [a-z-]+)*")
CODE = re.compile(r"[A-Z]{1,4}[- ]?\d+[A-Z]?|\d+[A-Z]")
UNCOUNTED = re.compile(
    r"(?:breakfast|parking|access|hire|check-out|firewood|wine|water|linen|coffee|tea|sharing|lunch|rolls)$"
)
_SUPERLATIVES = (
    (r"(?:_at|_on|day|date|time|check_in|departure|arrival|starts?|begins?)$", "earliest", "latest"),
    (r"year$", "oldest", "newest"),
    (
        r"(?:price|total|fare|cost|premium|rate|nightly|adult|monthly|fee)\w*_(?:cents|pence|minor)$",
        "cheapest",
        "most expensive",
    ),
    (r"_(?:cents|pence|minor)$", "smallest", "biggest"),
    (r"(?:minutes|duration|hours|days|nights)$", "shortest", "longest"),
    (r"(?:rating|stars|stars_tenths)$", "lowest-rated", "best-rated"),
    (r"(?:weight_g|weight|_kg)$", "lightest", "heaviest"),
    (r"(?:seats|sleeps|capacity|size)$", "smallest", "biggest"),
)


def called(entity: EntityFrame, noun: str, name: Words) -> Words:
    """Return a row by its name, as its author or the look of the name says: `flight KT214`, `a child seat`, `the Lanes`."""
    shown = string(name)
    if entity.common and _COMMON.fullmatch(shown):
        name = tuple(bit._replace(text=lowered(bit.text)) for bit in name)
    if entity.called == "the {v}" and re.match(r"(?:The|An?|\w+['’]s|\w+s['’]) ", shown):
        return name
    if entity.called:
        template = entity.called.replace("a {v}", f"{with_article(shown).split(' ')[0]} {{v}}", 1)
        kind = template.rpartition("{v}")[2].strip()
        if kind and shown.lower().endswith(f" {kind}"):
            template = template[: -len(kind) - 1]
        return fill(template, {"v": name})
    if CODE.fullmatch(shown):
        return (*text(f"{noun} "), *name)
    if shown == shown.lower() and not UNCOUNTED.search(shown) and not shown.endswith("s"):
        return (*text(f"{with_article(shown).split(' ')[0]} "), *name)
    return name


def in_sentence(telling: Telling, mention: Mention, said: str) -> Words:
    """Return a value as it stands within a sentence: a common name of another table's row without its capital."""
    table, _, column = mention.slot.rpartition(".")
    entity = telling.environment(mention.environment).entity(table)
    common = entity is not None and entity.common and column == entity.name
    return say(lowered(said) if common and _COMMON.fullmatch(said) else said, mention.id)


def several(named: Words) -> Words:
    """Return a name that a number counts: without its article, in the plural where it has one."""
    bits = [bit for bit in named if bit.mention or bit.text.strip() not in ("a", "an", "the")]
    last = bits[-1]
    if not UNCOUNTED.search(last.text) and re.search(r"[a-rt-z]$", last.text):
        bits[-1] = last._replace(text=plural(last.text))
        return tuple(bits)
    if re.search(r"[a-z]s$", last.text):
        return tuple(bits)
    return (*text("lots of " if last.text.islower() else "of the "), *bits)


def superlative(column: str, order: str) -> str:
    """Return the adjective by which rows are ranked on a column, from the look of its name; empty where it has none."""
    for form, least, greatest in _SUPERLATIVES:
        if re.search(form, column):
            return least if order == "min" else greatest
    return ""


def measure(column: str) -> str:
    return spaced(re.sub(r"_(?:cents|pence|minor|g|cm|km)$", "", column)) or "price"


def lowered(words: str) -> str:
    return words if words.isupper() else words[:1].lower() + words[1:]
