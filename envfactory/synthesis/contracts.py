"""Operations to contracts, exactly as docs/extension.md says; what a document leaves open is an error with a remedy."""

from __future__ import annotations

import keyword
import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from pydantic import ValidationError

from envfactory.environments.contract import (
    Contract,
    Contracts,
    GuardStep,
    Invariant,
    Lifecycle,
    RowStep,
    effect_expressions,
    step_expression,
    template_expressions,
)
from envfactory.errors import DesignError
from envfactory.resources.model import Operation, Resource
from envfactory.resources.tolerant import JsonObject
from envfactory.runtime.expressions import translate
from envfactory.synthesis.annotations import EXTENSION, OperationNotes, RootNotes, parse_notes
from envfactory.synthesis.drafting import Draft
from envfactory.synthesis.effects import add_effects
from envfactory.synthesis.lookups import add_lookups, add_stated_step
from envfactory.synthesis.parameters import read_parameters, renamed_parameters
from envfactory.synthesis.results import result_template
from envfactory.synthesis.tables import Table, Tables

_TAKEN = frozenset({"json"})  # what the tools' module calls something else
_BOUND = re.compile(r"'(?:[^']|'')*'|:([A-Za-z_]\w*)")
_FORMATS = frozenset({"date", "date-time", "time", "email"})


def write_contracts(
    resource: Resource, tables: Tables, operation_ids: Sequence[str] | None, remarks: list[str]
) -> Contracts:
    """Return the contracts of the chosen operations (all, if None); what was left out goes to `remarks`.

    Raises DesignError naming the operation at fault and what to write.
    """
    root = parse_notes(RootNotes, resource.extensions.get("x-env") or {}, f"x-env of {resource.title}")
    chosen = _chosen(resource, operation_ids)
    tools = [_contract(operation, resource, tables, remarks) for operation in chosen]
    every_tool = {_tool_name(operation) for operation in resource.operations}
    if root.principal and root.principal not in tables:
        raise DesignError(
            f"the principal {root.principal} is no table", remedy="write the table of the people who use the tools"
        )
    try:
        return Contracts(
            now=root.now,
            tools=tools,
            invariants=_invariants(root, tables),
            lifecycles=_lifecycles(tables, {tool.name for tool in tools}, every_tool),
            principal=root.principal,
            column_formats=_column_formats(tables),
            entities=root.entities,
        )
    except ValidationError as error:
        raise DesignError(f"{resource.title}: {error.errors()[0]['msg']}") from error


def played_operations(resource: Resource, tables: Tables) -> list[str]:
    """Return the operations whose tools are played to make seed data."""
    notes = [calls for table in tables.values() if table.seed for calls in table.seed.calls]
    played = {name for calls in notes for name in (calls.tool, *(tool for path in calls.then for tool in path))}
    return [operation.id for operation in resource.operations if _tool_name(operation) in played]


def _chosen(resource: Resource, operation_ids: Sequence[str] | None) -> list[Operation]:
    if operation_ids is None:
        return list(resource.operations)
    known = {operation.id: operation for operation in resource.operations}
    missing = [wanted for wanted in operation_ids if wanted not in known]
    if missing:
        raise DesignError(
            f"{resource.title} has no operation {missing[0]}", remedy=f"its operations: {', '.join(list(known)[:20])}"
        )
    return [known[wanted] for wanted in operation_ids]


def _notes(operation: Operation) -> OperationNotes:
    """The operation's notes, with its parameters called what the tool calls them."""
    notes = operation.extensions.get(EXTENSION) or {}
    names = renamed_parameters(operation)
    return parse_notes(OperationNotes, _renamed(notes, names) if names else notes, f"x-env of operation {operation.id}")


def _renamed(raw: Any, names: Mapping[str, str]) -> Any:
    if isinstance(raw, str):
        return _BOUND.sub(lambda found: f":{names.get(found[1], found[1])}" if found[1] else found[0], raw)
    if isinstance(raw, dict):
        return {names.get(key, key): _renamed(value, names) for key, value in raw.items()}
    return [_renamed(value, names) for value in raw] if isinstance(raw, list) else raw


def _tool_name(operation: Operation) -> str:
    return _notes(operation).tool or operation.name


def _contract(operation: Operation, resource: Resource, tables: Tables, remarks: list[str]) -> Contract:
    notes = _notes(operation)
    tool = notes.tool or operation.name
    if keyword.iskeyword(tool) or tool in _TAKEN:
        raise DesignError(
            f"{operation.id}: {tool} cannot be the name of a tool", remedy="write another one: x-env: {tool: ...}"
        )
    draft = Draft(
        operation=operation,
        notes=notes,
        tool=tool,
        tables=tables,
        parameters=read_parameters(operation, tables, resource.schemas, remarks),
        remarks=remarks,
    )
    add_lookups(draft)
    for step in notes.steps:
        add_stated_step(draft, step)
    add_effects(draft)
    _check_kind(draft)
    return _assembled(draft, result_template(draft, resource.schemas), resource.provenance.sha256)


def _check_kind(draft: Draft) -> None:
    """A tool with effects writes and one without reads; what the document says must agree."""
    operation, effects = draft.operation, bool(draft.effects)
    stated = draft.notes.kind
    if stated is not None and (stated == "write") != effects:
        has = "effects" if effects else "no effects"
        raise draft.fault(f"is said to be a {stated} tool but has {has}", "write x-env.effects, or the other kind")
    reads = operation.read_only if operation.read_only is not None else operation.method.upper() in ("GET", "HEAD")
    if stated is None and not effects and not reads:
        raise draft.fault("changes nothing", "write x-env.effects, or kind: read")
    if stated is None and effects and operation.method.upper() == "GET":
        raise draft.fault("is a GET but has effects", "write kind: write if that is meant")


def _assembled(draft: Draft, result: Mapping[str, Any], sha256: str) -> Contract:
    raw = {
        "name": draft.tool,
        "kind": "write" if draft.effects else "read",
        "description": _description(draft.operation),
        "parameters": draft.parameters,
        "steps": draft.steps,
        "effects": draft.effects,
        "result": result,
        "errors": _errors(draft),
        "source": {"resource": sha256, "operation": draft.operation.id, "citation": draft.operation.citation},
        "frames": draft.notes.frames,
    }
    try:
        contract = Contract.model_validate(raw)
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(part) for part in first["loc"])
        raise draft.fault(
            f"{where}: {first['msg']}" if where else first["msg"].removeprefix("Value error, ")
        ) from error
    return _without_unused(contract, draft)


def _without_unused(contract: Contract, draft: Draft) -> Contract:
    """Every parameter must matter: an unused one that may be left out is dropped, a required one is a fault."""
    mentioned = {name for text in _texts(contract) for name in translate(text).names}
    unused = [name for name in contract.parameters if name not in mentioned]
    for name in unused:
        if contract.parameters[name].required:
            raise draft.fault(
                f"the parameter {name} has no effect", "use it in a step, an effect or the result, or drop it"
            )
        draft.remarks.append(f"{draft.operation.id}: the parameter {name} has no effect; it was left out")
    kept = {name: parameter for name, parameter in contract.parameters.items() if name not in unused}
    return contract.model_copy(update={"parameters": kept}) if unused else contract


def _texts(contract: Contract) -> Iterable[str]:
    yield from map(step_expression, contract.steps)
    for effect in contract.effects:
        yield from effect_expressions(effect)
    for template in contract.result.values():
        yield from template_expressions(template)


def _description(operation: Operation) -> str:
    summary, text = " ".join(operation.summary.split()), " ".join(operation.description.split())
    if not summary or text.lower().startswith(summary.lower().rstrip(".")):
        return text or summary or operation.name.replace("_", " ").capitalize() + "."
    return f"{summary.rstrip('.')}. {text}".strip()


def _errors(draft: Draft) -> dict[str, JsonObject]:
    """The codes the steps raise, in order, with the document's messages or sentences made from their words."""
    raised = [step.otherwise for step in draft.steps if isinstance(step, RowStep | GuardStep) and step.otherwise]
    declared = {shape.code: shape.description for shape in draft.operation.errors}
    unraised = sorted(set(draft.notes.errors) - set(raised))
    if unraised:
        raise draft.fault(
            f"declares the error {unraised[0]}, which no step raises", "write a guard with this code, or drop it"
        )
    specs = {}
    for code in dict.fromkeys(raised):
        stated = draft.notes.errors.get(code)
        spec = dict(stated) if isinstance(stated, dict) else {"message": stated or declared.get(code)}
        specs[code] = {**spec, "message": spec.get("message") or code.replace("_", " ").capitalize() + "."}
    return specs


def _lifecycles(tables: Tables, tools: set[str], every_tool: set[str]) -> list[Lifecycle]:
    found = []
    for table in tables.values():
        cycle = table.lifecycle
        if cycle is None:
            continue
        strangers = sorted(set(cycle.transitions) - every_tool)
        if strangers:
            raise DesignError(
                f"table {table.name}: the life cycle has transitions by {strangers[0]}, which is no tool",
                remedy=f"the tools are {', '.join(sorted(every_tool))}",
            )
        kept = {tool: moves for tool, moves in cycle.transitions.items() if tool in tools}
        found.append(Lifecycle(table=table.name, column=cycle.column, initial=cycle.initial, transitions=kept))
    return found


def _invariants(root: RootNotes, tables: Tables) -> list[Invariant]:
    """Those of the document, those of its tables, and each table's stated checks."""
    found = [*root.invariants]
    for table in tables.values():
        found += table.invariants
        found += [_checked(table, name, condition) for name, condition in table.checks.items()]
    return found


def _checked(table: Table, name: str, condition: str) -> Invariant:
    return Invariant(
        name=f"{table.name}_{name}"[:64],
        sql=f"NOT EXISTS (SELECT 1 FROM {table.name} WHERE NOT ({condition}))",
        message=f"Every row of {table.name} meets: {condition}.",
        cite=f"schema {table.schema_name}: checks.{name}",
    )


def _column_formats(tables: Tables) -> dict[str, str]:
    return {
        f"{table.name}.{column.name}": column.format
        for table in tables.values()
        for column in table.columns.values()
        if column.format in _FORMATS
    }
