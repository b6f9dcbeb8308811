"""Where resources come from: a file, an address, an installed package, the built-in catalogue.

`load` takes one reference and gives the resource with its provenance complete. The same reference gives the same
resource again: downloads are kept, and fetched anew only when asked.
"""

from __future__ import annotations

import stat
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

from envfactory.errors import ResourceError
from envfactory.resources import catalogue, packages
from envfactory.resources.cache import Cache, Cached, default_cache_dir
from envfactory.resources.importers import import_document
from envfactory.resources.model import Resource
from envfactory.resources.reading import check_size

_ADDRESSES = ("http", "https")
_FORMS = "give a file, an http(s) address, package:<module>/<name> or catalogue:<domain>/<name>"


def load(ref: str, *, cache_dir: Path | None = None, allow_private: bool = False, refresh: bool = False) -> Resource:
    """The resource behind a reference.

    `cache_dir` keeps downloads (default: the user's cache folder), `refresh` fetches them anew, `allow_private`
    admits hosts of the local network. Raises ResourceError (CatalogueError for an unknown catalogue entry) with one
    line and a remedy.
    """
    kind, _, rest = ref.partition(":")
    if kind in _ADDRESSES:
        return _from_address(ref, cache_dir or default_cache_dir(), allow_private, refresh)
    if kind == "package":
        return _from_package(rest)
    if kind == "catalogue":
        return _from_catalogue(rest)
    return _from_file(_path_of(ref))


def check(ref: str) -> None:
    """Raise as `load` does where it is plain without reading or fetching anything that nothing is behind a reference."""
    kind, _, rest = ref.partition(":")
    if kind == "package":
        packages.locate(rest)
    elif kind == "catalogue":
        catalogue.find(rest)
    elif kind not in _ADDRESSES:
        check_file(_path_of(ref))


def _path_of(ref: str) -> Path:
    kind, _, rest = ref.partition(":")
    if rest.startswith("//"):
        raise ResourceError(f"{kind}: addresses are not supported", remedy=_FORMS)
    return Path(ref).expanduser()


def _from_file(path: Path) -> Resource:
    """The source is the name alone: the same file must give the same resource wherever it lies."""
    return import_document(read_file(path), source=path.name)


def read_file(path: Path) -> bytes:
    """The bytes of an ordinary file; ResourceError where it is none, cannot be read or is too large."""
    check_file(path)
    with _told(path):
        return path.read_bytes()


def check_file(path: Path) -> None:
    """Raise ResourceError where a path is no ordinary file, or is too large; nothing is read."""
    with _told(path):
        status = path.stat()
        if stat.S_ISDIR(status.st_mode):
            raise ResourceError(f"{path} is a folder", remedy="give one document in it")
        if not stat.S_ISREG(status.st_mode):
            raise ResourceError(f"{path} is no ordinary file", remedy="give a file")
        check_size(status.st_size)


@contextmanager
def _told(path: Path) -> Iterator[None]:
    try:
        yield
    except FileNotFoundError as error:
        raise ResourceError(f"there is no file {path}", remedy=_FORMS) from error
    except (OSError, ValueError) as error:
        raise ResourceError(
            f"{path} cannot be read: {getattr(error, 'strerror', None) or error}", remedy=_FORMS
        ) from error


def _from_address(url: str, cache_dir: Path, allow_private: bool, refresh: bool) -> Resource:
    cache = Cache(cache_dir)
    stored = None if refresh else cache.get(url)
    trouble = ""
    if stored is None:
        stored, trouble = _download(url, cache, allow_private)
    resource = import_document(stored.data, source=without_credentials(url), media_hint=stored.content_type)
    provenance = resource.provenance.model_copy(update={"retrieved": stored.retrieved})
    warnings = [*resource.warnings, trouble] if trouble else resource.warnings
    return resource.model_copy(update={"provenance": provenance, "warnings": warnings})


def _download(url: str, cache: Cache, allow_private: bool) -> tuple[Cached, str]:
    """The fresh download, and why it could not be kept (or nothing)."""
    from envfactory.resources.fetch import fetch  # the HTTP client costs start-up time, and most runs fetch nothing

    download = fetch(url, allow_private=allow_private)
    stored = Cached(download.data, download.content_type, datetime.now(UTC).date().isoformat())
    try:
        cache.put(url, stored)
    except OSError as error:
        return stored, f"the download could not be kept: {error.strerror or error}"
    return stored, ""


def without_credentials(url: str) -> str:
    """The address without user name and password, for provenance and messages."""
    scheme, separator, rest = url.partition("://")
    host, slash, path = rest.partition("/")
    return f"{scheme}{separator}{host.rpartition('@')[2]}{slash}{path}"


def _from_package(reference: str) -> Resource:
    found = packages.locate(reference)
    resource = import_document(read_file(found.path), source=f"package:{found.reference}")
    known = resource.provenance
    provenance = known.model_copy(update={"package": found.package, "licence": known.licence or found.licence})
    return resource.model_copy(update={"provenance": provenance})


def _from_catalogue(reference: str) -> Resource:
    entry = catalogue.find(reference)
    return import_document(entry.read_bytes(), source=f"catalogue:{entry.domain}/{entry.name}")
