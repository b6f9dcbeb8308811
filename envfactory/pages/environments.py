"""The page of an environment: what its tools promise and do, its tables with their rows, the graph, the gate's report."""

from __future__ import annotations

import ast
import json
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

from markupsafe import Markup

from envfactory.environments.artefact import Environment, dump
from envfactory.environments.contract import Contract, Parameter
from envfactory.environments.files import readable_json
from envfactory.environments.report import CheckResult, GateReport
from envfactory.pages.bodies import Bodies, Body
from envfactory.pages.document import fragment
from envfactory.pages.graphs import draw
from envfactory.pages.links import Link

_SAID = {"type", "description", "required", "default", "ref"}


def environment_page(
    environment: Environment, report: GateReport | None, bodies: Bodies, tasks: Sequence[Link] = ()
) -> Markup:
    """Return the content of an environment's page. `tasks` are the pages of tasks in it."""
    manifest, contracts = environment.manifest, environment.contracts
    return fragment(
        "environment",
        bodies,
        manifest=manifest,
        report=report,
        checks_told=[check_facts(manifest.name, check) for check in report.checks] if report else [],
        contracts=contracts,
        tools=[_tool(environment, tool) for tool in contracts.tools],
        tables=[_table(environment, name) for name in environment.seed_rows],
        rows=sum(map(len, environment.seed_rows.values())),
        schema=_body(environment, "schema", "code", lambda: environment.schema_sql),
        source=_body(environment, "code", "code", lambda: environment.tools_source),
        graph=environment.graph,
        drawing=draw(environment.graph),
        built_by=", ".join(f"{role}: {backend}" for role, backend in manifest.built_by.items()),
        tasks=tasks,
    )


def tool_code(environment: Environment, name: str) -> str:
    """Return the source of one tool's function; "" where there is none."""
    source = environment.tools_source
    functions = (node for node in ast.parse(source).body if isinstance(node, ast.FunctionDef) and node.name == name)
    return next((ast.get_source_segment(source, node) or "" for node in functions), "")


def check_facts(place: str, check: CheckResult) -> dict[str, Any]:
    """Return a check with what was measured and its evidence as a long text."""
    kept = {name: value for name, value in (("measured", check.measured), ("evidence", check.evidence)) if value}
    text = readable_json(kept).decode()
    body = Body(f"c.{place}.{check.id}", "json", len(text), lambda: text) if kept else None
    return {"id": check.id, "status": check.status, "summary": check.summary, "body": body}


def _tool(environment: Environment, contract: Contract) -> dict[str, Any]:
    cases = environment.cases.of(contract.name)
    told = [dump(case) for case in cases]
    return {
        "contract": contract,
        "gist": f"{contract.description} ".partition(". ")[0].strip(),
        "parameters": list(_parameters(contract.parameters)),
        "steps": [dump(step) for step in contract.steps],
        "effects": [dump(effect) for effect in contract.effects],
        "result": readable_json(dump(contract)["result"]).decode(),
        "code": _body(environment, f"code.{contract.name}", "code", partial(tool_code, environment, contract.name)),
        "cases": _json(environment, f"cases.{contract.name}", told),
        "count": len(cases),
    }


def _parameters(parameters: dict[str, Parameter], prefix: str = "") -> Any:
    """Yield the rows of a table of parameters, those within objects and lists included."""
    for name, parameter in parameters.items():
        rules = {key: value for key, value in dump(parameter).items() if key not in {*_SAID, "items", "properties"}}
        yield {
            "name": prefix + name,
            "parameter": parameter,
            "rules": ", ".join(f"{key} {json.dumps(value, ensure_ascii=False)}" for key, value in rules.items()),
        }
        if parameter.properties:
            yield from _parameters(parameter.properties, f"{prefix}{name}.")
        if parameter.items is not None:
            yield from _parameters({f"{name}[]": parameter.items}, prefix)


def _table(environment: Environment, name: str) -> dict[str, Any]:
    rows = environment.seed_rows[name]
    return {"name": name, "count": len(rows), "rows": _json(environment, f"rows.{name}", rows)}


def _json(environment: Environment, key: str, value: Any) -> Body:
    text = json.dumps(value, ensure_ascii=False)
    return Body(f"x.{environment.name}.{key}", "json", len(text), lambda: text)


def _body(environment: Environment, key: str, kind: str, read: Callable[[], str]) -> Body:
    return Body(f"x.{environment.name}.{key}", kind, len(read()), read)
