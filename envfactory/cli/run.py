"""The command `run`: from a domain or a document to verified environments."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from envfactory.cli.boundary import INTERRUPTED, clear_errors, fail, print_json

if TYPE_CHECKING:
    from envfactory.config import Config
    from envfactory.graphs.runner import Result, Run

EXAMPLES = """Examples:\n
\n
  python -m envfactory.run --domain travel\n
  python -m envfactory.run --domain travel --env rail --seed 7 --json\n
  python -m envfactory.run --resource openapi.yaml --out library\n
  python -m envfactory.run --domain travel --model openai:qwen3-coder --config models.toml\n
  python -m envfactory.run --resume last
"""


def run(
    domain: Annotated[str | None, typer.Option(help="Domain to fill from the built-in catalogue.", show_default=False)] = None,
    resource: Annotated[
        list[str] | None,
        typer.Option(help="A document instead of the catalogue: file, URL, package:botocore/scheduler, catalogue:travel/rail. Repeatable."),
    ] = None,
    count: Annotated[int | None, typer.Option(min=1, help="At most this many environments.")] = None,
    env: Annotated[str | None, typer.Option("--env", help="Only the environment of this name.")] = None,
    out: Annotated[Path | None, typer.Option(help="Library folder for verified environments.  [default: library]", show_default=False)] = None,
    config: Annotated[Path | None, typer.Option(help="TOML configuration.")] = None,
    model: Annotated[str | None, typer.Option(help="Backend of every role: rules, or openai:NAME.")] = None,
    model_role: Annotated[list[str] | None, typer.Option(help="Backend of one role: ROLE=MODEL. Repeatable.")] = None,
    seed: Annotated[int | None, typer.Option(help="Seed of everything drawn.  [default: 0]", show_default=False)] = None,
    resume: Annotated[str | None, typer.Option(help="Go on with a run: its id, its folder, or last.")] = None,
    unsafe_no_sandbox: Annotated[bool, typer.Option("--unsafe-no-sandbox", help="Run generated code without the sandbox's walls.")] = False,
    json: Annotated[bool, typer.Option("--json", help="Print the result as JSON, progress to stderr.")] = False,
) -> None:
    """Build environments, prove each by execution, and write them to the library."""
    with clear_errors():
        overrides = {
            "run": {"count": count, "out": out, "seed": seed, "sandbox": "none" if unsafe_no_sandbox else None},
            "models": _role_table(model, model_role or []),
        }
        chosen = _resumed(resume, config) if resume else _fresh(domain, resource or [], env, config, overrides)
        _finish(_execute(chosen, quiet=json), json)


def _role_table(model: str | None, by_role: list[str]) -> dict[str, Any]:
    from envfactory.config import ROLES

    table: dict[str, Any] = {"default": {"model": model}} if model else {}
    for entry in by_role:
        role, _, name = entry.partition("=")
        if role not in ROLES or not name:
            fail(f"--model-role {entry} is not ROLE=MODEL", f"roles are {', '.join(ROLES)}")
        table[role] = {"model": name}
    return table


def _fresh(domain: str | None, resources: list[str], env: str | None, config: Path | None, overrides: dict[str, Any]) -> Run:
    from envfactory.agents.products import ExploreRequest
    from envfactory.config import load
    from envfactory.graphs.runner import new_run
    from envfactory.resources import catalogue
    from envfactory.sandbox.doctor import require

    if domain is None and not resources:
        fail("nothing to build", f"give --domain ({', '.join(catalogue.domains())}) or --resource FILE")
    settings = load(config, overrides)
    if not resources:
        catalogue.entries(domain)  # an unknown domain is refused before anything is written
    require(settings.run.sandbox)
    request = ExploreRequest(domain=domain or "custom", count=settings.run.count, environment=env, resources=resources)
    return new_run(request, settings)


def _resumed(name: str, config: Path | None) -> Run:
    from envfactory.config import load
    from envfactory.graphs.runner import find_run

    return find_run(name, load(config).run.runs)


def _execute(chosen: Run, *, quiet: bool) -> Result:
    import asyncio

    from envfactory.cli.progress import open_progress
    from envfactory.graphs.runner import execute
    from envfactory.logs import open_log
    from envfactory.traces.recorder import Recorder
    from envfactory.traces.redaction import Redactor
    from envfactory.traces.store import TraceStore

    redact = Redactor(_key_variables(chosen.config))
    store = TraceStore(chosen.folder / "trace.db")
    record, log = Recorder(store, redact), open_log(chosen.folder / "log.jsonl", chosen.id)
    try:
        with open_progress(quiet) as progress:
            consumers = (record, progress, log)
            return asyncio.run(execute(chosen, lambda event: [consume(event) for consume in consumers]))
    except KeyboardInterrupt:
        fail("interrupted", f"go on with: python -m envfactory.run --resume {chosen.id}", INTERRUPTED)
    finally:
        store.close()


def _key_variables(config: Config) -> list[str]:
    from envfactory.config import ROLES

    return sorted({config.models.of(role).api_key_env for role in ROLES})


def _finish(result: Result, as_json: bool) -> None:
    from envfactory.cli.tables import print_result

    if as_json:
        print_json(
            {
                "run": result.run.id,
                "status": result.status,
                "folder": str(result.run.folder),
                "environments": result.outcomes,
                "skipped": result.skipped,
            }
        )
    else:
        print_result(result)
    if result.status == "stopped":
        fail("stopped before the end", f"go on with: python -m envfactory.run --resume {result.run.id}", INTERRUPTED)
    if not result.verified:
        fail("no environment was verified", f"envfactory traces show {result.run.id} --failed", 1)
