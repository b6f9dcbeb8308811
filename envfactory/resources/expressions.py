r"""Regular expressions of documents (ECMAScript's, Java's, PCRE's) as Python's `re` reads them.

What Python lacks and documents use: Unicode properties (`\p{L}`, `\p{Lu}`, `\p{Han}`), code points in braces
(`\u{1F600}`), groups named `(?<name>...)`, `\z`. Letters alone are told exactly; among other members of a class they are
`\w`, which is a little more than was meant. What lies beyond is no pattern at all.
"""

from __future__ import annotations

import re

_TOKEN = re.compile(
    r"\\(?P<sign>[pP])(?:\{(?P<long>\^?[\w =]+)\}|(?P<short>[A-Z]))|\\[ux]\{(?P<point>[0-9A-Fa-f]{1,6})\}"
    r"|(?P<group>\(\?<(?=[A-Za-z]))|(?P<open>\[\^?)|\\.|.",
    re.DOTALL,
)
_PREFIX = re.compile(r"(?:script|sc|general_category|gc)=|(?:is|in)(?=[a-z]{2})")
_SET = re.compile(r".--.|&&|\|\||~~")
_LETTERS = "\0letters"
_MEMBERS = {  # what stands for a property within a class
    **dict.fromkeys(("l", "letter", "alphabetic", "alpha"), _LETTERS),
    **dict.fromkeys(("n", "nd", "number", "digit", "decimal_number"), r"\d"),
    **dict.fromkeys(("z", "zs", "separator", "space_separator", "space", "white_space", "whitespace"), r"\s"),
    **dict.fromkeys(("lu", "uppercase_letter", "uppercase", "upper"), "A-ZÀ-ÖØ-Þ"),
    **dict.fromkeys(("ll", "lowercase_letter", "lowercase", "lower"), "a-zß-öø-ÿ"),
    **dict.fromkeys(("m", "mn", "mark"), "\u0300-\u036f"),
    **dict.fromkeys(("p", "punctuation", "punct"), r"!-#%-*,-/:;?@\[-\]_{}¡§«¶·»¿‐-‧"),
    **dict.fromkeys(("s", "symbol"), r"$+<=>\^`|~¢-©¬-±´×÷€"),
    **dict.fromkeys(("sc", "currency_symbol"), "$¢-¥€"),
    "alnum": r"\w",
    "latin": "A-Za-zÀ-ÖØ-öø-ɏ",
    "greek": "Ͱ-Ͽ",
    "cyrillic": "Ѐ-ӿ",
    "hebrew": "֐-׿",
    "arabic": "؀-ۿ",
    "han": "一-鿿",
    "hiragana": "ぁ-ゟ",
    "katakana": "゠-ヿ",
    "hangul": "가-힣",
}


def for_python(pattern: str) -> str | None:
    """Return a document's pattern as Python reads it; None where there is no such thing."""
    try:
        translated = _translated(pattern)
        return re.compile(translated).pattern
    except (re.error, LookupError, OverflowError):
        return None


def _translated(pattern: str) -> str:
    members: list[str] = []
    told, head = "", ""  # head: the bracket of the class we are in
    for token in _TOKEN.finditer(pattern):
        if head and token[0] == "]" and members:
            told, members, head = told + _class(head, members), [], ""
        elif head:
            members.append(_member(token, inside=True))
        elif token["open"]:
            head = token["open"]
        else:
            told += _member(token, inside=False)
    return told + head + "".join(members)


def _member(token: re.Match[str], *, inside: bool) -> str:
    if token["sign"]:
        return _property(token, inside=inside)
    if token["point"]:
        return rf"\U{token['point'].zfill(8)}"
    if token["group"] and not inside:
        return "(?P<"
    if token["open"] and inside:  # a bracket in a class is a bracket
        return rf"\{token[0]}"
    return r"\Z" if token[0] == r"\z" else token[0]


def _property(token: re.Match[str], *, inside: bool) -> str:
    name = token["long"] or token["short"]
    negated = (token["sign"] == "P") != name.startswith("^")
    members = _MEMBERS[_PREFIX.sub("", name.lstrip("^").lower().replace(" ", ""))]
    if not inside:
        return _class("[^" if negated else "[", [members])
    if negated and members not in (r"\d", r"\s", r"\w"):
        raise LookupError(name)  # a class has no place for all but some
    return members.upper() if negated else members


def _class(head: str, members: list[str]) -> str:
    """Return a class; one of letters alone is `[^\\W\\d_]`."""
    if set(members) == {_LETTERS}:
        return r"[^\W\d_]" if head == "[" else r"[\W\d_]"
    body = "".join(members).replace(_LETTERS, r"\w")
    if _SET.search(body):
        raise LookupError(body)  # Python is going to read it otherwise some day
    return f"{head}{body}]"
