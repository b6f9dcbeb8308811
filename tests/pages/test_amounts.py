"""Times and amounts as a person reads them."""

from __future__ import annotations

import pytest

from envfactory.pages.amounts import count, duration, moment, money, size, span


@pytest.mark.parametrize(("seconds", "said"), [(0.4, "0 s"), (59.4, "59 s"), (59.6, "1 min 0 s"), (151, "2 min 31 s")])
def test_durations(seconds: float, said: str) -> None:
    assert duration(seconds) == said


@pytest.mark.parametrize(("seconds", "said"), [(0.04, "0.0 s"), (9.94, "9.9 s"), (12.4, "12 s"), (7260, "2 h 1 min")])
def test_spans(seconds: float, said: str) -> None:
    assert span(seconds) == said


def test_moments_are_in_utc() -> None:
    assert moment(0) == "1970-01-01 00:00:00 UTC"


@pytest.mark.parametrize(("cost", "said"), [(None, "–"), (0.00014, "$0.0001"), (1234.5, "$1,234.50")])
def test_money(cost: float | None, said: str) -> None:
    assert money(cost) == said


def test_counts_and_sizes() -> None:
    assert [count(1, "call"), count(2, "call")] == ["1 call", "2 calls"]
    assert [size(12), size(12_300), size(2_500_000)] == ["12 chars", "12 k chars", "2.5 M chars"]
