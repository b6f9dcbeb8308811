"""The metrics of a run as pictures: whichever of loss, reward, solve rate, length, KL, entropy it wrote, over its steps."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

from envfactory.errors import ConfigError
from envfactory.training.extra import require
from envfactory.training.runs import read_metrics

_SMOOTH = 20  # runs of more points get a mean over a tenth of them drawn on top


class Panel(NamedTuple):
    """One picture: a title, and the metrics that are drawn in it, each with its label."""

    title: str
    series: tuple[tuple[str, str], ...]


PANELS = (
    Panel("loss", (("loss", "training"), ("eval_loss", "validation"))),
    Panel("reward", (("reward", "mean reward"),)),
    Panel("solve rate", (("solve_rate", "solved"),)),
    Panel("length", (("completions/mean_length", "tokens a rollout"),)),
    Panel("KL", (("kl", "to the model it began with"),)),
    Panel("entropy", (("entropy", "training"), ("eval_entropy", "validation"))),
    Panel("token accuracy", (("mean_token_accuracy", "training"), ("eval_mean_token_accuracy", "validation"))),
    Panel("groups", (("frac_reward_zero_std", "without difference"),)),
    Panel("learning rate", (("learning_rate", "learning rate"),)),
)


def points(lines: Sequence[dict[str, Any]], name: str) -> tuple[list[int], list[float]]:
    """Return the steps and values of a metric."""
    found = [(line["step"], line[name]) for line in lines if isinstance(line.get(name), int | float)]
    return [step for step, _ in found], [value for _, value in found]


def drawn_panels(lines: Sequence[dict[str, Any]]) -> list[Panel]:
    """Return the panels that have something to show."""
    return [panel for panel in PANELS if any(points(lines, name)[0] for name, _ in panel.series)]


def draw_curves(run: Path, out: Path | None = None) -> Path:
    """Draw the curves of a run's folder into `curves.png`, or into `out`; return the file.

    Raise ConfigError where there are no metrics, UserError where matplotlib is missing.
    """
    require("drawing curves", ("matplotlib",))
    file = run / "metrics.jsonl"
    lines = read_metrics(file) if file.is_file() else []
    panels = drawn_panels(lines)
    if not panels:
        raise ConfigError(f"{run} holds no metrics to draw", remedy="name the folder that envfactory train wrote")
    target = out or run / "curves.png"
    _draw(panels, lines, target, run.name)
    return target


def _draw(panels: Sequence[Panel], lines: Sequence[dict[str, Any]], target: Path, title: str) -> None:
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    wide = min(3, len(panels))
    high = -(-len(panels) // wide)
    figure = Figure(figsize=(4.6 * wide, 3.1 * high), layout="constrained")
    FigureCanvasAgg(figure)
    figure.suptitle(title)
    for number, panel in enumerate(panels, 1):
        axes = figure.add_subplot(high, wide, number)
        for name, label in panel.series:
            _series(axes, *points(lines, name), label)
        axes.set_title(panel.title)
        axes.set_xlabel("step")
        axes.grid(alpha=0.3)
        axes.legend(fontsize="small")
    target.parent.mkdir(parents=True, exist_ok=True)
    partial = target.with_name(f".{target.name}.partial")
    figure.savefig(partial, dpi=110, format=target.suffix.removeprefix(".") or "png")
    partial.replace(target)


def _series(axes: Any, steps: list[int], values: list[float], label: str) -> None:
    """Draw a metric; a long one pale, with its running mean on top."""
    if not steps:
        return
    if len(steps) <= _SMOOTH:
        axes.plot(steps, values, marker=".", label=label)
        return
    (line,) = axes.plot(steps, values, alpha=0.3)
    axes.plot(steps, smoothed(values, max(2, len(values) // 10)), color=line.get_color(), label=label)


def smoothed(values: Sequence[float], window: int) -> list[float]:
    """Return the mean of each value and those before it, `window` at most."""
    told = []
    for end in range(1, len(values) + 1):
        held = values[max(0, end - window) : end]
        told.append(sum(held) / len(held))
    return told
