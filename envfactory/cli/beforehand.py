"""What can be known to be wrong before a run starts, so that a mistake costs no wait and leaves nothing behind."""

from __future__ import annotations

import tempfile
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

from envfactory.errors import ArtefactError, CatalogueError, ConfigError

if TYPE_CHECKING:
    from envfactory.config import Config


def check_source(domain: str | None, resources: list[str], env: str | None) -> None:
    """Raise a UserError unless there is something to build: documents, or a domain of the catalogue with `env` in it."""
    from envfactory.resources import catalogue, sources

    if domain is None and not resources:
        raise ConfigError(
            "nothing to build", remedy=f"give --domain ({', '.join(catalogue.domains())}) or --resource FILE"
        )
    if resources:
        _check_name(domain)
        for resource in resources:
            sources.check(resource)
        return
    names = [entry.name for entry in catalogue.entries(domain)]
    if env is not None and env not in names:
        raise CatalogueError(f"{domain} has no environment {env!r}", remedy=f"it has {', '.join(names)}")


def _check_name(domain: str | None) -> None:
    """With documents, --domain is a folder's name of the library, and must look like one."""
    from envfactory.resources.naming import snake_case

    if domain is not None and (not domain or snake_case(domain) != domain):
        raise ConfigError(f"--domain {domain!r} is no name for a domain", remedy="use small letters, digits and _")


def settled(resource: str) -> str:
    """Return a reference that means the same from any folder, so that a run can be resumed from any."""
    if "://" in resource or resource.startswith(("package:", "catalogue:")):
        return resource
    return str(Path(resource).expanduser().absolute())


def check_machine(config: Config) -> None:
    """Raise unless the backends have their keys, the folders can be written and the sandbox has its walls."""
    from envfactory.config import ROLES
    from envfactory.sandbox.doctor import require

    check_backends(config, ROLES)
    for folder in (config.run.out, config.run.runs):
        check_writable(folder)
    require(config.run.sandbox)
    if config.tasks.count:
        check_tasks(config, config.tasks.out)


def check_tasks(config: Config, folder: Path) -> None:
    """Raise unless stage two can be done as configured, with results in `folder`."""
    from envfactory.agents.controls import check_controls
    from envfactory.config import AUTHORS
    from envfactory.sandbox.doctor import require

    check_controls(config.tasks)
    check_backends(config, AUTHORS)
    check_writable(folder)
    require(config.run.sandbox)


def check_backends(config: Config, roles: Iterable[str]) -> None:
    """Raise ConfigError unless the roles' backends can be asked, or their answers are on record; write nothing."""
    from envfactory.models.keys import check_backend

    for role in roles:
        check_backend(config.models.of(role), recorded=config.recording.mode == "replay")
    if config.recording.folder is not None and config.recording.mode != "replay":
        check_writable(config.recording.folder)


def check_writable(folder: Path) -> None:
    """Raise ArtefactError unless `folder` is, or could be made, a folder to write to. It is tried, and nothing stays."""
    place = folder.absolute()
    while not place.exists() and place != place.parent:
        place = place.parent
    if not place.is_dir():
        raise ArtefactError(f"{folder} cannot be a folder: {place} is a file", remedy="give another folder")
    try:
        tempfile.TemporaryDirectory(dir=place, prefix=".envfactory-").cleanup()
    except OSError as error:
        raise ArtefactError(
            f"{folder} cannot be written: {place}: {error.strerror}", remedy="give another folder"
        ) from error


def check_resumable(name: str, runs: Path) -> None:
    """Raise ConfigError unless there is something to go on with."""
    from envfactory.graphs.folders import run_folders

    if not name:
        raise ConfigError("--resume names no run", remedy="give a run's id, its folder, or last")
    if name == "last" and not run_folders(runs):
        raise ConfigError(f"there is no run in {runs} to go on with", remedy="start one with --domain or --resource")
