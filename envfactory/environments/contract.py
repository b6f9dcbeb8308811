"""What a tool promises, apart from its code, in a form that runs (DESIGN section 4; docs/contracts.md).

A contract is an ordered list of steps (look up a row or fail, guard or fail, derive a value, take a new id), then
structured effects (insert, update, delete), then a result template read after the effects. Expressions are SQLite
expressions over `:parameter`, `$let`, `$row.column` (the state before the call), `$now` and `$today`.
"""

from __future__ import annotations

import re
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator
from typing_extensions import TypeAliasType

from envfactory.runtime.expressions import translate

Identifier = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*$", max_length=64)]
ErrorCode = Annotated[str, Field(pattern=r"^[A-Z][A-Z0-9_]*$", max_length=64)]
RESERVED = frozenset({"now", "today", "each", "row"})


class Strict(BaseModel):
    """Base of every stored model: unknown keys are refused, instances do not change."""

    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True, serialize_by_alias=True)


class Parameter(Strict):
    """One parameter (or array item, or object field) with the JSON Schema keywords a contract may use.

    `ref` names the `table.column` whose values it takes. Where a parameter is not required and not given, the tool
    gets `default` (null by default).
    """

    type: Literal["string", "integer", "number", "boolean", "array", "object"]
    description: str = ""
    required: bool = False
    default: Any = None
    enum: list[Any] | None = None
    minimum: int | float | None = None
    maximum: int | float | None = None
    min_length: int | None = None
    max_length: int | None = None
    min_items: int | None = None
    max_items: int | None = None
    unique_items: bool = False
    pattern: str | None = None
    format: str | None = None
    items: Parameter | None = None
    properties: dict[str, Parameter] | None = None
    ref: str | None = Field(default=None, pattern=r"^[a-z]\w*\.[a-z]\w*$")

    @model_validator(mode="after")
    def _complete(self) -> Parameter:
        if self.type == "array" and self.items is None:
            raise ValueError("an array needs items")
        if self.type == "object" and not self.properties:
            raise ValueError("an object needs properties")
        if self.pattern is not None:
            _check_pattern(self.pattern)
        return self


def _check_pattern(pattern: str) -> None:
    try:
        re.compile(pattern)
    except re.error as error:
        raise ValueError(
            f"the pattern {pattern!r} is none that Python's re reads: {error} (a letter is [^\\W\\d_], not \\p{{L}})"
        ) from error


class RowStep(Strict):
    """Look up the first row of a SELECT; fail with `else`, or bind nulls when `optional`."""

    let: Identifier
    row: str
    otherwise: ErrorCode | None = Field(default=None, alias="else")
    optional: bool = False

    @model_validator(mode="after")
    def _decided(self) -> RowStep:
        if (self.otherwise is None) != self.optional:
            raise ValueError("a row step has either an else code or optional: true")
        return self


class GuardStep(Strict):
    """Fail with `else` unless the expression is true (null counts as not true). `cite` says where the rule stands."""

    guard: str
    otherwise: ErrorCode = Field(alias="else")
    cite: str = ""


class ValueStep(Strict):
    """Derive a scalar."""

    let: Identifier
    value: str


class IdStep(Strict):
    """Take a fresh id with a prefix, where `when` holds (always, if absent)."""

    let: Identifier
    new_id: Annotated[str, Field(pattern=r"^[a-z][a-z0-9]{0,7}$")]
    when: str | None = None


Step = RowStep | GuardStep | ValueStep | IdStep


class Insert(Strict):
    """Insert one row, or one for each row of the SELECT `each` (its columns are `$each.column`).

    In `set`, `{"new_id": prefix}` takes a fresh id for each row.
    """

    insert: Identifier
    set: dict[Identifier, str | dict[Literal["new_id"], str]]
    each: str | None = None
    when: str | None = None


class Update(Strict):
    """Update the rows of `where`. Bare columns are the row's own values before the update."""

    update: Identifier
    where: str
    set: dict[Identifier, str]
    when: str | None = None


class Delete(Strict):
    """Delete the rows of `where`."""

    delete: Identifier
    where: str
    when: str | None = None


Effect = Insert | Update | Delete


class Rows(Strict):
    """A list of objects from a SELECT with a total ORDER BY; `booleans` and `json_columns` say how columns read."""

    rows: str
    booleans: list[str] = []
    json_columns: list[str] = []


class OneRow(Strict):
    """One object from a SELECT (null if there is no row)."""

    row: str
    booleans: list[str] = []
    json_columns: list[str] = []


class Boolean(Strict):
    """An expression shown as true or false."""

    boolean: str


# Left to right: a dict that reads as rows is rows, whether it comes from JSON or from Python.
Template = TypeAliasType(
    "Template",
    Annotated["str | Rows | OneRow | Boolean | dict[str, Template]", Field(union_mode="left_to_right")],
)


class ErrorSpec(Strict):
    """What a declared error code means to the caller; `subsumed_by` names a code that always comes first."""

    message: str
    subsumed_by: ErrorCode | None = None


class Source(Strict):
    """The operation a contract comes from: which resource (sha256), which operation, where in the document."""

    resource: str
    operation: str
    citation: str = ""


class Contract(Strict):
    """One tool's promise. See the module's docstring for the meaning of its parts."""

    name: Identifier
    kind: Literal["read", "write"]
    description: str
    parameters: dict[Identifier, Parameter] = {}
    steps: list[Step] = []
    effects: list[Effect] = []
    result: dict[str, Template]
    errors: dict[ErrorCode, ErrorSpec] = {}
    source: Source | None = None
    frames: dict[str, Any] = {}

    @model_validator(mode="after")
    def _coherent(self) -> Contract:
        _check_kind(self)
        _check_names(self)
        _check_errors(self)
        return self

    def codes(self) -> list[str]:
        """Return the codes its steps can raise, in order, each once."""
        raised = [s.otherwise for s in self.steps if isinstance(s, RowStep | GuardStep) and s.otherwise]
        return list(dict.fromkeys(raised))

    def writes(self) -> set[str]:
        """Return the tables its effects touch."""
        return {effect_table(effect) for effect in self.effects}


class Invariant(Strict):
    """A condition that holds in every state: `sql` is a SELECT expression that must be true."""

    name: Identifier
    sql: str
    message: str = ""
    cite: str = ""


class Lifecycle(Strict):
    """The states of an entity: which column, where it starts, and which tool moves it between which states."""

    table: Identifier
    column: Identifier
    initial: str
    transitions: dict[str, list[tuple[str, str]]] = {}


class Contracts(Strict):
    """contracts.json: the tools, what holds in every state, and the episode's clock."""

    version: Literal[1] = 1
    now: str = Field(pattern=r"^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}Z$")
    tools: list[Contract]
    invariants: list[Invariant] = []
    lifecycles: list[Lifecycle] = []
    principal: str | None = None
    column_formats: dict[str, str] = {}
    entities: dict[str, dict[str, Any]] = {}

    @model_validator(mode="after")
    def _unique(self) -> Contracts:
        names = [tool.name for tool in self.tools]
        repeated = sorted({name for name in names if names.count(name) > 1})
        if repeated:
            raise ValueError(f"tools named twice: {', '.join(repeated)}")
        return self

    def tool(self, name: str) -> Contract:
        """Return the contract of `name`; KeyError if there is none."""
        for contract in self.tools:
            if contract.name == name:
                return contract
        raise KeyError(name)


def effect_table(effect: Effect) -> str:
    """Return the table an effect writes."""
    if isinstance(effect, Insert):
        return effect.insert
    return effect.update if isinstance(effect, Update) else effect.delete


def step_expression(step: Step) -> str:
    """Return the SQL of a step (empty for a plain new id)."""
    if isinstance(step, RowStep):
        return step.row
    if isinstance(step, GuardStep):
        return step.guard
    return step.value if isinstance(step, ValueStep) else step.when or ""


def effect_expressions(effect: Effect) -> list[str]:
    """Return every SQL text of an effect."""
    found = [effect.when or ""]
    if isinstance(effect, Insert):
        found += [effect.each or "", *(value for value in effect.set.values() if isinstance(value, str))]
    elif isinstance(effect, Update):
        found += [effect.where, *effect.set.values()]
    else:
        found.append(effect.where)
    return [text for text in found if text]


def template_expressions(template: Template) -> list[str]:
    """Return every SQL text of a result template."""
    if isinstance(template, str):
        return [template]
    if isinstance(template, Rows):
        return [template.rows]
    if isinstance(template, OneRow):
        return [template.row]
    if isinstance(template, Boolean):
        return [template.boolean]
    return [text for value in template.values() for text in template_expressions(value)]


def _check_kind(contract: Contract) -> None:
    if (contract.kind == "write") != bool(contract.effects):
        raise ValueError(f"{contract.name}: a write tool has effects and a read tool has none")
    if not contract.result:
        raise ValueError(f"{contract.name}: the result is empty")


def _check_names(contract: Contract) -> None:
    taken = set(contract.parameters)
    if taken & RESERVED:
        raise ValueError(f"{contract.name}: reserved parameter name {sorted(taken & RESERVED)[0]}")
    lets: set[str] = set()
    for step in contract.steps:
        _check_expression(contract, step_expression(step), lets)
        if not isinstance(step, GuardStep):
            if step.let in taken | lets | RESERVED:
                raise ValueError(f"{contract.name}: the name {step.let} is taken")
            lets.add(step.let)
    for effect in contract.effects:
        for expression in effect_expressions(effect):
            _check_expression(contract, expression, lets | {"each"})
    for expression in template_expressions(contract.result):
        _check_expression(contract, expression, lets)


def _check_expression(contract: Contract, expression: str, lets: set[str]) -> None:
    translated = translate(expression)
    unknown = translated.lets - lets - {"now", "today"}
    if unknown:
        raise ValueError(f"{contract.name}: ${sorted(unknown)[0]} is not defined before `{expression}`")
    bound = {name for name in translated.names if "__" not in name} - translated.lets
    missing = bound - set(contract.parameters)
    if missing:
        raise ValueError(f"{contract.name}: :{sorted(missing)[0]} is not a parameter, in `{expression}`")


def _check_errors(contract: Contract) -> None:
    undeclared = set(contract.codes()) - set(contract.errors)
    if undeclared:
        raise ValueError(f"{contract.name}: {sorted(undeclared)[0]} is raised but not declared in errors")
    unraised = set(contract.errors) - set(contract.codes())
    if unraised:
        raise ValueError(f"{contract.name}: {sorted(unraised)[0]} is declared but no step raises it")
