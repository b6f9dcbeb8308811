"""The tools of an exploring language model, each within limits: search, fetch, read, list an MCP server's tools.

What a model asks for is data: an address is fetched only if it is public, permitted by robots.txt and within the
limits, however it was come by; nothing is written but what was read, under its hash; nothing else can be reached.
What comes back is data too, and never an instruction to anyone.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

from envfactory.config import ExplorationConfig
from envfactory.errors import EnvFactoryError, ResourceError
from envfactory.exploration.mcptools import list_tools
from envfactory.exploration.pages import Kept, keep, plain
from envfactory.exploration.robots import Robots
from envfactory.exploration.searching import web_search
from envfactory.resources import catalogue, packages
from envfactory.resources.fetch import Download, Limits, fetch
from envfactory.resources.sources import load, read_file

PAGE_CHARACTERS = 12_000
MOST_OPERATIONS = 120
_ROBOTS = Limits(max_bytes=500_000, seconds=8.0, redirects=3, attempts=1)
Told = dict[str, Any]


class World:
    """One exploration: its limits, what was read so far, and the tools by name. `clock` gives seconds."""

    def __init__(self, config: ExplorationConfig, folder: Path, clock: Callable[[], float] = time.monotonic) -> None:
        self._config, self._folder, self._clock = config, folder, clock
        self._deadline = clock() + config.minutes * 60
        self._calls = 0
        self._pages = 0
        self._robots = Robots(partial(fetch, allow_private=config.allow_private, limits=_ROBOTS))
        self.kept: dict[str, Kept] = {}
        self._tools: dict[str, Callable[..., Told]] = {
            "search_catalogue": self._search_catalogue,
            "search_packages": self._search_packages,
            "search_web": self._search_web,
            "fetch": self._fetch,
            "read": self._read,
            "list_mcp_tools": self._list_mcp_tools,
        }

    @property
    def spent(self) -> str:
        """Why nothing more may be done, or nothing."""
        if self._calls >= self._config.calls:
            return f"all {self._config.calls} calls are spent"
        return f"{self._config.minutes:g} minutes are over" if self._clock() > self._deadline else ""

    def call(self, tool: str, arguments: Any) -> Told:
        """Return what a tool answers, or `{"error": ...}`: a model's mistake is never more than that."""
        spent = self.spent
        self._calls += 1
        if spent:
            return {"error": f"{spent}; propose what you have"}
        found = self._tools.get(tool)
        if found is None:
            return {"error": f"there is no tool {plain(str(tool), 80)!r}; the tools are {', '.join(self._tools)}"}
        wanted = _SCHEMAS[tool]["required"]
        known = _SCHEMAS[tool]["properties"]
        if not isinstance(arguments, dict) or set(wanted) - set(arguments) or set(arguments) - set(known):
            return {
                "error": f"{tool} takes {', '.join(known) or 'nothing'}; required: {', '.join(wanted) or 'nothing'}"
            }
        try:
            return found(**{name: _typed(value, known[name]) for name, value in arguments.items()})
        except EnvFactoryError as error:
            return {"error": str(error)[:500]}

    def admit(self, source: str) -> Kept:
        """Take in what the person named, a file or an address; ResourceError where it cannot be read."""
        if source.startswith(("http://", "https://")):
            limits = Limits(max_bytes=self._config.page_bytes)
            told = fetch(source, allow_private=self._config.allow_private, limits=limits)
        else:
            told = Download(read_file(Path(source).expanduser()), "", Path(source).name)
        kept = keep(self._folder, told)
        self.kept[kept.id] = kept
        return kept

    def document(self, source: str) -> Kept:
        """Return what was read under a name; ResourceError where nothing was, or it is none of ours to read."""
        if source in self.kept:
            return self.kept[source]
        if source.startswith(("catalogue:", "package:")):
            resource = load(source)
            self.kept[source] = Kept(source, source, resource.provenance.sha256, Path(), "", resource)
            return self.kept[source]
        raise ResourceError(f"nothing was read under {plain(source, 120)!r}", remedy="give an id as a tool returned it")

    # --- the tools --------------------------------------------------------------------------------------------------

    def _search_catalogue(self, words: str) -> Told:
        found = [
            {"id": f"catalogue:{entry.domain}/{entry.name}", "title": entry.title, "operations": entry.operations}
            for entry in catalogue.search(words)[:10]
        ]
        return {"found": found}

    def _search_packages(self, words: str) -> Told:
        return {"found": [f"package:{each}" for each in packages.search(words)[:20]]}

    def _search_web(self, query: str) -> Told:
        return {"found": [hit._asdict() for hit in web_search(self._config, query[:400])]}

    def _fetch(self, url: str) -> Told:
        if self._pages >= self._config.pages:
            raise ResourceError(f"all {self._config.pages} pages are spent", remedy="propose what you have")
        self._pages += 1
        self._permitted(url)
        limits = Limits(max_bytes=self._config.page_bytes)
        download = fetch(url, allow_private=self._config.allow_private, limits=limits)
        if download.url != url:
            self._permitted(download.url)
        return self._shown(keep(self._folder, download), 0)

    def _read(self, id: str, start: int = 0) -> Told:
        return self._shown(self.document(id), max(0, start))

    def _list_mcp_tools(self, server: str) -> Told:
        configured = self._config.mcp.get(server)
        if configured is None:
            known = ", ".join(self._config.mcp) or "none"
            raise ResourceError(f"no MCP server {plain(server, 80)!r} is configured", remedy=f"configured: {known}")
        told = Download(list_tools(server, configured), "application/json", f"mcp:{server}")
        return self._shown(keep(self._folder, told), 0)

    def _permitted(self, url: str) -> None:
        if url.startswith(("http://", "https://")) and not self._robots.allows(url):
            raise ResourceError(f"{plain(url, 200)} may not be read by its site's robots.txt", remedy="try another")

    def _shown(self, kept: Kept, start: int) -> Told:
        """Return what the model sees of something read: a page's text by the piece, a document's operations."""
        self.kept[kept.id] = kept
        about: Told = {"id": kept.id, "url": kept.url, "title": plain(kept.resource.title, 200)}
        if kept.is_page:
            end = start + PAGE_CHARACTERS
            piece = {"text": kept.text[start:end]}
            return about | piece | ({"next": end} if end < len(kept.text) else {})
        operations = kept.resource.operations
        listed = [
            {"id": each.id, "what": plain(f"{each.method} {each.path} {each.summary or each.description}", 160)}
            for each in operations[start : start + MOST_OPERATIONS]
        ]
        more = start + MOST_OPERATIONS < len(operations)
        return about | {"operations": listed} | ({"next": start + MOST_OPERATIONS} if more else {})


def _typed(value: Any, schema: dict[str, Any]) -> Any:
    if schema["type"] == "integer":
        return value if isinstance(value, int) else 0
    return str(value)


_WORDS = {"type": "string", "description": "A few words."}
_SCHEMAS: dict[str, dict[str, Any]] = {
    "search_catalogue": {"properties": {"words": _WORDS}, "required": ["words"]},
    "search_packages": {"properties": {"words": _WORDS}, "required": ["words"]},
    "search_web": {"properties": {"query": _WORDS}, "required": ["query"]},
    "fetch": {
        "properties": {"url": {"type": "string", "description": "A public http(s) address."}},
        "required": ["url"],
    },
    "read": {
        "properties": {
            "id": {"type": "string", "description": "As a tool returned it."},
            "start": {"type": "integer", "description": "Where to go on: `next` of the last piece."},
        },
        "required": ["id"],
    },
    "list_mcp_tools": {
        "properties": {"server": {"type": "string", "description": "The name of a configured server."}},
        "required": ["server"],
    },
}
_PURPOSES = {
    "search_catalogue": "Search the built-in catalogue of API documents.",
    "search_packages": "Search the API documents that installed packages carry.",
    "search_web": "Search the web for API documentation.",
    "fetch": "Fetch an API document or a documentation page.",
    "read": "Read more of something that was found or fetched.",
    "list_mcp_tools": "List the tools of an MCP server.",
}


def tool_schemas(config: ExplorationConfig) -> list[dict[str, Any]]:
    """Return the tools a model is offered, as function schemas; those without a provider are left out."""
    absent = set()
    if config.search == "none":
        absent.add("search_web")
    if not config.mcp:
        absent.add("list_mcp_tools")
    return [
        {
            "type": "function",
            "function": {
                "name": name,
                "description": purpose,
                "parameters": {"type": "object", "additionalProperties": False, **_SCHEMAS[name]},
            },
        }
        for name, purpose in _PURPOSES.items()
        if name not in absent
    ]
