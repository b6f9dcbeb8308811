"""The `x-env` extension as typed notes (docs/extension.md): what a document says its calls mean.

Everything here is only read and checked for form; what it amounts to is decided by the modules that use it. A note that
does not parse is a fault of the document, reported with the place where it stands.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal, TypeVar

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from envfactory.environments.contract import Identifier, Invariant
from envfactory.errors import DesignError

EXTENSION = "x-env"
DEFAULT_NOW = "2026-05-12T08:00:00Z"
Notes = TypeVar("Notes", bound=BaseModel)


class _Notes(BaseModel):
    """Base of all notes: unknown keys are refused, so that a misspelt one is not silently without effect."""

    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True)


class Generator(_Notes):
    """How the values of a column (or a call's argument) come about; exactly one way, or only a share of nulls."""

    values: list[Any] | None = None
    weights: list[float] | None = None
    cycle: list[Any] | None = None
    range: tuple[int | float | str, int | float | str] | None = None
    step: int | float | None = None
    kind: str | None = None
    of: str | None = None
    locale: list[str] = []
    pattern: str | None = None
    sql: str | None = None
    null: float = Field(default=0.0, ge=0, le=1)

    @model_validator(mode="before")
    @classmethod
    def _null_key(cls, given: Any) -> Any:
        """Accept the key `null` that YAML readers turn into None, and a single locale."""
        if not isinstance(given, Mapping):
            return given
        read = {"null" if key is None else key: value for key, value in given.items()}
        if isinstance(read.get("locale"), str):
            read["locale"] = [read["locale"]]
        return read

    @model_validator(mode="after")
    def _one_way(self) -> Generator:
        ways = [
            name for name in ("values", "cycle", "range", "kind", "pattern", "sql") if getattr(self, name) is not None
        ]
        if len(ways) > 1:
            raise ValueError(f"a column has one generator, not {' and '.join(ways)}")
        if (self.values is not None and not self.values) or (self.cycle is not None and not self.cycle):
            raise ValueError("a generator needs at least one value")
        if self.weights is not None and len(self.weights) != len(self.values or []):
            raise ValueError("weights must be as many as values")
        return self


class PropertyNotes(_Notes):
    """Notes on a property or parameter. `references` is unset, a table, or null for "no foreign key"."""

    references: str | None = None
    ref: str | None = None
    unique: bool = False
    hidden: bool = False
    json_text: bool = Field(default=False, alias="json")
    seed: Generator | None = None

    @property
    def is_no_reference(self) -> bool:
        """Whether the document says that this is not a foreign key."""
        return "references" in self.model_fields_set and self.references is None


class LifecycleNotes(_Notes):
    """The states of a table's rows and the tools that move them."""

    column: Identifier
    initial: str
    transitions: dict[str, list[tuple[str, str]]] = {}


class CallNotes(_Notes):
    """One way of filling tables by playing tools."""

    tool: str
    times: int = Field(default=1, ge=1, le=2000)
    at: tuple[int, int] = (-30, -1)
    arguments: dict[str, Generator] = {}
    then: list[list[str]] = [[]]
    weights: list[float] | None = None

    @model_validator(mode="after")
    def _coherent(self) -> CallNotes:
        if self.at[0] > self.at[1] or self.at[1] > 0:
            raise ValueError("`at` is [first day, last day] relative to now, and never after now")
        if self.weights is not None and len(self.weights) != len(self.then):
            raise ValueError("weights must be as many as the paths of `then`")
        return self


class SeedNotes(_Notes):
    """Where a table's initial rows come from."""

    rows: list[dict[str, Any]] = []
    count: int | None = Field(default=None, ge=0, le=20_000)
    dataset: str | None = None
    where: dict[str, Any] = {}
    columns: dict[str, str] = {}
    select: str | list[str] = []
    calls: list[CallNotes] = []

    @property
    def selects(self) -> list[str]:
        """The SELECT statements, as a list."""
        return [self.select] if isinstance(self.select, str) else self.select


class TableNotes(_Notes):
    """Notes on a schema that is a table."""

    table: Identifier
    key: list[Identifier] = ["id"]
    prefix: str | None = Field(default=None, pattern=r"^[a-z][a-z0-9]{0,7}$")
    unique: list[list[Identifier]] = []
    checks: dict[Identifier, str] = {}
    invariants: list[Invariant] = []
    lifecycle: LifecycleNotes | None = None
    seed: SeedNotes | None = None


class ListNotes(_Notes):
    """A filtered list of one table."""

    table: Identifier
    filters: dict[str, str] = {}
    order: str = ""
    columns: list[str] = []
    name: Identifier | None = None


class OperationNotes(_Notes):
    """Notes on an operation. Steps, effects and results stay raw: the sugar in them is expanded elsewhere."""

    tool: Identifier | None = None
    kind: Literal["read", "write"] | None = None
    lookups: dict[str, dict[str, Any] | bool] | bool = True
    steps: list[dict[str, Any]] = []
    effects: list[dict[str, Any]] = []
    result: dict[str, Any] | None = None
    listing: ListNotes | None = Field(default=None, alias="list")
    errors: dict[str, str | dict[str, Any]] = {}
    frames: dict[str, Any] = {}


class RootNotes(_Notes):
    """Notes on the whole document."""

    version: Literal[1] = 1
    environment: Identifier | None = None
    domain: Identifier | None = None
    summary: str = ""
    now: str = Field(default=DEFAULT_NOW, pattern=r"^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}Z$")
    principal: Identifier | None = None
    invariants: list[Invariant] = []
    entities: dict[str, dict[str, Any]] = {}


def read_notes(model: type[Notes], node: Mapping[str, Any], place: str) -> Notes:
    """Return the `x-env` of a node as notes of `model`; raise DesignError naming the place and the key at fault."""
    return parse_notes(model, node.get(EXTENSION) or {}, f"{EXTENSION} of {place}")


def parse_notes(model: type[Notes], raw: object, place: str) -> Notes:
    """Return `raw` as notes of `model`; raise DesignError naming the place and the key at fault."""
    try:
        return model.model_validate(raw)
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(part) for part in first["loc"])
        said = first["msg"].removeprefix("Value error, ")
        raise DesignError(f"{place}: {where + ': ' if where else ''}{said}", remedy="see docs/extension.md") from error
