"""The commands `traces list|show`: what the agents of a run were told, said and did."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from envfactory.cli.boundary import clear_errors, fail, print_json

if TYPE_CHECKING:
    from rich.tree import Tree

    from envfactory.traces.store import TraceStore

traces = typer.Typer(help="What the agents of a run did.", no_args_is_help=True, rich_markup_mode=None)
RunsFolder = Annotated[Path, typer.Option(help="Folder of the runs.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON.")]
GOOD = ("ok", "verified", "finished")


@traces.command("list")
def list_runs(runs: RunsFolder = Path("runs"), json: AsJson = False) -> None:
    """List the runs, newest last."""
    with clear_errors():
        records = [_record(folder) for folder in run_folders(runs)]
        if json:
            print_json(records)
            return
        for record in records:
            asked = record["request"]
            print(f"{record['run']:38} {record['status']:10} domain {asked['domain']}, seed {record['config']['run']['seed']}")
        if not records:
            print(f"no runs in {runs}")


@traces.command()
def show(
    run: Annotated[str, typer.Argument(help="A run's id, its folder, or last.")],
    failed: Annotated[bool, typer.Option("--failed", help="Only what did not end well.")] = False,
    full: Annotated[bool, typer.Option("--full", help="Show prompts and answers in full.")] = False,
    env: Annotated[str | None, typer.Option("--env", help="Only this environment.")] = None,
    role: Annotated[str | None, typer.Option(help="Only this role.")] = None,
    runs: RunsFolder = Path("runs"),
    json: AsJson = False,
) -> None:
    """Show a run as a tree: roles, revisions, gates, model calls."""
    from rich.console import Console

    from envfactory.traces.store import TraceStore

    with clear_errors():
        folder = find(run, runs)
        store = TraceStore(folder / "trace.db")
        try:
            spans = [span for span in store.spans() if _wanted(span, env, role)]
            if failed:
                spans = _with_ancestors(spans, [span for span in spans if span["status"] not in GOOD])
            if json:
                print_json([{**span, "messages": store.conversation(span["span_id"]), "events": store.events(span["span_id"])} for span in spans])
            else:
                Console(highlight=False, soft_wrap=True).print(_tree(store, spans, folder.name, full))
        finally:
            store.close()


def run_folders(runs: Path) -> list[Path]:
    """Return the run folders, oldest first."""
    return sorted((path.parent for path in runs.glob("*/run.json")), key=lambda folder: (folder / "run.json").stat().st_mtime)


def find(run: str, runs: Path) -> Path:
    """Return a run's folder."""
    folders = run_folders(runs)
    if run == "last" and folders:
        return folders[-1]
    for folder in (Path(run), runs / run):
        if (folder / "trace.db").exists():
            return folder
    return fail(f"no run {run} in {runs}", "envfactory traces list")


def _record(folder: Path) -> dict[str, Any]:
    record: dict[str, Any] = json.loads((folder / "run.json").read_text())
    return record


def _wanted(span: dict[str, Any], env: str | None, role: str | None) -> bool:
    if env and span["environment"] not in (None, env):
        return False
    return not (role and span["kind"] in ("role", "chat", "gate") and span["agent"] != role)


def _with_ancestors(spans: list[dict[str, Any]], chosen: list[dict[str, Any]]) -> list[dict[str, Any]]:
    parents = {span["span_id"]: span["parent_id"] for span in spans}
    keep: set[str] = set()
    for span in chosen:
        place: str | None = span["span_id"]
        while place and place not in keep:
            keep.add(place)
            place = parents.get(place)
    return [span for span in spans if span["span_id"] in keep]


def _tree(store: TraceStore, spans: list[dict[str, Any]], name: str, full: bool) -> Tree:
    from rich.tree import Tree

    root = Tree(name)
    branches: dict[str, Tree] = {}
    for span in spans:
        branch = branches.get(span["parent_id"] or "", root).add(_label(span))
        branches[span["span_id"]] = branch
        _add_details(branch, store, span, full)
    return root


def _label(span: dict[str, Any]) -> str:
    from rich.markup import escape

    style = "green" if span["status"] in GOOD else "yellow" if span["status"] == "open" else "red"
    seconds = f" {(span['end_ns'] - span['start_ns']) / 1e9:.1f} s" if span["end_ns"] else ""
    tokens = f" {span['input_tokens']}+{span['output_tokens']} tokens" if span["output_tokens"] else ""
    cost = f" ${span['cost']:.4f}" if span["cost"] is not None else ""
    detail = span["attributes"].get("detail") or ""
    status = span["status"].splitlines()[0][:160]
    return f"{escape(span['name'])} [{style}]{escape(status)}[/] {escape(detail)}[dim]{seconds}{tokens}{cost}[/]"


def _add_details(branch: Tree, store: TraceStore, span: dict[str, Any], full: bool) -> None:
    from rich.markup import escape

    if span["kind"] == "gate":
        report = span["attributes"].get("report") or {}
        for check in report.get("checks", []):
            if check["status"] == "fail":
                branch.add(f"[red]{escape(check['id'])}[/]: {escape(check['summary'])}")
    if full and span["kind"] in ("role", "chat"):
        for message in store.conversation(span["span_id"]):
            branch.add(f"[bold]{escape(message['role'])}[/]\n{escape(message['content'])}")
