"""Why a person asks: fit for what is asked for, and why somebody wants for a second time what is theirs."""

from __future__ import annotations

import random
from collections.abc import Mapping

import pytest

from envfactory.phrasing.frames import Situation
from envfactory.phrasing.realise import realise
from envfactory.phrasing.situations import _OTHERS, fits
from envfactory.tasks.model import Persona, Request
from envfactory.tasks.motives import FOR_OTHERS
from tests.phrasing import harbour


@pytest.mark.parametrize(
    ("party", "given", "expected"),
    [
        (2, {"section": "medical"}, True),
        (2, {"section": "baggage"}, False),
        (2, {}, False),
        (5, {"section": "medical"}, False),
    ],
)
def test_a_situation_fits_party_and_request(party: int, given: Mapping[str, object], expected: bool) -> None:
    assert fits(Situation("I broke my wrist", (1, 2), {"section": "medical"}), party, given) is expected


@pytest.mark.parametrize("seed", range(6))
def test_what_is_theirs_already_is_for_others(seed: int) -> None:
    task = harbour.booking(Persona(tone="chatty", party=2))
    [turn] = task.turns
    again = turn.model_copy(update={"requests": [Request(call=1, story=FOR_OTHERS)]})
    said = realise(task.model_copy(update={"turns": [again]}), 0, harbour.frames(), random.Random(seed)).text
    assert any(each[1:] in said for each in _OTHERS)


def test_plain_words_have_no_motive() -> None:
    task = harbour.booking()
    again = task.turns[0].model_copy(update={"requests": [Request(call=1, story=FOR_OTHERS)]})
    told = task.model_copy(update={"turns": [again]})
    said = realise(told, 0, harbour.frames(), random.Random(1), plain=True).text
    assert not any(each[1:] in said for each in _OTHERS)
