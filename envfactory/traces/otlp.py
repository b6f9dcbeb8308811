"""Sending a run's spans to a collector over OTLP/HTTP (extra `otel`): Phoenix, Langfuse, Logfire, a collector of one's own.

Spans go in batches small enough for any collector's limit on a request. One that is still open, or whose process died
in it, is sent as ending at the last moment that anything is known of.
"""

from __future__ import annotations

import importlib.util
import logging
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from envfactory import __version__
from envfactory.errors import ConfigError, EnvFactoryError

if TYPE_CHECKING:
    from opentelemetry.sdk.trace import ReadableSpan

_BATCH = 2_000_000  # characters of attributes
_NEEDED = ("opentelemetry.sdk", "opentelemetry.exporter.otlp.proto.http")


def require_otel() -> None:
    """Raise ConfigError where the extra is not installed."""
    try:
        missing = [name for name in _NEEDED if importlib.util.find_spec(name) is None]
    except ModuleNotFoundError:
        missing = list(_NEEDED)
    if missing:
        raise ConfigError("sending traces needs the extra otel", remedy="pip install 'envfactory[otel]'")


def send(
    spans: Iterable[dict[str, Any]], endpoint: str, *, headers: Mapping[str, str] | None = None, timeout: float = 10.0
) -> int:
    """Send spans (as `otel.otel_spans` yields them) to a collector's address for traces; return how many.

    Raises ConfigError where the extra is missing, EnvFactoryError where the collector does not take them.
    """
    require_otel()
    from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
    from opentelemetry.sdk.trace.export import SpanExportResult

    told = list(spans)
    latest = max((span["end_time_unix_nano"] or span["start_time_unix_nano"] for span in told), default=0)
    exporter = OTLPSpanExporter(endpoint=endpoint, headers=headers, timeout=timeout)
    with _heard() as complaints:
        for batch in _batches(told):
            if exporter.export([_readable(span, latest) for span in batch]) is not SpanExportResult.SUCCESS:
                raise EnvFactoryError(
                    f"{endpoint} does not take the spans: {complaints[-1] if complaints else 'no reason given'}",
                    remedy="give the collector's whole address, as http://127.0.0.1:4318/v1/traces",
                )
    exporter.shutdown()  # type: ignore[no-untyped-call]
    return len(told)


def _batches(spans: list[dict[str, Any]]) -> Iterator[list[dict[str, Any]]]:
    batch: list[dict[str, Any]] = []
    size = 0
    for span in spans:
        own = sum(len(str(value)) for value in span["attributes"].values())
        if batch and size + own > _BATCH:
            yield batch
            batch, size = [], 0
        batch.append(span)
        size += own
    if batch:
        yield batch


def _readable(span: dict[str, Any], latest: int) -> ReadableSpan:
    from opentelemetry.sdk.resources import Resource
    from opentelemetry.sdk.trace import Event, ReadableSpan
    from opentelemetry.sdk.util.instrumentation import InstrumentationScope
    from opentelemetry.trace import SpanContext, SpanKind, TraceFlags

    def place(span_id: str) -> SpanContext:
        return SpanContext(int(span["trace_id"], 16), int(span_id, 16), False, TraceFlags(TraceFlags.SAMPLED))

    parent = span["parent_span_id"]
    return ReadableSpan(
        name=span["name"],
        context=place(span["span_id"]),
        parent=place(parent) if parent else None,
        resource=Resource({"service.name": "envfactory", "service.version": __version__}),
        attributes=span["attributes"],
        events=[Event(each["name"], each["attributes"], each["time_unix_nano"]) for each in span["events"]],
        kind=SpanKind.CLIENT if span["kind"] == "client" else SpanKind.INTERNAL,
        status=_status(span),
        start_time=span["start_time_unix_nano"],
        end_time=span["end_time_unix_nano"] or latest,
        instrumentation_scope=InstrumentationScope("envfactory", __version__),
    )


def _status(span: dict[str, Any]) -> Any:
    from opentelemetry.trace import Status, StatusCode

    if span["ok"] is None:
        return Status(StatusCode.UNSET)
    return Status(StatusCode.OK) if span["ok"] else Status(StatusCode.ERROR, span["attributes"]["envfactory.status"])


@contextmanager
def _heard() -> Iterator[list[str]]:
    """Collect what the exporter logs instead of raising, while the block runs."""
    told: list[str] = []

    class Ear(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            told.append(record.getMessage())

    logger, ear = logging.getLogger("opentelemetry"), Ear()
    before = logger.propagate
    logger.addHandler(ear)
    logger.propagate = False
    try:
        yield told
    finally:
        logger.removeHandler(ear)
        logger.propagate = before
