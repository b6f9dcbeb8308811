"""Benchmark worlds are recognised in what a task offers, in parts and in disguise; ordinary services are not."""

from __future__ import annotations

from typing import Any

from envfactory.datasets.decontaminate import Decontamination
from envfactory.tasks.model import Task
from envfactory.tasks.scope import Scope

FILES = {"cd": ["folder"], "ls": ["a"], "mkdir": ["dir_name"], "grep": ["file_name", "pattern"], "touch": ["file_name"]}


def schemas(tools: dict[str, list[str]], prefix: str = "") -> list[dict[str, Any]]:
    return [
        {
            "type": "function",
            "function": {"name": prefix + name, "parameters": {"properties": {key: {} for key in parameters}}},
        }
        for name, parameters in tools.items()
    ]


def test_a_copy_of_a_benchmarks_world_is_found() -> None:
    found = Decontamination().reproduced(schemas(FILES))
    assert found is not None
    assert found.benchmark == "BFCL v3 multi-turn"


def test_it_is_found_beside_another_environment_and_split_over_two() -> None:
    beside = [*schemas(FILES, "shell__"), *schemas({"book_boat": ["crew"], "get_boat": ["boat_id"]}, "boats__")]
    halves = [*schemas({name: FILES[name] for name in ("cd", "ls")}, "one__"), *schemas({name: FILES[name] for name in ("mkdir", "grep", "touch")}, "two__")]  # fmt: skip
    assert Decontamination().reproduced(beside) is not None
    assert Decontamination().reproduced(halves) is not None


def test_the_boat_hire_is_no_benchmark_and_is_compared_once(booked: Task, scope: Scope) -> None:
    clean = Decontamination()
    assert clean.reproduced(scope.tool_schemas(booked)) is None
    assert clean.reproduced(scope.tool_schemas(booked)) is None
    assert clean.compared == 1
