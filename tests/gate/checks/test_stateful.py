from typing import Any

from envfactory.gate.checks.stateful import stateful
from tests.gate import edits, harbour
from tests.gate.checks.judging import judged


def test_every_write_of_the_boat_hire_is_seen() -> None:
    result = judged(stateful, harbour.environment())
    assert (result.status, result.measured["unseen"]) == ("pass", [])
    assert "get_hire" in result.measured["observed_by"]["add_gear"]


def test_an_environment_that_only_reads_fails() -> None:
    def change(tools: dict[str, dict[str, Any]]) -> None:
        tools[""]["tools"] = [tool for tool in tools[""]["tools"] if tool["kind"] == "read"]
        tools[""]["lifecycles"] = []

    result = judged(stateful, harbour.environment(contracts=edits.contracts(change)))
    assert result.evidence == [{"message": "no tool writes"}]


def test_writes_that_no_read_shows_fail() -> None:
    def change(tools: dict[str, dict[str, Any]]) -> None:
        kept = ("find_customer", "compare_boats", "book_boat", "confirm_hire")
        tools[""]["tools"] = [tool for tool in tools[""]["tools"] if tool["name"] in kept]
        tools[""]["lifecycles"] = []

    result = judged(stateful, harbour.environment(contracts=edits.contracts(change)))
    assert {item["tool"] for item in result.evidence} == {"book_boat", "confirm_hire"}
