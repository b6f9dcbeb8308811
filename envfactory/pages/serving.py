"""The pages of all runs on loopback, refreshed while a run is on: the standard library's server over the same templates.

Nobody but this machine is answered: the server listens on 127.0.0.1 alone, and asks of every request that it names that
host, so that no page of another site can read it by a name of its own. It only reads; what is not a known run,
environment or task is not found, whatever its path says.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import parse_qs, unquote, urlsplit

from markupsafe import Markup

from envfactory.environments.artefact import load, load_report
from envfactory.errors import UserError
from envfactory.pages.bodies import Fetched
from envfactory.pages.document import document, fragment, policy
from envfactory.pages.environments import environment_page
from envfactory.pages.links import Link
from envfactory.pages.made import Works, find_works, served_links
from envfactory.pages.runs import run_page
from envfactory.pages.tasks import task_page
from envfactory.traces.store import TraceStore
from envfactory.traces.story import read_story

HOST = "127.0.0.1"
_KEPT = 8  # pages
_HTML, _TEXT, _JSON = "text/html", "text/plain", "application/json"


class RunFolder(NamedTuple):
    """A run to show: its folder, what is known of it, where what it made is looked for, and whether it goes on."""

    folder: Path
    record: Mapping[str, Any]
    places: Sequence[Path]
    live: Callable[[], bool]


Runs = Callable[[], Mapping[str, RunFolder]]


@dataclass
class _Page:
    """A page as it was made of one state of its run."""

    version: str
    html: str
    bodies: Fetched
    store: TraceStore
    works: Works


class Site:
    """Makes pages and keeps the last few, since their long texts are asked for one by one."""

    def __init__(self, runs: Runs) -> None:
        self._runs = runs
        self._pages: dict[tuple[str, ...], _Page] = {}
        self._lock = threading.Lock()

    def answer(self, path: str, query: Mapping[str, Sequence[str]]) -> tuple[str, str] | None:
        """Return the type and text of what is at a path; None where there is nothing."""
        parts = tuple(unquote(part) for part in path.strip("/").split("/")) if path.strip("/") else ()
        runs = self._runs()
        if not parts:
            return _HTML, _index(runs)
        run = runs.get(parts[1]) if parts[0] == "runs" and len(parts) in (2, 4) else None
        if run is None:
            return None
        if "version" in query:
            return _TEXT, _version(run)
        if "find" in query:
            return _JSON, _find(run, query["find"][0])
        page = self._page(parts, run)
        if page is None:
            return None
        if "body" not in query:
            return _HTML, page.html
        text = page.bodies.get(query["body"][0])
        return None if text is None else (_TEXT, text)

    def close(self) -> None:
        """Close the traces."""
        with self._lock:
            for page in self._pages.values():
                page.store.close()
            self._pages.clear()

    def _page(self, parts: tuple[str, ...], run: RunFolder) -> _Page | None:
        with self._lock:
            version, kept = _version(run), self._pages.pop(parts, None)
            if kept is None or kept.version != version:
                if kept is not None:
                    kept.store.close()
                kept = _made(parts, run, version)
            if kept is not None:
                self._pages[parts] = kept
            while len(self._pages) > _KEPT:
                self._pages.pop(next(iter(self._pages))).store.close()
            return kept


def serve(runs: Runs, port: int, told: Callable[[str], None]) -> None:
    """Serve until interrupted. `told` is given the address; port 0 takes any that is free. OSError where one is taken."""
    site = Site(runs)
    with ThreadingHTTPServer((HOST, port), _handler(site)) as server:
        server.daemon_threads = True
        told(f"http://{HOST}:{server.server_port}/")
        try:
            server.serve_forever(poll_interval=0.2)
        finally:
            site.close()


def _handler(site: Site) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        server_version, sys_version = "EnvFactory", ""

        def do_GET(self) -> None:
            if not _is_own_name(self.headers.get("Host", "")):
                self._reply(HTTPStatus.FORBIDDEN, _TEXT, "this server answers to 127.0.0.1 and localhost only")
                return
            asked = urlsplit(self.path)
            try:
                found = site.answer(asked.path, parse_qs(asked.query, keep_blank_values=True))
            except UserError as error:  # a trace that cannot be read is told, and the server goes on
                self._reply(HTTPStatus.INTERNAL_SERVER_ERROR, _TEXT, str(error))
                return
            if found is None:
                self._reply(HTTPStatus.NOT_FOUND, _TEXT, "there is nothing here; the runs are at /")
            else:
                self._reply(HTTPStatus.OK, *found)

        def _reply(self, status: HTTPStatus, kind: str, text: str) -> None:
            data = text.encode(errors="replace")
            self.send_response(status)
            self.send_header("Content-Type", f"{kind}; charset=utf-8")
            self.send_header("Content-Length", str(len(data)))
            self.send_header("Content-Security-Policy", policy(served=True) + "; frame-ancestors 'none'")
            self.send_header("X-Content-Type-Options", "nosniff")
            self.send_header("Cross-Origin-Resource-Policy", "same-origin")
            self.send_header("Cache-Control", "no-store")
            self.end_headers()
            self.wfile.write(data)

        def log_message(self, *_: object) -> None:
            """Requests are nobody's concern."""

    return Handler


def _is_own_name(host: str) -> bool:
    return host.rpartition(":")[0] in (HOST, "localhost") or host in (HOST, "localhost")


def _index(runs: Mapping[str, RunFolder]) -> str:
    records = [{**run.record, "name": name, "live": run.live()} for name, run in runs.items()]
    return document("EnvFactory runs", fragment("index", Fetched(), runs=records[::-1]), served=True)


def _version(run: RunFolder) -> str:
    """Return what changes whenever the trace does; it begins with `ended` where no process is at work any more."""
    files = (run.folder / name for name in ("trace.db", "trace.db-wal"))
    stats = [(each.st_size, each.st_mtime_ns) for each in (file.stat() for file in files if file.exists())]
    return f"{'live' if run.live() else 'ended'} {stats}"


def _find(run: RunFolder, text: str) -> str:
    store = TraceStore(run.folder / "trace.db", read_only=True)
    try:
        return json.dumps(store.spans_saying(text))
    finally:
        store.close()


def _made(parts: tuple[str, ...], run: RunFolder, version: str) -> _Page | None:
    """Return a page of a run (`runs`, name), or of an environment or a task that it made."""
    store, bodies = TraceStore(run.folder / "trace.db", read_only=True), Fetched()
    story = read_story(store)
    works = Works() if story is None else find_works(story, run.places)
    back = Link(f"run {parts[1]}", f"/runs/{parts[1]}")
    content: Markup | None = Markup("<p>Nothing has happened yet.</p>")
    if story is not None and len(parts) == 2:
        content = run_page(parts[1], store, story, bodies, served_links(works, back.address), run.record)
    elif story is not None:
        content = _of_works(works, parts[2], parts[3], bodies, back)
    if content is None:
        store.close()
        return None
    live = len(parts) == 2 and version.startswith("live")
    return _Page(version, document(parts[-1], content, served=True, live=live), bodies, store, works)


def _of_works(works: Works, kind: str, name: str, bodies: Fetched, back: Link) -> Markup | None:
    made = served_links(works, back.address)
    if kind == "environments" and name in works.environments:
        folder = works.environments[name]
        return environment_page(load(folder), load_report(folder), bodies, [back, *made.tasks.get(name, ())])
    task = next((task for own in works.tasks.values() for task in own if task.id == name), None)
    if kind != "tasks" or task is None:
        return None
    own = [
        made.environments[each.name]._replace(text=each.name)
        for each in task.environments
        if each.name in made.environments
    ]
    return task_page(task, bodies, [back, *own])
