"""Numbers in words and digits: the grammar of English cardinals and ordinals up to a million, as patterns and values."""

from __future__ import annotations

import re
from decimal import Decimal

_SMALL = (
    "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen "
    "eighteen nineteen"
).split()
_TENS = "twenty thirty forty fifty sixty seventy eighty ninety".split()
_ORDINAL_SMALL = (
    "zeroth first second third fourth fifth sixth seventh eighth ninth tenth eleventh twelfth thirteenth fourteenth "
    "fifteenth sixteenth seventeenth eighteenth nineteenth"
).split()
_ORDINAL_TENS = {"twentieth": 20, "thirtieth": 30}
_VALUES = {word: value for value, word in enumerate(_SMALL)} | {word: 20 + 10 * at for at, word in enumerate(_TENS)}

_DIGIT = "|".join(_SMALL[1:10])
_TEEN = "|".join(reversed(_SMALL[10:]))
_TEN = "|".join(_TENS)
_BELOW_100 = rf"(?:(?:{_TEN})(?:[ -](?:{_DIGIT})\b)?|{_TEEN}|{_DIGIT})"
_BELOW_1000 = rf"(?:(?:{_DIGIT}|an?) hundred\b(?:(?: and)? {_BELOW_100}\b)?|{_BELOW_100})"
IN_WORDS = rf"(?:(?:{_BELOW_1000}|an?) thousand\b(?:,?(?: and)? {_BELOW_1000}\b)?|{_BELOW_1000}|zero)"
IN_DIGITS = r"(?:\d{1,3}(?:,\d{3})+(?:\.\d+)?|\d+(?:\.\d+)?)"
CARDINAL = rf"(?:{IN_DIGITS}|{IN_WORDS}\b)"
ORDINAL_WORD = (
    rf"(?:(?:twenty|thirty)[ -](?:{'|'.join(_ORDINAL_SMALL[1:10])})|{'|'.join(_ORDINAL_SMALL[1:])}|twentieth|thirtieth)"
)
ORDINAL = rf"(?:\d{{1,2}}(?:st|nd|rd|th)|{ORDINAL_WORD})\b"


def cardinal(words: str) -> int | float:
    """Return the value of a match of CARDINAL (flat text): `two hundred and five`, `1,200`, `12.5`."""
    if words[:1].isdigit():
        exact = Decimal(words.replace(",", ""))
        return int(exact) if exact == exact.to_integral_value() else float(exact)
    thousands, said, rest = re.sub(r"[,-]| and\b", " ", words).partition("thousand")
    if not said:
        return _below_1000(thousands)
    return 1000 * (_below_1000(thousands) or 1) + _below_1000(rest)


def _below_1000(words: str) -> int:
    hundreds, said, rest = words.partition("hundred")
    if not said:
        return sum(_VALUES.get(word, 0) for word in hundreds.split())
    return 100 * (_below_1000(hundreds) or 1) + _below_1000(rest)


def ordinal(words: str) -> int:
    """Return the value of a match of ORDINAL (flat text): `5th`, `twenty-first`."""
    if words[:1].isdigit():
        return int(words[:-2])
    if words in _ORDINAL_TENS:
        return _ORDINAL_TENS[words]
    *tens, last = re.split("[ -]", words)
    return sum(_VALUES[ten] for ten in tens) + _ORDINAL_SMALL.index(last)
