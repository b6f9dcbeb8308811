"""Texts to patterns."""

from __future__ import annotations

import random
import re

import pytest

from envfactory.synthesis.seed.patterns import filled, matching


def test_marks_become_digits_and_capitals() -> None:
    assert re.fullmatch(r"LH\d{3}-[A-Z]", filled("LH###-?", random.Random(1)))


@pytest.mark.parametrize(
    "expression",
    [
        r"^([01][0-9]|2[0-3]):[0-5][0-9]$",
        r"^[A-Z]{2}\d{4}$",
        r"^\+?[0-9 ]{6,20}$",
        r"(abc|def)+x?",
        r"[^a-y]{3}",
        r"^\w+\s\S.$",
    ],
)
@pytest.mark.parametrize("seed", range(5))
def test_a_text_matches_its_regular_expression(expression: str, seed: int) -> None:
    text = matching(expression, random.Random(seed))

    assert text is not None
    assert re.search(expression, text)


@pytest.mark.parametrize("expression", [r"(?=a)b", r"(a)\1", "("])
def test_what_is_beyond_the_generator_gives_nothing(expression: str) -> None:
    assert matching(expression, random.Random(1)) is None
