"""Writing files so that no reader ever sees half of one, and JSON in the one form that hashes the same everywhere."""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
from pathlib import Path
from typing import Any, BinaryIO

from envfactory.errors import ArtefactError


def canonical_json(value: Any) -> bytes:
    """Return compact JSON with sorted keys, for hashing."""
    return json.dumps(value, sort_keys=True, ensure_ascii=False, separators=(",", ":")).encode()


def readable_json(value: Any) -> bytes:
    """Return JSON for people and diffs: one key a line down to the third level, compact below."""
    return (_render(value, 0) + "\n").encode()


def _render(value: Any, depth: int) -> str:
    flat = json.dumps(value, ensure_ascii=False)
    if depth > 4 or len(flat) <= 110 or not isinstance(value, dict | list) or not value:
        return flat
    pad, end = " " * (depth + 1), " " * depth
    if isinstance(value, list):
        return "[\n" + ",\n".join(pad + _render(item, depth + 1) for item in value) + f"\n{end}]"
    items = (f"{pad}{json.dumps(key, ensure_ascii=False)}: {_render(item, depth + 1)}" for key, item in value.items())
    return "{\n" + ",\n".join(items) + f"\n{end}}}"


def digest(data: bytes) -> str:
    """Return the sha256 of `data` in hex."""
    return hashlib.sha256(data).hexdigest()


def write_atomically(path: Path, data: bytes) -> None:
    """Write `data` to `path` by a file beside it and a rename; raise ArtefactError where that cannot be done.

    The file beside has a fixed name, so that what a killed process left is overwritten and not left for ever.
    """
    partial = path.with_name(f".{path.name}.partial")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        file = _open_alone(partial)
    except OSError as error:
        raise ArtefactError(
            f"cannot write {path}: {error.strerror}", remedy="choose another folder with --out"
        ) from error
    try:
        with file:
            file.truncate(0)
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
            partial.replace(path)
    except OSError as error:
        partial.unlink(missing_ok=True)
        raise ArtefactError(f"cannot write {path}: {error.strerror}", remedy="free some space") from error


def _open_alone(path: Path) -> BinaryIO:
    """Open a file that no one else writes; where someone did, it has been renamed since, and another is opened."""
    while True:
        file = path.open("ab")
        try:
            fcntl.flock(file, fcntl.LOCK_EX)
            if _names(path, file):
                return file
        except BaseException:
            file.close()  # a lock that is not let go would keep the others waiting
            raise
        file.close()


def _names(path: Path, file: BinaryIO) -> bool:
    """Tell whether a path still leads to an open file."""
    try:
        return path.stat().st_ino == os.fstat(file.fileno()).st_ino
    except FileNotFoundError:
        return False
