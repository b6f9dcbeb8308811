"""Words under construction: runs of text that remember which mention they put into words.

A sentence is built as a tuple of bits; only at the end is it flattened into a string, with the span of every mention.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from typing import NamedTuple

from envfactory.phrasing.lexicon import with_article

_ARTICLE = re.compile(r"((?:^| ))a $")
_HOLE = re.compile(r"\{(\w+)\}")
_CLOSING = tuple(",.;:?!)")


class Bit(NamedTuple):
    """A run of text; `mention` is the id (or ids, spaced) of what it says, empty for the words in between."""

    text: str
    mention: str = ""


Words = tuple[Bit, ...]
NOTHING: Words = ()


def text(plain: str) -> Words:
    """Return words that say nothing in particular."""
    return (Bit(plain),) if plain else NOTHING


def say(spoken: str, mention: str) -> Words:
    """Return words that put a mention into words."""
    return (Bit(spoken, mention),)


def fill(template: str, values: Mapping[str, Words]) -> Words:
    """Return the template with its `{holes}` filled; a hole without a value stays empty."""
    bits: list[Bit] = []
    at = 0
    for hole in _HOLE.finditer(template):
        bits.extend(text(template[at : hole.start()]))
        bits.extend(values.get(hole[1], NOTHING))
        at = hole.end()
    return _agreeing((*bits, *text(template[at:])))


def _agreeing(bits: Words) -> Words:
    """Return the words with `a` before a vowel's sound as `an`, where a value was put after it."""
    out = list(bits)
    for at, bit in enumerate(out[:-1]):
        if not bit.mention and _ARTICLE.search(bit.text) and with_article(out[at + 1].text or "x").startswith("an "):
            out[at] = Bit(_ARTICLE.sub(r"\1an ", bit.text))
    return tuple(out)


def holes(template: str) -> list[str]:
    """Return the names of the holes of a template, in order."""
    return _HOLE.findall(template)


def join(parts: Iterable[Words], between: str = " ") -> Words:
    """Return the non-empty parts with `between` between them."""
    bits: list[Bit] = []
    for part in parts:
        if part:
            bits.extend(text(between) if bits else NOTHING)
            bits.extend(part)
    return tuple(bits)


def listed(parts: Iterable[Words], conjunction: str = "and") -> Words:
    """Return the parts as a list in prose: `a, b and c`."""
    known = [part for part in parts if part]
    if len(known) < 2:
        return known[0] if known else NOTHING
    return (*join(known[:-1], ", "), Bit(f" {conjunction} "), *known[-1])


def mentioned(words: Words) -> list[str]:
    """Return the ids of the mentions said in the words, in order."""
    return [mention for bit in words for mention in bit.mention.split()]


def string(words: Words) -> str:
    """Return the words as text, single-spaced."""
    return flatten(words)[0]


def flatten(words: Words) -> tuple[str, dict[str, tuple[int, int]]]:
    """Return the text, single-spaced and with punctuation closed up, and the span of every mention in it."""
    out = ""
    spans: dict[str, tuple[int, int]] = {}
    for bit in words:
        piece = re.sub(r"\s+", " ", bit.text)
        if not out or out.endswith(" "):
            piece = piece.lstrip(" ")
        if piece.lstrip(" ")[:1] in _CLOSING and piece.strip():
            out, piece = out.rstrip(" "), piece.lstrip(" ")
        start = len(out)
        out += piece
        for mention in bit.mention.split() if piece.strip() else ():
            first = spans.get(mention, (start, 0))[0]
            spans[mention] = (first, start + len(piece.rstrip()))
    return out.rstrip(), spans


def capitalised(words: Words) -> Words:
    """Return the words with their first letter in upper case."""
    return _first_letter(words, str.upper)


def uncapitalised(words: Words) -> Words:
    """Return the words with their first letter in lower case, unless it begins a name, an acronym or `I`."""
    opening = string(words).split(" ")[0]
    first = next((bit for bit in words if bit.text.strip()), Bit(""))
    named = bool(first.mention) and first.text[:1].isupper()
    if named or opening.split("'")[0] == "I" or sum(letter.isupper() for letter in opening) > 1:
        return words
    return _first_letter(words, str.lower)


def _first_letter(words: Words, change: Callable[[str], str]) -> Words:
    for at, bit in enumerate(words):
        if bit.text.strip():
            lead = len(bit.text) - len(bit.text.lstrip())
            changed = bit.text[:lead] + change(bit.text[lead]) + bit.text[lead + 1 :]
            return (*words[:at], Bit(changed, bit.mention), *words[at + 1 :])
    return words
