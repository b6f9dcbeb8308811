"""Structured logs: one JSON line an event in the run's folder, bound to run, environment and role."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path

import structlog

from envfactory.events import Event

_BULKY = frozenset({"prompt", "answer", "messages", "report", "reasoning", "summary"})  # these live in the trace


@contextmanager
def open_log(path: Path, run: str, redact: Callable[[str], str]) -> Iterator[Callable[[Event], None]]:
    """Yield a consumer of events that appends to `path`, a line at a time, without secrets."""
    with path.open("a", buffering=1) as file:
        logger = structlog.wrap_logger(
            structlog.WriteLogger(file),
            processors=[
                structlog.processors.TimeStamper(fmt="iso", utc=True),
                structlog.processors.JSONRenderer(),
                lambda _logger, _method, line: redact(str(line)),
            ],
        ).bind(run=run)

        def log(event: Event) -> None:
            facts = {key: value for key, value in asdict(event).items() if key not in _BULKY and key != "run"}
            logger.info(type(event).__name__, **facts)

        yield log
