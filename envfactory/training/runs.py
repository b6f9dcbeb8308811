"""The folder of a training run: what it was told, what came of it, its checkpoints, its metrics and the model it made.

run.json        method, configuration, versions, the dataset by its manifest's hash, counts, result
metrics.jsonl   one line a logged step
checkpoints/    what `--resume` goes on from
model/          the trained model, as any other local one
curves.png      the metrics as pictures
"""

from __future__ import annotations

import json
import time
from collections.abc import Mapping
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path
from typing import Any, Literal, Protocol

from envfactory import __version__
from envfactory.datasets.manifest import NAME as MANIFEST
from envfactory.environments.files import digest, readable_json, write_atomically
from envfactory.errors import ConfigError
from envfactory.training.config import TrainConfig, restored_config, stored

Method = Literal["sft", "grpo"]
KIND = "envfactory training"
_PACKAGES = ("torch", "transformers", "trl", "accelerate", "peft", "datasets", "deepspeed")


class Watcher(Protocol):
    """Who looks on while a run trains: the command line, which shows progress."""

    def note(self, text: str) -> None:
        """Something was done that is worth a line."""

    def step(self, done: int, total: int, metrics: Mapping[str, float]) -> None:
        """A step was logged."""


class Unwatched:
    """Nobody looks on."""

    def note(self, text: str) -> None:
        """Say nothing."""

    def step(self, done: int, total: int, metrics: Mapping[str, float]) -> None:
        """Say nothing."""


@dataclass(frozen=True)
class TrainingRun:
    """A run by its folder."""

    folder: Path
    method: Method
    config: TrainConfig
    resume: bool = False

    @property
    def metrics(self) -> Path:
        return self.folder / "metrics.jsonl"

    @property
    def checkpoints(self) -> Path:
        return self.folder / "checkpoints"

    @property
    def model(self) -> Path:
        return self.folder / "model"

    @property
    def dataset(self) -> Path:
        """The dataset's folder; ConfigError where the configuration names none."""
        if self.config.data.dataset is None:
            raise ConfigError("no dataset is named", remedy="give one: --data datasets/travel")
        return self.config.data.dataset

    def last_checkpoint(self) -> Path | None:
        """Return the newest checkpoint that was written whole (its state is what is written last)."""
        found = [each for each in self.checkpoints.glob("checkpoint-*") if (each / "trainer_state.json").is_file()]
        return max(found, key=lambda each: int(each.name.partition("-")[2]), default=None)

    @property
    def resume_point(self) -> str | None:
        """The checkpoint that the run goes on from, if it is to go on and there is one."""
        last = self.last_checkpoint() if self.resume else None
        return None if last is None else str(last)


def begin(run: TrainingRun) -> None:
    """Write run.json of a run that starts or goes on.

    Raise ConfigError where the folder holds another run; one that came to no step is begun anew.
    """
    before = _read(run.folder) if (run.folder / "run.json").is_file() else None
    if before is None and run.folder.is_dir() and any(run.folder.iterdir()):
        raise ConfigError(f"{run.folder} holds something else", remedy="choose another folder with --out")
    if before is not None and not run.resume and run.metrics.is_file():
        raise ConfigError(f"{run.folder} holds a run already", remedy="go on with --resume, or choose another --out")
    if before is not None and before["method"] != run.method:
        raise ConfigError(f"{run.folder} holds a run of {before['method']}", remedy="choose another folder with --out")
    told = {
        "kind": KIND,
        "version": 1,
        "method": run.method,
        "status": "running",
        "config": stored(run.config),
        "versions": versions(),
        "dataset": _dataset(run),
        "started": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()) if before is None else before["started"],
        "resumed": 0 if before is None else before["resumed"] + 1,
    }
    write_atomically(run.folder / "run.json", readable_json(told))


def tell(run: TrainingRun, **said: Any) -> None:
    """Add to run.json what has become known: counts, the result, another status."""
    write_atomically(run.folder / "run.json", readable_json({**_read(run.folder), **said}))


def opened(folder: Path, *, resume: bool = False) -> TrainingRun:
    """Return the run that a folder holds, with the configuration it was begun with."""
    told = _read(folder)
    return TrainingRun(folder, told["method"], restored_config(told["config"]), resume)


def told_of(folder: Path) -> dict[str, Any]:
    """Return what a folder's run.json says; ConfigError where there is none."""
    return _read(folder)


def read_metrics(file: Path) -> list[dict[str, Any]]:
    """Return the lines of a metrics file; a last one that a kill cut short is left out."""
    told = []
    for line in file.read_text().splitlines():
        try:
            told.append(json.loads(line))
        except ValueError:
            break
    return told


def versions() -> dict[str, str]:
    """Return the versions of what trains."""
    found = {"envfactory": __version__}
    for name in _PACKAGES:
        try:
            found[name] = metadata.version(name)
        except metadata.PackageNotFoundError:
            continue
    return found


def _dataset(run: TrainingRun) -> dict[str, Any]:
    manifest = run.dataset / MANIFEST
    return {"folder": str(run.dataset), "manifest": digest(manifest.read_bytes()) if manifest.is_file() else None}


def _read(folder: Path) -> dict[str, Any]:
    try:
        told = json.loads((folder / "run.json").read_bytes())
    except OSError as error:
        raise ConfigError(
            f"{folder} holds no training run", remedy="name the folder that train wrote, with its run.json"
        ) from error
    except ValueError as error:
        raise ConfigError(f"{folder / 'run.json'} is damaged", remedy="choose another folder with --out") from error
    if not isinstance(told, dict) or told.get("kind") != KIND:
        raise ConfigError(f"{folder} holds no training run", remedy="name the folder that train wrote")
    return told
