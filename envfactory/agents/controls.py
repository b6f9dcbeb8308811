"""The tables of `[tasks]` that packages own, judged before anything runs: a mistake is named with its key."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import Any

from pydantic import TypeAdapter, ValidationError

from envfactory.config import TasksConfig, explain
from envfactory.datasets.splits import Shares
from envfactory.errors import ConfigError
from envfactory.refinement.controls import Refinement
from envfactory.sampling.controls import Controls

_OWNERS: dict[str, Callable[..., Any]] = {"splits": Shares, "sampling": Controls, "refinement": Refinement}


def check_controls(tasks: TasksConfig) -> None:
    """Raise ConfigError where a table holds a key that its package does not know, or a value it does not take."""
    for name, owner in _OWNERS.items():
        table = getattr(tasks, name)
        unknown = sorted(set(table) - set(inspect.signature(owner).parameters))
        if unknown:
            raise ConfigError(f"unknown key tasks.{name}.{unknown[0]}", remedy="docs/configuration.md lists every key")
        try:
            TypeAdapter(owner).validate_python(table)
        except ValidationError as error:
            remedy = "docs/configuration.md lists every key"
            raise ConfigError(f"tasks.{name}.{explain(error)}", remedy=remedy) from error
