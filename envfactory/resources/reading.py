"""From bytes to a JSON-like tree: the one place that knows about encodings, compression, JSON and YAML.

The tree it gives has only text keys, finite numbers, valid Unicode, no cycles and a bounded depth, so nothing behind
it need care. Whatever is not such a tree is a `ResourceError`, or `None` from `read_tree` where the bytes may still
be a documentation page.
"""

from __future__ import annotations

import codecs
import json
import math
import re
import zlib

import yaml

from envfactory.errors import ResourceError
from envfactory.resources.tolerant import Json, JsonObject, Notes
from envfactory.resources.yaml_tree import MAX_DEPTH, parse_yaml, put

MAX_BYTES = 32 * 1024 * 1024
_MAX_DIGITS = 300
_GZIP_MAGIC = b"\x1f\x8b"
_BOMS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_LEADING_TABS = re.compile(r"^[ ]*\t[ \t]*(?=\S)", re.MULTILINE)
_SURROGATE = re.compile(r"\\u[dD][89a-fA-F]")


def check_size(size: int) -> None:
    if size > MAX_BYTES:
        raise ResourceError(
            f"the document is larger than {MAX_BYTES // 2**20} MiB",
            remedy="give the part of it that describes the operations you want",
        )


def unpack(data: bytes) -> bytes:
    """The bytes, unzipped where they are gzip; never more than `MAX_BYTES`."""
    if not data.startswith(_GZIP_MAGIC):
        check_size(len(data))
        return data
    inflater = zlib.decompressobj(wbits=31)
    try:
        unpacked = inflater.decompress(data, MAX_BYTES + 1)
    except zlib.error as error:
        raise ResourceError(f"the gzip file is damaged: {error}", remedy="download it again") from error
    check_size(len(unpacked))
    if not inflater.eof:
        raise ResourceError("the gzip file ends too early", remedy="download it again")
    return unpacked


def decode(data: bytes, notes: Notes) -> str:
    """Text by its byte-order mark, else UTF-8, else Windows-1252 with a warning."""
    for mark, encoding in _BOMS:
        if data.startswith(mark):
            return data[len(mark) :].decode(encoding, errors="replace")
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        notes.add("the file is not UTF-8; it was read as Windows-1252")
        return data.decode("cp1252", errors="replace")


def read_tree(text: str, notes: Notes) -> tuple[Json, str]:
    """The tree and "" ; or None and why the text is neither JSON nor YAML."""
    text = text.lstrip("\ufeff")
    looks_like_json = text.lstrip()[:1] in ("{", "[")
    if looks_like_json:
        tree, json_problem = _try_json(text, notes)
        if not json_problem:
            return tree, ""
    tree, yaml_problem = _try_yaml(text, notes)
    if not yaml_problem:
        if looks_like_json:
            notes.add(f"the file is not strict JSON ({json_problem}); it was read as YAML")
        return tree, ""
    return None, json_problem if looks_like_json else yaml_problem


def _try_json(text: str, notes: Notes) -> tuple[Json, str]:
    def joined(pairs: list[tuple[str, Json]]) -> JsonObject:
        mapping = dict(pairs)
        if len(mapping) == len(pairs):
            return mapping
        mapping = {}
        for key, value in pairs:
            put(mapping, key, value, notes)
        return mapping

    try:
        tree = json.loads(
            text, object_pairs_hook=joined, parse_int=_integer, parse_float=_finite, parse_constant=lambda _name: None
        )
    except json.JSONDecodeError as error:
        return None, f"JSON: {error.msg} at line {error.lineno}, column {error.colno}"
    except RecursionError:
        raise _too_deep() from None
    _check_depth(tree)
    return (_without_surrogates(tree) if _SURROGATE.search(text) else tree), ""


def _try_yaml(text: str, notes: Notes) -> tuple[Json, str]:
    try:
        return parse_yaml(text, notes), ""
    except yaml.YAMLError as error:
        problem = _yaml_problem(error)
    spaced = _LEADING_TABS.sub(lambda match: match.group().replace("\t", "  "), text)
    if spaced == text:
        return None, problem
    try:
        tree = parse_yaml(spaced, notes)
    except yaml.YAMLError:
        return None, f"{problem}; lines are indented with tabs, which YAML forbids"
    notes.add("lines are indented with tabs, which YAML forbids; each was read as two spaces")
    return tree, ""


def _yaml_problem(error: yaml.YAMLError) -> str:
    mark = getattr(error, "problem_mark", None)
    what = getattr(error, "problem", None) or getattr(error, "reason", None) or "not readable"
    return f"YAML: {what} at line {mark.line + 1}, column {mark.column + 1}" if mark else f"YAML: {what}"


def _integer(digits: str) -> Json:
    return int(digits) if len(digits) <= _MAX_DIGITS else digits


def _finite(digits: str) -> Json:
    number = float(digits)
    return number if math.isfinite(number) else digits


def _check_depth(tree: Json) -> None:
    level, depth = [tree], 0
    while level:
        depth += 1
        if depth > MAX_DEPTH:
            raise _too_deep()
        level = [child for node in level for child in _children(node) if isinstance(child, (dict, list))]


def _children(node: Json) -> list[Json]:
    if isinstance(node, dict):
        return list(node.values())
    return node if isinstance(node, list) else []


def _too_deep() -> ResourceError:
    return ResourceError(
        f"the document nests deeper than {MAX_DEPTH} levels", remedy="flatten it, or give the part that matters"
    )


def _without_surrogates(node: Json) -> Json:
    """A copy whose texts can be encoded: JSON may spell half a surrogate pair, which no file or database can store."""
    if isinstance(node, str):
        return node.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    if isinstance(node, list):
        return [_without_surrogates(item) for item in node]
    if isinstance(node, dict):
        return {_without_surrogates(key): _without_surrogates(value) for key, value in node.items()}
    return node
