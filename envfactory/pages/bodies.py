"""Long texts of a page: not in it until someone looks, so that a page of a hundred megabytes opens at once.

A *packed* text lies compressed in the file itself, many to a pack, each distinct text once; the page inflates a pack
when one of its texts is opened. Base64 has no character that means anything in HTML, so nothing said can leave its
pack. A *fetched* text stays where it is; the page asks the server for it.
"""

from __future__ import annotations

import base64
import gzip
import json
from collections.abc import Callable, Iterator
from typing import NamedTuple, Protocol

from envfactory.environments.files import digest

_PACK = 512_000  # characters


class Body(NamedTuple):
    """A long text: a key that names it in its page, how it is shown (text, json, code, diff, page), its length."""

    key: str
    kind: str
    size: int
    read: Callable[[], str]


class Bodies(Protocol):
    """Takes the texts of a page, and returns the reference by which the page finds each."""

    def put(self, body: Body) -> str: ...


class Packed:
    """Bodies that lie in the page."""

    def __init__(self) -> None:
        self._packs: list[bytes] = []
        self._open: list[str] = []
        self._size = 0
        self._known: dict[str, str] = {}

    def put(self, body: Body) -> str:
        """Pack a text; return `pack.place`."""
        text = body.read()
        mark = digest(text.encode(errors="surrogatepass"))
        if mark not in self._known:
            self._known[mark] = f"{len(self._packs)}.{len(self._open)}"
            self._open.append(text)
            self._size += len(text)
            if self._size >= _PACK:
                self._close()
        return self._known[mark]

    def packs(self) -> Iterator[str]:
        """Yield every pack: base64 of gzip of a JSON list of texts."""
        if self._open:
            self._close()
        yield from (pack.decode() for pack in self._packs)

    def _close(self) -> None:
        data = json.dumps(self._open).encode()  # escapes whatever UTF-8 could not hold
        self._packs.append(base64.b64encode(gzip.compress(data, 6, mtime=0)))
        self._open, self._size = [], 0


class Fetched:
    """Bodies that a server hands out one by one, by their keys."""

    def __init__(self) -> None:
        self._readers: dict[str, Callable[[], str]] = {}

    def put(self, body: Body) -> str:
        """Note how a text is read; return its key."""
        self._readers[body.key] = body.read
        return body.key

    def get(self, key: str) -> str | None:
        """Return a text that is part of the page; None for any other key."""
        reader = self._readers.get(key)
        return None if reader is None else reader()
