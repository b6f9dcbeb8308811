"""Spans sent over OTLP/HTTP to a collector on loopback that decodes what it gets."""

from __future__ import annotations

import gzip
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from envfactory.errors import ConfigError, EnvFactoryError
from envfactory.traces import otlp
from envfactory.traces.otel import otel_spans
from envfactory.traces.store import TraceStore
from tests.traces.conftest import Recorded
from tests.traces.told import told

pytest.importorskip("opentelemetry.exporter.otlp.proto.http", reason="the extra otel is not installed")


class Collector:
    """Keeps the spans it is sent, or refuses them with a status."""

    def __init__(self) -> None:
        self.status, self.requests, self.spans, self.headers = 200, 0, [], {}  # type: ignore[var-annotated]
        owner = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                owner.take(
                    self.path,
                    {name.lower(): value for name, value in self.headers.items()},
                    self.rfile.read(int(self.headers["Content-Length"])),
                )
                self.send_response(owner.status)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, *_: object) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}/v1/traces"

    def take(self, path: str, headers: dict[str, str], data: bytes) -> None:
        from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

        assert (path, headers["content-type"]) == ("/v1/traces", "application/x-protobuf")
        request = ExportTraceServiceRequest()
        request.ParseFromString(gzip.decompress(data) if headers.get("content-encoding") == "gzip" else data)
        self.requests += 1
        self.headers = headers
        self.spans += [span for r in request.resource_spans for scope in r.scope_spans for span in scope.spans]


@pytest.fixture
def collector() -> Iterator[Collector]:
    made = Collector()
    thread = threading.Thread(target=made.server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    yield made
    made.server.shutdown()
    made.server.server_close()
    thread.join()


def values(span: Any) -> dict[str, Any]:
    return {pair.key: getattr(pair.value, pair.value.WhichOneof("value")) for pair in span.attributes}


def test_every_span_arrives_with_its_place_and_words(trace: TraceStore, collector: Collector) -> None:
    sent = list(otel_spans(trace, "travel-1"))
    assert otlp.send(sent, collector.url, headers={"x-team": "rail"}) == len(sent)
    arrived = {span.span_id.hex(): span for span in collector.spans}
    assert {key: span.parent_span_id.hex() or None for key, span in arrived.items()} == {
        span["span_id"]: span["parent_span_id"] for span in sent
    }
    chat = next(span for span in collector.spans if span.name.startswith("chat"))
    assert "I would rather not" in values(chat)["gen_ai.output.messages"]
    assert collector.headers["x-team"] == "rail"


def test_failures_are_told_as_errors(trace: TraceStore, collector: Collector) -> None:
    otlp.send(otel_spans(trace, "travel-1"), collector.url)
    codes = {span.name: span.status.code for span in collector.spans}
    assert (codes["gate revision 0"], codes["gate revision 1"]) == (2, 1)  # ERROR and OK


def test_a_span_without_an_end_ends_with_what_is_known(recorded: Recorded, collector: Collector) -> None:
    sent = list(otel_spans(recorded(iter(list(told())[:8])), "travel-1"))
    otlp.send(sent, collector.url)
    latest = max(span["end_time_unix_nano"] or span["start_time_unix_nano"] for span in sent)
    (run,) = (span for span in collector.spans if span.name == "run travel")
    assert run.end_time_unix_nano == latest


def test_much_is_sent_in_several_requests(
    trace: TraceStore, collector: Collector, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(otlp, "_BATCH", 500)
    otlp.send(otel_spans(trace, "travel-1"), collector.url)
    assert collector.requests > 2
    assert len({span.span_id for span in collector.spans}) == len(trace.spans())


def test_a_collector_that_refuses_is_told(trace: TraceStore, collector: Collector) -> None:
    collector.status = 404
    with pytest.raises(EnvFactoryError, match="does not take the spans") as refused:
        otlp.send(otel_spans(trace, "travel-1"), collector.url)
    assert "/v1/traces" in refused.value.remedy


def test_without_the_extra_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(otlp, "_NEEDED", ("no_such_package.sdk",))
    with pytest.raises(ConfigError, match="extra otel") as refused:
        otlp.require_otel()
    assert "envfactory[otel]" in refused.value.remedy
