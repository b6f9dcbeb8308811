"""What `traces export` does with spans: writes them as JSON lines, or sends them to a collector."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from envfactory.cli.boundary import fail
from envfactory.environments.files import write_atomically
from envfactory.traces.otlp import require_otel, send


def send_spans(spans: Iterator[dict[str, Any]], endpoint: str, headers: list[str]) -> None:
    """Send spans to a collector and say how many; `headers` are NAME=VALUE."""
    require_otel()
    strange = [header for header in headers if "=" not in header]
    if strange:
        fail(f"--header {strange[0]} has no value", "as --header authorization=secret")
    pairs = (header.partition("=") for header in headers)
    number = send(spans, endpoint, headers={name.strip(): value.strip() for name, _, value in pairs})
    print(f"{number} spans sent to {endpoint}")


def write_lines(spans: Iterator[dict[str, Any]], output: Path | None) -> None:
    """Write a span a line, to a file or to the output."""
    lines = (json.dumps(span, ensure_ascii=False) for span in spans)
    if output is None:
        for line in lines:
            print(line)
    else:
        write_atomically(output, "".join(f"{line}\n" for line in lines).encode(errors="replace"))
