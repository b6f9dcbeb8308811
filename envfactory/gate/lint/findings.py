"""One thing lint objects to, said so that a person or a model can mend it."""

from __future__ import annotations

from typing import Any, NamedTuple


class Finding(NamedTuple):
    """`where` is a file with a line (`tools.py:12`) or a place in a file (`contracts.json get_boat.steps[1]`)."""

    rule: str
    where: str
    message: str
    remedy: str
    tool: str = ""

    def record(self) -> dict[str, Any]:
        """Return the finding as evidence."""
        return {key: value for key, value in self._asdict().items() if value}
