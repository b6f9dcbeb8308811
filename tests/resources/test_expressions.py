import re

import pytest

from envfactory.resources.expressions import for_python


@pytest.mark.parametrize(
    ("pattern", "found", "missed"),
    [
        (r"^[\p{L}]+([ '-][\p{L}]+){0,2}\.?$", "Núria O'Neill", "R2 D2"),
        (r"^\p{Lu}\p{Ll}+$", "Élan", "élan"),
        (r"^\pL+$", "Straße", "a_b"),
        (r"^\P{L}+$", "42 - 7", "4x2"),
        (r"^[^\p{L}]+$", "42 - 7", "4x2"),
        (r"^[\p{L}\p{N} ]{2,}$", "Saal 3", "Saal-3"),
        (r"^[A-Z \p{Han}\p{Hangul}-]+$", "AB 漢-한", "ab"),
        (r"^\p{Script=Greek}+$", "λόγος".replace("ό", "ο"), "logos"),
        (r"^\p{IsAlphabetic}+$", "abc", "a1"),
        (r"^(?<year>\d{4})\z", "2026", "26"),
        (r"^\u{41}[\x{42}]$", "AB", "ab"),
        (r"^[\p{P}]$", "-", "a"),
        (r"^[]a]$", "]", "b"),
        (r"^[[a-z^]+$", "[a^", "A"),
        (r"^[^\P{N}]+$", "12", "ab"),
    ],
)
def test_what_documents_write_finds_the_same_in_python(pattern: str, found: str, missed: str) -> None:
    told = for_python(pattern)
    assert told is not None
    assert (bool(re.search(told, found)), bool(re.search(told, missed))) == (True, False)


@pytest.mark.parametrize("pattern", ["^[a-z]{2,4}$", r"\d+(?:\.\d\d)?", r"^\S+@\S+\.\w+$", r"[\]\\-]", "", "(?<=a)b"])
def test_what_python_reads_stays_as_it_is(pattern: str) -> None:
    assert for_python(pattern) == pattern


@pytest.mark.parametrize(
    "pattern", [r"\p{Klingon}", r"[a\P{L}]", "(", r"\p{L", r"[\p{L}", r"\u{FFFFFF}", "a**", "[a||b]"]
)
def test_what_lies_beyond_is_none(pattern: str) -> None:
    assert for_python(pattern) is None
