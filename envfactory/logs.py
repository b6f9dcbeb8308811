"""Structured logs: one JSON line an event in the run's folder, bound to run, environment and role."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path

import structlog

from envfactory.events import Event

_BULKY = frozenset({"prompt", "answer", "messages", "report", "reasoning", "summary"})  # these live in the trace


def open_log(path: Path, run: str) -> Callable[[Event], None]:
    """Return a consumer of events that appends to `path`."""
    path.parent.mkdir(parents=True, exist_ok=True)
    logger = structlog.wrap_logger(
        structlog.WriteLogger(path.open("a", buffering=1)),
        processors=[structlog.processors.TimeStamper(fmt="iso", utc=True), structlog.processors.JSONRenderer()],
    ).bind(run=run)

    def log(event: Event) -> None:
        facts = {key: value for key, value in asdict(event).items() if key not in _BULKY and key != "run"}
        logger.info(type(event).__name__, **facts)

    return log
