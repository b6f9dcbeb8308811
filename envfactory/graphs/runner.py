"""Runs the machine: a run folder, durable checkpoints, a clean stop on Ctrl-C, and resumption where a run died."""

from __future__ import annotations

import asyncio
import json
import platform
import secrets
import sqlite3
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from envfactory import __version__
from envfactory.agents.desk import Desk
from envfactory.agents.expedition import Expedition
from envfactory.agents.products import ExploreRequest
from envfactory.config import Config, restored
from envfactory.environments.artefact import Environment
from envfactory.environments.files import readable_json, write_atomically
from envfactory.errors import ConfigError, EnvFactoryError
from envfactory.events import CheckFinished, CheckStarted, Emit, RunFinished, RunStarted, Usage
from envfactory.graphs.folders import RECORD, REJECTED, run_folders
from envfactory.graphs.machine import stream
from envfactory.graphs.pool import Pool, Told, judge_job
from envfactory.graphs.state import Context
from envfactory.graphs.store import Store
from envfactory.graphs.tasks import Tasks, make_tasks
from envfactory.models.backends import Backends, open_backends

FAILED = "failed"


@dataclass(frozen=True)
class Run:
    """A run: its id, its folder, what was asked, and with which configuration."""

    id: str
    folder: Path
    request: ExploreRequest
    config: Config
    resumed: bool = False


@dataclass(frozen=True)
class Result:
    """How a run ended: `finished`, `stopped` or `failed`, the environments' rows, the resources passed over, what stage two made.

    `spent` is what the run has asked of language models all told, `limit` the key of the budget's limit that stopped it,
    if one did, and `why` says so in words.
    """

    run: Run
    status: str
    outcomes: list[dict[str, Any]]
    skipped: list[dict[str, str]]
    tasks: Tasks | None = None
    spent: Usage = field(default_factory=Usage)
    limit: str = ""
    why: str = ""

    @property
    def verified(self) -> int:
        return sum(outcome["verdict"] == "verified" for outcome in self.outcomes)


def new_run(request: ExploreRequest, config: Config) -> Run:
    """Return a run with a fresh id; its folder is made when it starts."""
    id = f"{request.domain}-{time.strftime('%Y%m%d-%H%M%S')}-{secrets.token_hex(2)}"
    return Run(id, config.run.runs / id, request, config)


def find_run(name: str, runs: Path, limits: Mapping[str, Any] | None = None) -> Run:
    """Return the run to resume: an id, a folder, or `last`; ConfigError where there is none.

    `limits` go over those of the budget that it began with.
    """
    folders = run_folders(runs)
    chosen = folders[-1] if name == "last" and folders else Path(name) if Path(name, RECORD).exists() else runs / name
    try:
        record = json.loads((chosen / RECORD).read_text())
        budget = {**record["config"].get("budget", {}), **(limits or {})}
        config = _at_home(restored({**record["config"], "budget": budget}), Path(record["cwd"]))
        return Run(record["run"], chosen, ExploreRequest.model_validate(record["request"]), config, resumed=True)
    except FileNotFoundError as error:
        known = ", ".join(folder.name for folder in folders[-5:]) or "none"
        raise ConfigError(f"there is no run {name}", remedy=f"runs in {runs}: {known}") from error
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise ConfigError(f"{chosen / RECORD} cannot be read: {error!r}", remedy="start the run anew") from error


def _at_home(config: Config, home: Path) -> Config:
    """Return the configuration with its folders where they were when the run began, wherever it is resumed."""
    if home == Path.cwd():
        return config
    settings = config.run.model_copy(update={"out": home / config.run.out, "runs": home / config.run.runs})
    tasks = config.tasks.model_copy(update={"out": home / config.tasks.out})
    return config.model_copy(update={"run": settings, "tasks": tasks})


def record_run(run: Run, status: str, result: Result | None = None) -> None:
    """Write run.json."""
    outcomes = result.outcomes if result else []
    tasks = result.tasks.rows if result and result.tasks else []
    config = run.config.model_copy(update={"models": run.config.models.resolved()})
    record = {
        "run": run.id,
        "status": status,
        "verdicts": {outcome["environment"]: outcome["verdict"] for outcome in outcomes},
        "spent": asdict(result.spent) if result else None,
        "stopped_by": result.limit if result else "",
        "costs": {"environments": _costs(outcomes), "tasks": _costs(tasks)},
        "request": run.request.model_dump(mode="json"),
        "config": config.model_dump(mode="json"),
        "cwd": str(Path.cwd()),
        "versions": {"envfactory": __version__, "python": platform.python_version(), "sqlite": sqlite3.sqlite_version},
    }
    write_atomically(run.folder / RECORD, readable_json(record))


def _costs(rows: Sequence[dict[str, Any]]) -> dict[str, dict[str, Any]]:
    """Return what each environment, or its tasks, took of language models; `cost` is None where no prices are known."""
    keys = ("model_calls", "cached_calls", "tokens", "cost", "cost_per_task", "seconds")
    return {row["environment"]: {key: row[key] for key in keys if key in row} for row in rows}


async def execute(run: Run, emit: Emit, *, before_node: Callable[[str], None] = lambda node: None) -> Result:
    """Run or resume. A first Ctrl-C lets the running steps end, then stops; a second one ends at once.

    What is nobody's fault here (a backend that is down, a full disk) is raised, and the run recorded as `failed`.
    """
    record_run(run, "running")
    emit(RunStarted(run.id, run.request.domain, run.resumed))
    backends = open_backends(run.config, run.folder / "exchanges", run.id)
    try:
        return await _executed(run, backends, emit, before_node)
    except EnvFactoryError:
        with suppress(EnvFactoryError, sqlite3.Error):  # where nothing can be written any more
            record_run(run, FAILED, Result(run, FAILED, [], [], spent=backends.purse.spent))
            emit(RunFinished(run.id, FAILED, 0, 0))
        raise


async def _executed(run: Run, backends: Backends, emit: Emit, before_node: Callable[[str], None]) -> Result:
    status, values = await _environments(run, backends, emit, before_node)
    outcomes = sorted((_found(outcome, run) for outcome in values.get("outcomes", [])), key=_place)
    tasks = None
    built = [outcome for outcome in outcomes if outcome["verdict"] == "verified"]
    if status == "finished" and built and run.config.tasks.count:
        tasks = await make_tasks(run.id, run.folder, run.config, backends, run.request.domain, built, emit, before_node)
        status = tasks.status
    purse, skipped = backends.purse, values.get("skipped", [])
    limit, why = (purse.limit, purse.over) if status == "stopped" else ("", "")
    result = Result(run, status, outcomes, skipped, tasks, purse.spent, limit, why)
    record_run(run, status, result)
    emit(RunFinished(run.id, status, result.verified, len(result.outcomes) - result.verified))
    return result


async def _environments(
    run: Run, backends: Backends, emit: Emit, before_node: Callable[[str], None]
) -> tuple[str, dict[str, Any]]:
    settings = run.config.run
    with Pool(settings.concurrency, lambda told: _tell(emit, told)) as pool:
        trip = Expedition(run.config.exploration, run.folder / "explored", settings.out)
        desk = Desk(backends, pool.executor, emit, seed=settings.seed, sandbox_tier=settings.sandbox, expedition=trip)
        store, judge = Store(run.folder / "work"), _judge(pool, run.config)
        context = Context(run.config, desk, store, emit, judge, run.folder, before_node, backends.purse)
        return await stream(run.folder, run.id, context, {"request": run.request.model_dump(mode="json")})


def _found(outcome: dict[str, Any], run: Run) -> dict[str, Any]:
    """Return a row with its folder as it is called from here: the run may have been begun elsewhere."""
    if not outcome.get("folder"):
        return outcome
    library = run.config.run.out if outcome["verdict"] == "verified" else run.folder / REJECTED
    return {**outcome, "folder": str(library / outcome["domain"] / outcome["environment"])}


def _place(outcome: dict[str, Any]) -> tuple[str, str]:
    return outcome["domain"], outcome["environment"]


def _tell(emit: Emit, told: Told) -> None:
    environment, revision, check, status = told
    if status is None:
        emit(CheckStarted(environment, revision, check))
    else:
        emit(CheckFinished(environment, revision, check, status))


def _judge(pool: Pool, config: Config) -> Callable[[Environment, int], Any]:
    async def judge(environment: Environment, revision: int) -> Any:
        loop = asyncio.get_running_loop()
        settings = config.run
        return await loop.run_in_executor(
            pool.executor, judge_job, environment, revision, settings.seed, settings.sandbox
        )

    return judge
