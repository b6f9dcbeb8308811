"""The command `run`: from a domain or a document to verified environments."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from envfactory.cli.boundary import INTERRUPTED, SPENT, clear_errors, fail, print_json
from envfactory.cli.modeloptions import ModelOptions, limits, overrides
from envfactory.cli.options import ConfigFile, Seed, UnsafeForAll, grouped

if TYPE_CHECKING:
    from envfactory.cli.session import Ended
    from envfactory.graphs.runner import Run

EXAMPLES = """\b
Examples:
  python -m envfactory.run --domain travel
  python -m envfactory.run --domain travel --env rail --seed 7 --json
  python -m envfactory.run --domain travel --tasks 50
  python -m envfactory.run --resource openapi.yaml --out library --no-tasks
  python -m envfactory.run --domain travel --model openai:qwen3-coder --config models.toml
  python -m envfactory.run --domain travel --model openai:gpt-5 --record exchanges --max-cost 5
  python -m envfactory.run --domain travel --replay exchanges
  python -m envfactory.run --resume last
  python -m envfactory.run --resume last --max-cost 10
"""
DOCUMENT = (
    "A document instead of the catalogue: file, URL, package:botocore/scheduler or catalogue:travel/rail. Repeatable."
)


@grouped
def run(
    *,
    domain: Annotated[
        str | None,
        typer.Option(metavar="NAME", help="Domain to fill from the built-in catalogue: travel, commerce, ..."),
    ] = None,
    resource: Annotated[list[str] | None, typer.Option(metavar="DOCUMENT", help=DOCUMENT)] = None,
    count: Annotated[int | None, typer.Option(min=1, metavar="N", help="At most this many environments.")] = None,
    env: Annotated[str | None, typer.Option("--env", metavar="NAME", help="Only the environment of this name.")] = None,
    out: Annotated[
        Path | None, typer.Option(metavar="DIR", help="Library folder for verified environments.  [default: library]")
    ] = None,
    config: ConfigFile = None,
    models: ModelOptions,
    tasks: Annotated[
        int | None,
        typer.Option("--tasks", min=0, metavar="N", help="Tasks made of each environment; 0 makes none."),
    ] = None,
    no_tasks: Annotated[bool, typer.Option("--no-tasks", help="Build environments only.")] = False,
    seed: Seed = None,
    resume: Annotated[
        str | None,
        typer.Option(metavar="RUN", help="Go on with a run that stopped or died: its id, its folder, or last."),
    ] = None,
    unsafe_no_sandbox: UnsafeForAll = False,
    json: Annotated[bool, typer.Option("--json", help="Print the result as JSON; progress goes to stderr.")] = False,
) -> None:
    """Build environments, prove each by execution, make graded tasks of them, and write datasets.

    Exit status 1 where no environment (or no task, if any were wanted) was verified, 3 where a budget stopped the run,
    130 where a person did.
    """
    with clear_errors():
        asked: dict[str, Any] = {"domain": domain, "resource": resource, "count": count, "env": env, "out": out}
        asked |= {**models.given(), "seed": seed, "unsafe-no-sandbox": unsafe_no_sandbox or None}
        if no_tasks and tasks:
            fail(f"--no-tasks and --tasks {tasks} contradict each other", "leave one of them out")
        asked["no-tasks" if no_tasks else "tasks"] = 0 if no_tasks else tasks
        from envfactory.cli.progress import starting

        with starting():
            chosen = _resumed(resume, config, asked) if resume is not None else _fresh(config, asked)
            from envfactory.cli.session import conduct
        _finish(conduct(chosen), json)


def _fresh(config: Path | None, asked: dict[str, Any]) -> Run:
    """Everything that can be known to be wrong is found here, before anything is written."""
    from envfactory.agents.products import ExploreRequest
    from envfactory.cli import beforehand
    from envfactory.config import load

    domain, resources, env = asked["domain"], asked["resource"] or [], asked["env"]
    beforehand.check_source(domain, resources, env)
    settings = load(config, _overrides(asked))
    beforehand.check_machine(settings)
    from envfactory.graphs.runner import new_run  # heavy: a mistake should not have to wait for it

    request = ExploreRequest(
        domain=domain or "custom",
        count=settings.run.count,
        environment=env,
        resources=[beforehand.settled(resource) for resource in resources],
    )
    return new_run(request, settings)


def _overrides(asked: dict[str, Any]) -> dict[str, Any]:
    sandbox = "none" if asked["unsafe-no-sandbox"] else None
    settings = {**{key: asked[key] for key in ("count", "out", "seed")}, "sandbox": sandbox}
    wanted = asked.get("tasks", asked.get("no-tasks"))
    return {"run": settings, "tasks": {"count": wanted}, **overrides(asked)}


def _resumed(name: str, config: Path | None, asked: dict[str, Any]) -> Run:
    from envfactory.cli import beforehand
    from envfactory.config import load

    higher = {name: value for name, value in limits(asked).items() if value is not None}
    given = [
        f"--{option}" for option, value in asked.items() if value is not None and option.replace("-", "_") not in higher
    ]
    if given:
        fail(f"--resume goes on as the run was begun; {given[0]} cannot be changed", f"leave out {', '.join(given)}")
    runs = load(config).run.runs
    beforehand.check_resumable(name, runs)
    from envfactory.graphs.runner import find_run

    chosen = find_run(name, runs, higher)
    beforehand.check_machine(chosen.config)
    return chosen


def _finish(ended: Ended, as_json: bool) -> None:
    result = ended.result
    if as_json:
        print_json(ended.as_dict())
    else:
        from envfactory.cli.tables import print_result

        print_result(ended)
    if result.limit:
        higher = f" --{result.limit.replace('_', '-')} MORE" if result.limit != "max_minutes" else ""
        fail(f"stopped before the end: {result.why}", f"python -m envfactory.run --resume {ended.name}{higher}", SPENT)
    if result.status == "stopped":
        fail("stopped before the end", f"python -m envfactory.run --resume {ended.name}", INTERRUPTED)
    if not result.verified:
        fail("no environment was verified", f"envfactory traces show {ended.name} --failed", 1)
    if result.tasks is not None and not result.tasks.count:
        fail("no task was verified", f"envfactory traces show {ended.name} --role sampler", 1)
