"""What a backend needs (key, package, file), told before anything heavy is imported or anything is written."""

from __future__ import annotations

import os
from importlib.util import find_spec
from pathlib import Path

from envfactory.config import FAKE, OPENAI, RULES, ModelConfig
from envfactory.errors import ConfigError

OPENAI_KEY = "OPENAI_API_KEY"


def key_variable(config: ModelConfig) -> str | None:
    """Return the variable that holds a backend's key, or None where the provider's own client looks for it."""
    return config.api_key_env or (OPENAI_KEY if config.provider in (OPENAI, RULES) else None)


def key_of(config: ModelConfig) -> str:
    """Return the key of a backend, or nothing where it needs none; ConfigError where it is missing.

    A local server needs no key: with `base_url` set, an unset variable counts as an empty one.
    """
    variable = key_variable(config)
    key = os.environ.get(variable, "") if variable else ""
    if variable and not key and config.base_url is None and config.model != RULES:
        raise ConfigError(
            f"{config.model} needs an API key",
            remedy=f"set the environment variable {variable}, or base_url for a local server",
        )
    return key


def check_backend(config: ModelConfig, *, recorded: bool = False) -> None:
    """Raise ConfigError where a backend cannot be asked; one whose answers are all `recorded` needs nothing."""
    if recorded or config.replay is not None or config.model == RULES:
        return
    if config.provider == FAKE:
        if not Path(config.name).is_file():
            raise ConfigError(f"{config.model}: there is no such file", remedy="docs/models.md shows a script")
        return
    if config.provider != OPENAI:
        check_provider(config)
    key_of(config)


def check_provider(config: ModelConfig) -> None:
    """Raise ConfigError unless LangChain and the provider's package are installed."""
    package = f"langchain-{config.provider}".replace("_", "-")
    lacking = [name for name in ("langchain", package) if find_spec(name.replace("-", "_")) is None]
    if lacking:
        raise ConfigError(
            f"{config.model} needs {' and '.join(lacking)}",
            remedy=f"pip install 'envfactory[providers]' {package}, or use openai:NAME with base_url",
        )
