"""Who is evaluated, by a word of the command line: a script, an endpoint, or a local model."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from envfactory.config import ModelConfig
from envfactory.errors import ConfigError
from envfactory.evaluation.suite import Suite
from envfactory.rollouts.policy import Policy
from envfactory.training.extra import require
from envfactory.training.models import PACKAGE, SCRATCH

SCRIPTED = "scripted:"


@dataclass(frozen=True)
class Asking:
    """How a model is asked. `backend` is the configuration's word on an endpoint: address, key, limits."""

    temperature: float = 0.0
    seed: int = 0
    most_tokens: int = 512
    batch: int = 16
    template: str = "auto"
    dtype: str = "float32"
    device: str = "auto"
    options: Mapping[str, Any] = field(default_factory=dict)
    backend: ModelConfig | None = None

    def settings(self, model: str) -> dict[str, Any]:
        """Return what of it a result depends on."""
        if model.startswith(SCRIPTED):
            return {}
        shared = {"temperature": self.temperature, "seed": self.seed, "most_tokens": self.most_tokens}
        if is_endpoint(model):
            return {**shared, "base_url": self.backend.base_url if self.backend else None}
        return {**shared, "template": self.template, "dtype": self.dtype, "options": dict(self.options)}


def is_endpoint(model: str) -> bool:
    """Whether a model is a backend of the configuration (`openai:NAME`, another provider's, `fake:SCRIPT`)."""
    provider, colon, name = model.partition(":")
    return bool(colon and name) and provider.isidentifier() and f"{provider}:" not in (SCRIPTED, PACKAGE, SCRATCH)


@contextmanager
def opened(model: str, asking: Asking) -> Iterator[Policy | None]:
    """Yield the policy of a model, or nothing for a script, which each suite has its own of.

    Raise ConfigError where it cannot be had, UserError where an extra is missing.
    """
    if model.startswith(SCRIPTED):
        yield None
    elif is_endpoint(model):
        from envfactory.evaluation.endpoint import Endpoint

        if asking.backend is None:
            raise ConfigError(f"{model} has no endpoint", remedy="give --base-url, or [models.solver] in --config")
        with Endpoint(model, asking.backend) as endpoint:
            yield endpoint
    else:
        require("a local model", ("torch", "transformers"))
        from envfactory.evaluation.local import LocalModel, LocalOptions

        yield LocalModel(
            model,
            LocalOptions(
                dtype=asking.dtype,  # type: ignore[arg-type]  # checked on the command line
                template=asking.template,
                temperature=asking.temperature,
                seed=asking.seed,
                most_tokens=asking.most_tokens,
                batch=asking.batch,
                device=asking.device,
                options=asking.options,
            ),
        )


def policy_of(model: str, suite: Suite, shared: Policy | None) -> Policy:
    """Return who plays a suite: the one model there is, or the suite's own script."""
    return shared if shared is not None else suite.scripted(model.removeprefix(SCRIPTED))
