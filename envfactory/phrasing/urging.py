"""The words of a motive: why somebody asks again, goes back on what they said, or wants what they have just given up.

A motive is said with the request that it is for: before it, as its ground, or after it, and now and then by a word at
the request's end alone ("after all", "once more"). Nothing of it names a value.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from envfactory.phrasing import situations
from envfactory.phrasing.afterthoughts import Sentence
from envfactory.phrasing.clauses import Clause, Part
from envfactory.phrasing.telling import Telling
from envfactory.phrasing.words import string, text
from envfactory.tasks.motives import (
    AFTER_ALL,
    ANEW,
    BACK,
    BESIDE,
    CALLED_OFF,
    EARLY,
    FOR_OTHERS,
    IN_CASE,
    INSTEAD,
    MORE,
    MOTIVES,
    ONCE_MORE,
    RETRY,
    ROOM,
)

_ANY = ""
_WORDS: Mapping[str, Mapping[str, tuple[str, ...]]] = {
    ONCE_MORE: {
        _ANY: (
            "I haven't had a confirmation",
            "no e-mail has come about that",
            "I'm not sure that went through",
            "my connection dropped just then",
            "I still can't see it on my side",
            "I have nothing in writing about that yet",
            "the page froze on me just now",
            "nothing has turned up in my inbox",
            "my phone went dead just then",
            "I'd just like to be sure that it's done",
        ),
        "cancel": (
            "it still shows as active in my app",
            "I've just been sent a reminder for it all the same",
            "it's still in my calendar",
            "it still comes up when I log in",
        ),
        "change": (
            "my app still shows the old details",
            "the confirmation I have in front of me still says otherwise",
            "I still see what it was before",
            "nothing has changed on my screen",
        ),
        "confirm": (
            "my app keeps asking me to do it",
            "I still get messages telling me to do that",
            "it still shows as open on my phone",
        ),
        "pay": (
            "I can't find it on my statement",
            "my bank doesn't show any payment",
            "there's nothing on my card yet",
        ),
        "add": (
            "I can't see it anywhere in the overview",
            "it isn't listed in my app",
            "my summary looks just as it did before",
        ),
        "create": ("I can't find it anywhere in my account", "there's no trace of it in my account"),
        "claim": ("I haven't heard anything back", "I can't see that anybody is looking into it"),
    },
    AFTER_ALL: {
        _ANY: (
            "on second thoughts, I'd rather keep it",
            "I've changed my mind, I do want it after all",
            "that was too hasty of me, I'd like to keep it",
            "it turns out that I do need it after all",
            "my plans have changed back again",
            "sorry, I spoke too soon: it's on again",
            "forget what I said, it's happening after all",
            "it has all come right again in the meantime",
            "I've had a call, and it's going ahead after all",
        ),
        "claim": (
            "I've just remembered that something is still owed to me",
            "I've just remembered something that I never claimed for",
            "there's one thing left that I forgot about",
        ),
        "add": (
            "I've thought better of it and want to go on with it",
            "I'd rather not let it go after all",
            "on second thoughts, I'd like to carry on with it",
        ),
        "confirm": (
            "on second thoughts, I'll go ahead with it",
            "I've thought it over, and I'll go through with it after all",
        ),
    },
    CALLED_OFF: {
        _ANY: (
            "something has just come up at home",
            "I've just been called away",
            "my plans have just fallen through",
            "I've just had bad news from home",
            "I've changed my mind this very minute",
            "I can't go through with it after all",
        ),
        "claim": (
            "I've changed my mind about it",
            "I don't want to go through with it after all",
            "I feel bad about it now",
        ),
    },
    INSTEAD: {
        _ANY: (
            "I've found something that suits me better",
            "this would suit me better",
            "I need something in its place",
            "that leaves me free for what I really want",
            "I do need a replacement, though",
            "I have something else in mind now",
        ),
        "claim": ("there's something else I'd rather claim for", "I'd rather claim for another matter"),
    },
    ANEW: {
        _ANY: (
            "on second thoughts, I do want it, only not as it was",
            "I do need it after all, but not the way it was",
            "come to think of it, I'd rather do it over than do without",
            "I've thought again, and I'd like to start afresh with it",
            "I've changed my mind, so let me do that over",
            "sorry, I do want it, just not on the same terms",
        ),
        "claim": (
            "I do want to claim for that, I had only filled it in wrongly",
            "there was a mistake in it, so I'd like to start afresh",
        ),
    },
    ROOM: {
        _ANY: (
            "in that case I'll let another one go",
            "then I'd rather give up something else for it",
            "I could do without another one, if that helps",
            "then I'll make room for it",
        ),
        "claim": ("then I'd rather drop another one", "in that case I'll leave another one be"),
    },
    RETRY: {
        _ANY: (
            "it ought to be possible now",
            "that should do it",
            "now nothing should be in the way",
            "with that out of the way",
            "that should have cleared it up",
            "let's see if it works now",
        ),
    },
    BACK: {
        _ANY: (
            "I've thought it over, and it was better before",
            "sorry, I'd like it as it was after all",
            "I got that wrong, it was fine as it was",
            "the others would rather have it as it was",
            "forget that, it was right before",
            "I've changed my mind again",
            "it turns out that nothing needed changing",
        ),
    },
    MORE: {
        _ANY: (
            "that won't be enough, I've just noticed",
            "it turns out we need more than that",
            "I've counted again and it isn't enough",
            "I hadn't thought of everybody",
            "I'd forgotten about the others",
            "I'd left somebody out when I counted",
        ),
    },
    BESIDE: {
        _ANY: (
            "I'd like to keep my options open",
            "I can't make up my mind yet and want to have the choice",
            "I want to be on the safe side",
            "I'd like to have something to fall back on",
            "I'm not sure yet which it's going to be",
        ),
    },
    IN_CASE: {
        _ANY: (
            "who knows, I might want to go after all",
            "I'd like to keep a door open",
            "I may yet change my mind",
            "part of me still wants to go",
        ),
    },
    EARLY: {
        _ANY: (
            "that was quicker than I thought",
            "I'm done with it already",
            "it turns out I don't need it any longer",
            "I'm back already",
            "that's all I needed it for",
        ),
    },
}
_SORRY = (
    "I know that's only just been done, but",
    "sorry to turn round so quickly, but",
    "I know this is sudden, but",
    "this is embarrassing, but",
    "I hate to do this now, but",
)
_ENDINGS = {
    ONCE_MORE: ("again", "once more", "one more time", "again"),
    AFTER_ALL: ("after all",),
    INSTEAD: ("instead", "instead", ""),
    ANEW: ("again", ""),
    BESIDE: ("as well", "too", ""),
}
_ALONE = {ONCE_MORE: 0.15, AFTER_ALL: 0.15}
_BEFOREHAND = ("before", "before", "so", "so")
_WAYS = {
    ONCE_MORE: ("before", "before", "so", "so", "after", "dash"),
    BESIDE: ("before", "so", "after", "dash"),
    IN_CASE: ("before", "so", "after", "dash"),
    INSTEAD: ("before", "after", "so"),
    ANEW: ("before", "before", "after"),
    RETRY: ("before", "so"),
}
_SAFE = ("just to be safe", "just to be sure", "to be on the safe side", "for good measure")
_APART = {(AFTER_ALL, "claim"), (CALLED_OFF, "claim"), (INSTEAD, "claim"), (ANEW, "claim"), (ROOM, "claim")}
_SELF = re.compile(r"(?<!let )(?<!tell )(?<!give )(?<!show )\b(?:me|us)\b")
_APOLOGY = 0.5
_LONG = 2  # adjuncts after which "again" would be lost


def motive_of(telling: Telling, call: int) -> str:
    """Return the motive with which this turn asks for a call, empty where it needs none (or in plain words)."""
    stories = [each.story for each in telling.turn.requests if each.call == call]
    return stories[0] if stories and stories[0] in MOTIVES and not telling.plain else ""


def has_motive(telling: Telling) -> bool:
    """Return whether anything in this turn is asked for with a motive."""
    return any(motive_of(telling, each.call) for each in telling.turn.requests)


def ended(telling: Telling, made: Clause, motive: str) -> str:
    """Put the word of a motive at the end of a request ("again"), and return it; empty where it has none."""
    if motive not in _ENDINGS:
        return ""
    ending = telling.rng.choice(_ENDINGS[motive])
    if motive == AFTER_ALL and not telling.chance(_ALONE[AFTER_ALL]):
        ending = ""
    if len(made.parts) >= _LONG and ending == "again":
        ending = "once more"
    if ending:
        made.parts.append(Part(text(ending), "lettered"))
    return ending


def urged(telling: Telling, made: Clause, said: list[Sentence], motive: str, ending: str) -> list[Sentence]:
    """Return a request with its motive before it, after it, or as its ground."""
    if motive == FOR_OTHERS:
        return [Sentence(text(situations.for_others(telling)), asks=False), *map(_for_them, said)]
    at = next((at for at, each in enumerate(said) if ending and string(each.words).endswith(f" {ending}")), -1)
    if at >= 0 and telling.chance(_ALONE.get(motive, 0.0)):
        return _in_short(telling, said, motive, at)
    why = _why(telling, made, motive, ending if at >= 0 else "")
    if not why:
        return said
    return _placed(why, said, telling.rng.choice(_WAYS.get(motive, _BEFOREHAND)))


def _for_them(asked: Sentence) -> Sentence:
    """Return a request on behalf of others: "book them on it", where the phrase is made for oneself."""
    words = tuple(bit if bit.mention else bit._replace(text=_SELF.sub("them", bit.text)) for bit in asked.words)
    return Sentence(words, asked.end, asked.asks)


def _why(telling: Telling, made: Clause, motive: str, ending: str) -> str:
    """Return the motive's words for this kind of deed, such as no earlier turn has said, without the request's ending."""
    before = " ".join(turn.text for turn in telling.task.turns[: telling.index]).lower()
    act = "claim" if _of_claim(made) else made.act
    own = _WORDS[motive].get(act, ())
    general = () if own and (motive, act) in _APART else _WORDS[motive][_ANY]
    choices = [each for each in (*general, *own, *own) if each.lower() not in before]
    choices = [each for each in choices if not ending or not each.endswith(f" {ending}")] or choices
    if not choices:
        return ""
    chosen = telling.rng.choice(choices)
    sorry = motive == CALLED_OFF and telling.chance(_APOLOGY)
    return f"{telling.rng.choice(_SORRY)} {chosen}" if sorry else chosen


def _of_claim(made: Clause) -> bool:
    return made.act == "cancel" and re.search(r"\{claim", made.head) is not None


def _in_short(telling: Telling, said: list[Sentence], motive: str, at: int) -> list[Sentence]:
    """Return a request whose last word is its motive: "actually, check me in after all", "again, just to be safe"."""
    asked = said[at]
    if motive == AFTER_ALL:
        words = (*text("actually, "), *asked.words)
    else:
        words = (*asked.words, *text(f", {telling.rng.choice(_SAFE)}"))
    return [*said[:at], Sentence(words, asked.end, asks=False), *said[at + 1 :]]


def _placed(why: str, said: list[Sentence], way: str) -> list[Sentence]:
    first, *rest = said
    if re.match(r"with that", why):
        return [Sentence((*text(f"{why}, "), *first.words), first.end, asks=False), *rest]
    if way == "so" and not rest and not re.match(r"(?:I|we)(?:'ve got| have)\b", string(first.words)):
        return [Sentence((*text(f"{why}, so "), *first.words), first.end, asks=False)]
    if way == "dash" and not rest and first.end == ".":
        return [Sentence((*first.words, *text(f" – {why}")))]
    if way in ("after", "dash"):
        return [*said, Sentence(text(why), asks=False)]
    return [Sentence(text(why), asks=False), *said]
