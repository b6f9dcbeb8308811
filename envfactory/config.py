"""Configuration: TOML, overridden by environment variables, overridden by the command line; unknown keys are refused.

`[models.default]` and `[models.<role>]` say which backend answers which role, `[recording]` whether its answers are kept
or played again, `[budget]` when to stop, `[tasks]` what is made of the environments; everything has a default, so that
no file is needed. Environment variables read `ENVFACTORY_RUN__SEED=7` or `ENVFACTORY_MODELS__CODER__MODEL=openai:name`.
"""

from __future__ import annotations

import json
import tomllib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Literal, get_args

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator, model_validator
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict, SettingsError

from envfactory.errors import ConfigError

Builder = Literal["explorer", "schema_designer", "coder", "tester", "reviser"]
Author = Literal["sampler", "refiner", "solver"]
BUILDERS: tuple[str, ...] = get_args(Builder)  # they make environments
AUTHORS: tuple[str, ...] = get_args(Author)  # they make tasks of them
ROLES = BUILDERS + AUTHORS
RULES, OPENAI, REPLAY, FAKE = "rules", "openai", "replay", "fake"
Format = Literal["jsonl", "parquet", "verl", "llama-factory"]
FORMATS: tuple[str, ...] = get_args(Format)
StructuredOutput = Literal["json_schema", "function_calling", "json_mode", "text"]
METHODS: tuple[StructuredOutput, ...] = get_args(StructuredOutput)
RECORDED_MODELS = "models.json"  # in a recording's folder: which backend each role was answered by


class Section(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class ModelConfig(Section):
    """One backend. `model` is `rules` or `PROVIDER:NAME`; prices are US dollars per million tokens.

    `api_key_env` left open: OPENAI_API_KEY for `openai:`, the provider's own variables for others. `structured_output`
    left open: json_schema for `openai:`, function_calling for others. `replay` is a folder whose recording answers in
    the backend's place.
    """

    model: str = RULES
    base_url: str | None = None
    api_key_env: str | None = None
    structured_output: StructuredOutput | None = None
    temperature: float | None = None
    max_tokens: int | None = Field(default=None, ge=1)
    timeout: float = Field(default=120.0, gt=0)
    max_retries: int = Field(default=4, ge=0)
    max_concurrency: int = Field(default=4, ge=1)
    extra_body: dict[str, Any] = {}
    input_price: float | None = Field(default=None, ge=0)
    output_price: float | None = Field(default=None, ge=0)
    replay: Path | None = None

    @field_validator("model")
    @classmethod
    def _known(cls, value: str) -> str:
        provider, colon, name = value.partition(":")
        if value == RULES or (colon and name and provider.isidentifier()):
            return value
        raise ValueError(
            f"{value!r} is not a backend; use `rules`, `openai:NAME` (any OpenAI-compatible server, with base_url), "
            "`replay:DIR`, `fake:SCRIPT` or `PROVIDER:NAME`"
        )

    @property
    def provider(self) -> str:
        """What stands before the colon."""
        return self.model.partition(":")[0]

    @property
    def name(self) -> str:
        """What stands after the colon: a model's name, or a file's."""
        return self.model.partition(":")[2]

    @property
    def method(self) -> StructuredOutput:
        """How a structured answer is asked for."""
        return self.structured_output or ("json_schema" if self.provider == OPENAI else "function_calling")


ENDPOINT_KEYS = {
    *("base_url", "api_key_env", "structured_output", "timeout", "max_retries", "max_concurrency", "extra_body")
}  # what a role takes from the default where it names another model of the same provider


class ModelsConfig(Section):
    """The role table. A role's own keys go over the default's; one that names another model takes the endpoint only."""

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
        own: ModelConfig | None = getattr(self, role)
        if own is None:
            return self.default
        kept = set(ModelConfig.model_fields) - own.model_fields_set
        if "model" in own.model_fields_set:
            near = own.provider == self.default.provider and own.base_url in (None, self.default.base_url)
            kept &= ENDPOINT_KEYS if near else set()
        return own.model_copy(update={key: getattr(self.default, key) for key in kept})

    def resolved(self) -> ModelsConfig:
        """Return the table with every role spelled out, as it is kept with a run."""
        plain = {role: ModelConfig(**self.of(role).model_dump()) for role in ROLES}
        return ModelsConfig(default=self.default, **plain)


class RecordingConfig(Section):
    """Whether exchanges with language models are kept in a folder, and answered from it.

    `record` asks the backend and keeps what it says, `replay` answers from the folder alone, `auto` from the folder where
    it can and from the backend where it must.
    """

    mode: Literal["off", "record", "replay", "auto"] = "off"
    folder: Path | None = None

    @model_validator(mode="after")
    def _has_a_folder(self) -> RecordingConfig:
        if self.mode != "off" and self.folder is None:
            raise ValueError(f"mode {self.mode!r} needs a folder")
        return self


class BudgetConfig(Section):
    """When a run stops, to be gone on with: US dollars and calls of the run all told, minutes since it was last started."""

    max_cost: float | None = Field(default=None, gt=0)
    max_calls: int | None = Field(default=None, ge=1)
    max_minutes: float | None = Field(default=None, gt=0)


class McpServer(Section):
    """An MCP server whose tools may be listed: a command to start, or the address of a running one."""

    command: list[str] = []
    url: str | None = None

    @model_validator(mode="after")
    def _one_way(self) -> McpServer:
        if bool(self.command) == bool(self.url):
            raise ValueError("give a command or a url, and not both")
        return self


class ExplorationConfig(Section):
    """What an explorer that is a language model may do in the world, all in all. Nothing a model says widens it.

    `search` names who answers web searches; `search_url` is the address of a SearXNG server, `search_key_env` the
    variable with Tavily's key. `alike` is how much of two environments' operations may agree, 0 to 1.
    """

    calls: int = Field(default=60, ge=1)
    pages: int = Field(default=20, ge=0)
    page_bytes: int = Field(default=4_000_000, ge=1)
    minutes: float = Field(default=15.0, gt=0)
    allow_private: bool = False
    search: Literal["none", "ddgs", "tavily", "searxng"] = "none"
    search_url: str | None = None
    search_key_env: str = "TAVILY_API_KEY"
    mcp: dict[str, McpServer] = {}
    alike: float = Field(default=0.5, gt=0, le=1)

    @model_validator(mode="after")
    def _has_an_address(self) -> ExplorationConfig:
        if self.search == "searxng" and not self.search_url:
            raise ValueError("search through searxng needs search_url, the address of a server")
        return self


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
    recording: RecordingConfig = RecordingConfig()
    budget: BudgetConfig = BudgetConfig()
    exploration: ExplorationConfig = ExplorationConfig()
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
    recording: RecordingConfig = RecordingConfig()
    budget: BudgetConfig = BudgetConfig()
    exploration: ExplorationConfig = ExplorationConfig()
    tasks: TasksConfig = TasksConfig()


def load(path: Path | None, overrides: dict[str, Any] | None = None) -> Config:
    """Read the configuration file (if any), the environment and `overrides` (nested like the file; None is unset).

    Each is judged by itself first, so that a mistake is told where it was made. Raises ConfigError.
    """
    values = read_toml(path) if path else {}
    with _blaming(str(path)):
        restored(values)
    with _blaming("environment variables"):
        found = Config(**values).model_dump(mode="python", exclude_unset=True)
    with _blaming("command line"):
        return restored(_with_recorded(overlaid(found, overrides or {})))


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
    return Config.model_construct(**{name: getattr(settled, name) for name in type(settled).model_fields})


def _with_recorded(values: dict[str, Any]) -> dict[str, Any]:
    """Put the recorded backends in the place of `replay:DIR`, and of all roles that a recording to be replayed holds."""
    models: dict[str, Any] = dict(values.get("models") or {})
    recording: dict[str, Any] = dict(values.get("recording") or {})
    if recording.get("folder"):
        recording["folder"] = Path(recording["folder"]).absolute()  # a run may be gone on with from another place
        if recording.get("mode") == REPLAY:
            models |= recorded_models(recording["folder"])
    folder = _replayed(models.get("default"))
    if folder is not None:
        told = {role: {**config, "replay": folder} for role, config in recorded_models(folder).items()}
        models = {**told, **models, "default": {"model": RULES}}
    for role, own in models.items():
        folder = _replayed(own)
        if folder is not None:
            models[role] = {**_recorded_model(folder, role), "replay": folder}
    return {**values, "models": models, "recording": recording}


def _replayed(config: Any) -> Path | None:
    provider, _, folder = str((config or {}).get("model")).partition(":")
    return Path(folder).absolute() if provider == REPLAY else None


def _recorded_model(folder: Path, role: str) -> dict[str, Any]:
    told = recorded_models(folder)
    if role not in told:
        raise ConfigError(f"{folder} holds no answers of {role}", remedy=f"it has {', '.join(told)}")
    return told[role]


def recorded_models(folder: Path) -> dict[str, dict[str, Any]]:
    """Return the backend of each role that a recording holds; ConfigError where the folder holds none."""
    try:
        told = json.loads((folder / RECORDED_MODELS).read_bytes())
        return {role: ModelConfig(**config).model_dump(mode="json") for role, config in told.items() if role in ROLES}
    except FileNotFoundError as error:
        raise ConfigError(
            f"{folder} holds no recording", remedy="give a folder that --record DIR has written"
        ) from error
    except (OSError, ValueError, TypeError, AttributeError) as error:
        raise ConfigError(f"{folder / RECORDED_MODELS} cannot be read: {error}", remedy="record anew") from error


def overlaid(base: dict[str, Any], over: dict[str, Any]) -> dict[str, Any]:
    """Return `base` with what `over` says, table by table; None says nothing."""
    merged = dict(base)
    for key, value in over.items():
        if isinstance(value, dict):
            merged[key] = overlaid(merged.get(key) or {}, value)
        elif value is not None:
            merged[key] = value
    return merged


def read_toml(path: Path) -> dict[str, Any]:
    """Return what a TOML file says; ConfigError where it cannot be read or is none."""
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
