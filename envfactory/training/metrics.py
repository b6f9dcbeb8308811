"""Callbacks of the trainers: metrics as JSON lines, progress for who looks on, and the ends that come early.

Imported only where torch is.
"""

from __future__ import annotations

import json
import math
import time
from collections import deque
from pathlib import Path
from typing import Any

from transformers import TrainerCallback

from envfactory.training.config import SftSection
from envfactory.training.runs import Watcher, read_metrics

_WINDOW = 5  # steps over which a floor must be reached on average: one easy batch is not enough
_NOT_METRICS = ("total_flos",)


class MetricsWriter(TrainerCallback):
    """Writes one line for each logged step, on the first process. Where a run goes on, steps that it repeats are taken out."""

    def __init__(self, file: Path, watcher: Watcher) -> None:
        self._file = file
        self._watcher = watcher
        self._spent = 0.0
        self._started = 0.0

    def on_train_begin(self, args: Any, state: Any, control: Any, **_: Any) -> None:
        """Keep of an earlier file what lies before the step at which the run goes on."""
        self._started = time.monotonic()
        if not state.is_world_process_zero:
            return
        kept = []
        if self._file.is_file():
            kept = [line for line in read_metrics(self._file) if line["step"] <= state.global_step]
            self._spent = max((line["seconds"] for line in kept), default=0.0)
        self._file.parent.mkdir(parents=True, exist_ok=True)
        self._file.write_text("".join(json.dumps(line) + "\n" for line in kept))

    def on_log(self, args: Any, state: Any, control: Any, logs: dict[str, Any] | None = None, **_: Any) -> None:
        """Write what was logged; what is no finite number is null."""
        if not state.is_world_process_zero or not logs:
            return
        told = {name: _number(value) for name, value in logs.items() if _counts(name, value)}
        seconds = self._spent + time.monotonic() - self._started
        line = {"step": state.global_step, "seconds": round(seconds, 2), **told}
        with self._file.open("a") as file:
            file.write(json.dumps(line) + "\n")
        said = {name: value for name, value in told.items() if value is not None}
        self._watcher.step(state.global_step, state.max_steps, said)


def _counts(name: str, value: Any) -> bool:
    return isinstance(value, int | float) and name not in _NOT_METRICS


def _number(value: float) -> float | None:
    return value if math.isfinite(value) else None


class Floors(TrainerCallback):
    """Ends training where loss or entropy has fallen to a floor, so that what follows still has something to explore."""

    def __init__(self, floors: dict[str, float]) -> None:
        self._floors = floors
        self._seen: dict[str, deque[float]] = {name: deque(maxlen=_WINDOW) for name in floors}
        self.reached = ""

    @classmethod
    def of(cls, section: SftSection) -> Floors:
        """Return the floors that SFT's configuration sets."""
        told = {"loss": section.stop_at_loss, "entropy": section.stop_at_entropy}
        return cls({name: floor for name, floor in told.items() if floor is not None})

    def on_log(self, args: Any, state: Any, control: Any, logs: dict[str, Any] | None = None, **_: Any) -> None:
        """Every process sees the same averages, so that all end at the same step."""
        for name, floor in self._floors.items():
            if logs is None or name not in logs:
                continue
            seen = self._seen[name]
            seen.append(float(logs[name]))
            if len(seen) == _WINDOW and sum(seen) / _WINDOW <= floor:
                self.reached = f"{name} {sum(seen) / _WINDOW:.4f} reached the floor {floor}"
                control.should_training_stop = control.should_save = control.should_evaluate = True


class Patience(TrainerCallback):
    """Ends training after so many validations in a row without a better loss."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._best = math.inf
        self._waited = 0
        self.reached = ""

    def on_evaluate(self, args: Any, state: Any, control: Any, metrics: dict[str, Any], **_: Any) -> None:
        """Compare with the best so far."""
        loss = float(metrics.get("eval_loss", math.inf))
        self._waited = 0 if loss < self._best else self._waited + 1
        self._best = min(loss, self._best)
        if self._waited >= self._most:
            self.reached = f"no better validation loss than {self._best:.4f} in {self._waited} validations"
            control.should_training_stop = True
