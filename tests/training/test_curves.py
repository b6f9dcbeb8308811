"""Metrics as pictures: what is drawn, and what is said when there is nothing to draw."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from envfactory.errors import ConfigError
from envfactory.training.curves import draw_curves, drawn_panels, points, smoothed

LINES = [
    {"step": 1, "loss": 2.0, "reward": 0.1, "kl": None},
    {"step": 2, "loss": 1.0, "reward": 0.3},
    {"step": 2, "eval_loss": 1.5},
]


def test_only_what_was_written_is_drawn() -> None:
    assert [panel.title for panel in drawn_panels(LINES)] == ["loss", "reward"]
    assert points(LINES, "loss") == ([1, 2], [2.0, 1.0])


def test_a_running_mean_looks_back_only() -> None:
    assert smoothed([1.0, 3.0, 5.0, 7.0], 2) == [1.0, 2.0, 4.0, 6.0]


@pytest.mark.parametrize(("count", "ending"), [(2, "png"), (60, "svg")])
def test_the_picture_is_written(tmp_path: Path, count: int, ending: str) -> None:
    lines = [{"step": step, "loss": 1 / (step + 1), "reward": step / 100} for step in range(count)]
    (tmp_path / "metrics.jsonl").write_text("".join(json.dumps(line) + "\n" for line in lines))
    made = draw_curves(tmp_path, tmp_path / f"picture.{ending}").read_bytes()
    assert made.startswith(b"\x89PNG" if ending == "png" else b"<?xml")
    assert len(made) > 5000


def test_a_folder_without_metrics_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="holds no metrics to draw"):
        draw_curves(tmp_path)
