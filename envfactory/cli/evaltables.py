"""Results of evaluations as tables: a score beside its interval, and two models beside each other."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from rich.console import Console
from rich.text import Text

from envfactory.cli.pages import BAD, GOOD, columns
from envfactory.pages.amounts import duration

if TYPE_CHECKING:
    from envfactory.evaluation.results import Against, Figures, Result, SuiteResult

_SURE = 0.05


def print_results(result: Result, console: Console) -> None:
    """Print a table a suite."""
    for suite in result.suites:
        headings = ("", "items", suite.measure, "95 % interval", "other worlds")
        console.print(Text.assemble((suite.suite, "bold"), f"  {result.model}"))
        console.print(columns(_rows(suite), headings, right=(1, 2)))
        for line in _notes(suite):
            console.print(line, markup=False, soft_wrap=True)
        console.print()


def print_comparison(lines: Sequence[Against], first: str, second: str, console: Console) -> None:
    """Print how the second model does against the first."""
    console.print(Text(f"{second} against {first}, on the same items", style="bold"))
    headings = ("", "items", "before", "now", "difference", "95 % interval", "better", "worse", "p")
    rows = [_against(each) for each in lines]
    console.print(columns(rows, headings, right=(1, 2, 3, 4, 6, 7, 8)))
    console.print(f"p by {' or '.join(sorted({each.test for each in lines}))}; not corrected for the number of rows")


def _rows(suite: SuiteResult) -> Iterator[Sequence[str | Text]]:
    yield _row("all", suite.overall)
    for name, figures in suite.parts.items():
        yield _row(name, figures)
    for trait, groups in suite.groups.items():
        if len(groups) > 1:
            for value, figures in groups.items():
                yield _row(f"{trait}: {value}", figures)


def _row(label: str, figures: Figures) -> Sequence[str | Text]:
    other = "" if figures.clustered is None else _interval(*figures.clustered)
    return (label, str(figures.items), _percent(figures.value), _interval(figures.low, figures.high), other)


def _notes(suite: SuiteResult) -> Iterator[str]:
    if suite.passes:
        yield "  ".join(f"{name} {_percent(value)}" for name, value in suite.passes.items())
    if suite.infrastructure:
        yield f"{suite.infrastructure} attempts broke and are not scored: --resume tries them again"
    told = [f"{suite.calls} calls", f"{suite.malformed} that could not be read or made"]
    told += [f"{suite.tokens} tokens written"] if suite.tokens else []
    yield f"{', '.join(told)}, {duration(suite.seconds)}"


def _against(each: Against) -> Sequence[str | Text]:
    style = "" if each.p >= _SURE else GOOD if each.difference > 0 else BAD
    return (
        each.suite if each.group == "all" else f"  {each.group}",
        str(each.tasks),
        _percent(each.first),
        _percent(each.second),
        Text(f"{100 * each.difference:+.1f}", style=style),
        f"{100 * each.low:+.1f} to {100 * each.high:+.1f}",
        str(each.better),
        str(each.worse),
        f"{each.p:.3f}" if each.p >= 0.001 else "<0.001",
    )


def _percent(value: float) -> str:
    return f"{100 * value:.1f} %"


def _interval(low: float, high: float) -> str:
    return f"{100 * low:.1f} to {100 * high:.1f}"
