"""The simulated person: says what is asked for and not yet said, knows no more, and notices when nothing is asked."""

from __future__ import annotations

import pytest

from envfactory.calibration.user import UNKNOWN, SimulatedUser, answers, asks
from envfactory.tasks.model import EnvironmentRef, Mention, Reply, Task, Turn

WHERE = EnvironmentRef(name="hotels", domain="travel", content_hash="", now="2027-10-04T05:20:00Z")


def mention(slot: str, span: tuple[int, int] | None = None) -> Mention:
    return Mention(id="m", environment="hotels", slot=slot, value=1, span=span)


def reply(question: str, text: str, slot: str) -> Reply:
    return Reply(question=question, text=text, mentions=[mention(slot)])


GUESTS = reply("How many of you are there?", "Two adults.", "find_rooms.guests")
ARRIVAL = reply("When do you arrive?", "On the 5th.", "find_rooms.check_in")


def person(
    *replies: Reply, text: str = "I need a room in Bath.", mentions: list[Mention] | None = None
) -> SimulatedUser:
    turn = Turn(text=text, mentions=mentions or [], replies=list(replies), calls=(0, 0), outcome="done")
    return SimulatedUser(Task(id="t", seed=0, index=0, environments=[WHERE], turns=[turn], gold=[]))


@pytest.mark.parametrize(
    ("question", "said"),
    [
        ("How many guests will there be?", "Two adults."),
        ("Could you tell me the number of people?", "Two adults."),
        ("What's your check-in date?", "On the 5th."),
        ("When would you like to arrive?", "On the 5th."),
        ("How many guests, and when do you arrive?", "Two adults. On the 5th."),
    ],
)
def test_what_is_asked_for_is_supplied(question: str, said: str) -> None:
    assert person(GUESTS, ARRIVAL).respond(0, question) == said


def test_a_reply_is_given_again_as_long_as_patience_lasts() -> None:
    somebody = person(GUESTS, ARRIVAL)
    said = [somebody.respond(0, "How many guests?") for _ in range(4)]
    assert said == ["Two adults.", "Two adults.", "Two adults.", None]


def test_what_was_said_is_said_again() -> None:
    text = "I need a room in Bath. It's for two."
    somebody = person(text=text, mentions=[mention("find_rooms.city", (17, 21))])
    assert somebody.respond(0, "Which city would you like to stay in?") == "I need a room in Bath."


def test_what_the_person_cannot_know_is_not_made_up() -> None:
    somebody = person(GUESTS)
    assert somebody.respond(0, "Could you tell me the rate plan id?") == UNKNOWN


@pytest.mark.parametrize(
    "text",
    [
        "Your room is booked.",
        "It comes to €120. Is there anything else I can help you with?",
        "There is no such room.",
        "",
    ],
)
def test_nothing_is_said_where_nothing_is_asked(text: str) -> None:
    assert not asks(text)
    assert person(GUESTS).respond(0, text) is None


def test_a_person_does_not_go_on_for_ever() -> None:
    somebody = person()
    said = [somebody.respond(0, "What is the rate plan id?") for _ in range(3)]
    assert said == [UNKNOWN, UNKNOWN, None]


def test_an_answer_is_only_for_its_question() -> None:
    assert answers(GUESTS, "How many people are coming?")
    assert not answers(ARRIVAL, "What is your e-mail address?")
