"""How long it takes to build and verify a domain from the built-in catalogue, and to verify an environment again.

    python benchmarks/build_domain.py [--domain travel] [--out FILE]

Runs the real commands in a scratch folder, as a user would (without tasks), and reads the figures from what they print
as JSON.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table


def main() -> None:
    """Build, verify again, print the table, write the JSON."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--domain", default="travel")
    parser.add_argument("--out", type=Path, help="write the figures to this JSON file")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        built, build_seconds = _timed(
            Path(scratch), "-m", "envfactory.run", "--domain", options.domain, "--no-tasks", "--json"
        )
        rows = [_row(Path(scratch), outcome) for outcome in built["environments"]]
    _print(rows, options.domain, build_seconds)
    if options.out:
        figures = {
            "domain": options.domain,
            "seconds": round(build_seconds, 1),
            "cores": os.cpu_count(),
            "environments": rows,
        }
        options.out.write_text(json.dumps({**figures, "python": platform.python_version()}, indent=1) + "\n")


def _timed(folder: Path, *arguments: str) -> tuple[Any, float]:
    started = time.monotonic()
    done = subprocess.run([sys.executable, *arguments], cwd=folder, capture_output=True, text=True, check=False)
    if not done.stdout:
        sys.exit(done.stderr)
    return json.loads(done.stdout), time.monotonic() - started


def _row(folder: Path, outcome: dict[str, Any]) -> dict[str, Any]:
    kept = (
        "environment",
        "verdict",
        "tools",
        "read",
        "write",
        "tables",
        "rows",
        "value_edges",
        "state_edges",
        "mutants",
        "killed",
        "revisions",
    )
    row = {key: outcome.get(key) for key in kept} | {"build_seconds": outcome["seconds"]}
    if outcome["verdict"] == "verified":
        _, row["verify_seconds"] = _timed(folder, "-m", "envfactory.cli.main", "verify", outcome["folder"], "--json")
    return row


def _print(rows: list[dict[str, Any]], domain: str, seconds: float) -> None:
    table = Table(
        title=f"{domain}: {len(rows)} environments built and verified in {seconds:.0f} s on {os.cpu_count()} cores"
    )
    for heading in (
        "environment",
        "verdict",
        "tools",
        "tables",
        "rows",
        "edges",
        "mutants killed",
        "revisions",
        "build s",
        "verify again s",
    ):
        table.add_column(heading, justify="left" if heading in ("environment", "verdict") else "right")
    for row in rows:
        table.add_row(
            row["environment"],
            row["verdict"],
            f"{row['tools']} ({row['read']}/{row['write']})",
            str(row["tables"]),
            str(row["rows"]),
            f"{row['value_edges']}+{row['state_edges']}",
            f"{row['killed']}/{row['mutants']}",
            str(row["revisions"]),
            f"{row['build_seconds']:.1f}",
            f"{row.get('verify_seconds', float('nan')):.1f}",
        )
    Console(width=150).print(table)


if __name__ == "__main__":
    main()
