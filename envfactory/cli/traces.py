"""The commands `traces list|show`: what the roles of a run were asked, answered and did."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from envfactory.cli.boundary import clear_errors, fail, help_unless_asked, print_json

if TYPE_CHECKING:
    from rich.text import Text
    from rich.tree import Tree

    from envfactory.traces.store import TraceStore

traces = typer.Typer(rich_markup_mode=None)
RunsFolder = Annotated[Path | None, typer.Option(metavar="DIR", help="Folder of the runs.  [default: runs]")]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON.")]
GOOD = ("ok", "verified", "finished", "full")
Span = dict[str, Any]


@traces.callback(invoke_without_command=True)
def about(context: typer.Context) -> None:
    """What the roles of a run were asked, answered and did."""
    help_unless_asked(context)


@traces.command("list", short_help="List the runs, newest last.")
def list_runs(runs: RunsFolder = None, json: AsJson = False) -> None:
    """List the runs, newest last. One that died is shown as such, and can be resumed."""
    from envfactory.cli.pages import columns, page
    from envfactory.graphs.folders import run_folders

    with clear_errors():
        folder = _runs(runs)
        records = [_record(found) for found in run_folders(folder)]
        if json:
            print_json(records)
        elif records:
            page().print(columns([_row(record) for record in records], yielding=(3,)))
        else:
            print(f"no runs in {folder}")


@traces.command(short_help="Show a run as a tree: roles, gates, model calls.")
def show(
    run: Annotated[str, typer.Argument(metavar="RUN", help="A run's id, its folder, or last.")],
    failed: Annotated[bool, typer.Option("--failed", help="Only what did not end well.")] = False,
    full: Annotated[bool, typer.Option("--full", help="Prompts and answers too, in full.")] = False,
    env: Annotated[str | None, typer.Option("--env", metavar="NAME", help="Only this environment.")] = None,
    role: Annotated[
        str | None, typer.Option(metavar="ROLE", help="Only this role: explorer, coder, sampler, ..., or gate.")
    ] = None,
    runs: RunsFolder = None,
    json: AsJson = False,
) -> None:
    """Show a run as a tree: environments, roles, gates with what failed, model calls with tokens and cost."""
    from contextlib import closing

    from envfactory.traces.store import TraceStore

    with clear_errors():
        folder = find(run, _runs(runs))
        with closing(TraceStore(folder / "trace.db", read_only=True)) as store:
            spans = store.spans()
            _check_names(spans, env, role)
            chosen = _with_ancestors(spans, [span for span in spans if _wanted(span, env, role, failed)])
            if json:
                print_json([_told(store, span) for span in chosen])
            elif chosen:
                _print(store, chosen, folder, full)
            else:
                print("nothing failed" if failed else "nothing happened yet")


def _told(store: TraceStore, span: Span) -> Span:
    return {**span, "messages": store.conversation(span["span_id"]), "events": store.events(span["span_id"])}


def _runs(given: Path | None) -> Path:
    from envfactory.config import load

    return given or load(None).run.runs


def find(run: str, runs: Path) -> Path:
    """Return a run's folder."""
    from envfactory.graphs.folders import run_folders

    folders = run_folders(runs)
    if run == "last" and folders:
        return folders[-1]
    for folder in (Path(run), runs / run):
        if run and (folder / "trace.db").is_file():
            return folder
    known = ", ".join(folder.name for folder in folders[-5:])
    return fail(
        f"there is no run {run}", f"runs in {runs}: {known}" if known else f"there are none in {runs} (see --runs)"
    )


def _record(folder: Path) -> dict[str, Any]:
    """Return what is known of a run, in one form, however its folder looks."""
    from envfactory.cli.lock import is_held

    try:
        told = json.loads((folder / "run.json").read_text())
        settings, request = told["config"]["run"], told["request"]
        status, died = told["status"], told["status"] == "running" and not is_held(folder)
        record = {"run": told["run"], "status": "died" if died else status, "folder": str(folder)}
        asked = request["resources"] or [request["domain"]]
        return record | {"asked": asked, "seed": settings["seed"], "verdicts": told.get("verdicts", {})}
    except (OSError, ValueError, KeyError, TypeError):
        return {
            "run": folder.name,
            "status": "unreadable",
            "folder": str(folder),
            "asked": [],
            "seed": 0,
            "verdicts": {},
        }


def _row(record: dict[str, Any]) -> tuple[str, str, str, str]:
    verdicts = list(record["verdicts"].values())
    counted = f"{verdicts.count('verified')} of {len(verdicts)} verified" if verdicts else ""
    return record["run"], record["status"], counted, f"{', '.join(record['asked'])}, seed {record['seed']}"


def _check_names(spans: list[Span], env: str | None, role: str | None) -> None:
    for option, name, key in (("--env", env, "environment"), ("--role", role, "agent")):
        known = sorted({span[key] for span in spans if span[key]})
        if name is not None and name not in known:
            fail(f"{option} {name}: nothing of that name in this run", f"it has {', '.join(known) or 'none yet'}")


def _wanted(span: Span, env: str | None, role: str | None, failed: bool) -> bool:
    if env is not None and span["environment"] != env:
        return False
    if role is not None and span["agent"] != role:
        return False
    return not failed or span["status"] not in GOOD


def _with_ancestors(spans: list[Span], chosen: list[Span]) -> list[Span]:
    parents = {span["span_id"]: span["parent_id"] for span in spans}
    keep: set[str] = set()
    for span in chosen:
        place: str | None = span["span_id"]
        while place and place not in keep:
            keep.add(place)
            place = parents.get(place)
    return [span for span in spans if span["span_id"] in keep]


def _print(store: TraceStore, spans: list[Span], folder: Path, full: bool) -> None:
    from rich.tree import Tree

    from envfactory.cli.pages import page

    root = Tree(str(folder))
    branches: dict[str, Tree] = {}
    for span in spans:
        branch = branches.get(span["parent_id"] or "", root).add(_label(span))
        branches[span["span_id"]] = branch
        _add_details(branch, store, span, full)
    page().print(root)


def _label(span: Span) -> Text:
    from rich.text import Text

    from envfactory.cli.pages import BAD, OPEN
    from envfactory.cli.pages import GOOD as FINE

    status = span["status"]
    style = FINE if status in GOOD else OPEN if status in ("open", "stopped") else BAD
    return Text.assemble(span["name"], " ", (status, style), _detail(span), (_measures(span), "dim"))


def _detail(span: Span) -> str:
    told = span["attributes"]
    if span["kind"] == "gate" and "total" in told:
        return f" {told['passed']} of {told['total']} checks"
    if span["kind"] == "environment" and "tools" in told:
        return f" {told['tools']} tools, {told['tables']} tables, {told['revisions']} revisions"
    if span["kind"] == "tasks" and "kept" in told:
        return f" {told['kept']} of {told['wanted']} kept, {told['sampled']} sampled"
    return f" {told['detail']}" if told.get("detail") else ""


def _measures(span: Span) -> str:
    seconds = f"  {(span['end_ns'] - span['start_ns']) / 1e9:.1f} s" if span["end_ns"] else ""
    tokens = f"  {span['input_tokens']}+{span['output_tokens']} tokens" if span["output_tokens"] else ""
    return seconds + tokens + (f"  ${span['cost']:.4f}" if span["cost"] is not None else "")


def _add_details(branch: Tree, store: TraceStore, span: Span, full: bool) -> None:
    from rich.text import Text

    for check in (span["attributes"].get("report") or {}).get("checks", []):
        if check["status"] == "fail":
            branch.add(Text.assemble((check["id"], "red"), f": {check['summary']}"))
    for event in store.events(span["span_id"]):
        if event["name"] not in ("check", "started"):
            branch.add(
                Text(" ".join([event["name"].replace("_", " "), *map(str, event["data"].values())]), style="dim")
            )
    if full and span["kind"] in ("role", "chat"):
        for message in store.conversation(span["span_id"]):
            branch.add(Text.assemble((message["role"], "bold"), "\n", _legible(message["content"])))


def _legible(text: str) -> str:
    """Return JSON a key a line; other text as it is."""
    from envfactory.environments.files import readable_json

    try:
        return readable_json(json.loads(text)).decode()
    except ValueError:
        return text
