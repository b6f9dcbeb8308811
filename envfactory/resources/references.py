"""`$ref`, lazily: a reference is followed only where a value is needed, and never into a crash.

Remote references are not fetched, dangling ones cannot be, and circular ones have no end: each becomes an empty
object and a warning. Two mistakes are common enough to be mended: a reference that names this very file, and one that
was left in the style of another version (`#/definitions/Pet` in OpenAPI 3, or just `Pet`).
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import PurePosixPath
from urllib.parse import unquote

from envfactory.resources.tolerant import Json, JsonObject, Notes

MAX_HOPS = 30
_SCHEMA_CONTAINERS = frozenset({"schemas", "definitions", "$defs", "models"})
Pointer = tuple[str, ...]


@dataclass(frozen=True)
class Located:
    """A node and where it stands in its document."""

    node: Json
    pointer: Pointer


def pointer_text(pointer: Pointer) -> str:
    """An RFC 6901 JSON pointer, as a URI fragment: `#/paths/~1pets/get`."""
    return "#" + "".join("/" + part.replace("~", "~0").replace("/", "~1") for part in pointer)


def parse_pointer(fragment: str) -> Pointer:
    parts = fragment.lstrip("#").split("/")[1:]
    return tuple(unquote(part).replace("~1", "/").replace("~0", "~") for part in parts)


class References:
    """The references of one document. `homes` are the places where its named schemas stand, the preferred one first;
    with `bare_names` a reference is just a name in the first home (Google discovery)."""

    def __init__(
        self, root: Json, notes: Notes, *, source: str = "", homes: tuple[Pointer, ...] = (), bare_names: bool = False
    ) -> None:
        self.root = root
        self.homes = homes
        self._notes = notes
        self._file = PurePosixPath(source.split("?")[0]).name
        self._bare_names = bare_names

    def target(self, ref: Json) -> Located | None:
        """What `ref` points at, or None with a warning."""
        if not isinstance(ref, str):
            self._notes.add("a $ref that is no text was left empty")
            return None
        if self._bare_names and "#" not in ref and self.homes:
            return self._bare(ref)
        file, hash_sign, fragment = ref.partition("#")
        if file and file != self._file and (hash_sign or "/" in file or "." in file):
            self._notes.add(f"the reference {ref!r} points outside the document; it was left empty")
            return None
        pointer = parse_pointer(fragment) if hash_sign else ()
        if (hash_sign or file == self._file) and (not fragment or fragment.startswith("/")):
            found = self.lookup(pointer)
            if found is not None:
                return Located(found.node, pointer)
        return self._misplaced(ref, pointer or (file or fragment,))

    def resolve(self, node: Json) -> JsonObject:
        """The mapping behind `node`, following `$ref` after `$ref`; members beside a `$ref` win over the target's."""
        siblings: JsonObject = {}
        seen: set[str] = set()
        while isinstance(node, dict) and "$ref" in node:
            ref = node["$ref"]
            siblings = {**{key: value for key, value in node.items() if key != "$ref"}, **siblings}
            if str(ref) in seen or len(seen) >= MAX_HOPS:
                self._notes.add(f"the reference {ref!r} leads in a circle; it was left empty")
                return siblings
            seen.add(str(ref))
            located = self.target(ref)
            node = located.node if located else {}
        if not isinstance(node, dict):
            self._notes.add("a reference or a member leads to something that is no object; it was left empty")
            return siblings
        return {**node, **siblings} if siblings else node

    def lookup(self, pointer: Pointer) -> Located | None:
        """The node at `pointer`, going through references on the way; None where there is none."""
        node = self.root
        hops = 0
        for part in pointer:
            while isinstance(node, dict) and part not in node and isinstance(node.get("$ref"), str):
                hops += 1
                if hops > MAX_HOPS:
                    return None
                node = self._plain_lookup(parse_pointer(node["$ref"]))
            child = _child(node, part)
            if child is None:
                return None
            node = child.node
        return Located(node, pointer)

    def _plain_lookup(self, pointer: Pointer) -> Json:
        node = self.root
        for part in pointer:
            child = _child(node, part)
            if child is None:
                return None
            node = child.node
        return node

    def _bare(self, name: str) -> Located | None:
        pointer = (*self.homes[0], name)
        found = self.lookup(pointer)
        if found is None:
            self._notes.add(f"the reference {name!r} leads nowhere; it was left empty")
        return found

    def _misplaced(self, ref: str, pointer: Pointer) -> Located | None:
        names_a_schema = len(pointer) == 1 or pointer[-2] in _SCHEMA_CONTAINERS
        for home in self.homes if names_a_schema and pointer[-1] else ():
            found = self.lookup((*home, pointer[-1]))
            if found is not None:
                self._notes.add(f"the reference {ref!r} leads nowhere; {pointer_text(found.pointer)} was taken instead")
                return found
        self._notes.add(f"the reference {ref!r} leads nowhere; it was left empty")
        return None


def _child(node: Json, part: str) -> Located | None:
    if isinstance(node, dict) and part in node:
        return Located(node[part], (part,))
    if isinstance(node, list) and part.isascii() and part.isdigit() and len(part) < 8 and int(part) < len(node):
        return Located(node[int(part)], (part,))
    return None
