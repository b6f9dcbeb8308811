"""A run folder belongs to one process at a time. The lock is the system's: it ends with the process, however that ends."""

from __future__ import annotations

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from envfactory.errors import ConfigError

NAME = "lock"


@contextmanager
def sole(folder: Path) -> Iterator[None]:
    """Hold the lock of a run folder; ConfigError where another process holds it."""
    with (folder / NAME).open("a") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise ConfigError(
                f"the run {folder.name} is going on in another process", remedy="wait for it, or stop it there"
            ) from error
        yield


def is_held(folder: Path) -> bool:
    """Tell whether a process is at work in a run folder."""
    try:
        with (folder / NAME).open() as file:
            fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    except OSError:
        return False
    return False
