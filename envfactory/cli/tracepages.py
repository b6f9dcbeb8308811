"""Pages of runs: one as a file, all of them for the server."""

from __future__ import annotations

from functools import partial
from pathlib import Path

from envfactory.cli.boundary import fail
from envfactory.cli.lock import is_held
from envfactory.cli.tracefolders import facts_of, places_of, reading
from envfactory.cli.writing import write_page
from envfactory.graphs.folders import run_folders
from envfactory.pages.made import find_works, pack_pages
from envfactory.pages.runs import run_page
from envfactory.pages.serving import RunFolder
from envfactory.traces.story import read_story


def write_run(folder: Path, file: Path) -> None:
    """Write a run's page, and in it those of what it made."""
    name = folder.absolute().name
    with reading(folder) as store:
        story = read_story(store)
        if story is None:
            fail("nothing happened yet", "envfactory traces list")
        works, facts = find_works(story, places_of(folder)), facts_of(folder)
        write_page(file, name, lambda bodies: run_page(name, store, story, bodies, pack_pages(works, bodies), facts))


def served(runs: Path) -> dict[str, RunFolder]:
    """Return the runs that have a trace, as the server shows them."""
    return {
        folder.name: RunFolder(folder, facts_of(folder), places_of(folder), partial(is_held, folder))
        for folder in run_folders(runs)
        if (folder / "trace.db").is_file()
    }
