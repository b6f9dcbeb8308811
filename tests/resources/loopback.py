"""A web server on the loopback interface that misbehaves in every way a download can meet."""

from __future__ import annotations

import gzip
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

DOCUMENT = b'{"openapi": "3.0.0", "info": {"title": "Served"}, "paths": {"/a": {"get": {"operationId": "a"}}}}'


class Loopback:
    """`url(path)` is an address of the server; `seen` counts the requests by path."""

    def __init__(self, port: int) -> None:
        self._port = port
        self.seen: Counter[str] = Counter()
        self.stopping = threading.Event()

    def url(self, path: str, host: str = "127.0.0.1") -> str:
        return f"http://{host}:{self._port}{path}"


@contextmanager
def loopback() -> Iterator[Loopback]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Handler)
    server.daemon_threads = True
    state = Loopback(server.server_address[1])
    _Handler.state = state
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    try:
        yield state
    finally:
        state.stopping.set()
        server.shutdown()
        server.server_close()
        thread.join()


class _Handler(BaseHTTPRequestHandler):
    state: Loopback
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:  # the name that http.server calls
        path = self.path.partition("?")[0]
        self.state.seen[path] += 1
        with suppress(OSError):  # the client hangs up where it should
            _ANSWERS.get(path, _missing)(self)

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing."""

    def answer(self, status: int, body: bytes = b"", **headers: str) -> None:
        self.send_response(status)
        for name, value in {"Content-Length": str(len(body)), **headers}.items():
            self.send_header(name.replace("_", "-"), value)
        self.end_headers()
        self.wfile.write(body)

    def redirect(self, location: str) -> None:
        self.answer(302, Location=location)

    def drip(self, piece: bytes, pause: float) -> None:
        while not self.state.stopping.is_set():
            self.wfile.write(piece)
            self.wfile.flush()
            time.sleep(pause)


def _document(handler: _Handler) -> None:
    handler.answer(200, DOCUMENT, Content_Type="application/json")


def _missing(handler: _Handler) -> None:
    handler.answer(404, b"no")


def _fail_then_answer(handler: _Handler) -> None:
    if handler.state.seen["/flaky"] < 3:
        handler.answer(500)
    else:
        _document(handler)


def _hang_up_then_answer(handler: _Handler) -> None:
    if handler.state.seen["/dropping"] < 2:
        handler.close_connection = True
        handler.connection.close()
    else:
        _document(handler)


def _endless(handler: _Handler) -> None:
    handler.send_response(200)
    handler.end_headers()
    handler.drip(b"a" * 65536, 0)


def _dripping_body(handler: _Handler) -> None:
    handler.send_response(200)
    handler.end_headers()
    handler.drip(b" ", 0.05)


def _dripping_head(handler: _Handler) -> None:
    handler.wfile.write(b"HTTP/1.1 200 OK\r\n")
    handler.drip(b"X-A: b\r\n", 0.05)


def _declared_too_large(handler: _Handler) -> None:
    handler.send_response(200)
    handler.send_header("Content-Length", str(50 * 2**20))
    handler.end_headers()


def _zipped(handler: _Handler) -> None:
    handler.answer(200, gzip.compress(DOCUMENT), Content_Encoding="gzip")


def _unasked_compression(handler: _Handler) -> None:
    handler.answer(200, b"xx", Content_Encoding="br")


def _picture(handler: _Handler) -> None:
    handler.answer(200, b"\x89PNG\r\n\x1a\n\x00\x00", Content_Type="image/png")


def _page(handler: _Handler) -> None:
    handler.answer(200, b"<p>Just words</p>", Content_Type="text/html")


_ANSWERS: dict[str, Callable[[_Handler], None]] = {
    "/api.json": _document,
    "/flaky": _fail_then_answer,
    "/dropping": _hang_up_then_answer,
    "/always-500": lambda handler: handler.answer(503),
    "/forbidden": lambda handler: handler.answer(403),
    "/teapot": lambda handler: handler.answer(418),
    "/moved": lambda handler: handler.redirect("/api.json"),
    "/loop": lambda handler: handler.redirect("/loop"),
    "/to-file": lambda handler: handler.redirect("file:///etc/hostname"),
    "/to-metadata": lambda handler: handler.redirect("http://169.254.169.254/latest/"),
    "/endless": _endless,
    "/declared": _declared_too_large,
    "/slow-body": _dripping_body,
    "/slow-head": _dripping_head,
    "/compressed": _unasked_compression,
    "/zipped": _zipped,
    "/picture": _picture,
    "/page": _page,
}
