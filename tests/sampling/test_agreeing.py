"""A look-up and the call it is made for name no two days that contradict."""

from __future__ import annotations

import pytest

from envfactory.sampling.agreeing import clashes
from envfactory.sampling.views import EnvironmentView


@pytest.mark.parametrize(
    ("looked", "wanted", "expected"),
    [
        (("2026-05-14", "2026-05-16"), ("2026-05-14", "2026-05-16"), False),
        (("2026-05-13", "2026-05-20"), ("2026-05-14", "2026-05-16"), False),
        (("2026-05-22", "2026-05-24"), ("2026-05-14", "2026-05-16"), True),
    ],
)
def test_days_agree_where_they_overlap(
    view: EnvironmentView, looked: tuple[str, str], wanted: tuple[str, str], expected: bool
) -> None:
    search = dict(zip(("start_date", "end_date"), looked, strict=True))
    book = dict(zip(("start_date", "end_date"), wanted, strict=True))
    assert clashes(view.tools["search_boats"], search, view.tools["book_boat"], book) is expected


def test_a_call_without_days_takes_any(view: EnvironmentView) -> None:
    search = {"start_date": "2026-05-22", "end_date": "2026-05-24"}
    assert not clashes(view.tools["search_boats"], search, view.tools["cancel_hire"], {"hire_id": "hi_15"})
