"""The words of motives: said with the request, never in plain words, never twice, and of no value."""

from __future__ import annotations

import random
import re

import pytest

from envfactory.phrasing.afterthoughts import Sentence
from envfactory.phrasing.realise import realise
from envfactory.phrasing.situations import _OTHERS
from envfactory.phrasing.urging import _WORDS, _for_them
from envfactory.phrasing.voice import Tone
from envfactory.phrasing.words import string, text
from envfactory.tasks.model import Persona, Request, Task
from envfactory.tasks.motives import AFTER_ALL, FOR_OTHERS, INSTEAD, MOTIVES, ONCE_MORE
from tests.phrasing import harbour

TONES: tuple[Tone, ...] = ("plain", "polite", "brief", "chatty", "casual")
EVERYTHING = [words for acts in _WORDS.values() for told in acts.values() for words in told]


def _with(motive: str, tone: Tone = "plain") -> Task:
    task = harbour.booking(Persona(tone=tone, party=2))
    [turn] = task.turns
    return task.model_copy(update={"turns": [turn.model_copy(update={"requests": [Request(call=1, story=motive)]})]})


def _said(motive: str, seed: int, tone: Tone = "plain", *, plain: bool = False) -> str:
    return realise(_with(motive, tone), 0, harbour.frames(), random.Random(seed), plain=plain).text


def test_every_motive_has_words() -> None:
    assert set(_WORDS) | {FOR_OTHERS} == MOTIVES
    assert all(acts[""] for acts in _WORDS.values())


@pytest.mark.parametrize("tone", TONES)
@pytest.mark.parametrize("motive", sorted(set(_WORDS) - {ONCE_MORE, AFTER_ALL}))
def test_a_motive_is_said(motive: str, tone: Tone) -> None:
    told = [_said(motive, seed, tone).lower() for seed in range(6)]
    own = [words.lower() for words in _WORDS[motive][""] + _WORDS[motive].get("create", ())]
    assert all(any(words in each for words in own) for each in told)


@pytest.mark.parametrize("seed", range(8))
def test_who_asks_once_more_says_so(seed: int) -> None:
    assert re.search(r"\b(?:again|once more|one more time)\b", _said(ONCE_MORE, seed))


@pytest.mark.parametrize("tone", TONES)
def test_after_all_is_said_once(tone: Tone) -> None:
    assert [each for seed in range(60) if (each := _said(AFTER_ALL, seed, tone)).count(" after all") > 1] == []


def test_another_one_is_taken_instead() -> None:
    told = [_said(INSTEAD, seed) for seed in range(12)]
    assert any(re.search(r"\binstead\b", each) for each in told)


@pytest.mark.parametrize("motive", sorted(MOTIVES))
def test_plain_words_have_no_motive(motive: str) -> None:
    said = _said(motive, 1, plain=True)
    assert not any(words in said for words in EVERYTHING)
    assert said == _said("create", 1, plain=True)


def test_a_motive_names_no_value() -> None:
    counted = re.compile(r"\d|\b(?:one|two|three|first|last|today|tomorrow|yesterday|monday|morning)\b", re.IGNORECASE)
    free = ("another one", "one thing left", "let one go")
    assert [each for each in EVERYTHING if counted.search(each) and not any(words in each for words in free)] == []


def test_a_motive_is_not_said_twice() -> None:
    task = _with(ONCE_MORE)
    before = " ".join(words for told in _WORDS[ONCE_MORE].values() for words in told)
    [turn] = task.turns
    twice = task.model_copy(update={"turns": [turn.model_copy(update={"text": before}), turn]})
    said = realise(twice, 1, harbour.frames(), random.Random(3)).text
    assert not any(words in said for words in EVERYTHING)


@pytest.mark.parametrize(
    ("asked", "expected"),
    [
        ("could you get us on that ferry", "could you get them on that ferry"),
        ("reserve it for me and let me know", "reserve it for them and let me know"),
    ],
)
def test_what_is_for_others_is_asked_for_them(asked: str, expected: str) -> None:
    assert string(_for_them(Sentence(text(asked))).words) == expected


def test_others_are_brought_in_before_their_request() -> None:
    told = _said(FOR_OTHERS, 1)
    first = told.lower().split(". ")[0]
    assert first in [each.lower() for each in _OTHERS]
