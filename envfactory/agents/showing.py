"""What a language model is shown in each role: of documents, designs and failures no more than it needs to know.

Prompts are read by who pays for every character. So a reviser sees the parts that the evidence is about, and of rows
and evidence as much as can be read.
"""

from __future__ import annotations

import ast
import json
from collections.abc import Sequence
from typing import Any, cast

from envfactory.agents.products import RevisionRequest
from envfactory.environments.artefact import dump
from envfactory.environments.cases import Case
from envfactory.environments.report import CheckResult
from envfactory.synthesis.design import Design

FEW_ROWS, MOST_ROWS = 8, 60
MOST_EVIDENCE, MOST_CHARACTERS = 40, 12_000
OF_CONTRACTS = frozenset({"load", "contract-adequate", "contract-sound"})
OF_CASES = frozenset({"accept", "reject", "mutants", "honest"})


def shown_operation(operation: dict[str, Any]) -> dict[str, Any]:
    """Return what the explorer is shown of an operation."""
    keys = ("id", "method", "path", "summary", "description", "citation")
    return {key: str(operation[key])[:300] for key in keys if operation.get(key)}


def documented(operation: dict[str, Any]) -> dict[str, Any]:
    """Return what the designer is shown of an operation: what the document says, once and without empty places."""
    keys = ("id", "method", "path", "summary", "description", "deprecated")
    told = {key: operation[key] for key in keys if operation.get(key)}
    parameters = {
        each["name"]: {
            "in": each["location"],
            **({"required": True} if each["required"] else {}),
            **({"description": each["description"]} if each["description"] else {}),
            **each["schema"],
        }
        for each in operation["parameters"]
    }
    body = operation["body"] or {}
    spread = any(each["location"] == "body" for each in operation["parameters"])  # an object's fields stand among them
    plain = body and not spread and body["schema"].get("type") != "object"
    told |= {"parameters": parameters, **({"body": body["schema"]} if plain else {})}
    answered = [_filled(each, "description", "schema", "examples") for each in operation["responses"]]
    refused = [_filled(each, "status", "code", "description") for each in operation["errors"]]
    return {**told, "answers": [each for each in answered if each], "errors": refused}


def _filled(response: dict[str, Any], *keys: str) -> dict[str, Any]:
    return {key: response[key] for key in keys if response.get(key)}


def shown_design(design: Design, *, whole: bool = False) -> dict[str, Any]:
    """Return what coder, tester and reviser are shown of a design; the coder sees the first rows of each table only."""
    most = MOST_ROWS if whole else FEW_ROWS
    rows = {table: _short(rows, most) for table, rows in design.seed_rows.items()}
    contracts = dump(design.contracts)
    for tool in contracts["tools"]:
        tool.pop("source", None)
    return {"schema_sql": design.schema_sql, "contracts": contracts, "rows": rows}


def _short(rows: list[dict[str, Any]], most: int) -> dict[str, Any]:
    shown = rows if len(rows) <= most else rows[: most // 2] + rows[-(most // 2) :]
    told: dict[str, Any] = {"columns": list(rows[0]) if rows else [], "rows": [list(row.values()) for row in shown]}
    return told if len(shown) == len(rows) else {"count": len(rows), **told}


def shown_revision(request: RevisionRequest) -> dict[str, Any]:
    """Return what the reviser is shown: the failures, the design, and code and cases as far as the failures are theirs."""
    failed = {failure.id for failure in request.failures}
    tools = _blamed(request.failures) or [tool.name for tool in request.design.contracts.tools]
    cases = [case for case in request.cases.cases if case.tool in tools] if failed & OF_CASES else []
    return {
        **shown_design(request.design, whole=True),
        "failures": [shown_failure(failure) for failure in request.failures],
        "source": _functions(request.code.source, tools) if failed - OF_CONTRACTS else "",
        "cases": [shown_case(case) for case in cases],
    }


def _blamed(failures: Sequence[CheckResult]) -> list[str]:
    """Return the tools that the evidence is about, set-up calls included; none where some of it names no tool."""
    found: dict[str, None] = {}
    for item in (each for failure in failures for each in failure.evidence):
        if "tool" not in item:
            return []
        found |= dict.fromkeys([str(item["tool"]), *(str(call[0]) for call in _calls(item))])
    return list(found)


def _calls(item: dict[str, Any]) -> list[Any]:
    told = item.get("told_apart_by")
    setup = told.get("setup") if isinstance(told, dict) else item.get("setup")
    return setup if isinstance(setup, list) else []


def _functions(source: str, tools: list[str]) -> str:
    """Return a module without the public functions that are not among `tools`."""
    try:
        body = ast.parse(source).body
    except (SyntaxError, ValueError):
        return source
    lines = source.splitlines()
    for node in reversed(body):
        if isinstance(node, ast.FunctionDef) and not node.name.startswith("_") and node.name not in tools:
            lines[node.lineno - 1 : node.end_lineno] = [f"# {node.name}: nothing is said against it"]
    return "\n".join(lines)


def shown_case(case: Case) -> dict[str, Any]:
    """Return what the reviser is shown of a stored case: the call and what it is to come to, without the state."""
    told = dump(case)
    told["expect"] = "ok" if case.expect.status == "ok" else " or ".join(case.expect.codes)
    return cast("dict[str, Any]", told)


def shown_failure(failure: CheckResult) -> dict[str, Any]:
    """Return a failed check as the reviser is shown it: evidence by tool, what all of it shares said once."""
    evidence = [{key: value for key, value in item.items() if key != "source"} for item in failure.evidence]
    shared = _shared(evidence)
    plain = [{key: value for key, value in item.items() if key not in shared} for item in evidence]
    shown: list[dict[str, Any]] = []
    for item in plain:
        if len(json.dumps([*shown, item])) <= MOST_CHARACTERS and len(shown) < MOST_EVIDENCE:
            shown.append(item)
    told = {"check": failure.id, "summary": failure.summary, **shared, "evidence": _by_tool(shown)}
    return told if len(shown) == len(evidence) else {**told, "more evidence": len(evidence) - len(shown)}


def _shared(evidence: list[dict[str, Any]]) -> dict[str, Any]:
    if len(evidence) < 2:
        return {}
    return {key: value for key, value in evidence[0].items() if all(item.get(key) == value for item in evidence)}


def _by_tool(evidence: list[dict[str, Any]]) -> Any:
    if not all("tool" in item for item in evidence):
        return evidence
    found: dict[str, list[dict[str, Any]]] = {}
    for item in evidence:
        found.setdefault(str(item["tool"]), []).append({key: item[key] for key in item if key != "tool"})
    return found
