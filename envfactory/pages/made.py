"""What a run made, found again: its environments in the library, its tasks in the datasets, and their pages.

Folders are recorded as they were given, so they are looked for from where the run was started, and from beside its own
folder, should all have moved together. What is no longer there, or no longer whole, simply has no page.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

from envfactory.environments.artefact import MANIFEST, load, load_report
from envfactory.errors import UserError
from envfactory.pages.bodies import Bodies, Body
from envfactory.pages.environments import environment_page
from envfactory.pages.links import Link, Made
from envfactory.pages.tasks import task_page
from envfactory.tasks.files import read_tasks
from envfactory.tasks.model import Task
from envfactory.traces.story import Story

MOST_TASKS = 50  # of one environment in a run's file: each is a whole page


@dataclass(frozen=True)
class Works:
    """Folders of environments by name, and tasks by environment."""

    environments: Mapping[str, Path] = field(default_factory=dict)
    tasks: Mapping[str, Sequence[Task]] = field(default_factory=dict)


def find_works(story: Story, places: Sequence[Path]) -> Works:
    """Return what a run made and is still there; relative folders are looked for in `places`."""
    environments = {}
    for chapter in story.chapters:
        told = str(chapter.span["attributes"].get("folder", "") if chapter.name else "")
        folder = _found(told, places, MANIFEST)
        if folder is not None:
            environments[chapter.name] = folder
    return Works(environments, _tasks(story, places, environments))


def _tasks(story: Story, places: Sequence[Path], environments: Iterable[str]) -> dict[str, list[Task]]:
    found: dict[str, list[Task]] = {name: [] for name in environments}
    written = (event for own in story.events.values() for event in own if event["name"] == "dataset_written")
    for told in dict.fromkeys(str(event["data"].get("folder", "")) for event in written):
        folder = _found(told, places, "tasks.jsonl")
        if folder is None:
            continue
        with suppress(UserError):
            for task in read_tasks(folder / "tasks.jsonl"):
                for reference in task.environments:
                    found.setdefault(reference.name, []).append(task)
    return found


def _found(told: str, places: Sequence[Path], holds: str) -> Path | None:
    """Return a folder that was recorded, where it is now."""
    candidates = (place / told for place in places) if told else ()
    return next((folder for folder in candidates if (folder / holds).is_file()), None)


def pack_pages(works: Works, bodies: Bodies, prefix: str = "#view-") -> Made:
    """Put the pages of what a run made into its own page, and return where they are."""
    tasks = {name: _pack_tasks(own, bodies, prefix) for name, own in works.tasks.items()}
    environments = {}
    for name, folder in works.environments.items():
        with suppress(UserError):  # changed or damaged since: `envfactory verify` says how
            read = partial(_environment, folder, bodies, tasks.get(name, ()))
            reference = bodies.put(Body(f"p.{name}", "page", 0, read))
            environments[name] = Link("environment", prefix + reference)
    return Made(environments, tasks)


def _pack_tasks(tasks: Sequence[Task], bodies: Bodies, prefix: str) -> list[Link]:
    return [
        Link(task.id, prefix + bodies.put(Body(f"p.{task.id}", "page", 0, partial(_task, task, bodies))))
        for task in tasks[:MOST_TASKS]
    ]


def _environment(folder: Path, bodies: Bodies, tasks: Sequence[Link]) -> str:
    return str(environment_page(load(folder), load_report(folder), bodies, tasks))


def _task(task: Task, bodies: Bodies) -> str:
    return str(task_page(task, bodies))


def served_links(works: Works, base: str) -> Made:
    """Return where a server has the pages of what a run made, below `base`."""
    environments = {name: Link("environment", f"{base}/environments/{name}") for name in works.environments}
    tasks = {name: [Link(task.id, f"{base}/tasks/{task.id}") for task in own] for name, own in works.tasks.items()}
    return Made(environments, tasks)
