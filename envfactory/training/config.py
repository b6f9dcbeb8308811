"""The configuration of a training run: a recipe or a TOML file, overridden by `--set section.key=value`.

Unknown keys are refused in one line. Recipes ship with the package; `recipes()` lists them, `docs/training.md` explains
every section.
"""

from __future__ import annotations

import json
import tomllib
from collections.abc import Iterable
from importlib.resources import files
from pathlib import Path
from typing import Any, Literal

from pydantic import Field, ValidationError, model_validator

from envfactory.config import Section, explain, overlaid, read_toml
from envfactory.errors import ConfigError
from envfactory.training.grpo_config import GrpoSection

Schedule = Literal["constant", "constant_with_warmup", "linear", "cosine"]
Launcher = Literal["torchrun", "accelerate", "deepspeed"]


class LoraSection(Section):
    """Low-rank adapters. `targets` is `all-linear` or a comma-separated list of layer names."""

    rank: int = Field(default=16, ge=1)
    alpha: int = Field(default=32, ge=1)
    dropout: float = Field(default=0.0, ge=0, lt=1)
    targets: str = "all-linear"


class ModelSection(Section):
    """Which model is trained; see `training.models` for what a name may be. Without `lora` all its weights are."""

    name: str = "scratch:tiny"
    template: str = "auto"
    dtype: Literal["float32", "bfloat16"] = "float32"
    attention: Literal["sdpa", "eager", "flash_attention_2"] = "sdpa"
    gradient_checkpointing: bool = False
    lora: LoraSection | None = None


class DataSection(Section):
    """What of a dataset is trained on.

    `most_tools` shows a conversation no more tools than that: those it calls, and others drawn by its task's id, as in
    rollouts and evaluation. `most_turns` and `most_calls` choose, and `environments` and `limit` (conversations, the
    first) among those to train on; None is all. `validation` caps what validation reads, again and again.
    """

    dataset: Path | None = None
    max_length: int = Field(default=2048, ge=16)
    packing: bool = False
    reasoning: bool = True
    most_tools: int | None = Field(default=None, ge=1)
    most_turns: int | None = Field(default=None, ge=1)
    most_calls: int | None = Field(default=None, ge=1)
    environments: tuple[str, ...] = ()
    limit: int | None = Field(default=None, ge=1)
    validation: int | None = Field(default=None, ge=1)


class OptimisationSection(Section):
    """How weights change. A step takes `batch` rows on each process, `accumulate` times; `warmup` is a share of all steps.

    `steps` overrides `epochs`. `autocast` computes in bfloat16 what is kept in float32.
    """

    learning_rate: float = Field(default=1e-5, gt=0)
    schedule: Schedule = "cosine"
    warmup: float = Field(default=0.1, ge=0, lt=1)
    batch: int = Field(default=4, ge=1)
    accumulate: int = Field(default=1, ge=1)
    epochs: float = Field(default=1.0, gt=0)
    steps: int | None = Field(default=None, ge=1)
    weight_decay: float = Field(default=0.0, ge=0)
    clip_norm: float = Field(default=1.0, gt=0)
    autocast: bool = False
    seed: int = 0


class CheckpointSection(Section):
    """When the state is kept and judged, every so many steps (None: once an epoch), and how many of them stay."""

    every: int | None = Field(default=None, ge=1)
    keep: int = Field(default=2, ge=1)


class SftSection(Section):
    """What only SFT has.

    `stop_at_loss` and `stop_at_entropy` (nats a token) end it early, so that sampling still has something to explore;
    `patience` ends it after so many validations without a better loss. `save` says what is written of a LoRA model.
    """

    stop_at_loss: float | None = Field(default=None, gt=0)
    stop_at_entropy: float | None = Field(default=None, gt=0)
    patience: int | None = Field(default=None, ge=1)
    best: bool = True
    save: Literal["merged", "adapter"] = "merged"


class LaunchSection(Section):
    """How many processes, on how many machines, with which parts of the state sharded among them (ZeRO 0 to 3)."""

    processes: int = Field(default=1, ge=1)
    zero: Literal[0, 1, 2, 3] = 0
    offload: bool = False
    launcher: Launcher = "torchrun"
    threads: int | None = Field(default=None, ge=1)
    machines: int = Field(default=1, ge=1)
    machine: int = Field(default=0, ge=0)
    address: str = "127.0.0.1"
    port: int = Field(default=29500, ge=1, le=65535)

    @model_validator(mode="after")
    def _known_machine(self) -> LaunchSection:
        if self.machine >= self.machines:
            raise ValueError(f"machine {self.machine} is none of {self.machines} (they count from 0)")
        return self


class ReportSection(Section):
    """Where metrics go besides `metrics.jsonl`, and how many steps lie between two lines of it."""

    to: Literal["none", "trackio", "wandb"] = "none"
    project: str = "envfactory"
    name: str | None = None
    every: int = Field(default=1, ge=1)


class TrainConfig(Section):
    """A whole training configuration."""

    model: ModelSection = ModelSection()
    data: DataSection = DataSection()
    optimisation: OptimisationSection = OptimisationSection()
    checkpoints: CheckpointSection = CheckpointSection()
    sft: SftSection = SftSection()
    grpo: GrpoSection = GrpoSection()
    launch: LaunchSection = LaunchSection()
    report: ReportSection = ReportSection()


def recipes() -> dict[str, str]:
    """Return the names of the recipes that ship with the package, each with what its first comment says."""
    found = {}
    for each in sorted(files("envfactory.training").joinpath("recipes").iterdir(), key=lambda file: file.name):
        if each.name.endswith(".toml"):
            first = each.read_text(encoding="utf-8").partition("\n")[0]
            found[each.name.removesuffix(".toml")] = first.lstrip("# ").strip()
    return found


def load_config(
    file: Path | None = None,
    recipe: str | None = None,
    assignments: Iterable[str] = (),
    overrides: dict[str, Any] | None = None,
) -> TrainConfig:
    """Return what recipe, file, `section.key=value` assignments and overrides (None is unset) say, later ones winning.

    Raise ConfigError, naming the place, where one of them is not understood.
    """
    values: dict[str, Any] = {}
    parts = [
        (f"recipe {recipe}", _recipe(recipe) if recipe else {}),
        (str(file), read_toml(file) if file else {}),
        *((each, _assignment(each)) for each in assignments),
        ("command line", overrides or {}),
    ]
    for place, said in parts:
        values = overlaid(values, said)
        _checked(values, place)
    return _checked(values, "command line")


def restored_config(values: dict[str, Any]) -> TrainConfig:
    """Return a configuration that a run stored."""
    return _checked(values, "run.json")


def _checked(values: dict[str, Any], place: str) -> TrainConfig:
    try:
        return TrainConfig.model_validate(values)
    except ValidationError as error:
        raise ConfigError(f"{place}: {explain(error)}", remedy="docs/training.md lists every key") from error


def _recipe(name: str) -> dict[str, Any]:
    if name not in recipes():
        raise ConfigError(f"there is no recipe {name}", remedy=f"known: {', '.join(recipes())}")
    text = files("envfactory.training").joinpath("recipes", f"{name}.toml").read_text(encoding="utf-8")
    return tomllib.loads(text)


def _assignment(text: str) -> dict[str, Any]:
    """Read `section.key=value`: the value as TOML, or else as the text it is. `none` unsets nothing and means None."""
    path, found, value = text.partition("=")
    keys = [key.strip() for key in path.split(".")]
    if not found or len(keys) < 2 or not all(keys):
        raise ConfigError(f"--set {text} is no assignment", remedy="write section.key=value, as in data.max_length=512")
    told: Any = _value(value.strip())
    for key in reversed(keys):
        told = {key: told}
    return dict(told)


def _value(text: str) -> Any:
    try:
        return tomllib.loads(f"value = {text}")["value"]
    except tomllib.TOMLDecodeError:
        return text


def stored(config: TrainConfig) -> dict[str, Any]:
    """Return a configuration as JSON can hold it."""
    told: dict[str, Any] = json.loads(config.model_dump_json())
    return told
