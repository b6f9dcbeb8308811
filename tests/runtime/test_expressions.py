"""The expression language: what is bound, and what is left alone."""

from __future__ import annotations

import pytest

from envfactory.runtime.expressions import translate


@pytest.mark.parametrize(
    ("expression", "sql", "lets"),
    [
        (":a + $b", ":a + :b", {"b"}),
        ("$room.price * :n", ":room__price * :n", {"room"}),
        ("'$room.price :a'", "'$room.price :a'", set()),
        ("'it''s $x' || $x", "'it''s $x' || :x", {"x"}),
        ('"$x" = $x', '"$x" = :x', {"x"}),
        ("-- $x\n$y", "-- $x\n:y", {"y"}),
        ("$now >= $each.date", ":now >= :each__date", {"now", "each"}),
    ],
)
def test_translate(expression: str, sql: str, lets: set[str]) -> None:
    translated = translate(expression)
    assert translated.sql == sql
    assert translated.lets == lets


def test_names_hold_parameters_and_bound_columns() -> None:
    assert translate(":guests <= $room.capacity").names == {"guests", "room__capacity"}


def test_names_come_in_the_order_of_their_first_appearance() -> None:
    translated = translate("$nights_cents + :people * $nights - $nights_cents + :nig")
    assert list(translated.names) == ["nights_cents", "people", "nights", "nig"]
    assert list(translated.lets) == ["nights_cents", "nights"]
