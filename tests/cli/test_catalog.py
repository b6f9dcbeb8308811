"""The catalogue's commands: one line a document for people and programs, JSON for programs."""

from __future__ import annotations

import json

from tests.cli.conftest import Call


def test_list_has_a_line_a_document(call: Call) -> None:
    told = call("catalog", "list", "travel")
    assert told.status == 0
    lines = told.out.splitlines()
    assert any(line.startswith("travel/rail ") and "12 operations" in line for line in lines)
    assert all(line.startswith("travel/") for line in lines)


def test_search_finds_by_words(call: Call) -> None:
    found = json.loads(call("catalog", "search", "lend", "--json").out or "[]")
    trains = json.loads(call("catalog", "search", "trains", "--json").out)
    assert "rail" in [entry["name"] for entry in trains]
    assert all(
        set(entry) == {"domain", "name", "title", "summary", "operations", "has_rules"} for entry in found + trains
    )


def test_search_that_finds_nothing_says_so(call: Call) -> None:
    assert call("catalog", "search", "xyzzyplugh") == (1, "nothing found\n", "")


def test_show_names_operations_and_sources(call: Call) -> None:
    told = call("catalog", "show", "travel/rail")
    assert "GET /trips/{trip_id}" in told.out
    assert "https://gtfs.org/documentation/schedule/reference/" in told.out
    shown = json.loads(call("catalog", "show", "rail", "--json").out)
    assert (shown["domain"], len(shown["operations"])) == ("travel", 12)
    assert shown["sources"][0]["url"].startswith("https://")
