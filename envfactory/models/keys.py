"""Which key a backend needs, told before anything heavy is imported or anything is written."""

from __future__ import annotations

import os

from envfactory.config import RULES, ModelConfig
from envfactory.errors import ConfigError


def key_of(config: ModelConfig) -> str:
    """Return the key of a backend, or nothing where it needs none; ConfigError where it is missing.

    A local server needs no key: with `base_url` set, an unset variable counts as an empty one.
    """
    key = os.environ.get(config.api_key_env, "")
    if config.model != RULES and not key and config.base_url is None:
        raise ConfigError(
            f"{config.model} needs an API key",
            remedy=f"set the environment variable {config.api_key_env}, or base_url for a local server",
        )
    return key
