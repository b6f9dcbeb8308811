"""Links between pages: from a run to what it made, and back."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple


class Link(NamedTuple):
    """A page of something that was made: what it says, and where it is."""

    text: str
    address: str


@dataclass(frozen=True)
class Made:
    """The pages of what a run made: one an environment, several an environment for its tasks."""

    environments: Mapping[str, Link] = field(default_factory=dict)
    tasks: Mapping[str, Sequence[Link]] = field(default_factory=dict)


NOTHING = Made()
