"""Turns in words: what every wording must keep, whatever the tone and the choices."""

from __future__ import annotations

import random
import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from envfactory.errors import TaskError
from envfactory.phrasing.realise import realise
from envfactory.tasks.model import Mention, Persona, Reply, Said, Task, Turn
from tests.phrasing import harbour

FRAMES = harbour.frames()
TONES = ("plain", "polite", "brief", "chatty", "casual")
tones = st.sampled_from(TONES)
seeds = st.integers(0, 10_000)


def spoken(task: Task, seed: int = 0, *, plain: bool = False) -> list[Turn]:
    """All turns in words, each chosen knowing those before."""
    for at in range(len(task.turns)):
        turn = realise(task, at, FRAMES, random.Random(seed + at), plain=plain)
        task = task.model_copy(update={"turns": [*task.turns[:at], turn, *task.turns[at + 1 :]]})
    return task.turns


@given(tones, seeds)
@settings(max_examples=150, deadline=None)
def test_every_mention_that_is_uttered_stands_where_its_span_says(tone: str, seed: int) -> None:
    [turn] = spoken(harbour.booking(Persona(tone=tone, party=2), name=f"t{seed}"), seed)  # type: ignore[arg-type]

    assert all(each.span and turn.text[slice(*each.span)] == each.words for each in turn.mentions)
    assert {each.words for each in turn.mentions if each.id == "m1"} == {"Porto"}


@given(tones, seeds)
@settings(max_examples=150, deadline=None)
def test_a_value_is_said_once_and_no_other_value_is(tone: str, seed: int) -> None:
    [turn] = spoken(harbour.booking(Persona(tone=tone, party=2), name=f"t{seed}"), seed)  # type: ignore[arg-type]
    rest = turn.text
    for start, end in sorted({each.span for each in turn.mentions if each.span}, reverse=True):
        rest = f"{rest[:start]}#{rest[end:]}"

    assert not re.search(r"\d|Porto|cheapest|\btwo\b|\bMay (?!I|we)", rest)
    assert turn.text.count("Porto") == 1


@given(tones, seeds)
@settings(max_examples=150, deadline=None)
def test_nothing_of_the_machinery_shows(tone: str, seed: int) -> None:
    turns = spoken(harbour.cancelling(Persona(tone=tone), name=f"t{seed}"), seed)  # type: ignore[arg-type]
    said = " ".join(turn.text for turn in turns)

    assert not re.search(r"_|[{}\[\]]|bk_1|get_booking|None|  | [.,?!]", said)
    assert not re.search(r"\b(?:a|an|the|my) (?:a|an|the|my|it)\b", said)


@pytest.mark.parametrize("tone", TONES)
def test_the_same_choices_give_the_same_words(tone: str) -> None:
    task = harbour.cancelling(Persona(tone=tone))  # type: ignore[arg-type]

    assert spoken(task, 7) == spoken(task, 7)


def test_plain_wording_states_everything_in_one_clause_a_request() -> None:
    [turn] = spoken(harbour.booking(), plain=True)

    assert turn.text == turn.plain
    assert turn.text.startswith("Please book the cheapest boat in Porto ")
    assert turn.text.count(".") == 1


def test_a_relative_date_is_said_from_where_today_stands() -> None:
    words = {
        each.words
        for seed in range(40)
        for each in spoken(harbour.booking(day_form="relative", name=f"t{seed}"), seed)[0].mentions
        if each.id == "m2"
    }

    assert words <= {"Thursday", "this Thursday", "the 6th", "Thursday the 6th"}
    assert len(words) >= 3


def test_what_a_read_must_answer_is_asked() -> None:
    said = {spoken(harbour.cancelling(name=f"t{seed}"), seed)[0].text for seed in range(30)}

    assert all("costs" in text or "How much is" in text or "how much is" in text for text in said)


def test_a_row_that_was_spoken_of_is_referred_to_and_its_words_are_marked() -> None:
    referred = {spoken(harbour.cancelling(name=f"t{seed}"), seed)[1].mentions[0].words for seed in range(40)}

    assert {"it", "that booking"} <= referred
    assert referred <= {"it", "that booking", "the booking", "That booking", "The booking"}


def test_wordings_of_one_intent_are_many() -> None:
    said = {
        spoken(harbour.cancelling(Persona(tone=TONES[seed % 5]), name=f"t{seed}"), seed)[1].text  # type: ignore[arg-type]
        for seed in range(300)
    }

    assert len(said) >= 60


def test_a_missing_parameter_is_asked_by_its_frame_and_answered_with_its_value_only() -> None:
    task = harbour.booking(Persona(tone="plain"))
    turn = task.turns[0]
    kept = [each for each in turn.mentions if each.id not in ("m2", "m3")]
    reply = Reply(question="", text="", mentions=[each for each in turn.mentions if each.id in ("m2", "m3")])
    task = task.model_copy(update={"turns": [turn.model_copy(update={"mentions": kept, "replies": [reply]})]})

    said = realise(task, 0, FRAMES, random.Random(1))

    assert said.replies[0].question == "For which days?"
    assert all(each.span and said.replies[0].text[slice(*each.span)] == each.words for each in said.replies[0].mentions)
    assert "May" not in said.text
    assert "Porto" not in said.replies[0].text


@pytest.mark.parametrize(("party", "said"), [(3, True), (2, False)])
def test_a_situation_is_told_only_where_it_fits_the_party(party: int, said: bool) -> None:
    openings = [
        spoken(harbour.booking(Persona(tone="chatty", party=party), name=f"t{seed}"), seed)[0].text
        for seed in range(30)
    ]

    assert any("taking the children sailing" in text for text in openings) == said


def test_the_situation_of_the_persona_is_told_once() -> None:
    turns = spoken(harbour.cancelling(Persona(situation="I've hurt my hand")))

    assert [("hurt my hand" in turn.text) for turn in turns] == [True, False]


@pytest.mark.parametrize("seed", range(6))
def test_a_place_that_the_situation_names_is_said_there_and_not_again(seed: int) -> None:
    task = harbour.booking(Persona(situation="we're getting married in Porto", party=2), name=f"t{seed}")

    [turn] = spoken(task, seed)
    place = next(each for each in turn.mentions if each.id == "m1")

    assert turn.text.count("Porto") == 1
    assert place.span is not None
    assert turn.text[: place.span[0]].lower().endswith("we're getting married in ")


def test_a_situation_does_not_take_away_what_tells_the_booking() -> None:
    task = harbour.cancelling(Persona(situation="I'm in Porto all week"))

    said = spoken(task)[0].text

    assert said.count("Porto") == 1
    assert "all week" not in said


def test_an_environment_without_frames_is_refused() -> None:
    with pytest.raises(TaskError, match="no frames for harbour"):
        realise(harbour.booking(), 0, {}, random.Random(0))


def test_goodbyes_need_no_request() -> None:
    task = harbour.cancelling()
    goodbye = Turn(text="", calls=(3, 3), outcome="chat")

    turn = realise(task.model_copy(update={"turns": [*task.turns, goodbye]}), 2, FRAMES, random.Random(0))

    assert turn.text
    assert not re.search(r"\d", turn.text)


def test_a_wish_for_a_withheld_tool_is_asked_for_like_any_other() -> None:
    task = harbour.cancelling()
    wish = Turn(
        text="",
        calls=(2, 2),
        outcome="declined",
        mentions=[Mention(id="m2", environment="harbour", slot="bookings.id", value="bk_1", form="referred")],
    )
    task = task.model_copy(
        update={"turns": [spoken(task)[0], wish], "gold": task.gold[:2], "withheld": ["harbour.cancel_booking"]}
    )

    turn = realise(task, 1, FRAMES, random.Random(3))

    assert re.search(r"\b(?:cancel|call)", turn.text, re.IGNORECASE)
    assert turn.mentions[0].words


def test_a_source_that_says_a_mention_twice_says_it_once() -> None:
    task = harbour.booking()
    assert isinstance(task.gold[1].sources["people"], Said)

    [turn] = spoken(task, 4)

    assert sum(each.slot.endswith("people") for each in turn.mentions) == 1
    assert len(re.findall(r"\btwo\b|\b2\b", re.sub("(?:2|two) days", "", turn.text))) == 1
