"""Money and plain numbers in words: amounts in minor units with their currency, counts with the noun they count."""

from __future__ import annotations

import re
from collections.abc import Iterator
from decimal import ROUND_HALF_UP, Decimal

from envfactory.reading.numerals import CARDINAL, IN_DIGITS, IN_WORDS, ORDINAL, cardinal, ordinal
from envfactory.reading.spans import Kind, Reading, chosen, distinct, flatten, pattern

_SYMBOLS = {
    "€": "EUR",
    "£": "GBP",
    "$": "USD",
    "¥": "JPY",
    "₹": "INR",
    "₩": "KRW",
    "₺": "TRY",
    "zł": "PLN",
    "kč": "CZK",
}
_NAMES = {
    "euro": "EUR",
    "pound": "GBP",
    "quid": "GBP",
    "dollar": "USD",
    "buck": "USD",
    "yen": "JPY",
    "franc": "CHF",
    "zloty": "PLN",
    "rupee": "INR",
    "koruna": "CZK",
    "crown": "CZK",
    "krona": "SEK",
    "kronor": "SEK",
    "krone": "NOK",
    "kroner": "NOK",
    "forint": "HUF",
    "won": "KRW",
    "lira": "TRY",
}
_CODES = (
    "EUR GBP USD CHF JPY PLN CZK SEK NOK DKK HUF RON BGN ISK TRY INR CNY KRW AUD CAD NZD SGD HKD MXN BRL ZAR ILS AED"
    " THB"
).split()
_WITHOUT_MINOR = {"JPY", "KRW", "ISK", "HUF"}
_SHARED_SIGNS = {
    "$": {"USD", "AUD", "CAD", "NZD", "SGD", "HKD", "MXN"},
    "¥": {"JPY", "CNY"},
    "kr": {"SEK", "NOK", "DKK"},
}

_SIGN = "|".join(re.escape(sign) for sign in _SYMBOLS)
_CODE = "|".join(code.lower() for code in _CODES)
_NAME = "|".join(sorted(_NAMES, key=len, reverse=True))
# European digits as well: with both separators, or a decimal comma before exactly two digits.
_AMOUNT = r"(?P<amount>\d{1,3}(?:,\d{3})+(?:\.\d{1,2})?|\d{1,3}(?:[. ]\d{3})+,\d{2}|\d+,\d{2}(?!\d)|\d+(?:\.\d{1,2})?)(?![\d]|[.,]\d)"
_THOUSANDS = r"(?P<many> ?k\b| thousand\b| ?m\b| million\b)?"
_BEFORE = re.compile(
    rf"(?<![\w.,])(?P<minus>- ?)?(?P<sign>{_SIGN}|(?:{_CODE})\b|(?:us|a|c|nz)\$) ?(?P<inner>-)?{_AMOUNT}{_THOUSANDS}"
)
_AFTER = pattern(
    rf"(?P<minus>-)?{_AMOUNT}{_THOUSANDS} ?(?P<sign>(?:{_SIGN})(?!\w)|(?:{_CODE})\b|(?:{_NAME})s?\b|kr\b)"
    rf"(?:(?:,? and)? (?P<cents>\d{{1,2}})(?: ?(?:cents?|p|pence)\b|(?![\w.,:/])))?"
)
_IN_WORDS = pattern(
    rf"(?P<amount>{IN_WORDS}) (?P<sign>(?:{_NAME})s?)\b(?: and (?P<cents>{CARDINAL}) (?:cents?|p|pence)\b)?"
)
_MINOR = pattern(rf"(?P<amount>{CARDINAL}) ?(?P<sign>cents?|pence|p)\b(?!\.m)")
_BARE_DECIMAL = pattern(
    r"(?P<minus>-)?(?P<amount>(?:\d{1,3}(?:,\d{3})+|\d+)\.\d{2})(?![\d%]|[.,]\d| ?(?:%|km|kg|cm|kwh|percent)\b)"
)
_FACTORS = {"k": 1000, "thousand": 1000, "m": 1_000_000, "million": 1_000_000}


def minor_digits(currency: str) -> int:
    """Return how many decimal places a currency has."""
    return 0 if currency in _WITHOUT_MINOR else 2


def money(text: str) -> list[Reading]:
    """Return every sum of money: minor units, with the currency as `unit` (several joined by `/` where a sign is shared).

    An amount with two decimals and no currency is money without a unit; any other bare number is none.
    """
    return chosen(_money(text))


def _money(text: str) -> Iterator[Reading]:
    flat = flatten(text)
    for form in (_BEFORE, _AFTER, _IN_WORDS, _MINOR, _BARE_DECIMAL):
        for match in form.finditer(flat):
            said = match.groupdict()
            sign = said.get("sign") or ""
            unit = _currency(sign)
            values = distinct(_minor_units(said, each, small=form is _MINOR) for each in unit.split("/"))
            yield Reading("money", match.start(), match.end(), text[match.start() : match.end()], values, unit)


def _currency(sign: str) -> str:
    if sign in _SHARED_SIGNS:
        return "/".join(sorted(_SHARED_SIGNS[sign]))
    if sign in _SYMBOLS:
        return _SYMBOLS[sign]
    if sign.upper() in _CODES:
        return sign.upper()
    if sign.endswith("$"):
        return {"us$": "USD", "a$": "AUD", "c$": "CAD", "nz$": "NZD"}[sign]
    name = _NAMES.get(sign) or _NAMES.get(sign.removesuffix("s"), "")
    return "/".join(sorted(_SHARED_SIGNS["$"])) if name == "USD" else name


def _minor_units(said: dict[str, str | None], unit: str, *, small: bool) -> int:
    amount = _decimal(said["amount"] or "0") * _FACTORS.get((said.get("many") or "").strip(), 1)
    if not small:
        amount *= 10 ** minor_digits(unit)
    cents = said.get("cents")
    value = int(amount.to_integral_value(ROUND_HALF_UP)) + (int(cardinal(cents)) if cents else 0)
    return -value if said.get("minus") or said.get("inner") else value


def _decimal(words: str) -> Decimal:
    if not words[:1].isdigit():
        return Decimal(cardinal(words))
    if re.search(r",\d{2}$", words):
        return Decimal(re.sub(r"[. ]", "", words).replace(",", "."))
    return Decimal(words.replace(",", ""))


# --- numbers ----------------------------------------------------------------------------------------------------------

_UNITS = r"(?P<unit>km|kg|cm|mm|kwh|mb|gb|lbs?|oz|ml|[gxl])"
_GUARD = r"(?<![\w#@])(?<!\d[.,:/-])(?<![a-z]-)(?<![+])"
_NUMBER = re.compile(
    rf"{_GUARD}(?P<minus>(?<![\w)] )(?<!\w)-)?(?P<many>{IN_DIGITS})(?:{_UNITS}\b|(?![\w%])(?![.,:/-]\d)"
    rf"| ?(?P<percent>%))"
)
_IN_WORDS_ALONE = re.compile(rf"(?<![\w-])(?P<many>{IN_WORDS})\b(?![-]?(?:ish|th|something)\b)(?! percent\b)")
_PERCENT = pattern(rf"(?P<many>{CARDINAL}) ?(?:%|percent\b|per cent\b)")
_FEW = re.compile(r"\b(?P<pair>a couple(?: of)?|a pair of|both)\b")
_PRONOUN = re.compile(
    r"\b(?:that|this|the|which|what|another|other|second|third|each|every|any|no|some|cheapest|\w+est|first|last"
    r"|same|next|only|right|wrong|new|old"
    r"|\w+er|long|short|big|small|good|later|sooner|usual|nice|great|bad|hard|tough|tricky|easy) $"
)
_NOUN = re.compile(r" ?-?(?:more |other |of (?:the |my |us|them)?)?(?P<noun>[a-z][a-z'-]*)")


def numbers(text: str) -> list[Reading]:
    """Return every plain number, percentage and ordinal of a text; the noun that a number counts is its unit."""
    return chosen([*_percentages(text), *_numbers(text), *_few(text), *_ordinals(text)])


def _numbers(text: str) -> Iterator[Reading]:
    flat = flatten(text)
    for match in _NUMBER.finditer(flat):
        value = cardinal(match["many"]) * (-1 if match["minus"] else 1)
        unit = match["unit"] or _noun(flat, match.end())
        yield _reading(text, match, "percent" if match["percent"] else "number", value, unit)
    for match in _IN_WORDS_ALONE.finditer(flat):
        if match.group() != "one" or not _PRONOUN.search(flat[: match.start()]):
            yield _reading(text, match, "number", cardinal(match["many"]), _noun(flat, match.end()))


def _percentages(text: str) -> Iterator[Reading]:
    for match in _PERCENT.finditer(flatten(text)):
        yield _reading(text, match, "percent", cardinal(match["many"]), "")


def _few(text: str) -> Iterator[Reading]:
    flat = flatten(text)
    for match in _FEW.finditer(flat):
        yield _reading(text, match, "number", 2, _noun(flat, match.end()))


def _ordinals(text: str) -> Iterator[Reading]:
    flat = flatten(text)
    for match in pattern(ORDINAL).finditer(flat):
        yield _reading(text, match, "ordinal", ordinal(match.group()), _noun(flat, match.end()))


def _reading(text: str, match: re.Match[str], kind: Kind, value: float, unit: str) -> Reading:
    return Reading(kind, match.start(), match.end(), text[match.start() : match.end()], (value,), unit)


def _noun(flat: str, end: int) -> str:
    match = _NOUN.match(flat, end)
    return match["noun"] if match else ""
