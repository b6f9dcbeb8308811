"""Documents that installed packages carry: `package:googleapiclient/calendar.v3`, `package:botocore/scheduler`.

The packages are never imported, only their data files are read. A name without a version means the newest stable one.
"""

from __future__ import annotations

import difflib
import importlib.metadata
import importlib.util
import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from envfactory.errors import ResourceError

_VERSION = re.compile(r"v(\d+)(?:_(\d+))?(.*)")


@dataclass(frozen=True)
class PackageDocument:
    """A document's file, its full reference, and the package it belongs to."""

    path: Path
    reference: str
    package: str
    licence: str


@dataclass(frozen=True)
class _Collection:
    distribution: str
    find: Callable[[Path, str], Path | None]
    names: Callable[[Path], list[str]]


def locate(reference: str) -> PackageDocument:
    """The document behind `<module>/<name>`; ResourceError where module or name is unknown or not installed."""
    module, _, name = reference.partition("/")
    collection = _COLLECTIONS.get(module)
    if collection is None or not name:
        raise ResourceError(
            f"package:{reference} names no known collection",
            remedy=f"packages that can be read: {', '.join(_COLLECTIONS)}",
        )
    folder = _folder(module, collection.distribution)
    path = collection.find(folder, name) if _is_plain(name) else None
    if path is None:
        near = difflib.get_close_matches(name, collection.names(folder), n=4, cutoff=0.5)
        hint = "did you mean " + ", ".join(f"package:{module}/{each}" for each in near) if near else "check the name"
        raise ResourceError(f"{module} has no document {name!r}", remedy=hint)
    metadata = importlib.metadata.metadata(collection.distribution)
    licence = next((metadata[key] for key in ("License-Expression", "License") if key in metadata), "")
    return PackageDocument(path, f"{module}/{name}", f"{collection.distribution}=={metadata['Version']}", licence)


def search(words: str) -> list[str]:
    """The references of documents whose name holds all the words; nothing where the packages are not installed."""
    wanted = re.findall(r"[a-z0-9]+", words.lower())
    found = []
    for module, collection in _COLLECTIONS.items():
        try:
            names = collection.names(_folder(module, collection.distribution))
        except (ResourceError, OSError):
            continue
        found += [f"{module}/{name}" for name in names if wanted and all(word in name.lower() for word in wanted)]
    return found


def _folder(module: str, distribution: str) -> Path:
    spec = importlib.util.find_spec(module)
    if spec is None or not spec.submodule_search_locations:
        raise ResourceError(
            f"the package {distribution} is not installed", remedy="install it with: pip install 'envfactory[packages]'"
        )
    return Path(spec.submodule_search_locations[0])


def _is_plain(name: str) -> bool:
    return re.fullmatch(r"[A-Za-z0-9_.:-]+(/[A-Za-z0-9_.:-]+)?", name) is not None and ".." not in name


def _find_discovery(folder: Path, name: str) -> Path | None:
    documents = folder / "discovery_cache" / "documents"
    exact = documents / f"{name}.json"
    if exact.is_file():
        return exact
    versions = [path for path in documents.glob(f"{name}.v*.json") if path.name.startswith(f"{name}.v")]
    return max(versions, key=_discovery_rank, default=None)


def _discovery_rank(path: Path) -> tuple[bool, int, int, str]:
    match = _VERSION.fullmatch(path.stem.partition(".")[2])
    if match is None:
        return False, 0, 0, path.name
    return not match.group(3), int(match.group(1)), int(match.group(2) or 0), path.name


def _discovery_names(folder: Path) -> list[str]:
    return sorted(path.stem for path in (folder / "discovery_cache" / "documents").glob("*.json"))


def _find_botocore(folder: Path, name: str) -> Path | None:
    service, _, version = name.partition("/")
    base = folder / "data" / service
    if not base.is_dir():
        return None
    versions = [version] if version else sorted((path.name for path in base.iterdir() if path.is_dir()), reverse=True)
    candidates = [base / each / file for each in versions for file in ("service-2.json", "service-2.json.gz")]
    return next((path for path in candidates if path.is_file()), None)


def _botocore_names(folder: Path) -> list[str]:
    return sorted(path.name for path in (folder / "data").iterdir() if path.is_dir())


_COLLECTIONS = {
    "googleapiclient": _Collection("google-api-python-client", _find_discovery, _discovery_names),
    "botocore": _Collection("botocore", _find_botocore, _botocore_names),
}
