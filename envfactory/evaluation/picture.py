"""Results as a picture: a panel a suite, a bar a group with its interval, one colour a model."""

from __future__ import annotations

from collections.abc import Sequence
from io import BytesIO
from pathlib import Path
from typing import Any

from envfactory.environments.files import write_atomically
from envfactory.evaluation.results import ALL, Figures, Result, SuiteResult
from envfactory.training.extra import require

_COLOURS = ("#4c78a8", "#f58518", "#54a24b", "#b279a2")
_ROW, _HEAD, _WIDTH = 0.28, 1.1, 9.0


def draw(results: Sequence[Result], place: Path) -> None:
    """Write the results to a PNG (or what the file's ending says); UserError without matplotlib."""
    require("a picture", ("matplotlib",))
    from matplotlib.figure import Figure

    names = list(dict.fromkeys(suite.suite for result in results for suite in result.suites))
    panels = [_panel(name, results) for name in names]
    heights = [_HEAD + _ROW * len(rows) * len(results) for _, rows in panels]
    figure = Figure(figsize=(_WIDTH, sum(heights)), layout="constrained")
    axes = figure.subplots(len(panels), 1, squeeze=False, height_ratios=heights)[:, 0]
    for ax, (title, rows) in zip(axes, panels, strict=True):
        _fill(ax, title, rows, [result.model for result in results])
    drawn = BytesIO()
    figure.savefig(drawn, format=place.suffix.removeprefix(".") or "png", dpi=150)
    write_atomically(place, drawn.getvalue())


def _panel(name: str, results: Sequence[Result]) -> tuple[str, list[tuple[str, list[Figures | None]]]]:
    """Return a panel's title, and its rows: a label and one bar for each result."""
    suites = [next((each for each in result.suites if each.suite == name), None) for result in results]
    first = next(each for each in suites if each is not None)
    keys = [
        (ALL, ALL),
        *((trait, value) for each in suites if each for trait in each.groups for value in each.groups[trait]),
    ]
    rows = [
        (value if trait == ALL else f"{trait}: {value}", [_of(each, trait, value) for each in suites])
        for trait, value in dict.fromkeys(keys)
    ]
    return f"{name}: {first.measure}", rows


def _of(suite: SuiteResult | None, trait: str, value: str) -> Figures | None:
    if suite is None:
        return None
    return suite.overall if trait == ALL else suite.groups.get(trait, {}).get(value)


def _fill(ax: Any, title: str, rows: Sequence[tuple[str, Sequence[Figures | None]]], models: Sequence[str]) -> None:
    thick = 0.8 / len(models)
    for number, model in enumerate(models):
        shown = [(at, bars[number]) for at, (_, bars) in enumerate(rows)]
        places = [at + (number - (len(models) - 1) / 2) * thick for at, bar in shown if bar]
        bars = [bar for _, bar in shown if bar]
        errors = [[bar.value - bar.low for bar in bars], [bar.high - bar.value for bar in bars]]
        colour = _COLOURS[number % len(_COLOURS)]
        ax.barh(places, [bar.value for bar in bars], thick * 0.9, color=colour, label=model)
        ax.errorbar([bar.value for bar in bars], places, xerr=errors, fmt="none", ecolor="#333333", elinewidth=0.8)
    ax.set_yticks(range(len(rows)), [label for label, _ in rows], fontsize=8)
    ax.invert_yaxis()
    ax.set_xlim(0, 1)
    ax.set_title(title, loc="left", fontsize=10)
    ax.spines[["top", "right"]].set_visible(False)
    if len(models) > 1:
        ax.legend(fontsize=8, loc="lower right")
