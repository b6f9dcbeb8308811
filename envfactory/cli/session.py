"""A run from the command line: its folder, which one process has at a time, and all that listens to its events."""

from __future__ import annotations

import asyncio
import shutil
import signal
import threading
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from envfactory.cli.boundary import INTERRUPTED, fail
from envfactory.cli.lock import sole
from envfactory.cli.progress import open_progress
from envfactory.config import ROLES, Config, RunConfig
from envfactory.errors import ArtefactError, EnvFactoryError, UserError
from envfactory.events import Emit, EnvironmentPlanned, Event, ModelCalled, RunRecalled
from envfactory.graphs.runner import Result, Run, execute
from envfactory.logs import open_log
from envfactory.models.keys import key_variable
from envfactory.traces.recorder import Recorder
from envfactory.traces.redaction import Redactor
from envfactory.traces.store import TraceStore

_WORTH_KEEPING = (EnvironmentPlanned, ModelCalled, RunRecalled)


@dataclass(frozen=True)
class Ended:
    """How a run ended, after how many seconds of this process."""

    result: Result
    seconds: float

    @property
    def name(self) -> str:
        """What `--resume` and `traces show` call the run."""
        return name_of(self.result.run)

    def as_dict(self) -> dict[str, Any]:
        """Return what `--json` prints."""
        result = self.result
        return {
            "run": result.run.id,
            "status": result.status,
            "folder": str(result.run.folder),
            "library": str(result.run.config.run.out),
            "seconds": round(self.seconds, 1),
            "spent": asdict(result.spent),
            "stopped_by": result.limit or None,
            "environments": result.outcomes,
            "skipped": result.skipped,
            "tasks": None if result.tasks is None else result.tasks.as_dict(),
        }


def name_of(run: Run) -> str:
    """Return a run's id where the commands look for runs anyway, else its folder."""
    return run.id if run.folder == RunConfig().runs / run.id else str(run.folder)


def conduct(run: Run) -> Ended:
    """Run or resume, heard by trace, log and progress. A mistake found before anything was planned leaves no folder."""
    started, planned = time.monotonic(), threading.Event()
    made, again = _make(run.folder), f"python -m envfactory.run --resume {name_of(run)}"
    try:
        with sole(run.folder), _listeners(run, planned) as emit:
            result = asyncio.run(execute(run, emit))
        return Ended(result, time.monotonic() - started)
    except EnvFactoryError as error:
        if planned.is_set():
            error.remedy = f"{error.remedy}; go on with: {again}".removeprefix("; ")
        elif isinstance(error, UserError) and not run.resumed:
            _unmake(run.folder, made)
        raise
    except (KeyboardInterrupt, asyncio.CancelledError):
        fail("interrupted; what is finished is kept", again, INTERRUPTED)


@contextmanager
def _listeners(run: Run, planned: threading.Event) -> Iterator[Emit]:
    """Yield what the run tells its events to. SIGTERM ends it as a second Ctrl-C does."""

    def watch(event: Event) -> None:
        if isinstance(event, _WORTH_KEEPING):
            planned.set()

    redact = Redactor(_key_variables(run.config))
    with (
        closing(TraceStore(run.folder / "trace.db")) as store,
        open_log(run.folder / "log.jsonl", run.id, redact) as log,
    ):
        record = Recorder(store, redact)
        before = signal.signal(signal.SIGTERM, signal.default_int_handler)
        try:
            with open_progress() as progress:
                listeners = (watch, record, log, progress)
                yield lambda event: _tell(listeners, event)
        finally:
            signal.signal(signal.SIGTERM, before)


def _tell(listeners: tuple[Emit, ...], event: Event) -> None:
    for listener in listeners:
        listener(event)


def _key_variables(config: Config) -> list[str]:
    return sorted({name for role in ROLES if (name := key_variable(config.models.of(role)))})


def _make(folder: Path) -> list[Path]:
    """Make a folder and return what had to be made, innermost first."""
    missing = [place for place in (folder, *folder.parents) if not place.exists()]
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise ArtefactError(f"cannot make {folder}: {error.strerror}", remedy="give another folder for runs") from error
    return missing


def _unmake(folder: Path, made: list[Path]) -> None:
    if folder in made:
        shutil.rmtree(folder, ignore_errors=True)
    for place in made[1:]:
        with suppress(OSError):  # it holds something by now
            place.rmdir()
