"""The store of downloads: contents by their sha256, and for each address a note which content it gave and when.

Every file is written whole or not at all, and each address has a file of its own, so runs side by side cannot spoil
it. A content that no longer has its hash counts as absent.
"""

from __future__ import annotations

import hashlib
import json
import os
import tempfile
from dataclasses import asdict, dataclass
from pathlib import Path


@dataclass(frozen=True)
class Cached:
    """A download as it was stored; `retrieved` is its date."""

    data: bytes
    content_type: str
    retrieved: str


@dataclass(frozen=True)
class _Note:
    url: str
    sha256: str
    content_type: str
    retrieved: str


def default_cache_dir() -> Path:
    """`envfactory/resources` in the user's cache folder (`XDG_CACHE_HOME`, else `~/.cache`)."""
    base = os.environ.get("XDG_CACHE_HOME", "")
    return (Path(base) if base else Path.home() / ".cache") / "envfactory" / "resources"


class Cache:
    def __init__(self, folder: Path) -> None:
        self._contents = folder / "contents"
        self._notes = folder / "addresses"

    def get(self, url: str) -> Cached | None:
        """What the address gave when it was last fetched; None where nothing whole is stored."""
        try:
            note = _Note(**json.loads(self._note_path(url).read_text("utf-8")))
            data = (self._contents / _checked(note.sha256)).read_bytes()
        except (OSError, ValueError, TypeError):
            return None
        if hashlib.sha256(data).hexdigest() != note.sha256:
            return None
        return Cached(data, note.content_type, note.retrieved)

    def put(self, url: str, cached: Cached) -> None:
        """Store a download; OSError where the folder cannot be written."""
        digest = hashlib.sha256(cached.data).hexdigest()
        note = _Note(url, digest, cached.content_type, cached.retrieved)
        _write(self._contents / digest, cached.data)
        _write(self._note_path(url), json.dumps(asdict(note), indent=1).encode("utf-8"))

    def _note_path(self, url: str) -> Path:
        return self._notes / f"{hashlib.sha256(url.encode('utf-8', 'replace')).hexdigest()}.json"


def _checked(digest: str) -> str:
    if len(digest) != 64 or not digest.isalnum():
        raise ValueError(f"not a digest: {digest!r}")
    return digest


def _write(path: Path, data: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=".partial-")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
        Path(temporary).replace(path)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise
