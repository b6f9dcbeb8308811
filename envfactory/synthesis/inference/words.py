"""Names as words: splitting, counting and joining the names that documents use.

`listPetTypes`, `pet-types` and `PetTypeList` speak of one thing; everything in the inference compares words, never spellings.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from envfactory.resources.naming import plain_letters

_BREAKS = (
    re.compile(r"([a-z0-9])([A-Z]{2,}s)(?![a-z])"),
    re.compile(r"([a-z0-9])([A-Z])"),
    re.compile(r"([A-Z]+)([A-Z](?!s(?![a-z]))[a-z])"),
)
_VERSION = re.compile(r"v\d+")
_NOT_WORD = re.compile(r"[^A-Za-z0-9]+")
_TAG = re.compile(r"<[^<>]{1,400}>")
_LINK = re.compile(r"!?\[([^\]]{0,200})\]\([^)]{0,400}\)")
_MARKS = re.compile(r"[`*#_]{1,3}(?=\S)|(?<=\S)[`*]{1,3}")
_SENTENCE_END = re.compile(r"(?<=[A-Za-z0-9)\]’'\"])(?<!\be\.g)(?<!\bi\.e)(?<!\betc)[.!?](?=\s|$)")
_EMPTY_BEGINNING = re.compile(
    r"^((Required|Optional|Output only|Input only|Immutable|Deprecated)\.?:?(\s+|$)"
    r"|Enables? you to (programmatically )?|Allows? you to |Use this (API|endpoint|operation) to |(This|The) (endpoint|operation|method) )",
)
_IRREGULAR = {
    "people": "person",
    "children": "child",
    "indices": "index",
    "vertices": "vertex",
    "criteria": "criterion",
    "shelves": "shelf",
    "leaves": "leaf",
    "lives": "life",
    "wives": "wife",
    "knives": "knife",
    "halves": "half",
    "men": "man",
    "women": "woman",
    "analyses": "analysis",
    "aliases": "alias",
    "statuses": "status",
    "addresses": "address",
    "buses": "bus",
    "caches": "cache",
    "movies": "movie",
    "cookies": "cookie",
    "queries": "query",
    "axes": "axis",
}
_UNCOUNTED = frozenset(
    "series news species data media metadata information equipment address status alias bus access progress process business "
    "canvas analysis basis gas lens class glass pass process focus bonus campus census corpus radius virus settings acl".split()
)
_ENDINGS_ES = ("ss", "sh", "ch", "x", "zz")
_ABBREVIATIONS = {
    "id",
    "url",
    "uri",
    "ip",
    "api",
    "acl",
    "sms",
    "dns",
    "ics",
    "iban",
    "vat",
    "sku",
    "pos",
    "ats",
    "hris",
}

# SQLite's keywords that a document is likely to use as a name, and what they are called as a column.
_KEYWORD_COLUMNS = {
    "from": "from_address",
    "to": "to_address",
    "order": "sort_order",
    "index": "position",
    "default": "is_default",
    "group": "group_name",
    "key": "key_name",
    "values": "value_text",
    "value": "value",
    "check": "check_text",
    "primary": "is_primary",
    "references": "reference_text",
    "limit": "limit_count",
    "table": "table_name",
    "column": "column_name",
    "when": "at_time",
    "start": "start",
    "end": "end",
    "transaction": "transaction_ref",
    "unique": "is_unique",
    "desc": "description",
    "select": "selected",
    "where": "place",
    "now": "at_now",
    "today": "at_today",
    "each": "each_one",
    "row": "row_number",
    "release": "release_name",
    "action": "action",
    "add": "added",
    "all": "all_of",
    "as": "as_name",
    "by": "by_name",
    "set": "set_name",
    "in": "within",
    "is": "is_it",
    "like": "liked",
    "match": "match_text",
    "not": "negated",
    "of": "of_name",
    "on": "is_on",
    "or": "or_name",
    "case": "case_ref",
    "commit": "commit_ref",
    "trigger": "trigger_name",
    "union": "union_name",
    "update": "update_text",
    "view": "view_name",
    "begin": "begins",
    "between": "between_text",
    "database": "database_name",
    "join": "joining",
    "offset": "offset_count",
    "plan": "plan_name",
    "query": "query_text",
    "replace": "replacement",
    "with": "with_name",
    "using": "using_name",
}


def words_of(name: str) -> list[str]:
    """`PetTypeIDs` → pet, type, ids."""
    name = plain_letters(name)
    for pattern in _BREAKS:
        name = pattern.sub(r"\1 \2", name)
    return [word.lower() for word in _NOT_WORD.sub(" ", name).split()]


def snake(name: str) -> str:
    """An identifier: lower case, underscores, beginning with a letter."""
    joined = "_".join(words_of(name))
    return joined if joined[:1].isalpha() else f"n_{joined}" if joined else ""


def singular(word: str) -> str:
    """One of them. Words that cannot be counted stay."""
    if word in _IRREGULAR:
        return _IRREGULAR[word]
    if word.endswith("shelves"):
        return word[:-3] + "f"
    if word in _UNCOUNTED or len(word) < 4 or not word.endswith("s") or word.endswith(("ss", "us", "is")):
        return word
    if word.endswith("ies") and len(word) > 4:
        return word[:-3] + "y"
    if word.endswith("es") and word[:-2].endswith(_ENDINGS_ES):
        return word[:-2]
    return word[:-1]


def plural(word: str) -> str:
    """Many of them."""
    for many, one in _IRREGULAR.items():
        if one == word:
            return many
    if word.endswith("shelf"):
        return word[:-1] + "ves"
    if word in _UNCOUNTED and not word.endswith(("ss", "us")):
        return word if word.endswith("s") else word + "s"
    if word.endswith("y") and word[-2:-1] not in tuple("aeiou"):
        return word[:-1] + "ies"
    return word + ("es" if word.endswith((*_ENDINGS_ES, "s")) else "s")


def singular_name(name: str) -> str:
    """The snake-case name with its last word in the singular, the one before where that is a version (`RulesV2`)."""
    words = words_of(name)
    last = len(words) - (2 if len(words) > 1 and _VERSION.fullmatch(words[-1]) else 1)
    return "_".join(singular(word) if number == last else word for number, word in enumerate(words))


def plural_name(noun: str) -> str:
    """The snake-case name with its last word in the plural."""
    words = noun.split("_")
    return "_".join([*words[:-1], plural(words[-1])])


def is_plural(name: str) -> bool:
    """Whether the last word is a plural."""
    words = words_of(name)
    return bool(words) and singular(words[-1]) != words[-1]


def column_name(name: str) -> str:
    """A column's name: snake case and no keyword of SQL."""
    spelled = snake(name)
    return _KEYWORD_COLUMNS.get(spelled, spelled)


def spoken(name: str) -> str:
    """A name as a person says it: `pet_type_id` → pet type ID."""
    return " ".join(word.upper() if word in _ABBREVIATIONS else word for word in name.split("_"))


def article(noun: str) -> str:
    """`a pet`, `an owner`; by the first letter, which is right for the nouns of documents."""
    said = spoken(noun)
    exact = said.startswith(("user", "uni", "use", "euro", "one"))
    return f"{'an' if said[:1].lower() in 'aeiou' and not exact else 'a'} {said}"


def plain(text: str) -> str:
    """A text without markup, on one line."""
    text = _LINK.sub(r"\1", _TAG.sub(" ", text))
    return " ".join(_MARKS.sub("", text).split())


def sentence(text: str, limit: int = 160) -> str:
    """The first sentence of a description, plain, at most `limit` characters, ending in a full stop."""
    flat = _EMPTY_BEGINNING.sub("", plain(text[: 6 * limit]))
    flat = flat[:1].upper() + flat[1:]
    match = _SENTENCE_END.search(flat)
    said = flat[: match.start()] if match else flat
    if len(said) > limit:
        said = said[:limit].rsplit(" ", 1)[0].rstrip(",;:( ")
    return said.rstrip(" .:;,") + "." if said.strip(" .:;,") else ""


def error_code(*names: str) -> str:
    """A code in capitals from names: `pet_type`, `not_found` → PET_TYPE_NOT_FOUND."""
    return "_".join(part for name in names for part in words_of(name)).upper()[:64]


def common_prefix(names: Iterable[Sequence[str]]) -> int:
    """How many leading words all the given names share."""
    listed = [list(name) for name in names]
    if len(listed) < 2:
        return 0
    shared = 0
    for column in zip(*listed, strict=False):
        if len(set(column)) > 1:
            break
        shared += 1
    return shared
