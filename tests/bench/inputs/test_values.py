from typing import Any

import pytest

from envfactory.bench.inputs.values import (
    admits,
    around,
    checker_of,
    gap_in_days,
    kind_of,
    plain_text,
    shift_date,
    shift_stamp,
)
from envfactory.environments.contract import Parameter


@pytest.mark.parametrize(
    ("value", "kind"),
    [
        (3, "integer"),
        (2.5, "number"),
        (True, "other"),
        (None, "other"),
        ("2026-05-12", "date"),
        ("2026-05-12T08:00:00Z", "date-time"),
        ("07:45", "time"),
        ("27:45", "text"),
        ("Porto", "text"),
    ],
)
def test_kinds_of_values(value: Any, kind: str) -> None:
    assert kind_of(value) == kind


def test_dates_move_over_the_ends_of_months_and_not_beyond_the_calendar() -> None:
    assert shift_date("2026-02-28", 1) == "2026-03-01"
    assert shift_date("9999-12-31", 1) is None
    assert shift_stamp("2026-12-31T23:59:59Z", seconds=1) == "2027-01-01T00:00:00Z"
    assert gap_in_days("2026-02-27", "2026-03-01T10:00:00Z") == 2


@pytest.mark.parametrize(
    ("parameter", "seeds", "expected"),
    [
        (Parameter(type="integer"), [4], [4, 3, 5]),
        (Parameter(type="integer"), ["four"], []),
        (Parameter(type="string", format="date"), ["2026-03-01"], ["2026-03-01", "2026-02-28", "2026-03-02"]),
        (Parameter(type="string", format="date"), [7], []),
        (
            Parameter(type="string", format="date-time"),
            ["2026-03-01T00:00:00Z"],
            ["2026-03-01T00:00:00Z", "2026-02-28T23:59:59Z", "2026-03-01T00:00:01Z"],
        ),
    ],
)
def test_values_around_a_seed(parameter: Parameter, seeds: list[Any], expected: list[Any]) -> None:
    assert around(parameter, seeds) == expected


def test_a_schema_admits_what_the_runtime_would() -> None:
    check = checker_of(Parameter(type="integer", minimum=1, maximum=3))
    assert [value for value in (0, 1, 3, 4, "1", None) if admits(check, value)] == [1, 3, None]


@pytest.mark.parametrize("parameter", [Parameter(type="string", min_length=60), Parameter(type="string", max_length=4)])
def test_plain_text_keeps_to_its_length(parameter: Parameter) -> None:
    assert admits(checker_of(parameter), plain_text(parameter))
