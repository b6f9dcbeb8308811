"""The frame of every page: one style, one script, and a policy that names them."""

from __future__ import annotations

import base64
import hashlib

import pytest
from markupsafe import Markup as Safe

from envfactory.pages.document import document, policy
from tests.pages.hostile import HOSTILE
from tests.pages.markup import Markup


def hashed(text: str) -> str:
    return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"


def test_the_policy_allows_our_script_and_no_other() -> None:
    page = Markup(document("t", Safe("<p>x</p>")))
    (told,) = [attributes["content"] or "" for tag, attributes in page.tags if attributes.get("http-equiv")]
    assert f"script-src {hashed(page.scripts[0])};" in told
    assert told.startswith("default-src 'none';")
    assert "unsafe" not in told


def test_a_file_may_ask_nobody_and_a_served_page_its_server() -> None:
    assert "connect-src 'none'" in policy()
    assert "connect-src 'self'" in policy(served=True)


def test_nothing_is_loaded_from_elsewhere() -> None:
    page = document("t", Safe("<p>x</p>"))
    assert [
        word for word in ("http://", "https://", "src=", "@import", "url(") if word in page.replace('d="', "")
    ] == []


@pytest.mark.parametrize("title", HOSTILE)
def test_a_title_is_text(title: str) -> None:
    page = Markup(document(title, Safe("")))
    assert [tag for tag, _ in page.tags].count("script") == 1


def test_half_a_character_can_be_written() -> None:
    assert "cut ?" in document("cut \ud83d", Safe("")).encode().decode()
