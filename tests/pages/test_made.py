"""What a run made, found again and put into its page."""

from __future__ import annotations

import base64
import gzip
import json
from pathlib import Path

import pytest

from envfactory.environments.artefact import Environment, save
from envfactory.environments.report import GateReport
from envfactory.pages.bodies import Packed
from envfactory.pages.made import MOST_TASKS, Works, find_works, pack_pages, served_links
from envfactory.tasks.files import write_tasks
from envfactory.traces.store import TraceStore
from envfactory.traces.story import Story, read_story
from tests.pages.conftest import task_of


@pytest.fixture
def story(trace: TraceStore) -> Story:
    found = read_story(trace)
    assert found is not None
    return found


@pytest.fixture
def home(tmp_path: Path, boats: Environment, report: GateReport) -> Path:
    """Where the run was started: its library and its datasets."""
    save(boats, tmp_path / "library" / "travel" / "rail", report)
    task = task_of()
    rail = task.environments[0].model_copy(update={"name": "rail"})
    write_tasks(tmp_path / "datasets" / "travel" / "tasks.jsonl", [task.model_copy(update={"environments": [rail]})])
    return tmp_path


def texts(packed: Packed) -> list[list[str]]:
    return [json.loads(gzip.decompress(base64.b64decode(pack))) for pack in packed.packs()]


def at(address: str, packs: list[list[str]]) -> str:
    pack, place = address.removeprefix("#view-").split(".")
    return packs[int(pack)][int(place)]


def test_environments_and_tasks_are_found_from_where_the_run_was_started(story: Story, home: Path) -> None:
    works = find_works(story, [home / "elsewhere", home])
    assert works.environments == {"rail": home / "library" / "travel" / "rail"}
    assert [task.id for task in works.tasks["rail"]] == ["boat_hire-00001"]


def test_what_is_gone_has_no_page(story: Story, tmp_path: Path) -> None:
    works = find_works(story, [tmp_path])
    assert (works.environments, works.tasks) == ({}, {})


def test_pages_are_packed_and_linked_with_each_other(story: Story, home: Path) -> None:
    bodies = Packed()
    made = pack_pages(find_works(story, [home]), bodies)
    packs = texts(bodies)
    (task,) = made.tasks["rail"]
    assert "EnvFactory task" in at(task.address, packs)
    assert f'href="{task.address}"' in at(made.environments["rail"].address, packs)


@pytest.mark.parametrize("file", ["tools.py", "gate.json"])
def test_a_damaged_environment_spoils_nothing_else(story: Story, home: Path, file: str) -> None:
    damaged = home / "library" / "travel" / "rail" / file
    damaged.write_text(damaged.read_text() + " ")
    made = pack_pages(find_works(story, [home]), Packed())
    assert (dict(made.environments), len(made.tasks["rail"])) == ({}, 1)


def test_a_broken_dataset_spoils_nothing_else(story: Story, home: Path) -> None:
    (home / "datasets" / "travel" / "tasks.jsonl").write_text("{")
    works = find_works(story, [home])
    assert (list(works.environments), works.tasks) == (["rail"], {"rail": []})


def test_of_very_many_tasks_the_first_are_in_the_page() -> None:
    tasks = [task_of().model_copy(update={"id": f"rail-{number}"}) for number in range(MOST_TASKS + 9)]
    made = pack_pages(Works({}, {"rail": tasks}), Packed())
    assert len(made.tasks["rail"]) == MOST_TASKS


def test_a_server_has_them_at_addresses_of_their_own(story: Story, home: Path) -> None:
    made = served_links(find_works(story, [home]), "/runs/r")
    assert made.environments["rail"].address == "/runs/r/environments/rail"
    assert [link.address for link in made.tasks["rail"]] == ["/runs/r/tasks/boat_hire-00001"]
