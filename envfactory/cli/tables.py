"""The closing table of a run, and what to do next.

Eighty columns hold one line an environment: headings take two lines there, verdicts become signs, and the columns of
the language models are left out where none was asked. Wider terminals and other programs get words.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from rich.console import Console
from rich.table import Table
from rich.text import Text

from envfactory.cli.board import mark_of
from envfactory.cli.pages import STYLES, page
from envfactory.cli.tasktables import print_tasks
from envfactory.config import RULES, TasksConfig
from envfactory.pages.amounts import duration

if TYPE_CHECKING:
    from envfactory.cli.session import Ended

Outcome = dict[str, Any]
_WIDE = 118
_REASONS = 4
_OF_MODELS = ("model\ncalls", "cost")


def print_result(ended: Ended, console: Console | None = None) -> None:
    """Print the table, the reasons of what was not verified, where the files are and what to do next."""
    console = console or page()
    outcomes, result = ended.result.outcomes, ended.result
    if outcomes:
        console.print(outcome_table(outcomes, console))
    skipped = [f"skipped {each['source']}: {each['reason']}" for each in result.skipped]
    notes = [*_chosen(ended), *_unverified(outcomes), *skipped]
    for note in notes:
        console.print(note, markup=False)
    if outcomes or notes:
        console.print()
    if result.tasks is not None:
        print_tasks(result.tasks, console)
    console.print(_verdict(ended), style="bold")
    console.print(_places(ended), markup=False, soft_wrap=True)


def _chosen(ended: Ended) -> list[str]:
    """Say why each environment was chosen, where a language model did the choosing."""
    if ended.result.run.config.models.of("explorer").model == RULES:
        return []
    return [f"{each['environment']} was chosen: {each['why']}" for each in ended.result.outcomes if each.get("why")]


def outcome_table(outcomes: list[Outcome], console: Console) -> Table:
    """Return the table, fitted to the console."""
    narrow = console.width < _WIDE
    asked = any(outcome.get("model_calls") for outcome in outcomes)
    first = ("tools\n(r+w)", _pair("read", "+", "write")) if narrow else ("tools (r/w)", _tools)
    columns = [first, *(column for column in _COLUMNS if asked or not narrow or column[0] not in _OF_MODELS)]
    table = Table(box=None, padding=(0, 1 if narrow else 2, 0, 0), pad_edge=False, header_style="bold")
    if narrow:
        table.add_column("", width=1)
    table.add_column("environment")  # the one that gives way
    if not narrow:
        table.add_column("verdict", no_wrap=True)
    for heading, _ in columns:
        table.add_column(
            heading if narrow else heading.replace("-\n", "").replace("\n", " "), justify="right", no_wrap=True
        )
    for outcome in outcomes:
        name, verdict = Text(outcome["environment"], no_wrap=True, overflow="ellipsis"), outcome["verdict"]
        sign = mark_of(verdict, console.options.ascii_only)
        head = [sign, name] if narrow else [name, Text(verdict, style=STYLES.get(verdict, ""))]
        table.add_row(*head, *(cell(outcome) for _, cell in columns))
    return table


def _counted(key: str) -> Callable[[Outcome], str]:
    return lambda outcome: "-" if outcome.get(key) is None else str(outcome[key])


def _pair(first: str, between: str, second: str) -> Callable[[Outcome], str]:
    def cell(outcome: Outcome) -> str:
        if outcome.get(first) is None or outcome.get(second) is None:
            return "-"
        return f"{outcome[first]}{between}{outcome[second]}"

    return cell


def _tools(outcome: Outcome) -> str:
    return f"{outcome['tools']} ({outcome['read']}/{outcome['write']})" if "tools" in outcome else "-"


def _cost(outcome: Outcome) -> str:
    cost = outcome.get("cost")
    return "-" if cost is None else f"${cost:.4f}"


_COLUMNS: tuple[tuple[str, Callable[[Outcome], str]], ...] = (
    ("tables", _counted("tables")),
    ("rows", _counted("rows")),
    ("edges\n(v+s)", _pair("value_edges", "+", "state_edges")),
    ("checks", _pair("checks", "/", "checks_total")),
    ("mutants\nkilled", _pair("killed", "/", "mutants")),
    ("revi-\nsions", _counted("revisions")),
    ("sec-\nonds", lambda outcome: f"{outcome['seconds']:.0f}"),
    ("model\ncalls", _counted("model_calls")),
    ("cost", _cost),
)


def _unverified(outcomes: list[Outcome]) -> list[str]:
    lines = []
    for outcome in outcomes:
        if outcome["verdict"] != "verified":
            reasons, name = outcome["reasons"], outcome["environment"]
            more = f"; and {len(reasons) - _REASONS} more" if len(reasons) > _REASONS else ""
            again = f" (run it again: --env {name})" if outcome["verdict"] == "unfinished" else ""
            lines.append(f"{name} {outcome['verdict']}: {'; '.join(reasons[:_REASONS])}{more}{again}")
    return lines


def _verdict(ended: Ended) -> str:
    outcomes = ended.result.outcomes
    spent = ended.result.spent.in_words()
    if ended.result.status == "stopped":
        counted = f"stopped with {ended.result.verified} verified so far"
    else:
        counted = f"{ended.result.verified} of {len(outcomes)} environment{'' if len(outcomes) == 1 else 's'} verified"
    tasks = ended.result.tasks
    made = f", {tasks.count} graded task{'' if tasks.count == 1 else 's'}" if tasks is not None else ""
    return f"{counted}{made} in {duration(ended.seconds)}, {spent}"


def _places(ended: Ended) -> str:
    run = ended.result.run
    lines = [f"run      {run.folder}", f"         envfactory traces show {ended.name}"]
    example = next((each["folder"] for each in ended.result.outcomes if each["verdict"] == "verified"), None)
    if example:
        lines.insert(0, f"library  {run.config.run.out}")
        lines += [f"next     envfactory show {example}", f"         envfactory verify {run.config.run.out}"]
    made = ended.result.tasks
    if made is not None and made.count and ended.result.status == "finished":
        lines.insert(1, f"dataset  {made.dataset}")
        place = "" if run.config.tasks.out == TasksConfig().out else f" --from {made.dataset}"
        lines.append(f"         envfactory tasks show {made.example}{place}")
    return "\n".join(lines)
