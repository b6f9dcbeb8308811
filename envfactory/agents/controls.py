"""The tables of `[tasks]` that packages own, judged before anything runs: a mistake is named with its key."""

from __future__ import annotations

import inspect
from dataclasses import asdict
from typing import Any, cast, get_args

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError

from envfactory.agents.taskproducts import Settings
from envfactory.config import TasksConfig, explain
from envfactory.datasets.conversation import Thinking
from envfactory.datasets.dedup import ALIKE
from envfactory.datasets.export import Exporter, ExportOptions
from envfactory.datasets.formats import Format
from envfactory.datasets.rl import RlOptions
from envfactory.datasets.sft import SftOptions
from envfactory.datasets.splits import Shares
from envfactory.errors import ConfigError
from envfactory.refinement.controls import Refinement
from envfactory.sampling.controls import Controls


class ExportTable(BaseModel):
    """`[tasks.export]`: how conversations and rollouts are made of tasks."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    faults: float = Field(default=SftOptions.faults, ge=0, le=1)
    thinking: Thinking = SftOptions.thinking
    slack: float = Field(default=RlOptions.slack, ge=1)
    spare: int = Field(default=RlOptions.spare, ge=0)
    alike: float = Field(default=ALIKE, gt=0, le=1)


def export_options(settings: Settings) -> ExportOptions:
    """Return what the dataset's files are to hold. Where neither JSONL nor Parquet is wanted, JSONL is written beside."""
    told, seed = ExportTable(**settings.export), settings.seed
    formats, exporters = _chosen(settings.formats, get_args(Format)), _chosen(settings.formats, get_args(Exporter))
    return ExportOptions(
        sft=SftOptions(seed=seed, faults=told.faults, thinking=told.thinking),
        rl=RlOptions(seed=seed, slack=told.slack, spare=told.spare),
        formats=cast("tuple[Format, ...]", formats or ("jsonl",)),
        exporters=cast("tuple[Exporter, ...]", exporters),
        alike=told.alike,
    )


def _chosen(asked: list[str], known: tuple[str, ...]) -> tuple[str, ...]:
    names = [name.replace("-", "_") for name in asked]
    return tuple(each for each in known if each in names)


_OWNERS: dict[str, type[Any]] = {
    "splits": Shares,
    "sampling": Controls,
    "refinement": Refinement,
    "export": ExportTable,
}


def defaults_of(table: str) -> dict[str, Any]:
    """Return every key of a table with its default."""
    made = _OWNERS[table]()
    told: dict[str, Any] = made.model_dump() if isinstance(made, BaseModel) else asdict(made)
    return told


def check_controls(tasks: TasksConfig) -> None:
    """Raise ConfigError where a table holds a key that its package does not know, or a value it does not take."""
    for name, owner in _OWNERS.items():
        table = getattr(tasks, name)
        unknown = sorted(set(table) - set(inspect.signature(owner).parameters))
        if unknown:
            raise ConfigError(f"unknown key tasks.{name}.{unknown[0]}", remedy="docs/configuration.md lists every key")
        try:
            TypeAdapter[Any](owner).validate_python(table)
        except ValidationError as error:
            remedy = "docs/configuration.md lists every key"
            raise ConfigError(f"tasks.{name}.{explain(error)}", remedy=remedy) from error
