"""From the bytes of any supported document to a `Resource`: read, recognise the format, dispatch.

`import_document` is a boundary: whatever the bytes are, it returns a resource or raises `ResourceError` with what the
document looked like and what to do.
"""

from __future__ import annotations

import hashlib
from pathlib import PurePosixPath

from envfactory.errors import ResourceError
from envfactory.resources.importers.common import Source
from envfactory.resources.importers.detection import SUPPORTED, recognise
from envfactory.resources.importers.pages import (
    looks_like_html,
    looks_like_markdown,
    operations_need_model,
    read_page,
    require_operations,
)
from envfactory.resources.model import Resource
from envfactory.resources.reading import decode, read_tree, unpack
from envfactory.resources.tolerant import Notes

__all__ = ["import_document", "operations_need_model", "require_operations"]

_PAGE_HINTS = {
    **dict.fromkeys((".md", ".markdown", ".mdx", "text/markdown"), "markdown"),
    **dict.fromkeys((".html", ".htm", ".xhtml"), "html"),
}


def import_document(data: bytes, *, source: str, media_hint: str | None = None) -> Resource:
    """The resource that `data` describes.

    `source` is where it came from, for provenance and messages; `media_hint` a media type or file name that may say
    more than `source`. A documentation page comes back with sections and without operations. Raises ResourceError for
    everything that cannot be read.
    """
    try:
        return _import(data, Source(source, hashlib.sha256(data).hexdigest()), media_hint or "")
    except ResourceError as error:
        raise ResourceError(f"{source}: {error.message}", remedy=error.remedy) from error.__cause__
    except Exception as error:
        raise ResourceError(
            f"{source}: the importer failed on this document ({type(error).__name__}: {error})",
            remedy="this is a fault of ours; please report it with the document",
        ) from error


def _import(data: bytes, source: Source, media_hint: str) -> Resource:
    notes = Notes()
    if not data.strip():
        raise ResourceError("the document is empty", remedy="check the file or the address")
    text = decode(unpack(data), notes)
    page = _page_kind(source.name, media_hint, text)
    if page:
        return read_page(text, source, notes, is_html=page == "html")
    tree, problem = read_tree(text, notes)
    if isinstance(tree, (dict, list)):
        return recognise(tree)(tree, source, notes)
    says_html = media_hint.lower().startswith("text/html")  # last, for servers call many a document so
    if says_html or looks_like_markdown(text):
        return read_page(text, source, notes, is_html=says_html)
    raise _unreadable(data, text, problem)


def _page_kind(name: str, media_hint: str, text: str) -> str:
    for hint in (media_hint.split(";")[0].strip().lower(), name.lower().split("?")[0]):
        kind = _PAGE_HINTS.get(hint) or _PAGE_HINTS.get(PurePosixPath(hint).suffix)
        if kind:
            return kind
    return "html" if looks_like_html(text) else ""


def _unreadable(data: bytes, text: str, problem: str) -> ResourceError:
    start = text.lstrip()[:200]
    if b"\x00" in data[:4096] or sum(not (char.isprintable() or char.isspace()) for char in start) > 10:
        return ResourceError("the document is binary", remedy=SUPPORTED)
    if start.startswith("<"):
        return ResourceError("the document is XML (WSDL, WADL or the like)", remedy=SUPPORTED)
    if problem:
        return ResourceError(f"the document can be read neither as JSON nor as YAML ({problem})", remedy=SUPPORTED)
    return ResourceError("the document is plain text without structure or headings", remedy=SUPPORTED)
