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
    if len(results) > 1:
        handles, labels = axes[0].get_legend_handles_labels()
        figure.legend(handles, labels, loc="outside upper right", fontsize=8, frameon=False)
    drawn = BytesIO()
    figure.savefig(drawn, format=place.suffix.removeprefix(".") or "png", dpi=150)
    write_atomically(place, drawn.getvalue())


def _panel(name: str, results: Sequence[Result]) -> tuple[str, list[tuple[str, list[Figures | None]]]]:
    """Return a panel's title, and its rows: a label and one bar for each result."""
    suites = [next((each for each in result.suites if each.suite == name), None) for result in results]
    told = [each for each in suites if each is not None]
    traits = dict.fromkeys(trait for each in told for trait in each.groups)
    groups = [(trait, sorted({value for each in told for value in each.groups.get(trait, {})})) for trait in traits]
    keys = [(ALL, ALL), *((ALL, part) for each in told for part in each.parts)]
    keys += [(trait, value) for trait, values in groups if len(values) > 1 for value in values]
    rows = [
        (value if trait == ALL else f"{trait}: {value}", [_of(each, trait, value) for each in suites])
        for trait, value in dict.fromkeys(keys)
    ]
    return f"{name}: {told[0].measure}, with 95 % intervals", rows


def _of(suite: SuiteResult | None, trait: str, value: str) -> Figures | None:
    if suite is None:
        return None
    if trait == ALL:
        return suite.overall if value == ALL else suite.parts.get(value)
    return suite.groups.get(trait, {}).get(value)


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
    ax.set_ylim(len(rows) - 0.4, -0.6)
    ax.set_xlim(0, 1)
    ax.set_title(title, loc="left", fontsize=10)
    ax.spines[["top", "right"]].set_visible(False)
