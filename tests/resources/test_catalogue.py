from __future__ import annotations

from pathlib import Path

import pytest

from envfactory.errors import CatalogueError
from envfactory.resources import catalogue

RAIL = """
openapi: 3.1.0
info: {title: Mountain Rail, version: "1", summary: Seats on mountain trains., description: Tickets and cancellation.}
x-sources: [{title: Timetable manual, url: https://rail.example/manual}, {title: without address}, https://b.example]
paths:
  /trains:
    parameters: []
    get: {operationId: findTrains, summary: Find trains by station, tags: [timetable]}
    post: {operationId: bookSeat, summary: Book a seat, x-env: {guards: []}}
components: {schemas: {BoardingPass: {type: object}}}
"""
PLAIN = "openapi: 3.1.0\ninfo: {title: %s, version: '1', description: 'First. Second.'}\npaths: {/a: {get: {}}}\n"


@pytest.fixture(autouse=True)
def shelf(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    files = {
        "travel/rail.yaml": RAIL,
        "travel/ferries.yaml": PLAIN % "Ferries",
        "office/rooms.yaml": PLAIN % "Rooms",
        "office/ferries.yaml": PLAIN % "Office ferries",
        "office/.draft.yaml": "hidden",
        "office/notes.txt": "no document",
        "empty/README.md": "nothing yet",
    }
    for name, text in files.items():
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(text)
    monkeypatch.setattr(catalogue, "_root", lambda: tmp_path)
    return tmp_path


def names(entries: list[catalogue.CatalogueEntry]) -> list[str]:
    return [f"{entry.domain}/{entry.name}" for entry in entries]


def test_domains_are_the_folders_that_hold_documents() -> None:
    assert catalogue.domains() == ["office", "travel"]


def test_entries_are_listed_in_order() -> None:
    assert names(catalogue.entries()) == ["office/ferries", "office/rooms", "travel/ferries", "travel/rail"]
    assert names(catalogue.entries("travel")) == ["travel/ferries", "travel/rail"]


def test_an_entry_tells_what_a_list_shows(shelf: Path) -> None:
    rail = catalogue.find("travel/rail")

    assert (rail.title, rail.summary, rail.operations) == ("Mountain Rail", "Seats on mountain trains.", 2)
    assert (rail.has_rules, rail.sources) == (True, ["https://rail.example/manual", "https://b.example"])
    assert rail.read_bytes() == (shelf / "travel" / "rail.yaml").read_bytes()


def test_an_entry_without_rules_and_summary() -> None:
    rooms = catalogue.find("rooms")

    assert (rooms.domain, rooms.summary) == ("office", "First.")
    assert not rooms.has_rules


@pytest.mark.parametrize("ref", ["travel/rail", "catalogue:travel/rail", "rail", "travel/rail/"])
def test_ways_to_name_an_entry(ref: str) -> None:
    assert catalogue.find(ref).title == "Mountain Rail"


@pytest.mark.parametrize(
    ("ref", "message", "remedy"),
    [
        ("travel/rial", "no entry 'travel/rial'", "did you mean travel/rail"),
        ("rooom", "no entry 'rooom'", "did you mean office/rooms"),
        ("ferries", "several domains", "office/ferries, travel/ferries"),
        ("", "no entry ''", "entries: office/ferries"),
    ],
)
def test_an_unknown_entry_is_refused_with_the_nearest(ref: str, message: str, remedy: str) -> None:
    with pytest.raises(CatalogueError, match=message) as caught:
        catalogue.find(ref)

    assert remedy in caught.value.remedy


@pytest.mark.parametrize(("domain", "remedy"), [("travle", "did you mean travel"), ("zoo", "domains: office, travel")])
def test_an_unknown_domain_is_refused_with_the_nearest(domain: str, remedy: str) -> None:
    with pytest.raises(CatalogueError, match=f"no domain '{domain}'") as caught:
        catalogue.entries(domain)

    assert caught.value.remedy == remedy


@pytest.mark.parametrize(
    ("words", "found"),
    [
        ("rail", ["travel/rail"]),
        ("MOUNTAIN seats", ["travel/rail"]),
        ("ferr", ["office/ferries", "travel/ferries"]),
        ("travel ferries", ["travel/ferries"]),
        ("boarding", ["travel/rail"]),
        ("station", ["travel/rail"]),
        ("cancellation", ["travel/rail"]),
        ("rail rooms", ["office/rooms", "travel/rail"]),
        ("submarine", []),
        ("", []),
    ],
)
def test_search(words: str, found: list[str]) -> None:
    assert names(catalogue.search(words)) == found


def test_a_changed_file_is_read_anew(shelf: Path) -> None:
    before = catalogue.find("rooms").title

    (shelf / "office" / "rooms.yaml").write_text(PLAIN % "Halls")

    assert (before, catalogue.find("rooms").title) == ("Rooms", "Halls")


def test_a_broken_entry_is_named(shelf: Path) -> None:
    (shelf / "office" / "rooms.yaml").write_text("a: [")

    with pytest.raises(CatalogueError, match="office/rooms cannot be read"):
        catalogue.entries()


def test_an_empty_catalogue(shelf: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(catalogue, "_root", lambda: shelf / "absent")

    assert (catalogue.domains(), catalogue.entries()) == ([], [])
    with pytest.raises(CatalogueError):
        catalogue.find("rail")
