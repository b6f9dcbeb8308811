from __future__ import annotations

import pytest

from envfactory.resources.importers.common import Naming, error_code, plain_text, reads_only, urls_in
from envfactory.resources.tolerant import Notes


@pytest.mark.parametrize(
    ("markup", "text"),
    [
        ("<p>One <b>two</b>.</p><p>Three &amp; four</p>", "One two.\nThree & four"),
        ("a < b", "a < b"),
        ("line<br/>break", "line\nbreak"),
        ("  plain  ", "plain"),
        ("<" * 50, "<" * 50),
    ],
)
def test_plain_text(markup: str, text: str) -> None:
    assert plain_text(markup) == text


@pytest.mark.parametrize(
    ("status", "code"),
    [
        ("404", "NOT_FOUND"),
        ("422", "UNPROCESSABLE_CONTENT"),
        ("499", "CLIENT_ERROR"),
        ("4XX", "CLIENT_ERROR"),
        ("599", "SERVER_ERROR"),
        ("DEFAULT", "ERROR"),
    ],
)
def test_error_codes(status: str, code: str) -> None:
    assert error_code(status) == code


def test_methods_that_promise_nothing() -> None:
    assert reads_only("POST") is None
    assert reads_only("") is None


def test_ids_and_names_are_handed_out_once() -> None:
    notes = Notes()
    naming = Naming(notes)

    claimed = [naming.claim(each) for each in ("getA", "get_a", "getA", "getA", "ж")]

    assert [each for each, _ in claimed] == ["getA", "get_a", "getA_2", "getA_3", "ж"]
    assert [name for _, name in claimed] == ["get_a", "get_a_2", "get_a_2_2", "get_a_3", "operation"]
    assert len(notes.messages()) == 2


def test_addresses_are_listed_once() -> None:
    assert urls_in("https://a.example", None, 3, "mailto:x", "https://a.example", "http://b.example") == [
        "https://a.example",
        "http://b.example",
    ]
