"""One sandbox for a whole process, for those who only want a worker: the zygote's start is paid once."""

from __future__ import annotations

import atexit
import os
import threading

from envfactory.sandbox.limits import Limits
from envfactory.sandbox.pool import Sandbox

# The gate's batches answer hundreds of probes in one frame, each with its changes.
SHARED_LIMITS = Limits(reply_cap=16 << 20)

OTHER_HASHES = 1  # a hash seed for workers that must agree with those of another

_sandboxes: dict[tuple[int, str, int | None], Sandbox] = {}
_lock = threading.Lock()


def shared_sandbox(tier: str = "auto", hash_seed: int | None = None) -> Sandbox:
    """Return this process's sandbox of a tier, made at the first call and closed at exit; may raise as Sandbox does.

    `hash_seed` fixes the seed of Python's string hashes in its workers, and so the order of their sets.
    """
    with _lock:
        place = os.getpid(), tier, hash_seed  # a fork must not use its parent's
        if place not in _sandboxes:
            _sandboxes[place] = Sandbox(tier, limits=SHARED_LIMITS, hash_seed=hash_seed)
            atexit.register(_sandboxes[place].close)
        return _sandboxes[place]
