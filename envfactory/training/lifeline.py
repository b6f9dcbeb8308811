"""A training process ends with the command that launched it, however that ended: a kill leaves nothing running.

Launchers stand in between (torchrun's agent, DeepSpeed's two, accelerate's), so a process watches the command itself
and not its own parent. Linux alone can say that another's child has ended; elsewhere a killed command leaves its
processes to their end, as launchers do.
"""

from __future__ import annotations

import os
import select
import signal
import threading

LAUNCHER = "ENVFACTORY_LAUNCHER"


def told_of_launcher() -> dict[str, str]:
    """Return what the processes that this one starts find in their environment: whom to end with."""
    return {LAUNCHER: str(os.getpid())}


def end_with_launcher() -> None:
    """From now on, be killed once the command that launched this process is gone."""
    launcher = os.environ.get(LAUNCHER)
    if launcher is None or not hasattr(os, "pidfd_open"):
        return
    try:
        command = os.pidfd_open(int(launcher))
    except ProcessLookupError:
        _end()
    except OSError:  # a kernel before 5.3, or a container's filter that does not know the call
        return
    threading.Thread(target=_end_after, args=(command,), name="lifeline", daemon=True).start()


def _end_after(command: int) -> None:
    ended = select.poll()
    ended.register(command, select.POLLIN)
    ended.poll()
    _end()


def _end() -> None:
    """Kill this process: what it is in the midst of, a collective call it may be, would never end by itself."""
    os.kill(os.getpid(), signal.SIGKILL)
