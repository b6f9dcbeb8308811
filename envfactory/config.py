"""Configuration: TOML, overridden by environment variables, overridden by the command line; unknown keys are refused.

`[models.default]` and `[models.<role>]` say which backend answers which role, `[tasks]` what is made of the
environments; everything has a default, so that no file is needed. Environment variables read `ENVFACTORY_RUN__SEED=7` or `ENVFACTORY_MODELS__CODER__MODEL=openai:name`.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Literal, get_args

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict, SettingsError

from envfactory.errors import ConfigError

Builder = Literal["explorer", "schema_designer", "coder", "tester", "reviser"]
Author = Literal["sampler", "refiner", "solver"]
BUILDERS: tuple[str, ...] = get_args(Builder)  # they make environments
AUTHORS: tuple[str, ...] = get_args(Author)  # they make tasks of them
ROLES = BUILDERS + AUTHORS
RULES = "rules"
Format = Literal["jsonl", "parquet", "verl", "llama-factory"]
FORMATS: tuple[str, ...] = get_args(Format)
StructuredOutput = Literal["json_schema", "function_calling", "json_mode", "text"]


class Section(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class ModelConfig(Section):
    """One backend. `model` is `rules` or `openai:NAME`; prices are US dollars per million tokens."""

    model: str = RULES
    base_url: str | None = None
    api_key_env: str = "OPENAI_API_KEY"
    structured_output: StructuredOutput = "json_schema"
    temperature: float | None = None
    max_tokens: int | None = None
    timeout: float = 120.0
    max_retries: int = 4
    max_concurrency: int = 4
    extra_body: dict[str, Any] = {}
    input_price: float | None = None
    output_price: float | None = None

    @field_validator("model")
    @classmethod
    def _known(cls, value: str) -> str:
        if value == RULES or (value.startswith("openai:") and len(value) > len("openai:")):
            return value
        raise ValueError(
            f"{value!r} is not a backend; use `rules` or `openai:NAME` (any OpenAI-compatible server, with base_url)"
        )


class ModelsConfig(Section):
    """The role table: a role without an entry takes the default's."""

    default: ModelConfig = ModelConfig()
    explorer: ModelConfig | None = None
    schema_designer: ModelConfig | None = None
    coder: ModelConfig | None = None
    tester: ModelConfig | None = None
    reviser: ModelConfig | None = None
    sampler: ModelConfig | None = None
    refiner: ModelConfig | None = None
    solver: ModelConfig | None = None

    def of(self, role: str) -> ModelConfig:
        """Return the backend of a role."""
        chosen: ModelConfig | None = getattr(self, role)
        return chosen or self.default


class RunConfig(Section):
    """What a run does. `count` of None means all that the domain's catalogue holds."""

    seed: int = 0
    count: int | None = Field(default=None, ge=1)
    out: Path = Path("library")
    runs: Path = Path("runs")
    max_revisions: int = Field(default=4, ge=0)
    concurrency: int = Field(default=2, ge=1)
    sandbox: Literal["auto", "jail", "none"] = "auto"


class CalibrationConfig(Section):
    """How often the solver tries a task, and which solve rates are kept.

    `drop_unsolved` left open: a task that no attempt solved is dropped under a language model and kept under `rules`,
    whose searcher is weaker than a task may be hard; that its arguments can be found is proven by execution anyway.
    """

    attempts: int = Field(default=3, ge=1, le=100)
    low: float = Field(default=0.0, ge=0, le=1)
    high: float = Field(default=1.0, ge=0, le=1)
    drop_unsolved: bool | None = None


class TasksConfig(Section):
    """What stage two makes of the environments. `count` tasks are kept of each; 0 leaves stage two out.

    The tables of the packages (`sampling`, `refinement`, ...) are theirs to judge: `agents.controls` does before a run.
    """

    count: int = Field(default=30, ge=0)
    seed: int | None = None
    chunk: int = Field(default=10, ge=1, le=200)
    candidates: int = Field(default=8, ge=1)
    out: Path = Path("datasets")
    formats: tuple[Format, ...] = ("jsonl", "parquet", "verl", "llama-factory")
    splits: dict[str, Any] = {}
    sampling: dict[str, Any] = {}
    refinement: dict[str, Any] = {}
    calibration: CalibrationConfig = CalibrationConfig()
    export: dict[str, Any] = {}


class Config(BaseSettings):
    """The resolved configuration of a command."""

    model_config = SettingsConfigDict(env_prefix="ENVFACTORY_", env_nested_delimiter="__", extra="forbid", frozen=True)

    run: RunConfig = RunConfig()
    models: ModelsConfig = ModelsConfig()
    tasks: TasksConfig = TasksConfig()

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        # The file arrives as init values, so the environment must come before it; `load` puts the command line on top.
        return env_settings, init_settings


class _Settled(Section):
    """All sections without further sources: what file and environment came to, under the command line's word."""

    run: RunConfig = RunConfig()
    models: ModelsConfig = ModelsConfig()
    tasks: TasksConfig = TasksConfig()


def load(path: Path | None, overrides: dict[str, Any] | None = None) -> Config:
    """Read the configuration file (if any), the environment and `overrides` (nested like the file; None is unset).

    Each is judged by itself first, so that a mistake is told where it was made. Raises ConfigError.
    """
    values = _read(path) if path else {}
    with _blaming(str(path)):
        restored(values)
    with _blaming("environment variables"):
        found = Config(**values).model_dump(mode="python", exclude_unset=True)
    with _blaming("command line"):
        return restored(_merge(found, overrides or {}))


@contextmanager
def _blaming(place: str) -> Iterator[None]:
    try:
        yield
    except ValidationError as error:
        raise ConfigError(f"{place}: {explain(error)}", remedy="docs/configuration.md lists every key") from error
    except SettingsError as error:
        raise ConfigError(f"{place}: {error}", remedy="name one key, as in ENVFACTORY_RUN__SEED=7") from error


def restored(values: dict[str, Any]) -> Config:
    """Return the configuration that `values` say and nothing else, whatever the environment holds now."""
    settled = _Settled.model_validate(values)
    return Config.model_construct(run=settled.run, models=settled.models, tasks=settled.tasks)


def _merge(base: dict[str, Any], over: dict[str, Any]) -> dict[str, Any]:
    merged = dict(base)
    for key, value in over.items():
        if isinstance(value, dict):
            merged[key] = _merge(merged.get(key) or {}, value)
        elif value is not None:
            merged[key] = value
    return merged


def _read(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text())
    except OSError as error:
        raise ConfigError(f"cannot read {path}: {error.strerror}", remedy="give the path of a TOML file") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ConfigError(f"{path} is not TOML: {error}", remedy="mend that line") from error


def explain(error: ValidationError) -> str:
    """Say the first of a validation's faults in a few words."""
    first = error.errors()[0]
    key = ".".join(map(str, first["loc"]))
    if first["type"] == "extra_forbidden":
        return f"unknown key {key}"
    if first["type"] in ("model_type", "dict_type"):
        return f"{key} must be a table"
    return f"{key}: {first['msg'].removeprefix('Value error, ')}"
