"""Consoles and tables: fitted to the terminal, and one row a line at full width where another program reads."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from rich.cells import cell_len
from rich.console import Console
from rich.table import Table
from rich.text import Text

_UNBOUNDED = 1000
GOOD, BAD, OPEN = "green", "red", "yellow"
STYLES = {"verified": GOOD, "rejected": BAD, "unfinished": OPEN, "damaged": BAD}


def page(*, stderr: bool = False) -> Console:
    """Return a console for stdout (or stderr) that marks nothing up on its own."""
    console = Console(stderr=stderr, highlight=False)
    if not console.is_terminal:
        console.width = _UNBOUNDED
    return console


def columns(
    rows: Iterable[Sequence[str | Text]],
    headings: Sequence[str] = (),
    *,
    right: Sequence[int] = (),
    yielding: Sequence[int] = (-1,),
    cut: bool = False,
) -> Table:
    """Return rows in columns. On a narrow terminal those in `yielding` give way: wrapped, or cut where `cut` is set.

    The columns numbered in `right` hold numbers. Text is never read as markup.
    """
    kept = [
        [
            cell if isinstance(cell, Text) else Text(cell, no_wrap=cut or None, overflow="ellipsis" if cut else None)
            for cell in row
        ]
        for row in rows
    ]
    table = Table(box=None, padding=(0, 2, 0, 0), pad_edge=False, show_header=bool(headings), header_style="bold")
    count = max(map(len, kept), default=len(headings))
    soft = {number % count for number in yielding} if count else set()
    for number in range(count):
        heading = headings[number] if headings else ""
        natural = max([cell_len(heading), *(row[number].cell_len for row in kept)])
        table.add_column(
            heading,
            justify="right" if number in right else "left",
            no_wrap=number not in soft,
            overflow="fold",
            min_width=None if number in soft else natural,
        )
    for row in kept:
        table.add_row(*row)
    return table
