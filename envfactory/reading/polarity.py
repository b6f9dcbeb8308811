"""Yes and no: whether a text affirms or denies, and whether it says that something was not or cannot be done."""

from __future__ import annotations

import re

from envfactory.reading.spans import flatten

_CLAUSES = re.compile(r"(?<=[a-z\d)])[.!?;]+(?: |$)|,? but |, (?:so|and|which|though|however|because) | - |\n")
# Refusing words. "No" counts before what could have been had ("no car left"), not before what is welcome ("no problem").
_NEGATED = (
    r"\b(?:(?:could|can|was|were|is|are|do|does|did|has|have|had|will|would|may|might|must|should)(?:n't| not"
    r"| no longer)"
    r"|cannot|can't|won't|unable|impossible|not (?:be )?(?:able|possible|allowed|permitted|available|done|booked"
    r"|made|changed|eligible|open|offered)"
    r"|no longer|never|neither|nor|not (?:yet|been)|refus(?:ed|es|al)|declin(?:ed|es)|reject(?:ed|s)|denied"
    r"|fail(?:ed|s|ure)?"
    r"|forbid(?:s|den)?|prohibit(?:s|ed)|blocked|ineligible|unavailable|sold out|fully booked|full up|too (?:late"
    r"|soon|early|many|few|long|short|big|large|small|heavy|young|old|close|far)"
    r"|went wrong|without success|didn't go through|only (?:possible|allowed|open|available) (?:if|when|for|to|until"
    r"|after|before))\b"
)
_NONE_LEFT = r"\b(?:no|none|nothing)\b(?! (?:problem|worries|need|doubt|matter|charge|fee|cost|extra|trouble|more than|later|rush))(?:[ \w'-]{0,40}\b(?:left|available|free|exists?|found|match(?:es|ing)?|remain(?:s|ing)?|to be had|such)\b| such\b)"
_HARMLESS = re.compile(
    r"\b(?:do|does|did|would|should|need|have|has|is|are|was|were)(?:n't| not) (?:need|have to|worry|hesitate|forget"
    r"|mind"
    r"|matter|cost|be charged|only|just|owe|a problem|any (?:charge|fee|cost|extra))\b"
    r"|\b(?:won't|will not) (?:need|have to|cost|charge|be charged|pay|miss|owe)\b"
    r"|\bcan(?:'t|not) wait\b|\bnot only\b|\bwhy not\b|\bnot at all\b|\bif (?:\w+ ){0,3}(?:not|isn't|doesn't|don't"
    r"|can't)\b"
    r"|\bnever mind\b|\bno longer than\b|\bwhether or not\b|\b(?:is|are|was|were)n't it\b"
)
_DENIAL = re.compile(f"{_NEGATED}|{_NONE_LEFT}")
_YES = re.compile(
    r"(?:^|[.!?,] )(?:yes|yep|yeah|yup|sure|certainly|of course|indeed|correct|that's right|absolutely)\b"
)
_NO = re.compile(
    r"(?:^|[.!?,] )(?:no|nope|nah|not at all|i'm afraid not|unfortunately not|afraid not)\b(?![ -](?:problem|worries"
    r"|doubt|one))(?=[ ,.!;-]|$)"
)
_NEGATION = re.compile(
    r"\b(?:not|no|never|none|without|neither|cannot|lacks?|non)\b|n't\b|\bun(?:available|able)\b|\b(?:false|excluded"
    r"|excluding)\b"
)


def denies(text: str) -> bool:
    """Whether the text says that something was not done or cannot be done."""
    return _DENIAL.search(_HARMLESS.sub(" ", flatten(text))) is not None


def affirms(text: str, topic: str = "") -> bool | None:
    """Return whether the text says yes (True) or no (False) about a topic, a few words such as `pets allowed`.

    A leading yes or no decides; otherwise the clauses that hold a word of the topic; without a topic, the whole text.
    None where nothing in the text is about it.
    """
    flat = flatten(text)
    yes, no = _YES.search(flat), _NO.search(flat)
    if bool(yes) != bool(no):
        return bool(yes)
    stems = [word[: max(4, len(word) - 2)] for word in re.findall(r"[a-z]{3,}", flatten(topic))]
    clauses = [each for each in _CLAUSES.split(flat) if each.strip()]
    about = [each for each in clauses if any(re.search(rf"\b(?:un|non-?)?{stem}", each) for stem in stems)]
    if stems and not about:
        return None
    return not any(
        _NEGATION.search(each) or re.search(rf"\b(?:un|non-?)(?:{'|'.join(stems) or '!'})", each)
        for each in about or clauses
    )
