"""The words of requests and of tools made comparable: roots, verbs that mean the same kind of act, common synonyms.

General English only: nothing here knows an environment.
"""

from __future__ import annotations

import re
from functools import lru_cache, partial

from envfactory.reading.match import stem
from envfactory.reading.spans import flatten

# Acts, with the verbs that can ask for them. A verb may belong to several.
ACTS: dict[str, frozenset[str]] = {
    act: frozenset(verbs.split())
    for act, verbs in {
        "create": "choose select pick assign book reserve arrange order hire rent buy purchase get need make"
        " schedule request place want take grab organise sort put like fix signup pickup insure",
        "register": "register enrol enroll join signup subscribe apply enter wait queue",
        "open": "open start create setup file submit report raise log lodge begin claim record make handin",
        "add": "add include attach topup put need append preorder throw reserve",
        "cancel": "refund cancel drop withdraw void retract scrap leave remove delete undo unwatch quit revoke end"
        " stop calloff forget takeoff giveup bin release",
        "change": "change move switch swap reschedule shift postpone extend renew upgrade update edit set adjust"
        " exchange correct rename prolong alter bring push keep make downgrade",
        "pay": "pay settle clear transfer",
        "return": "refund return handin giveback bringback takeback bring",
        "confirm": "confirm approve accept agree onboard acknowledge arrive board signoff",
        "reject": "reject decline refuse turndown",
        "checkin": "checkin",
        "checkout": "checkout borrow take collect pickup",
        "send": "send transfer wire forward pay ship post",
        "review": "review rate leave write score give",
        "watch": "watch follow track keepeye",
        "bid": "bid offer",
        "skip": "skip miss leave",
        "share": "share invite split",
        "block": "block freeze lock report",
    }.items()
}
READS = frozenset(
    "get list find search browse quote compare read show look lookup check follow track view see describe fetch"
    " query count"
    " estimate preview tell know what which how when where who is are does do have any".split()
)
READING_VERBS = frozenset(
    "get list find search browse quote compare read show look lookup check follow track view see describe fetch"
    " query count"
    " estimate preview".split()
)
_PHRASES = [
    (re.compile(form), word)
    for form, word in {
        r"\bcall(?:ed|ing)? (?:[\w']+ ){0,5}off\b": "calloff",
        r"\bsign(?:ed|ing)? (?:it |that )?off\b": "signoff",
        r"\bkeep(?:ing)? an eye on\b": "keepeye",
        r"\bput(?:ting)? (?:it |that )?off\b": "postpone",
        r"\b(?:get|getting) rid of\b": "remove",
        r"\bsign(?:ed|ing)? (?:me |us |\w+ )?up\b": "signup",
        r"\btak(?:e|ing) (?:[\w']+ ){1,6}(?:off|out)\b": "takeoff",
        r"\bgiv(?:e|ing) up\b": "giveup",
        r"\bgive (?:\w+ ){1,3}up\b": "giveup",
        r"\bhand(?:ed|ing)? [^.?!]{0,70}?\bin\b(?= at |[.?!,]|$)": "handin",
        r"\bturn(?:ed|ing)? [^.?!]{0,70}?\bdown\b": "turndown",
        r"\bgive (?:it |them |\w+ )?back\b": "giveback",
        r"\bbring (?:it |them |\w+ )?back\b": "bringback",
        r"\btake (?:it |them |\w+ )?back\b": "takeback",
        r"\bcheck(?:ing|ed)?[ -](?:me |us |the \w+ |\w+ )?in\b(?! on)": "checkin",
        r"\bcheck(?:ing|ed)?[ -](?:[^.?!]{0,60}? )?out\b": "checkout",
        r"\blook(?:ing|ed)? (?:me |it |\w+ )?up\b": "lookup",
        r"\blook(?:ing)? for\b": "find",
        r"\bset(?:ting)? (?:it )?up\b": "setup",
        r"\btop(?:ping)? (?:it |\w+ )?up\b": "topup",
        r"\bturn(?:ing)? (?:it )?down\b": "turndown",
        r"\bpick(?:ed|ing)? (?:me |us |it |\w+ )?up\b": "pickup",
        r"\binstead\b": "switch instead",
        r"\bhave (?:someone|somebody|a driver|them) (?=\w)": "",
        r"\bon board\b": "onboard",
        r"\bput (?:me|us|my name|\w+) (?:down|on)\b": "book add join",
        r"\bhow (?:much|many|long)\b": "how",
        r"\bgot to\b": "must",
    }.items()
]
_SAME = {
    word: first
    for line in (
        "person people attendee passengers adult guest passenger traveller diner party rider participant visitor",
        "child kid children",
        "bag suitcase luggage baggage case",
        "pet dog cat animal",
        "price cost fare charge total amount premium rate",
        "trip journey",
        "fee fine",
        "flat apartment",
        "bicycle bike",
        "car vehicle cab taxi",
        "seat place spot",
        "class lesson course session",
        "parcel package",
        "book title",
        "cancellation cancel",
        "reservation reserve",
        "booking bookings",
        "holiday leave vacation",
        "journey trip",
        "refund",
        "address",
        "begin start starts",
        "end finish ends",
        "arrive arrival arrives",
        "depart departure departs",
        "free available availability",
        "enrolment registration registered enrol enroll register enrolments",
        "fall autumn",
    )
    for first in [line.split()[0]]
    for word in line.split()
}
STOP = frozenset(
    "a an the of for to in on at by with and or from as is are was were be been it its this that these those i me my"
    " we us our you"
    " your they them their he she his her there here so then than too also just only please thanks thank can could"
    " would will"
    " shall should may might do does did have has had not no if but about into out up down over under all any some"
    " one ones what"
    " which who when where how much many more most least very really actually now already still again im ive id ill"
    " lets let s t"
    " d m ll ve re want like need get got go going".split()
)


@lru_cache(maxsize=8192)
def root(word: str) -> str:
    """Return a word without its inflection: `cancelled`, `cancelling`, `cancellation` meet `cancel`."""
    if word in _SAME:
        return _SAME[word]
    base = _bare(stem(word))
    return _SAME.get(base, base)


def same(word: str) -> str:
    """Return the word by which synonyms are known."""
    return _SAME.get(word, word)


def _bare(word: str) -> str:
    for ending, least in (
        ("ations", 4),
        ("ation", 4),
        ("ing", 4),
        ("ied", 2),
        ("ed", 3),
        ("ers", 4),
        ("er", 5),
        ("ly", 4),
    ):
        if word.endswith(ending) and len(word) - len(ending) >= least:
            word = word.removesuffix(ending) + ("y" if ending == "ied" else "")
            break
    if len(word) > 4 and word[-1] == word[-2] and word[-1] not in "sef":
        word = word[:-1]
    return word.removesuffix("e") if len(word) > 3 else word


@lru_cache(maxsize=8192)
def verbs_of(text: str) -> str:
    """Return flat text with separable verbs as single words: `check me in` becomes `checkin me`."""
    flat = flatten(text)
    for form, word in _PHRASES:
        flat = form.sub(partial(_joined, word), flat)
    return re.sub(r" {2,}", " ", flat).strip()


def _joined(word: str, match: re.Match[str]) -> str:
    """Return the single word, and after it what stood between the parts of the verb."""
    return f" {word} {' '.join(match.group().split()[1:-1])} "


def tokens(text: str) -> list[str]:
    """Return the words of flat text, apostrophes dropped."""
    return re.findall(r"[^\W_]+", text.replace("'", ""))


def roots(text: str) -> list[str]:
    """Return the roots of the words of a text that mean something, in order."""
    return list(_roots(text))


@lru_cache(maxsize=8192)
def _roots(text: str) -> tuple[str, ...]:
    return tuple(root(word) for word in tokens(verbs_of(text)) if word not in STOP)


@lru_cache(maxsize=8192)
def acts_of(word: str) -> frozenset[str]:
    """Return the acts that a verb, in any form, can ask for."""
    return _acts_by_root().get(_bare(stem(word)), frozenset())


@lru_cache(maxsize=1)
def _acts_by_root() -> dict[str, frozenset[str]]:
    acts: dict[str, set[str]] = {}
    for act, verbs in ACTS.items():
        for verb in verbs:
            acts.setdefault(_bare(stem(verb)), set()).add(act)
    return {base: frozenset(found) for base, found in acts.items()}
