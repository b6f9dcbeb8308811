"""Imports the forty shared documents: a table on standard output, and the same as JSON with --out.

    python benchmarks/import_documents.py [--resources DIR] [--out FILE] [--repeat N]

A document counts as good when it gives the number of operations that the index says, or is refused for a reason that
a person can act on. Seconds are the best of the repetitions, from bytes in memory to the finished resource.
"""

from __future__ import annotations

import argparse
import json
import time
from dataclasses import asdict, dataclass
from pathlib import Path

from rich.console import Console
from rich.table import Table

from envfactory.errors import ResourceError
from envfactory.resources import Resource, import_document, require_operations

DEFAULT = Path(__file__).resolve().parents[1].parent / "shared" / "resources"


@dataclass(frozen=True)
class Row:
    """One document. `refusal` is empty where it was imported."""

    file: str
    format: str
    operations: int
    expected: int
    parameters: int
    schemas: int
    seconds: float
    warnings: list[str]
    refusal: str

    @property
    def good(self) -> bool:
        return bool(self.refusal) or self.operations == self.expected


def measure(folder: Path, entry: dict[str, object], repeat: int) -> Row:
    file = str(entry["file"])
    data = (folder / file).read_bytes()
    seconds = float("inf")
    for _ in range(repeat):
        began = time.perf_counter()
        resource = import_document(data, source=Path(file).name)
        seconds = min(seconds, time.perf_counter() - began)
    provenance = resource.provenance
    return Row(
        file=file,
        format=f"{provenance.format} {provenance.format_version}".strip(),
        operations=len(resource.operations),
        expected=int(str(entry["operations"])),
        parameters=sum(len(operation.parameters) for operation in resource.operations),
        schemas=len(resource.schemas),
        seconds=round(seconds, 4),
        warnings=resource.warnings,
        refusal=refusal_of(resource),
    )


def refusal_of(resource: Resource) -> str:
    try:
        require_operations(resource)
    except ResourceError as error:
        return str(error)
    return ""


def table(rows: list[Row]) -> Table:
    shown = Table(title="import of the shared documents")
    for heading in ("document", "format"):
        shown.add_column(heading, no_wrap=True)
    for heading in ("found", "index", "args", "schemas", "ms", "warnings"):
        shown.add_column(heading, justify="right")
    for row in rows:
        style = "" if row.good else "red"
        numbers = (row.expected, row.parameters, row.schemas, round(row.seconds * 1000, 1), len(row.warnings))
        found = "refused" if row.refusal else str(row.operations)
        shown.add_row(row.file, row.format, found, *map(str, numbers), style=style)
    return shown


def main() -> None:
    parser = argparse.ArgumentParser(description="Import the shared documents and compare with their index.")
    parser.add_argument("--resources", type=Path, default=DEFAULT, help="the folder with index.json")
    parser.add_argument("--out", type=Path, help="write the figures to this JSON file")
    parser.add_argument("--repeat", type=int, default=3, help="repetitions of each import")
    options = parser.parse_args()
    if not (options.resources / "index.json").is_file():
        parser.error(f"there is no index.json in {options.resources}; give --resources")
    index = json.loads((options.resources / "index.json").read_text("utf-8"))
    rows = [measure(options.resources, entry, options.repeat) for entry in index]
    totals = {
        "documents": len(rows),
        "imported_with_the_expected_operations": sum(row.operations == row.expected for row in rows),
        "refused_with_a_reason": sum(bool(row.refusal) for row in rows),
        "operations": sum(row.operations for row in rows),
        "seconds": round(sum(row.seconds for row in rows), 3),
    }
    if options.out:
        report = {"totals": totals, "documents": [asdict(row) for row in rows]}
        options.out.write_text(json.dumps(report, indent=1) + "\n", "utf-8")
    console = Console(width=130)
    console.print(table(rows))
    console.print(totals)
    for row in rows:
        if row.refusal:
            console.print(f"refused: {row.refusal}", soft_wrap=True)


if __name__ == "__main__":
    main()
