import re

import pytest

from envfactory.bench.inputs.patterns import matching


@pytest.mark.parametrize(
    "pattern",
    [
        r"^[A-Z]{2}\d{4}$",
        r"^\d{4}-\d{2}$",
        r"^(?:visa|master)card$",
        r"^[a-z0-9]+(-[a-z0-9]+)*$",
        r"^\+?[1-9]\d{6,14}$",
        r"^#[0-9a-fA-F]{6}$",
        r"^[^\s@]+@[^\s@]+\.[a-z]{2,}$",
        r"[A-Z]",
        r"^.{3,10}?$",
        r"^(?P<year>\d{4})/(Q[1-4])$",
        r"^[\w.-]{5}$",
    ],
)
def test_the_text_matches(pattern: str) -> None:
    text = matching(pattern)
    assert text is not None
    assert re.search(pattern, text)


@pytest.mark.parametrize("pattern", [r"^(?=.*\d)[a-z]{4}$", r"^(a)\1b$", r"^[", r"^x(?<!x)$"])
def test_what_is_not_understood_is_none(pattern: str) -> None:
    assert matching(pattern) is None
