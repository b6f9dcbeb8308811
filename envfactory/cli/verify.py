"""The commands `show` and `verify`: look at an environment, and prove it again."""

from __future__ import annotations

import time
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from envfactory.cli.boundary import clear_errors, fail, print_json
from envfactory.environments.files import write_atomically

if TYPE_CHECKING:
    from envfactory.environments.artefact import Environment
    from envfactory.environments.contract import Contract
    from envfactory.environments.report import GateReport
    from envfactory.gate.runner import Verification

GRAPH_FORMS = ("text", "mermaid", "graphml", "dot")


def verify(
    paths: Annotated[list[Path], typer.Argument(help="Environment folders, or a library: every environment below it.")],
    unsafe_no_sandbox: Annotated[bool, typer.Option("--unsafe-no-sandbox", help="Run generated code without the sandbox's walls.")] = False,
    json: Annotated[bool, typer.Option("--json", help="Print the verdicts as JSON.")] = False,
) -> None:
    """Repeat the gate without any key, and compare its verdict with the stored one, byte for byte.

    Exit status 1 where an environment is not verified or its files no longer match.
    """
    from envfactory.gate.runner import verify_folder
    from envfactory.sandbox.doctor import require
    from envfactory.sandbox.shared import shared_sandbox

    with clear_errors():
        folders = [folder for path in paths for folder in environment_folders(path)]
        tier = "none" if unsafe_no_sandbox else "auto"
        require(tier)
        answers = []
        for folder in folders:
            started = time.monotonic()
            answer = verify_folder(folder, shared_sandbox(tier).open)
            answers.append(answer)
            if not json:
                _print_verification(folder, answer, time.monotonic() - started)
        if json:
            print_json([answer.as_dict() for answer in answers])
        if not all(answer.ok for answer in answers):
            raise typer.Exit(1)


def environment_folders(path: Path) -> list[Path]:
    """Return the environment folders at or below `path`."""
    if (path / "environment.json").exists():
        return [path]
    found = sorted(manifest.parent for manifest in path.glob("**/environment.json"))
    if not found:
        fail(f"{path} holds no environment", "give a folder with an environment.json, or a library that holds such folders")
    return found


def _print_verification(folder: Path, answer: Verification, seconds: float) -> None:
    print(f"{folder}: {answer.summary} ({seconds:.1f} s)")
    for line in answer.differences:
        print(f"  {line}")


def show(
    path: Annotated[Path, typer.Argument(help="Environment folder.")],
    graph: Annotated[str | None, typer.Option(help=f"Print the dependency graph as one of: {', '.join(GRAPH_FORMS)}.")] = None,
    output: Annotated[Path | None, typer.Option("--output", "-o", help="Write to this file instead.")] = None,
    tool: Annotated[str | None, typer.Option(help="Show one tool: contract, code and stored cases.")] = None,
    json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Show an environment: tools, tables, dependency graph, the gate's report."""
    from envfactory.environments.artefact import load, load_report

    with clear_errors():
        environment, report = load(path), load_report(path)
        if graph:
            _emit(_graph(environment, graph), output)
        elif tool:
            _emit(_tool(environment, tool), output)
        elif json:
            print_json(_facts(environment, report))
        else:
            _overview(environment, report)


def _emit(text: str, output: Path | None) -> None:
    if output is None:
        print(text)
    else:
        write_atomically(output, text.encode() + b"\n")


def _graph(environment: Environment, form: str) -> str:
    from envfactory.dependencies import render

    if form not in GRAPH_FORMS:
        fail(f"--graph {form} is not a form", f"one of {', '.join(GRAPH_FORMS)}")
    text: str = getattr(render, f"as_{form}")(environment.graph)
    return text


def _facts(environment: Environment, report: GateReport | None) -> dict[str, Any]:
    from envfactory.environments.artefact import dump

    return {
        "environment": dump(environment.manifest),
        "tools": [dump(contract) for contract in environment.contracts.tools],
        "tables": {table: len(rows) for table, rows in environment.seed_rows.items()},
        "graph": dump(environment.graph),
        "gate": report.model_dump(mode="json") if report else None,
    }


def _overview(environment: Environment, report: GateReport | None) -> None:
    from rich.console import Console
    from rich.table import Table

    console = Console(highlight=False)
    manifest = environment.manifest
    verdict = report.verdict if report else "not judged"
    console.print(f"[bold]{manifest.domain}/{manifest.name}[/]  {verdict}  {manifest.content_hash[:16]}\n{manifest.summary}\n")
    tools = Table("tool", "kind", "parameters", "what it does", box=None, padding=(0, 2), pad_edge=False)
    for contract in environment.contracts.tools:
        tools.add_row(contract.name, contract.kind, _parameters(contract), contract.description.splitlines()[0])
    console.print(tools)
    rows = ", ".join(f"{table} {len(rows)}" for table, rows in environment.seed_rows.items())
    console.print(f"\n[bold]rows[/]  {rows}\n[bold]clock[/] {environment.contracts.now}\n")
    console.print(_graph(environment, "text"), markup=False)
    if report:
        checks = Table("check", "status", "", box=None, padding=(0, 2), pad_edge=False)
        for check in report.checks:
            checks.add_row(check.id, f"[{'green' if check.status == 'pass' else 'red'}]{check.status}[/]", check.summary)
        console.print("")
        console.print(checks)


def _parameters(contract: Contract) -> str:
    return ", ".join(name if parameter.required else f"{name}?" for name, parameter in contract.parameters.items())


def _tool(environment: Environment, name: str) -> str:
    import ast

    from envfactory.environments.artefact import dump
    from envfactory.environments.files import readable_json

    try:
        contract = environment.contracts.tool(name)
    except KeyError:
        fail(f"there is no tool {name}", f"tools are {', '.join(tool.name for tool in environment.contracts.tools)}")
    tree = ast.parse(environment.tools_source)
    code = [
        ast.get_source_segment(environment.tools_source, node) or ""
        for node in tree.body
        if isinstance(node, ast.FunctionDef) and node.name == name
    ]
    cases = [f"  {case.id}: {case.purpose}" for case in environment.cases.of(name)]
    return "\n".join([readable_json(dump(contract)).decode(), *code, "", "stored cases:", *cases])
