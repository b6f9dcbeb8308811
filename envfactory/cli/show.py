"""The command `show`: look at an environment, one of its tools, or its dependency graph."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from envfactory.cli.boundary import clear_errors, fail, print_json
from envfactory.cli.options import AsJson

if TYPE_CHECKING:
    from envfactory.environments.artefact import Environment
    from envfactory.environments.cases import Case
    from envfactory.environments.contract import Contract
    from envfactory.environments.report import GateReport

GRAPH_FORMS = ("text", "mermaid", "graphml", "dot")


def show(
    path: Annotated[Path, typer.Argument(metavar="PATH", help="Environment folder.")],
    graph: Annotated[
        str | None, typer.Option(metavar="FORM", help=f"Print the dependency graph: {', '.join(GRAPH_FORMS)}.")
    ] = None,
    output: Annotated[
        Path | None, typer.Option("--output", "-o", metavar="FILE", help="Write to this file instead.")
    ] = None,
    tool: Annotated[
        str | None, typer.Option(metavar="NAME", help="Show one tool: contract, code and stored cases.")
    ] = None,
    html: Annotated[Path | None, typer.Option(metavar="FILE", help="Write one self-contained page instead.")] = None,
    json: AsJson = False,
) -> None:
    """Show an environment: tools, tables, dependency graph, the gate's report.

    With --html, as a page for a browser: every contract, the code, all rows, the graph drawn, the evidence.
    """
    from envfactory.environments.artefact import load, load_report

    with clear_errors():
        if graph is not None and graph not in GRAPH_FORMS:
            fail(f"--graph {graph} is no form of a graph", f"the forms are {', '.join(GRAPH_FORMS)}")
        environment, report = load(path), load_report(path)
        if html is not None:
            _write_page(environment, report, html)
        elif json:
            print_json(_tool_facts(environment, tool) if tool else _facts(environment, report))
        elif graph in (None, "text") and tool is None and output is None:
            _print(environment, report, whole=graph is None)
        else:
            _emit(_graph(environment, graph or "text") if tool is None else _tool(environment, tool), output)


def _write_page(environment: Environment, report: GateReport | None, file: Path) -> None:
    from envfactory.cli.writing import write_page
    from envfactory.pages.environments import environment_page

    write_page(file, environment.name, lambda bodies: environment_page(environment, report, bodies))


def _emit(text: str, output: Path | None) -> None:
    from envfactory.environments.files import write_atomically

    if output is None:
        print(text, end="")
    else:
        write_atomically(output, text.encode())


def _graph(environment: Environment, form: str) -> str:
    from envfactory.dependencies import render

    text: str = getattr(render, f"as_{form}")(environment.graph)
    return text.rstrip("\n") + "\n"


def _facts(environment: Environment, report: GateReport | None) -> dict[str, Any]:
    from envfactory.environments.artefact import dump

    return {
        "environment": dump(environment.manifest),
        "tools": [dump(contract) for contract in environment.contracts.tools],
        "tables": {table: len(rows) for table, rows in environment.seed_rows.items()},
        "graph": dump(environment.graph),
        "gate": report.model_dump(mode="json") if report else None,
    }


def _tool_facts(environment: Environment, name: str) -> dict[str, Any]:
    from envfactory.environments.artefact import dump
    from envfactory.pages.environments import tool_code

    contract, cases = _contract(environment, name), environment.cases.of(name)
    return {"contract": dump(contract), "code": tool_code(environment, name), "cases": [dump(case) for case in cases]}


def _print(environment: Environment, report: GateReport | None, *, whole: bool) -> None:
    from envfactory.cli.pages import page
    from envfactory.dependencies.render import as_table

    console = page()
    if whole:
        _print_head(environment, report)
    console.print(as_table(environment.graph))
    if whole and report:
        _print_checks(report)


def _print_head(environment: Environment, report: GateReport | None) -> None:
    from rich.text import Text

    from envfactory.cli.pages import STYLES, columns, page

    console, manifest = page(), environment.manifest
    verdict = report.verdict if report else "not judged"
    name = Text(f"{manifest.domain}/{manifest.name}", style="bold")
    console.print(Text.assemble(name, "  ", (verdict, STYLES.get(verdict, "")), f"  {manifest.content_hash[:12]}"))
    console.print(f"{manifest.summary}\n", markup=False)
    tools = [(tool.name, tool.kind, _parameters(tool), _gist(tool)) for tool in environment.contracts.tools]
    console.print(columns(tools, ("tool", "kind", "parameters", "what it does"), yielding=(2, 3)))
    rows = ", ".join(f"{table} {len(rows)}" for table, rows in environment.seed_rows.items())
    made_by = ", ".join(sorted(set(manifest.built_by.values())))
    facts = [("rows", rows), ("clock", environment.contracts.now), ("made by", made_by)]
    facts += [("made from", f"{resource.title}, {resource.source}") for resource in manifest.resources]
    console.print()
    console.print(columns([(Text(key, style="bold"), value) for key, value in facts if value]))
    console.print()


def _print_checks(report: GateReport) -> None:
    from rich.text import Text

    from envfactory.cli.pages import BAD, GOOD, OPEN, columns, page

    styles = {"pass": GOOD, "fail": BAD, "skip": OPEN}
    rows = [(check.id, Text(check.status, style=styles[check.status]), check.summary) for check in report.checks]
    page().print()
    page().print(columns(rows, ("check", "", "what was found")))


def _parameters(contract: Contract) -> str:
    return ", ".join(name if parameter.required else f"{name}?" for name, parameter in contract.parameters.items())


def _gist(contract: Contract) -> str:
    """Return the first sentence of a description."""
    return f"{contract.description} ".partition(". ")[0].strip().rstrip(".")


def _contract(environment: Environment, name: str) -> Contract:
    try:
        return environment.contracts.tool(name)
    except KeyError:
        fail(
            f"there is no tool {name}", f"the tools are {', '.join(tool.name for tool in environment.contracts.tools)}"
        )


def _tool(environment: Environment, name: str) -> str:
    from envfactory.environments.artefact import dump
    from envfactory.environments.files import readable_json
    from envfactory.pages.environments import tool_code

    contract, cases = _contract(environment, name), environment.cases.of(name)
    told = [f"  {_call(case)}" for case in cases]
    parts = [
        readable_json(dump(contract)).decode(),
        tool_code(environment, name),
        "",
        f"stored cases ({len(cases)}):",
        *told,
    ]
    return "\n".join(parts) + "\n"


def _call(case: Case) -> str:
    expected = "ok" if case.expect.status == "ok" else " or ".join(case.expect.codes)
    after = f" after {', '.join(tool for tool, _ in case.setup)}" if case.setup else ""
    return f"{case.id}: {case.purpose}{after} -> {expected}"
