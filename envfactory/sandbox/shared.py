"""One sandbox for a whole process, for those who only want a worker: the zygote's start is paid once."""

from __future__ import annotations

import atexit
import os
import threading

from envfactory.sandbox.limits import Limits
from envfactory.sandbox.pool import Sandbox

# The gate's batches answer hundreds of probes in one frame, each with its changes.
SHARED_LIMITS = Limits(reply_cap=16 << 20)

_sandboxes: dict[tuple[int, str], Sandbox] = {}
_lock = threading.Lock()


def shared_sandbox(tier: str = "auto") -> Sandbox:
    """Return this process's sandbox of a tier, made at the first call and closed at exit; may raise as Sandbox does."""
    with _lock:
        place = os.getpid(), tier  # a fork must not use its parent's
        if place not in _sandboxes:
            _sandboxes[place] = Sandbox(tier, limits=SHARED_LIMITS)
            atexit.register(_sandboxes[place].close)
        return _sandboxes[place]
