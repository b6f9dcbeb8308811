"""English words: plurals, articles, gerunds, numbers in words. Rules with the few exceptions that API documents need."""

from __future__ import annotations

import re
from functools import lru_cache

_SMALL = (
    "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen "
    "eighteen nineteen"
).split()
_TENS = "zero ten twenty thirty forty fifty sixty seventy eighty ninety".split()
_PLURALS = {
    "person": "people",
    "child": "children",
    "kilometre": "kilometres",
    "man": "men",
    "woman": "women",
    "foot": "feet",
}
_VOWEL_SOUND = re.compile(r"^(?:[aei]|o(?!ne\b|nce\b)|u(?!ni|se|s\b|k\b|til)|hour|hon|8|11\b|18\b)", re.IGNORECASE)
_DOUBLED = frozenset("get put let set drop skip swap cancel run stop sit cut plan travel split book-in chat".split())
_GERUNDS = {"be": "being", "see": "seeing", "tie": "tying", "die": "dying"}


def plural(noun: str) -> str:
    """Return the plural of a noun, of the head of a phrase such as `place on the waiting list`."""
    head, preposition, rest = _head(noun)
    if preposition:
        return f"{plural(head)} {preposition} {rest}"
    first, space, last = noun.rpartition(" ")
    return f"{first}{space}{_plural_word(last)}"


def _head(noun: str) -> tuple[str, str, str]:
    for preposition in ("on", "of", "for", "in", "I"):
        head, found, rest = noun.partition(f" {preposition} ")
        if found:
            return head, preposition, rest
    return noun, "", ""


def _plural_word(word: str) -> str:
    if word in _PLURALS:
        return _PLURALS[word]
    if re.search(r"[^aeiou]y$", word):
        return word[:-1] + "ies"
    if re.search(r"(?:s|x|z|ch|sh)$", word):
        return word + "es"
    return word + "s"


def counted(number: int, noun: str) -> str:
    """Return the noun in the number that goes with it, without the number."""
    return noun if number == 1 else plural(noun)


def with_article(phrase: str) -> str:
    """Return the phrase with `a` or `an` before it."""
    spelt = re.match(r"[A-Z]{2,4}\b", phrase)
    vowel = phrase[0] in "AEFHILMNORSX" if spelt else _VOWEL_SOUND.match(phrase)
    return f"{'an' if vowel else 'a'} {phrase}"


def gerund(verb: str) -> str:
    """Return the -ing form of a base verb."""
    if verb in _GERUNDS:
        return _GERUNDS[verb]
    if verb in _DOUBLED:
        return f"{verb}{verb[-1]}ing"
    if verb.endswith("ie"):
        return f"{verb[:-2]}ying"
    if verb.endswith("e") and not verb.endswith(("ee", "oe", "ye")):
        return f"{verb[:-1]}ing"
    return f"{verb}ing"


def number_words(number: int) -> str:
    """Return a number below a hundred in words, a larger one in digits."""
    if not 0 <= number < 100:
        return str(number)
    if number < 20:
        return _SMALL[number]
    tens, ones = divmod(number, 10)
    return _TENS[tens] + (f"-{_SMALL[ones]}" if ones else "")


def ordinal(number: int) -> str:
    """Return `5th`, `21st`."""
    ending = {1: "st", 2: "nd", 3: "rd"}.get(number % 10, "th") if number % 100 not in (11, 12, 13) else "th"
    return f"{number}{ending}"


@lru_cache(maxsize=4096)
def spaced(identifier: str) -> str:
    """Return an identifier as words: `twin_room` becomes `twin room`."""
    parted = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", " ", identifier)
    return re.sub(r"[_\-\s]+", " ", parted).strip().lower()


@lru_cache(maxsize=4096)
def singular(noun: str) -> str:
    """Return the singular of a regular plural, the word itself where it is none."""
    back = {several: one for one, several in _PLURALS.items()}
    if noun in back:
        return back[noun]
    if noun.endswith("ies") and len(noun) > 4:
        return noun[:-3] + "y"
    if re.search(r"(?:ss|x|z|ch|sh)es$", noun):
        return noun[:-2]
    return noun[:-1] if noun.endswith("s") and not noun.endswith(("ss", "us", "is")) else noun
