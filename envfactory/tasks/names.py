"""Which tools a solver is offered, under which names, and their schemas as chat models take them.

One environment offers its tools by their own names, several by `environment__tool` (docs/tasks.md, "Names of tools").
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from typing import Any

from envfactory.environments.artefact import Environment
from envfactory.environments.contract import Contract, Parameter
from envfactory.errors import TaskError

Served = dict[str, tuple[str, str]]
_KEYWORDS = {
    "enum": "enum",
    "minimum": "minimum",
    "maximum": "maximum",
    "min_length": "minLength",
    "max_length": "maxLength",
    "min_items": "minItems",
    "max_items": "maxItems",
    "pattern": "pattern",
    "format": "format",
    "default": "default",
}


def served_names(
    environments: Iterable[Environment], distractors: Iterable[Environment] = (), withheld: Collection[str] = ()
) -> Served:
    """Return the offered tools, `{served name: (environment, tool)}`, in the order of the environments' contracts.

    Raise TaskError where a withheld tool (`environment.tool`) does not exist.
    """
    present = [*environments, *distractors]
    known = {f"{each.name}.{tool.name}" for each in present for tool in each.contracts.tools}
    strange = sorted(set(withheld) - known)
    if strange:
        raise TaskError(f"there is no tool {strange[0]} to withhold", remedy="name it as environment.tool")
    return {
        tool.name if len(present) == 1 else f"{each.name}__{tool.name}": (each.name, tool.name)
        for each in present
        for tool in each.contracts.tools
        if f"{each.name}.{tool.name}" not in withheld
    }


def tool_schemas(served: Mapping[str, tuple[str, str]], environments: Iterable[Environment]) -> list[dict[str, Any]]:
    """Return the OpenAI function schemas of offered tools, in their order."""
    contracts = {each.name: each.contracts for each in environments}
    return [
        {"type": "function", "function": function_schema(name, contracts[environment].tool(tool))}
        for name, (environment, tool) in served.items()
    ]


def function_schema(name: str, contract: Contract) -> dict[str, Any]:
    """Return one tool's name, description and JSON Schema of parameters."""
    return {
        "name": name,
        "description": contract.description,
        "parameters": _object_schema(contract.parameters),
    }


def _object_schema(parameters: Mapping[str, Parameter]) -> dict[str, Any]:
    schema: dict[str, Any] = {
        "type": "object",
        "properties": {name: parameter_schema(parameter) for name, parameter in parameters.items()},
    }
    required = [name for name, parameter in parameters.items() if parameter.required]
    return {**schema, **({"required": required} if required else {}), "additionalProperties": False}


def parameter_schema(parameter: Parameter) -> dict[str, Any]:
    """Return a parameter's JSON Schema."""
    schema: dict[str, Any] = {"type": parameter.type}
    if parameter.type == "object" and parameter.properties:
        schema = _object_schema(parameter.properties)
    if parameter.items is not None:
        schema["items"] = parameter_schema(parameter.items)
    if parameter.description:
        schema["description"] = parameter.description
    if parameter.unique_items:
        schema["uniqueItems"] = True
    given = ((keyword, getattr(parameter, field)) for field, keyword in _KEYWORDS.items())
    return schema | {keyword: value for keyword, value in given if value is not None}
