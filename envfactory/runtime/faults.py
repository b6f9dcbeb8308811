"""Seeded faults at the tool boundary: the runtime, not the tool, answers as a busy or broken service would.

Off unless an episode asks for them. A fault never touches the state, so the caller can recover by trying again; the
plan is a function of its seed and the number of the call. A stale read, which a plan deals only where it is asked to, is
answered from the state before the last write, as by a replica that lags behind: nothing in the answer says so.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from typing import Any

KINDS: Mapping[str, str] = {
    "TIMEOUT": "The service did not answer in time. The request was not carried out; try again.",
    "RATE_LIMITED": "Too many requests. Try again.",
    "UNAVAILABLE": "The service is temporarily unavailable. Try again.",
}
STALE_READ = "STALE_READ"


class FaultPlan:
    """Decides call by call. `rate` is the share of calls that fail; at most `longest` failures follow one another."""

    def __init__(self, seed: int, rate: float, kinds: Sequence[str] = tuple(KINDS), longest: int = 2) -> None:
        unknown = set(kinds) - {*KINDS, STALE_READ}
        if unknown or not kinds:
            known = ", ".join((*KINDS, STALE_READ))
            raise ValueError(f"fault kinds are {known}; not {', '.join(sorted(unknown)) or 'none'}")
        if not 0 <= rate < 1:
            raise ValueError("the fault rate lies between 0 and 1")
        self._seed, self._rate, self._kinds, self._longest = seed, rate, list(kinds), longest
        self._number = self._row = 0

    @property
    def stale(self) -> bool:
        """Whether reads may be stale."""
        return STALE_READ in self._kinds

    def next(self, tool: str) -> dict[str, Any] | None:
        """Return the fault that answers this call instead of the tool, or None; a stale read is answered by the episode."""
        self._number += 1
        digest = hashlib.blake2b(f"{self._seed}/{self._number}/{tool}".encode(), digest_size=8).digest()
        drawn = int.from_bytes(digest[:4], "big") / 2**32
        if drawn >= self._rate or self._row >= self._longest:
            self._row = 0
            return None
        self._row += 1
        kind = self._kinds[digest[4] % len(self._kinds)]
        return {"status": "fault", "code": kind, "message": KINDS.get(kind, "")}
