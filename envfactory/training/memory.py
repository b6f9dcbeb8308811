"""On a CPU, memory that a step gives back is kept for the next one: fetching it anew each time is a fifth of all work.

glibc hands large blocks back to the system as soon as they are free, and every tensor of a step is one.
"""

from __future__ import annotations

import ctypes

_TRIM_THRESHOLD, _TOP_PAD, _MMAP_THRESHOLD = -1, -2, -3  # malloc.h
_ALL = {_MMAP_THRESHOLD: 1 << 30, _TRIM_THRESHOLD: (1 << 31) - 1, _TOP_PAD: 1 << 28}


def hold_on_to_memory() -> bool:
    """Tell the C library to keep what is freed; say whether it took that. Another library than glibc may not."""
    try:
        mallopt = ctypes.CDLL(None).mallopt
    except (AttributeError, OSError):
        return False
    return all([mallopt(setting, value) == 1 for setting, value in _ALL.items()])  # noqa: C419 - every one is set
