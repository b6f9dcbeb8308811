"""The closing table of a run, and what to do next."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from rich.console import Console
from rich.table import Table

from envfactory.cli.progress import STYLES

if TYPE_CHECKING:
    from envfactory.graphs.runner import Result

_COLUMNS = (
    "environment",
    "verdict",
    "tools (r/w)",
    "tables",
    "rows",
    "edges",
    "checks",
    "mutants killed",
    "revisions",
    "seconds",
    "calls",
    "cost",
)


def print_result(result: Result) -> None:
    """Print the table, the reasons of what was not verified, where the files are and what to do next."""
    console = Console(highlight=False)
    if result.outcomes:
        console.print(_table(result.outcomes))
    for outcome in result.outcomes:
        if outcome["verdict"] != "verified":
            console.print(f"{outcome['environment']} {outcome['verdict']}: {'; '.join(outcome['reasons'][:4])}", markup=False, soft_wrap=True)
    for skipped in result.skipped:
        console.print(f"skipped {skipped['source']}: {skipped['reason']}", markup=False, soft_wrap=True)
    example = next((outcome["folder"] for outcome in result.outcomes if outcome["verdict"] == "verified"), None)
    console.print(f"\n{result.verified} of {len(result.outcomes)} environments verified", style="bold")
    console.print(f"library  {result.run.config.run.out}", markup=False, soft_wrap=True)
    console.print(f"run      {result.run.folder}  (envfactory traces show {result.run.id})", markup=False, soft_wrap=True)
    if example:
        console.print(f"next     envfactory show {example}\n         envfactory verify {example}", markup=False, soft_wrap=True)


def _table(outcomes: list[dict[str, Any]]) -> Table:
    table = Table(box=None, padding=(0, 1), pad_edge=False)
    for name in _COLUMNS:
        table.add_column(name, justify="left" if name in ("environment", "verdict") else "right", no_wrap=True)
    for outcome in outcomes:
        style = STYLES.get(outcome["verdict"], "")
        table.add_row(outcome["environment"], f"[{style}]{outcome['verdict']}[/]", *_cells(outcome))
    return table


def _cells(outcome: dict[str, Any]) -> list[str]:
    if "tools" not in outcome:
        return ["-"] * 6 + [str(outcome["revisions"]), f"{outcome['seconds']:.1f}", *_spent(outcome)]
    return [
        f"{outcome['tools']} ({outcome['read']}/{outcome['write']})",
        str(outcome["tables"]),
        str(outcome["rows"]),
        f"{outcome['value_edges']}+{outcome['state_edges']}",
        f"{outcome.get('checks', 0)}/{outcome.get('checks_total', 0)}",
        f"{outcome.get('killed') or 0}/{outcome.get('mutants') or 0}",
        str(outcome["revisions"]),
        f"{outcome['seconds']:.1f}",
        *_spent(outcome),
    ]


def _spent(outcome: dict[str, Any]) -> tuple[str, str]:
    cost = outcome.get("cost")
    return str(outcome.get("model_calls", 0)), "-" if cost is None else f"${cost:.4f}"
