"""manifest.json of a dataset: which files, with which hashes, made of what, by which settings. Nothing in it tells time."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from envfactory.environments.files import readable_json

NAME = "manifest.json"
KIND = "envfactory dataset"


def manifest(folder: Path, said: Mapping[str, Any]) -> bytes:
    """Return the manifest of a folder's files as they lie there, with what else is to be said."""
    files = {
        path.relative_to(folder).as_posix(): {"sha256": _digest(path), "bytes": path.stat().st_size}
        for path in sorted(folder.rglob("*"))
        if path.is_file() and path.name != NAME
    }
    return readable_json({"kind": KIND, "version": 1, **said, "files": files})


def is_ours(folder: Path) -> bool:
    """Tell whether a folder holds a dataset that an export wrote, or nothing at all."""
    if not folder.is_dir():
        return False
    if not any(folder.iterdir()):
        return True
    try:
        told = json.loads((folder / NAME).read_bytes())
    except (OSError, ValueError):
        return False
    return isinstance(told, dict) and told.get("kind") == KIND


def changed_files(folder: Path) -> list[str]:
    """Return the files that are missing, added or no longer as the manifest says."""
    told = json.loads((folder / NAME).read_bytes())["files"]
    here = {
        path.relative_to(folder).as_posix(): _digest(path)
        for path in folder.rglob("*")
        if path.is_file() and path.name != NAME
    }
    return sorted(name for name in told.keys() | here.keys() if told.get(name, {}).get("sha256") != here.get(name))


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
