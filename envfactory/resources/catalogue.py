"""The built-in catalogue: documents we wrote, one file each in `catalogue/<domain>/<name>.yaml`.

Listing reads each file once per process and looks only at what a list shows; the importer is for whoever takes an
entry.
"""

from __future__ import annotations

import difflib
import functools
import re
from importlib.abc import Traversable
from importlib.resources import files

from pydantic import BaseModel, ConfigDict

from envfactory.errors import CatalogueError
from envfactory.resources.reading import decode, read_tree
from envfactory.resources.tolerant import (
    Json,
    JsonObject,
    Notes,
    as_list,
    as_mapping,
    as_text,
    as_texts,
    first_sentence,
)

_METHODS = frozenset({"get", "put", "post", "delete", "options", "head", "patch", "trace", "query"})
_SUFFIXES = (".yaml", ".yml", ".json")
_WORD = re.compile(r"[a-z0-9]+")


class CatalogueEntry(BaseModel):
    """One document of the catalogue. `path` is its file, `sources` the addresses of the public documentation it rests
    on; `keywords` are the words of its operations, tags and tables, for searching.
    """

    model_config = ConfigDict(frozen=True)

    domain: str
    name: str
    title: str
    summary: str
    path: str
    operations: int
    has_rules: bool
    sources: list[str]
    keywords: list[str]

    def read_bytes(self) -> bytes:
        """The document itself."""
        return _root().joinpath(self.domain, self.path.rpartition("/")[2]).read_bytes()


def domains() -> list[str]:
    """The domains that hold at least one document, in alphabetical order."""
    return sorted(_paths())


def entries(domain: str | None = None) -> list[CatalogueEntry]:
    """The documents of one domain or of all; CatalogueError where there is no such domain."""
    found = _paths()
    if domain is not None and domain not in found:
        raise CatalogueError(
            f"the catalogue has no domain {domain!r}", remedy=_suggest(domain, sorted(found), "domains")
        )
    chosen = sorted(found) if domain is None else [domain]
    return [_entry(each, file) for each in chosen for file in found[each]]


def find(ref: str) -> CatalogueEntry:
    """The entry `domain/name`, or `name` where only one domain has it; CatalogueError otherwise."""
    wanted = ref.removeprefix("catalogue:").strip("/")
    found = [
        (domain, file)
        for domain, documents in sorted(_paths().items())
        for file in documents
        if wanted in (f"{domain}/{_stem(file)}", _stem(file))
    ]
    if len(found) == 1:
        return _entry(*found[0])
    if found:
        names = ", ".join(f"{domain}/{_stem(file)}" for domain, file in found)
        raise CatalogueError(f"several domains have an entry {wanted!r}", remedy=f"say which: {names}")
    known = [f"{domain}/{_stem(file)}" for domain, documents in sorted(_paths().items()) for file in documents]
    raise CatalogueError(f"the catalogue has no entry {wanted!r}", remedy=_suggest(wanted, known, "entries"))


def search(words: str) -> list[CatalogueEntry]:
    """Entries in which all the words occur (as beginnings of words), best first; where none has all, those with any."""
    wanted = _WORD.findall(words.lower())
    scored = [(_hits(entry, wanted), entry) for entry in entries()]
    best = max((hits for (hits, _), _ in scored), default=0)
    if not wanted or best == 0:
        return []
    needed = len(wanted) if best == len(wanted) else 1
    chosen = [(hits, weight, entry) for (hits, weight), entry in scored if hits >= needed]
    chosen.sort(key=lambda each: (-each[0], -each[1], each[2].domain, each[2].name))
    return [entry for _, _, entry in chosen]


def _hits(entry: CatalogueEntry, wanted: list[str]) -> tuple[int, int]:
    """How many words occur, and how prominently: in the name or title three, in the summary two, elsewhere one."""
    places = (
        (3, _WORD.findall(f"{entry.domain} {entry.name} {entry.title}".lower())),
        (2, _WORD.findall(entry.summary.lower())),
        (1, entry.keywords),
    )
    weights = [
        max((weight for weight, present in places if any(each.startswith(word) for each in present)), default=0)
        for word in wanted
    ]
    return sum(weight > 0 for weight in weights), sum(weights)


def _suggest(wanted: str, known: list[str], kind: str) -> str:
    if not known:
        return "the catalogue is empty"
    near = difflib.get_close_matches(wanted, known, n=3, cutoff=0.5)
    tail = {name.rpartition("/")[2]: name for name in known}
    near += [tail[each] for each in difflib.get_close_matches(wanted.rpartition("/")[2], list(tail), n=3, cutoff=0.6)]
    if near:
        return "did you mean " + ", ".join(dict.fromkeys(near))
    return f"{kind}: {', '.join(known)}" if len(known) <= 12 else "envfactory catalog list shows all"


def _root() -> Traversable:
    return files("envfactory.resources").joinpath("catalogue")


def _paths() -> dict[str, list[Traversable]]:
    """The documents of each domain that has any, by name."""
    root = _root()
    folders = [folder for folder in root.iterdir() if folder.is_dir()] if root.is_dir() else []
    found = {
        folder.name: sorted(
            (file for file in folder.iterdir() if file.name.endswith(_SUFFIXES) and not file.name.startswith(".")),
            key=lambda file: file.name,
        )
        for folder in folders
    }
    return {domain: documents for domain, documents in found.items() if documents}


def _stem(file: Traversable) -> str:
    return file.name.rpartition(".")[0]


def _entry(domain: str, file: Traversable) -> CatalogueEntry:
    return _described(domain, _stem(file), str(file), file.read_bytes())


@functools.lru_cache(maxsize=256)
def _described(domain: str, name: str, path: str, data: bytes) -> CatalogueEntry:
    notes = Notes()
    tree, problem = read_tree(decode(data, notes), notes)
    if problem:
        raise CatalogueError(
            f"the catalogue entry {domain}/{name} cannot be read ({problem})", remedy="reinstall EnvFactory"
        )
    document = as_mapping(tree)
    info = as_mapping(document.get("info"))
    operations = _operations(document)
    sources = [
        as_text(each.get("url") if isinstance(each, dict) else each) for each in as_list(document.get("x-sources"))
    ]
    return CatalogueEntry(
        domain=domain,
        name=name,
        title=as_text(info.get("title")) or name,
        summary=as_text(info.get("summary")) or first_sentence(as_text(info.get("description"))),
        path=path,
        operations=len(operations),
        has_rules=any("x-env" in operation for operation in operations),
        sources=[url for url in sources if url],
        keywords=_keywords(document, operations),
    )


def _operations(document: JsonObject) -> list[JsonObject]:
    items = as_mapping(document.get("paths")).values()
    return [
        operation
        for item in items
        for method, operation in as_mapping(item).items()
        if method in _METHODS and isinstance(operation, dict)
    ]


def _keywords(document: JsonObject, operations: list[JsonObject]) -> list[str]:
    schemas: Json = as_mapping(document.get("components")).get("schemas")
    texts = [as_text(operation.get("summary")) for operation in operations]
    texts += [tag for operation in operations for tag in as_texts(operation.get("tags"))]
    texts += [re.sub(r"([a-z])([A-Z])", r"\1 \2", name) for name in as_mapping(schemas)]
    texts.append(as_text(as_mapping(document.get("info")).get("description")))
    return sorted(set(_WORD.findall(" ".join(texts).lower())))
