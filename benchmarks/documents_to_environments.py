"""For how many real documents without x-env the rules reach a verified environment, and why not for the others.

    python benchmarks/documents_to_environments.py [FOLDER] [--only TEXT] [--jobs 2] [--out FILE]

FOLDER holds API documents (by default the shared ones beside the checkout). Each is given to the real command in a scratch folder,
as a user would: `python -m envfactory.run --resource DOCUMENT --json`. FILE is written document by document, and those that stand
in it are not run again: a run that was cut off goes on there.
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
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.progress import track
from rich.table import Table

SHARED = Path(__file__).parents[2] / "shared" / "resources"
SUFFIXES = (".json", ".yaml", ".yml", ".md")
_ASK_FOR_RULES = """
import json, sys
from envfactory.resources import sources
from envfactory.synthesis.inference import infer
resource = sources.load(sys.argv[1])
print(json.dumps({"operations": len(resource.operations), "rules": infer(resource).rules}))
"""


def main() -> None:
    """Run every document, print the table, write the JSON."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", nargs="?", type=Path, default=Path(os.environ.get("ENVFACTORY_RESOURCES", SHARED)))
    parser.add_argument("--only", default="", help="only documents whose path contains this text")
    parser.add_argument("--jobs", type=int, default=1, help="how many documents at a time")
    parser.add_argument("--out", type=Path, help="write the figures to this JSON file, and go on from what it holds")
    options = parser.parse_args()
    documents = documents_in(options.folder, options.only)
    if not documents:
        sys.exit(f"no documents in {options.folder}")
    started = time.monotonic()
    known = {row["document"]: row for row in _written(options.out)}
    left = [document for document in documents if name_of(document) not in known]
    with ThreadPoolExecutor(options.jobs) as pool:
        for row in track(pool.map(row_of, left), "documents", total=len(left), console=Console(stderr=True)):
            known[row["document"]] = row
            if options.out:
                _write(options.out, list(known.values()))
    rows = [known[name_of(document)] for document in documents]
    Console(width=190).print(table_of(rows, time.monotonic() - started))


def _written(path: Path | None) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = json.loads(path.read_text())["rows"] if path and path.exists() else []
    return rows


def _write(path: Path, rows: list[dict[str, Any]]) -> None:
    figures = {"verified": count(rows), "documents": len(rows), "python": platform.python_version(), "rows": rows}
    path.write_text(json.dumps(figures, indent=1) + "\n")


def documents_in(folder: Path, only: str) -> list[Path]:
    """The documents of a folder and its sub-folders; its indexes are none."""
    found = sorted(path for path in folder.glob("*/*") if path.suffix in SUFFIXES)
    return [path for path in found if only in str(path)]


def name_of(document: Path) -> str:
    """How a document is called in the table: by its folder and file."""
    return f"{document.parent.name}/{document.name}"


def row_of(document: Path) -> dict[str, Any]:
    """What became of one document."""
    with tempfile.TemporaryDirectory() as scratch:
        answer = _answer(Path(scratch), "-m", "envfactory.run", "--resource", str(document.resolve()), "--json")
    made = next(iter(answer.get("environments", [])), {})
    skipped = next(iter(answer.get("skipped", [])), {})
    reasons = made.get("reasons") or [skipped.get("reason") or answer.get("error", "")]
    kept = (
        "environment",
        "tools",
        "read",
        "write",
        "tables",
        "rows",
        "value_edges",
        "state_edges",
        "revisions",
        "seconds",
    )
    return {
        "document": name_of(document),
        "verdict": made.get("verdict", "refused"),
        **{key: made.get(key) for key in kept},
        **_inferred(document),
        "reason": "; ".join(str(reason) for reason in reasons if reason),
    }


def _inferred(document: Path) -> dict[str, Any]:
    """How many operations the document has and which rules gave what; nothing where it is refused."""
    with tempfile.TemporaryDirectory() as scratch:
        return _answer(Path(scratch), "-c", _ASK_FOR_RULES, str(document.resolve()))


def _answer(folder: Path, *arguments: str) -> dict[str, Any]:
    checkout = str(Path(__file__).parents[1])
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join([checkout, os.environ.get("PYTHONPATH", "")])}
    done = subprocess.run(
        [sys.executable, *arguments], cwd=folder, env=environment, capture_output=True, text=True, check=False
    )
    try:
        answer: dict[str, Any] = json.loads(done.stdout)
    except json.JSONDecodeError:
        return {"error": next((line for line in reversed(done.stderr.splitlines()) if "rror" in line), "")}
    return answer


def count(rows: list[dict[str, Any]]) -> int:
    """How many were verified."""
    return sum(row["verdict"] == "verified" for row in rows)


def table_of(rows: list[dict[str, Any]], seconds: float) -> Table:
    """The table for people."""
    table = Table(title=f"{count(rows)} of {len(rows)} documents became verified environments in {seconds:.0f} s")
    for heading in (
        "document",
        "operations",
        "tools (r/w)",
        "tables",
        "rows",
        "edges",
        "revisions",
        "verdict",
        "s",
        "reason",
    ):
        right = heading in ("operations", "tables", "rows", "revisions", "s")
        table.add_column(heading, justify="right" if right else "left", no_wrap=heading in ("document", "tools (r/w)"))
    for row in rows:
        made = row["tools"] is not None
        table.add_row(
            row["document"],
            str(row.get("operations", "")),
            f"{row['tools']} ({row['read']}/{row['write']})" if made else "",
            str(row["tables"] or ""),
            str(row["rows"] or ""),
            f"{row['value_edges']}+{row['state_edges']}" if made else "",
            str(row["revisions"]) if made else "",
            row["verdict"],
            f"{row['seconds']:.0f}" if row["seconds"] else "",
            "" if row["verdict"] == "verified" else row["reason"][:150],
        )
    return table


if __name__ == "__main__":
    main()
