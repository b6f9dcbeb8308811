"""What a text states, and what it does not: each expectation follows from how English is read, worked out by hand."""

from __future__ import annotations

import pytest

from envfactory.reading.values import denies, states

NOW = "2027-10-04T05:20:00Z"  # a Monday


@pytest.mark.parametrize(
    ("text", "minor", "unit"),
    [
        ("It comes to €120.", 12000, "EUR"),
        ("120 euros", 12000, "EUR"),
        ("EUR 120.00, all in", 12000, "EUR"),
        ("That's 1,234.50.", 123450, "EUR"),
        ("one hundred and twenty euros", 12000, "EUR"),
        ("You get £12.50 back", 1250, "GBP"),
        ("12 pounds 50", 1250, "GBP"),
        ("85p", 85, "GBP"),
        ("between €10 and €12", 1000, "EUR"),
        ("€10-€12", 1200, "EUR"),
        ("1.234,50 €", 123450, "EUR"),
        ("your balance is -€5.00", -500, "EUR"),
        ("¥1200", 1200, "JPY"),
        ("$30", 3000, "CAD"),
        ("€1.2k", 120000, "EUR"),
        ("there is no charge", 0, "EUR"),
        ("it's free", 0, "GBP"),
        ("€0", 0, "EUR"),
    ],
)
def test_money_is_stated(text: str, minor: int, unit: str) -> None:
    assert states(text, "money", minor, unit)
    assert not states(text, "money", minor + 1, unit)


@pytest.mark.parametrize(
    "text",
    [
        "you have 120 rooms",
        "$120",
        "€1120",
        "€1200",
        "€120.50",
        "room 120",
        "-€120",
        "flight 120",
        "120 minutes",
        "A120",
    ],
)
def test_money_is_not_read_out_of_other_numbers(text: str) -> None:
    assert not states(text, "money", 12000, "EUR")


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("two bags", 2),
        ("2 bags", 2),
        ("a couple of bags", 2),
        ("it takes 35 minutes", 35),
        ("it takes 1 h 35", 95),
        ("an hour and 35 minutes", 95),
        ("twenty-one seats are left", 21),
        ("1,200 metres", 1200),
        ("12.5%", 12.5),
        ("15%", 0.15),
        ("a 3-bedroom flat", 3),
        ("5kg", 5),
        ("No cars are left", 0),
        ("there are none", 0),
        ("two hundred and five", 205),
    ],
)
def test_number_is_stated(text: str, number: float) -> None:
    assert states(text, "number", number)
    assert not states(text, "number", number + 1)


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("a dozen", 12),
        ("2nd floor", 2),
        ("on 5 October", 5),
        ("at 5:30", 5),
        ("A2", 2),
        ("2B", 2),
        ("BK-12", 12),
        ("it costs €5", 5),
        ("120", 12),
        ("1,200", 200),
        ("1.25", 25),
        ("that one", 1),
        ("No, it's fine", 0),
    ],
)
def test_number_is_not_read_out_of_other_things(text: str, number: int) -> None:
    assert not states(text, "number", number, now=NOW)


@pytest.mark.parametrize(
    "text",
    [
        "on 5 October",
        "Oct 5th",
        "Tuesday 5 October 2027",
        "Tuesday, October the 5th",
        "the 5th of October",
        "the fifth of October, then",
        "tomorrow",
        "2027-10-05",
        "05.10.2027",
        "on the 5th",
        "Tuesday",
        "Tuesday the 5th",
        "from the 5th to the 8th",
        "5-8 October",
        "2027-10-05T15:00:00Z",
        "in a day",
    ],
)
def test_date_is_stated(text: str) -> None:
    assert states(text, "date", "2027-10-05", now=NOW)
    assert not states(text, "date", "2027-11-05", now=NOW)


@pytest.mark.parametrize(
    "text",
    [
        "5/10",
        "10/5",
        "5/10/2027",
        "15 October",
        "Oct 25",
        "the 5th floor",
        "October 2027",
        "5 Octobers",
        "5:10",
        "in 5 days",
    ],
)
def test_date_is_not_stated(text: str) -> None:
    assert not states(text, "date", "2027-10-05", now=NOW)


def test_numeric_date_counts_where_it_can_be_read_in_one_way() -> None:
    assert states("13/10", "date", "2027-10-13", now=NOW)
    assert states("10/13/2027", "date", "2027-10-13", now=NOW)


def test_dates_are_read_without_a_clock() -> None:
    assert states("on 5 October", "date", "2031-10-05")
    assert not states("tomorrow", "date", "2027-10-05")


@pytest.mark.parametrize(
    "text",
    [
        "at 15:00",
        "3pm",
        "3 p.m.",
        "3:00 PM",
        "15:00:00",
        "three o'clock",
        "at three",
        "3 in the afternoon",
        "2027-10-05T15:00:00Z",
    ],
)
def test_time_is_stated(text: str) -> None:
    assert states(text, "time", "15:00")
    assert not states(text, "time", "15:01")


@pytest.mark.parametrize(
    "text", ["3am", "at three in the morning", "03:00", "three bags", "at 3 euros", "15 km", "1500"]
)
def test_time_is_not_stated(text: str) -> None:
    assert not states(text, "time", "15:00")


@pytest.mark.parametrize(
    ("text", "time"),
    [
        ("half past two", "14:30"),
        ("a quarter to five in the afternoon", "16:45"),
        ("noon", "12:00"),
        ("ten past 8", "20:10"),
    ],
)
def test_times_in_words(text: str, time: str) -> None:
    assert states(text, "time", time)


@pytest.mark.parametrize(
    "text",
    [
        "5 October at 15:00",
        "tomorrow at 3 pm",
        "15:00 on Tuesday, 5 October",
        "On 5 October your driver will be there at 15:00.",
        "2027-10-05 15:00",
        "from 10:00 on 4 October to 15:00 on 5 October",
    ],
)
def test_datetime_is_stated(text: str) -> None:
    assert states(text, "datetime", "2027-10-05T15:00:00Z", now=NOW)
    assert not states(text, "datetime", "2027-10-04T15:00:00Z", now=NOW)


@pytest.mark.parametrize(
    "text",
    ["5 October", "at 15:00", "from 5 October 10:00 to 6 October 15:00", "5 October at 3 am", "6 October at 15:00"],
)
def test_datetime_is_not_stated_by_parts(text: str) -> None:
    assert not states(text, "datetime", "2027-10-05T15:00:00Z", now=NOW)


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("at the lanes, in Brighton", "The Lanes"),
        ("Málaga", "Malaga"),
        ("it is in transit", "in_transit"),
        ("at check-in", "checkin"),
        ("Brighton's best", "brighton"),
        ("the King’s Arms", "Kings Arms"),
        ("Marks and Spencer", "Marks & Spencer"),
        ("your booking is BK-1042.", "bk-1042"),
    ],
)
def test_name_is_stated(text: str, name: str) -> None:
    assert states(text, "text", name)


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("Malagan wine", "Malaga"),
        ("lane", "The Lanes"),
        ("BK-10423", "BK-1042"),
        ("unbooked", "booked"),
        ("", "x"),
        ("abc", ""),
    ],
)
def test_name_is_not_read_out_of_longer_words(text: str, name: str) -> None:
    assert not states(text, "name", name)


@pytest.mark.parametrize(
    ("text", "topic", "value"),
    [
        ("Yes, it takes dogs.", "pets", True),
        ("No, it doesn't.", "pets", False),
        ("It isn't refundable.", "refundable", False),
        ("It's non-refundable.", "refundable", False),
        ("It is refundable, but you can't change it.", "refundable", True),
        ("Breakfast is included.", "breakfast", True),
        ("I'm afraid not.", "", False),
    ],
)
def test_boolean_has_its_polarity(text: str, topic: str, value: bool) -> None:
    assert states(text, "boolean", value, topic)
    assert not states(text, "boolean", not value, topic)


def test_boolean_of_another_topic_is_not_stated() -> None:
    assert not states("Your room is booked.", "boolean", True, "refundable")
    assert not states("Your room is booked.", "boolean", False, "refundable")


@pytest.mark.parametrize(
    "text",
    [
        "I couldn't cancel it.",
        "Sorry, that's not possible: it leaves in an hour.",
        "There's no car left at that time.",
        "I haven’t booked anything; the room is sold out.",
        "It's too late to change it.",
        "The transfer was refused.",
        "Unable to renew the loan",
        "Nothing suitable is available.",
        "You can only cancel it up to a day before, so it has not been cancelled.",
    ],
)
def test_refusal_is_heard(text: str) -> None:
    assert denies(text)


@pytest.mark.parametrize(
    "text",
    [
        "Your car is booked.",
        "It's done, no problem!",
        "I've cancelled it and you won't be charged.",
        "You don't need to do anything else.",
        "That's booked; there is no charge.",
        "I've moved it to Friday. Don't worry about the ticket.",
        "It costs €12.",
    ],
)
def test_no_refusal_is_heard_where_there_is_none(text: str) -> None:
    assert not denies(text)


@pytest.mark.parametrize("text", ["I couldn't pay the bill.", "The bill was not paid.", "I didn't pay it."])
def test_refusal_to_pay_is_a_refusal(text: str) -> None:
    assert denies(text)
