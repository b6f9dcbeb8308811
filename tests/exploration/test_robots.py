"""RFC 9309: no robots.txt allows, an unreachable one forbids."""

from __future__ import annotations

import pytest

from envfactory.errors import ResourceError
from envfactory.exploration.robots import Robots
from envfactory.resources.fetch import AnsweredWith, Download


def answering(text: str) -> Robots:
    return Robots(lambda url: Download(text.encode(), "text/plain", url))


@pytest.mark.parametrize(
    ("text", "path", "allowed"),
    [
        ("User-agent: *\nDisallow: /a/", "/a/b", False),
        ("User-agent: *\nDisallow: /a/", "/b", True),
        ("User-agent: envfactory\nDisallow: /\n\nUser-agent: *\nAllow: /", "/b", False),
        ("User-agent: other\nDisallow: /", "/b", True),
        ("", "/b", True),
    ],
)
def test_rules(text: str, path: str, allowed: bool) -> None:
    assert answering(text).allows(f"https://example.org{path}") is allowed


@pytest.mark.parametrize(
    ("fault", "allowed"),
    [
        (AnsweredWith("x", status=404), True),
        (AnsweredWith("x", status=403), True),
        (ResourceError("x answered 503, 1 times"), False),
        (ResourceError("the host cannot be found"), False),
    ],
)
def test_a_site_whose_rules_cannot_be_had(fault: ResourceError, allowed: bool) -> None:
    def failing(url: str) -> Download:
        raise fault

    assert Robots(failing).allows("https://example.org/") is allowed
