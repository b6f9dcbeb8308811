"""The commands `traces list|show|grep|diff|export|serve`: what the roles of a run were asked, answered and did."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from envfactory.cli.boundary import clear_errors, fail, help_unless_asked, print_json
from envfactory.cli.options import AsJson
from envfactory.cli.tracefolders import find, reading, record_of, runs_folder

EXAMPLES = """\b
Examples:
  envfactory traces list
  envfactory traces show last --failed
  envfactory traces show last --html run.html
  envfactory traces grep "no such column" --role coder
  envfactory traces diff travel-20261122-071824-dbe2 last
  envfactory traces export last --output run.jsonl
  envfactory traces export last --format otlp --endpoint http://127.0.0.1:4318/v1/traces
  envfactory traces serve
"""
traces = typer.Typer(rich_markup_mode=None)
RunsFolder = Annotated[Path | None, typer.Option(metavar="DIR", help="Folder of the runs.  [default: runs]")]
RunName = Annotated[str, typer.Argument(metavar="RUN", help="A run's id, its folder, or last.")]
Env = Annotated[str | None, typer.Option("--env", metavar="NAME", help="Only this environment.")]
Role = Annotated[
    str | None, typer.Option(metavar="ROLE", help="Only this role: explorer, coder, sampler, ..., or gate.")
]
FORMATS = ("jsonl", "otlp")


@traces.callback(invoke_without_command=True, epilog=EXAMPLES)
def about(context: typer.Context) -> None:
    """What the roles of a run were asked, answered and did."""
    help_unless_asked(context)


@traces.command("list", short_help="List the runs, newest last.")
def list_runs(runs: RunsFolder = None, json: AsJson = False) -> None:
    """List the runs, newest last. One that died is shown as such, and can be resumed."""
    from envfactory.cli.pages import columns, page
    from envfactory.graphs.folders import run_folders

    with clear_errors():
        folder = runs_folder(runs)
        records = [record_of(found) for found in run_folders(folder)]
        if json:
            print_json(records)
        elif records:
            page().print(columns([_row(record) for record in records], yielding=(3,)))
        else:
            print(f"no runs in {folder}")


@traces.command(short_help="Show a run: as a tree, or as a page of HTML.")
def show(
    run: RunName,
    failed: Annotated[bool, typer.Option("--failed", help="Only what did not end well.")] = False,
    full: Annotated[bool, typer.Option("--full", help="Prompts and answers too, in full.")] = False,
    env: Env = None,
    role: Role = None,
    html: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Write one self-contained page of everything instead.")
    ] = None,
    runs: RunsFolder = None,
    json: AsJson = False,
) -> None:
    """Show a run as a tree: environments, roles, gates with what failed, model calls with tokens and cost.

    With --html, as a page for a browser: when who was at work, every prompt and answer, what each revision changed,
    the gate's evidence, tokens and cost, and the pages of the environments and tasks that it made.
    """
    from envfactory.cli.tracepages import write_run
    from envfactory.cli.tracetree import chosen_spans, print_tree, told

    with clear_errors():
        folder = find(run, runs_folder(runs))
        if html is not None:
            if failed or full or env or role or json:
                fail("--html goes with none of the others", "the page has all of it, and filters")
            write_run(folder, html)
            return
        with reading(folder) as store:
            spans = store.spans()
            _check_names(spans, env, role)
            chosen = chosen_spans(spans, env, role, failed)
            if json:
                print_json([told(store, span) for span in chosen])
            elif chosen:
                print_tree(store, chosen, folder, full)
            else:
                print("nothing failed" if failed else "nothing happened yet")


@traces.command(short_help="Find a pattern in all prompts and answers.")
def grep(
    pattern: Annotated[str, typer.Argument(metavar="PATTERN", help="A regular expression.")],
    run: Annotated[str, typer.Argument(metavar="RUN", help="A run's id, its folder, or last.")] = "last",
    ignore_case: Annotated[bool, typer.Option("--ignore-case", "-i", help="Letters of either case.")] = False,
    fixed: Annotated[bool, typer.Option("--fixed", "-F", help="Take the pattern literally.")] = False,
    env: Env = None,
    role: Role = None,
    said_by: Annotated[
        str | None, typer.Option(metavar="WHO", help="Only what was said by system, user, assistant, tool, reasoning.")
    ] = None,
    runs: RunsFolder = None,
    json: AsJson = False,
) -> None:
    """Find a pattern in all prompts, answers and reasoning of a run, a line at a time; JSON is opened up first.

    Exit status 1 where nothing matches.
    """
    from envfactory.cli.tracewords import as_json, print_matches
    from envfactory.traces.search import SPEAKERS, Query, compiled, search

    with clear_errors():
        if said_by not in (None, *SPEAKERS):
            fail(f"--said-by {said_by}: nobody of that name speaks", f"they are {', '.join(SPEAKERS)}")
        query = Query(compiled(pattern, fixed=fixed, ignore_case=ignore_case), env, role, said_by)
        with reading(find(run, runs_folder(runs))) as store:
            _check_names(store.spans(), env, role)
            found = search(store, query)
            if json:
                told = as_json(found)
                print_json(told)
            number = len(told) if json else print_matches(found)
        if not number:
            raise typer.Exit(1)


@traces.command(short_help="Say how two runs differ.")
def diff(
    first: RunName,
    second: RunName,
    full: Annotated[bool, typer.Option("--full", help="With the differences of prompts and answers.")] = False,
    runs: RunsFolder = None,
    json: AsJson = False,
) -> None:
    """Say how two runs differ: verdicts, roles and what they spent, and each step that was not the same.

    Exit status 1 where they differ.
    """
    from envfactory.cli.tracewords import comparison_json, print_comparison
    from envfactory.traces.compare import Run, compare
    from envfactory.traces.story import read_story

    with clear_errors():
        place = runs_folder(runs)
        folders = find(first, place), find(second, place)
        with reading(folders[0]) as ours, reading(folders[1]) as theirs:
            stories = read_story(ours), read_story(theirs)
            if stories[0] is None or stories[1] is None:
                fail("nothing happened yet in one of them", "envfactory traces list")
            left, right = Run(ours, stories[0]), Run(theirs, stories[1])
            found = compare(left, right)
            if json:
                print_json(comparison_json(found))
            else:
                print_comparison(left, right, found, (str(folders[0]), str(folders[1])), full)
        if found.differing:
            raise typer.Exit(1)


@traces.command(short_help="Export a run for other programs: JSON lines, or OTLP to a collector.")
def export(
    run: RunName,
    format: Annotated[str, typer.Option(metavar="FORM", help=f"One of {', '.join(FORMATS)}.")] = "jsonl",
    output: Annotated[
        Path | None, typer.Option("--output", "-o", metavar="FILE", help="Write to this file instead.")
    ] = None,
    endpoint: Annotated[
        str, typer.Option(metavar="URL", help="Collector's address for traces, for otlp.")
    ] = "http://127.0.0.1:4318/v1/traces",
    header: Annotated[
        list[str] | None, typer.Option(metavar="NAME=VALUE", help="Header for the collector. Repeatable.")
    ] = None,
    runs: RunsFolder = None,
) -> None:
    """Export a run in the names of OpenTelemetry's GenAI conventions: a span a line, or sent over OTLP/HTTP.

    The format otlp needs the extra otel.
    """
    from envfactory.cli.traceexport import send_spans, write_lines
    from envfactory.traces.otel import otel_spans

    with clear_errors():
        if format not in FORMATS:
            fail(f"--format {format} is no format", f"the formats are {', '.join(FORMATS)}")
        folder = find(run, runs_folder(runs))
        with reading(folder) as store:
            spans = otel_spans(store, record_of(folder)["run"])
            if format == "otlp":
                send_spans(spans, endpoint, header or [])
            else:
                write_lines(spans, output)


@traces.command(short_help="Show the runs in a browser, refreshed while one is on.")
def serve(
    port: Annotated[int, typer.Option(metavar="PORT", min=0, max=65535, help="0 takes any that is free.")] = 8420,
    runs: RunsFolder = None,
) -> None:
    """Show all runs in a browser on this machine, refreshed while a run is on. Ctrl-C ends it.

    It listens on 127.0.0.1 only, and only reads.
    """
    from envfactory.cli.tracepages import served
    from envfactory.pages.serving import serve as serve_pages

    with clear_errors():
        place = runs_folder(runs)

        def told(address: str) -> None:
            print(f"the runs in {place} are at {address} until Ctrl-C", flush=True)

        try:
            serve_pages(lambda: served(place), port, told)
        except KeyboardInterrupt:
            print()
        except OSError as error:
            fail(f"cannot listen on port {port}: {error.strerror}", "choose another: --port 0 takes any that is free")


def _row(record: dict[str, Any]) -> tuple[str, str, str, str]:
    verdicts = list(record["verdicts"].values())
    counted = f"{verdicts.count('verified')} of {len(verdicts)} verified" if verdicts else ""
    return record["run"], record["status"], counted, f"{', '.join(record['asked'])}, seed {record['seed']}"


def _check_names(spans: list[dict[str, Any]], env: str | None, role: str | None) -> None:
    for option, name, key in (("--env", env, "environment"), ("--role", role, "agent")):
        known = sorted({span[key] for span in spans if span[key]})
        if name is not None and name not in known:
            fail(f"{option} {name}: nothing of that name in this run", f"it has {', '.join(known) or 'none yet'}")
