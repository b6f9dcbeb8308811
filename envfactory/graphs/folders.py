"""Where runs lie: one folder each, which holds a record as soon as it has begun."""

from __future__ import annotations

from pathlib import Path

RECORD = "run.json"
REJECTED = "rejected"  # below it lie the environments that were not verified, as in a library


def run_folders(runs: Path) -> list[Path]:
    """Return the folders of all runs, oldest first."""
    begun = sorted((path.stat().st_mtime, path.parent) for path in runs.glob(f"*/{RECORD}"))
    return [folder for _, folder in begun]
