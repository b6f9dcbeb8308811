"""What was read in the world, kept by its hash: documents with operations, and pages cut to their text."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from pathlib import Path

from envfactory.environments.files import canonical_json, write_atomically
from envfactory.errors import ResourceError
from envfactory.resources.fetch import Download
from envfactory.resources.importers import import_document
from envfactory.resources.model import Resource
from envfactory.resources.sources import without_credentials

_SHORT = 12
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u200b-\u200f\u202a-\u202e\u2066-\u2069\ufeff]")
_ENDINGS = {"application/json": ".json", "application/yaml": ".yaml", "text/yaml": ".yaml"}


@dataclass(frozen=True)
class Kept:
    """One thing read: its name in this exploration, where it was found, its bytes' sha256, its file, and its text.

    `resource` is what an importer made of it; of a page it has no operations.
    """

    id: str
    url: str
    sha256: str
    file: Path
    text: str
    resource: Resource

    @property
    def is_page(self) -> bool:
        """Whether it is prose, and its operations must be cited from the text."""
        return not self.resource.operations


def keep(folder: Path, download: Download) -> Kept:
    """Write a download into the folder under its hash and return it; ResourceError where nothing can read it."""
    digest = hashlib.sha256(download.data).hexdigest()
    url = without_credentials(download.url)
    try:
        resource = import_document(download.data, source=url, media_hint=download.content_type)
    except ResourceError as error:
        raise ResourceError(f"{url} is nothing that can be read: {error.message}", remedy=error.remedy) from error
    kind = "page" if not resource.operations else "doc"
    ending = _ENDINGS.get(download.content_type.partition(";")[0].strip(), Path(url.partition("?")[0]).suffix)
    file = folder / (digest + (ending if re.fullmatch(r"\.(json|ya?ml|md|html?)", ending) else ""))
    text = _text(download, resource) if kind == "page" else ""
    write_atomically(file, download.data)
    note = {"url": url, "sha256": digest, "content_type": download.content_type, "text": text}
    write_atomically(folder / f"{digest}.note.json", canonical_json(note))
    return Kept(f"{kind}-{digest[:_SHORT]}", url, digest, file, text, resource)


def plain(text: str, limit: int) -> str:
    """Return foreign text as one line without control or direction characters, cut to a length."""
    line = " ".join(_CONTROL.sub(" ", text).split())
    return line if len(line) <= limit else f"{line[: limit - 1]}…"


def _text(download: Download, resource: Resource) -> str:
    """Return a page's main text: as trafilatura finds it, where it is installed and finds any, else all sections."""
    main = _main_text(download.data.decode("utf-8", "replace")) if "html" in resource.provenance.format else ""
    parts = [f"{section.heading}\n{section.text}".strip() for section in resource.sections]
    whole = "\n\n".join(parts)
    return _CONTROL.sub(" ", main if len(main) > len(whole) // 2 else whole)


def _main_text(html: str) -> str:
    try:
        import trafilatura
    except ImportError:
        return ""
    return str(trafilatura.extract(html, include_tables=True, include_comments=False) or "")
