"""The second part of a run's closing table: what stage two made of each environment, and why candidates were refused."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from rich.console import Console
from rich.table import Table
from rich.text import Text

from envfactory.cli.board import mark_of

if TYPE_CHECKING:
    from envfactory.graphs.tasks import Tasks

Row = dict[str, Any]
_WIDE = 118
_REASONS = 5
_SPLITS = {"validation": "valid", "heldout": "held"}


def print_tasks(tasks: Tasks, console: Console) -> None:
    """Print the table, the commonest reasons of refusals, and what infrastructure left undone."""
    if tasks.rows:
        console.print(task_table(tasks.rows, console))
        console.print()
    for line in [*refusals(tasks.rows), *tasks.reasons]:
        console.print(line, markup=False)


def task_table(rows: list[Row], console: Console) -> Table:
    """Return the table, fitted to the console."""
    narrow = console.width < _WIDE
    columns = [*_COLUMNS, *(_OF_MODELS if any(row.get("model_calls") for row in rows) else ())]
    table = Table(box=None, padding=(0, 1 if narrow else 2, 0, 0), pad_edge=False, header_style="bold")
    table.add_column("", width=1)
    table.add_column("environment")  # the one that gives way
    table.add_column("split", no_wrap=True)
    for heading, _ in columns:
        table.add_column(heading.replace("-\n", "-\n" if narrow else ""), justify="right", no_wrap=True)
    for row in rows:
        sign = mark_of("verified" if row["status"] == "full" else "unfinished", console.options.ascii_only)
        name = Text(row["environment"], no_wrap=True, overflow="ellipsis")
        split = _SPLITS.get(row["split"], row["split"]) if narrow else row["split"]
        table.add_row(sign, name, split, *(cell(row) for _, cell in columns))
    return table


def refusals(rows: list[Row]) -> list[str]:
    """Say how many candidates were refused, and the commonest reasons."""
    refused = Counter[str]()
    for row in rows:
        refused.update(row["refused"])
    candidates = sum(row["candidates"] for row in rows)
    if not refused:
        return []
    most = "; ".join(f"{count} {reason}" for reason, count in refused.most_common(_REASONS))
    rest = len(refused) - _REASONS
    more = f"; and {rest} other reasons" if rest > 0 else ""
    return [f"{sum(refused.values())} of {candidates} candidates refused: {most}{more}"]


def _counted(key: str) -> Callable[[Row], str]:
    return lambda row: str(row[key])


def _covered(key: str) -> Callable[[Row], str]:
    def cell(row: Row) -> str:
        met, there = row[key]
        return f"{met}/{there}" if there else "-"

    return cell


def _solved(row: Row) -> str:
    solved, attempts = row["solved"]
    return f"{100 * solved / attempts:.0f}%" if attempts else "-"


_COLUMNS: tuple[tuple[str, Callable[[Row], str]], ...] = (
    ("tasks", _counted("tasks")),
    ("turns", _counted("turns")),
    ("calls", _counted("calls")),
    ("oper-\nators", lambda row: str(sum(row["operators"].values()))),
    ("re-\nfused", lambda row: str(sum(row["refused"].values()))),
    ("solved", _solved),
    ("tools", _covered("tools")),
    ("edges", _covered("edges")),
    ("codes", _covered("codes")),
)


def _cents(row: Row) -> str:
    cost = row.get("cost_per_task")
    return "-" if cost is None else f"${cost:.4f}"


_OF_MODELS: tuple[tuple[str, Callable[[Row], str]], ...] = (
    ("model\ncalls", _counted("model_calls")),
    ("$/task", _cents),
)
