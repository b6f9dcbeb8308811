import json
from pathlib import Path

import pytest

from envfactory.agents import rules
from envfactory.agents.products import ExploreRequest
from envfactory.agents.rules import check_apart, explore
from envfactory.errors import DesignError
from envfactory.resources import sources
from envfactory.resources.model import Resource

FILES = {  # the world of a public benchmark, by names alone
    "GorillaFileSystem": {
        "cat": ["file_name"],
        "cd": ["folder"],
        "cp": ["source", "destination"],
        "grep": ["file_name", "pattern"],
        "ls": ["a"],
        "mkdir": ["dir_name"],
        "mv": ["source", "destination"],
        "rm": ["file_name"],
        "rmdir": ["dir_name"],
        "touch": ["file_name"],
        "find": ["path", "name"],
        "wc": ["file_name", "mode"],
    }
}


@pytest.fixture
def listed(tmp_path: Path) -> str:
    tools = [
        {
            "name": name,
            "description": name,
            "inputSchema": {"type": "object", "properties": {each: {"type": "string"} for each in parameters}},
        }
        for name, parameters in FILES["GorillaFileSystem"].items()
    ]
    file = tmp_path / "files.json"
    file.write_text(json.dumps({"tools": tools}))
    return str(file)


def test_operations_that_are_a_benchmarks_world_are_told_before_anything_is_made_of_them(listed: str) -> None:
    resource = sources.load(listed)
    with pytest.raises(DesignError, match="the world 'GorillaFileSystem' of BFCL v3 multi-turn"):
        check_apart(resource, [operation.id for operation in resource.operations])


def test_two_of_them_are_chance(listed: str) -> None:
    resource = sources.load(listed)
    chosen = [operation.id for operation in resource.operations[:2]]
    check_apart(resource, chosen)
    assert chosen == ["cat", "cd"]


def test_a_documented_service_of_the_catalogue_makes_a_brief() -> None:
    plan = explore(ExploreRequest(domain="travel", environment="rail"))
    assert [brief.environment for brief in plan.briefs] == ["rail"]
    assert plan.skipped == []


def test_a_document_that_we_stumble_over_does_not_take_the_others_along(
    listed: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def stumble(resource: Resource) -> tuple[Resource, str]:
        if "x-env" not in resource.extensions:
            raise KeyError("enabled")
        return resource, ""

    monkeypatch.setattr(rules, "annotate", stumble)
    plan = explore(ExploreRequest(domain="custom", resources=[listed, "catalogue:travel/rail"]))
    assert [brief.environment for brief in plan.briefs] == ["rail"]
    assert "a fault of EnvFactory itself (KeyError: 'enabled')" in plan.skipped[0].reason
