"""Where an exploration keeps what it reads, what it may do, and the library that it adds to."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from envfactory.config import ExplorationConfig


@dataclass(frozen=True)
class Expedition:
    """`folder` takes what was read, by its hash; `library` is looked through for what there is already."""

    config: ExplorationConfig
    folder: Path
    library: Path
