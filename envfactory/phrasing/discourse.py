"""What stands around requests: greetings, reactions to the last answer, connectives, closers. Sparse on purpose.

Most turns begin with what is wanted; an acknowledgement in every turn is a sign of a machine.
"""

from __future__ import annotations

import re

from envfactory.phrasing.telling import Telling
from envfactory.phrasing.urging import has_motive

_GREETINGS = {
    "plain": ["hello.", "hi.", "hello,", "hi,"],
    "polite": ["good morning.", "hello.", "good afternoon.", "hello there.", "hi there."],
    "chatty": ["hi!", "hi there!", "hello!", "hey there,", "hiya!"],
    "casual": ["hey,", "hi,", "hey!", "hi!"],
    "brief": ["hi,"],
}
_GREET = {"plain": 0.25, "polite": 0.55, "chatty": 0.55, "casual": 0.4, "brief": 0.06}
_AFTER = {
    "done": {
        "plain": ["thanks.", "great.", "good."],
        "polite": ["thank you.", "that's very kind, thank you.", "wonderful, thank you."],
        "chatty": [
            "brilliant, thanks!",
            "oh great, thank you!",
            "perfect.",
            "lovely, that was quick.",
            "you're a star.",
        ],
        "casual": ["nice, thanks!", "cheers!", "great.", "cool.", "sweet."],
        "brief": ["thanks.", "ok."],
    },
    "informed": {
        "plain": ["okay.", "good to know.", "thanks.", "right."],
        "polite": ["I see, thank you.", "that's helpful, thank you.", "thank you for checking."],
        "chatty": ["ah, good to know!", "okay, that helps.", "right, thanks for looking that up.", "hmm, okay."],
        "casual": ["ok cool.", "right.", "ah ok.", "gotcha."],
        "brief": ["ok.", "right."],
    },
    "refused": {
        "plain": ["that's a pity.", "okay, then not.", "I see."],
        "polite": ["I understand.", "that's a shame, but never mind.", "I see, thank you anyway."],
        "chatty": ["oh, that's a shame.", "oh no, really?", "hm, I was afraid of that.", "okay, can't be helped."],
        "casual": ["ah, pity.", "damn, ok.", "oh well.", "hm, shame."],
        "brief": ["pity.", "ok then."],
    },
}
_REACT = {"done": 0.22, "informed": 0.3, "refused": 0.85, "declined": 0.8, "chat": 0.0}
_SHIFTS = {
    "plain": ["another thing:", "I have one more thing.", "something else:"],
    "polite": ["there is one more thing, if I may.", "may I ask for something else as well?", "on another note,"],
    "chatty": ["oh, while I have you:", "while we're at it,", "right, next thing.", "on a different note,"],
    "casual": ["other thing:", "btw,", "also,", "while I'm at it,"],
    "brief": ["next:", "also:"],
}
_BONDS = (
    "while we're on that city:",
    "we'll be in town another time too:",
    "something else for my trips there:",
    "I'll be there again later on, so",
)
_SAME = {
    "also,": 1.0,
    "and": 1.0,
    "then": 1.0,
    "oh, and": 0.8,
    "actually,": 0.5,
    "one more thing:": 0.4,
    "okay,": 0.6,
    "so": 0.5,
    "now": 0.4,
}
_SILENCE = {"plain": 8.0, "polite": 9.0, "brief": 14.0, "chatty": 5.0, "casual": 6.0}
_TURNS = frozenset({"cancel", "change"})
_CLOSERS = {
    "plain": ["thanks.", "thank you."],
    "polite": ["thank you.", "thank you.", "many thanks.", "thanks very much.", "thank you for your help."],
    "chatty": ["thanks!", "thanks a lot!", "cheers!", "thank you!", "thanks a million.", "much appreciated!"],
    "casual": ["thanks!", "thanks", "cheers", "thx", "ta"],
    "brief": ["thx.", "thanks."],
}
_CHAT = {
    "plain": [
        "That's all, thank you.",
        "Good, that was everything.",
        "Thanks, nothing else for now.",
        "All clear. Goodbye.",
    ],
    "polite": [
        "That will be all. Thank you for your help.",
        "You've been very helpful, thank you.",
        "Thank you, there is nothing else. Have a good day.",
    ],
    "chatty": [
        "Perfect, that's me sorted. Thanks for everything!",
        "Lovely, that's all I needed. Have a nice day!",
        "You've been a great help, thank you. That's it from me!",
    ],
    "casual": ["that's it, cheers!", "nice one, all good now", "great, that's everything. bye!", "sorted, thanks"],
    "brief": ["That's all.", "Done, thanks.", "Nothing else. Bye."],
}


def before(telling: Telling) -> str:
    """Return a greeting, a reaction to the last answer, or a word that leads over; mostly nothing."""
    if telling.plain:
        return ""
    tone = telling.voice.tone
    if telling.index == 0:
        return telling.rng.choice(_GREETINGS[tone]) if telling.chance(_GREET[tone]) else ""
    reaction = _reaction(telling)
    if _shifts(telling):
        shift = telling.rng.choice(_BONDS if _same_place(telling) else _SHIFTS[tone]) if telling.chance(0.75) else ""
        return f"{reaction} {shift}".strip()
    same = _connective(telling) if not reaction and not has_motive(telling) else ""
    return f"{reaction} {same}".strip()


def _connective(telling: Telling) -> str:
    """Return a word that leads over within a matter; mostly none, never one the person used before."""
    acts = {telling.reader.tool(telling.task.gold[request.call]).act for request in telling.turn.requests}
    weights = {"": _SILENCE[telling.voice.tone]} | {
        each: odds for each, odds in _SAME.items() if not _opened(telling, each)
    }
    if not acts & _TURNS:
        weights.pop("actually,", None)
    return telling.rng.choices(list(weights), list(weights.values()))[0]


def _opened(telling: Telling, words: str) -> bool:
    return any(
        re.search(rf"(?:^|[.!?] ){re.escape(words)}", turn.text.lower()) for turn in telling.task.turns[: telling.index]
    )


def _reaction(telling: Telling) -> str:
    """React to a refusal often, to a success now and then, and not in two turns running."""
    last = telling.task.turns[telling.index - 1]
    outcome = "refused" if last.outcome == "declined" else last.outcome
    choices = _AFTER.get(outcome, {}).get(telling.voice.tone, [])
    reacted = telling.index > 1 and _begins_with_reaction(telling.task.turns[telling.index - 1].text)
    odds = _REACT[last.outcome] * (0.4 if reacted else 1.0)
    fresh = [each for each in choices if not _said_before(telling, each)]
    return telling.rng.choice(fresh) if fresh and telling.chance(odds) else ""


def _begins_with_reaction(said: str) -> bool:
    everything = [each for tones in _AFTER.values() for lines in tones.values() for each in lines]
    return any(said.lower().startswith(each) for each in everything)


def _said_before(telling: Telling, words: str) -> bool:
    return any(words.rstrip(".!").lower() in turn.text.lower() for turn in telling.task.turns[: telling.index])


def _shifts(telling: Telling) -> bool:
    """Return whether this turn leaves the last one's environment."""
    here = {telling.task.gold[request.call].environment for request in telling.turn.requests}
    there = {telling.task.gold[request.call].environment for request in telling.task.turns[telling.index - 1].requests}
    return bool(here and there and not here & there)


def _same_place(telling: Telling) -> bool:
    """Return whether this turn names a place that the person has named before."""
    before = " ".join(turn.text for turn in telling.task.turns[: telling.index])
    words = [str(each.value).split(" ")[0] for each in telling.turn.mentions if isinstance(each.value, str)]
    return any(len(each) > 3 and each[0].isupper() and each in before for each in words)


def after(telling: Telling) -> str:
    """Return thanks at the end of a turn, seldom."""
    if not telling.chance(telling.voice.thanks) or _thanked_before(telling):
        return ""
    return telling.rng.choice(_CLOSERS[telling.voice.tone])


def _thanked_before(telling: Telling) -> bool:
    """Return whether the person said thanks in one of the last two turns: nobody does all the time."""
    recent = telling.task.turns[max(0, telling.index - 2) : telling.index]
    return any(re.search(r"\b(?:thank|thanks|thx|cheers)\b", turn.text.lower()) for turn in recent)


def chat(telling: Telling) -> str:
    """Return what a person says who wants nothing more."""
    return telling.rng.choice(_CHAT[telling.voice.tone])
