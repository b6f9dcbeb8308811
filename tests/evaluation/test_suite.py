"""What all suites share: scripts, and few items of many."""

from __future__ import annotations

import pytest

from envfactory.errors import ConfigError
from envfactory.evaluation.items import Item
from envfactory.evaluation.suite import at_random, scripted, spread
from envfactory.rollouts.formats import read
from envfactory.rollouts.policy import Asked

TOOL = {
    "type": "function",
    "function": {
        "name": "look",
        "parameters": {"type": "object", "properties": {"n": {"type": "integer"}, "at": {}}, "required": ["n"]},
    },
}


def test_a_limit_takes_evenly_from_each_value_of_a_trait() -> None:
    items = [
        Item(f"{kind}{number}", "", {"kind": kind}) for kind, count in (("a", 9), ("b", 2)) for number in range(count)
    ]
    assert [item.id for item in spread(items, "kind", 3)] == ["a0", "a3", "a6", "b0", "b1"]
    assert spread(items, "kind", None) == items


def test_scripts_are_told_by_name() -> None:
    asked = [Asked([], [], "ann")]
    said = {name: scripted(name, lambda each: each.task).replies(asked)[0].content for name in ("oracle", "empty")}
    assert said == {"oracle": "ann", "empty": ""}
    with pytest.raises(ConfigError, match=r"no scripted policy wise .*oracle"):
        scripted("wise", lambda each: each.task)


def test_chance_calls_offered_tools_as_their_schemas_say_and_is_repeatable() -> None:
    asked = [Asked([], [TOOL], f"item{number}") for number in range(40)]
    said = [read(at_random(each)) for each in asked]
    calls = [call for each in said for call in each.calls]
    assert 20 <= len(calls) < 40
    assert all(call.name == "look" and list(call.arguments) == ["n"] for call in calls)
    assert said == [read(at_random(each)) for each in asked]
