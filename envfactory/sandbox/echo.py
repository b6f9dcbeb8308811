"""The smallest handler: answers every frame with its payload. With it the doctor proves the walls, and benchmarks
the line.
"""

from __future__ import annotations


class Echo:
    """Returns what it is given."""

    def handle(self, op: str, payload: object) -> object:
        """Return `payload`, whatever `op` is."""
        return payload
