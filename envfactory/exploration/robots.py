"""What a site's robots.txt lets us read (RFC 9309).

A site without one may be read; one whose robots.txt cannot be had just now may not. Each site is asked once.
"""

from __future__ import annotations

from collections.abc import Callable
from urllib.parse import urlsplit
from urllib.robotparser import RobotFileParser

from envfactory.errors import ResourceError
from envfactory.resources.fetch import AnsweredWith, Download

AGENT = "envfactory"
Fetch = Callable[[str], Download]


class Robots:
    """Answers for all sites of one exploration. `fetch` gets a robots.txt within its own limits."""

    def __init__(self, fetch: Fetch) -> None:
        self._fetch = fetch
        self._rules: dict[str, RobotFileParser] = {}

    def allows(self, url: str) -> bool:
        """Whether the page at an http(s) address may be read."""
        parts = urlsplit(url)
        origin = f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}"
        if origin not in self._rules:
            self._rules[origin] = self._read(origin)
        return self._rules[origin].can_fetch(AGENT, url)

    def _read(self, origin: str) -> RobotFileParser:
        rules = RobotFileParser()
        rules.parse(self._lines(origin))
        return rules

    def _lines(self, origin: str) -> list[str]:
        try:
            return self._fetch(f"{origin}/robots.txt").data.decode("utf-8", "replace").splitlines()
        except AnsweredWith as answer:
            return [] if 400 <= answer.status < 500 else _NOTHING
        except ResourceError:
            return _NOTHING


_NOTHING = ["User-agent: *", "Disallow: /"]
