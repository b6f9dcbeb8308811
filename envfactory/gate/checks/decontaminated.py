"""decontaminated: the tools do not reproduce the world of a public benchmark, by name or by parameter.

Names are compared as bags of words, common verbs taken as one (`fetch` and `show` are `get`), so that another spelling
is no disguise. What is measured is the overlap coefficient, shared over the smaller of both sets: a part of a world and
a world with additions count alike. Measured on documents made independently (17 of the catalogue, 36 of real services),
three shared tools or more never reach 0.27 of either measure; copies of a world reach 1. The line lies at a third.
Fewer than three shared tools are chance: half of all booking services can `cancel_booking`.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from functools import cache
from importlib import resources
from typing import Any, NamedTuple

from envfactory.bench.bench import Bench
from envfactory.environments.report import CheckResult
from envfactory.gate.checks.verdicts import verdict

MOST_ALIKE = 1 / 3
LEAST_SHARED = 3
_WORLDS = "benchmark_worlds.json"
_VERBS = {
    "get": "retrieve fetch show view read display",
    "create": "make add new",
    "delete": "remove",
    "update": "modify edit change",
    "search": "find lookup query",
}
_SAME = {word: verb for verb, words in _VERBS.items() for word in words.split()}
_IDLE_WORDS = "a all an and by detail for from in info information of on the to with"
_IDLE = frozenset(_IDLE_WORDS.split())
_HUMP = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")

Tools = Mapping[str, Iterable[str]]  # parameters' names by tool's name
Words = frozenset[str]


class Overlap(NamedTuple):
    """How much of a benchmark's world is in an environment: the shared tools, and both overlap coefficients."""

    benchmark: str
    world: str
    tools: list[str]
    by_name: float
    by_parameter: float

    @property
    def reproduces(self) -> bool:
        """Whether it is more than independent worlds have in common."""
        return len(self.tools) >= LEAST_SHARED and max(self.by_name, self.by_parameter) > MOST_ALIKE


def decontaminated(bench: Bench) -> CheckResult:
    """Compare the environment's tools with every listed world."""
    found = overlaps({tool.name: list(tool.parameters) for tool in bench.contracts.tools})
    nearest = found[0]
    return verdict(
        "decontaminated",
        [_evidence(overlap) for overlap in found if overlap.reproduces],
        passed=f"no world of {len(found)} in public benchmarks is reproduced",
        failed="{} worlds of public benchmarks are reproduced",
        measured={"worlds": len(found), "nearest": nearest._asdict()},
    )


def overlaps(tools: Tools) -> list[Overlap]:
    """Return the overlap with every listed world, the greatest first."""
    own = _Shape(tools)
    found = [_overlap(own, world["benchmark"], world["world"], _Shape(world["tools"])) for world in _worlds()]
    return sorted(found, key=lambda o: (-o.reproduces, -max(o.by_name, o.by_parameter), o.benchmark, o.world))


class _Shape:
    """A world as sets: its tools' names, and the pairs of a tool's name and one of its parameters."""

    def __init__(self, tools: Tools) -> None:
        self.named = {normalised(tool): tool for tool in tools}
        self.pairs = {
            (normalised(tool), normalised(parameter))
            for tool, names in tools.items()
            for parameter in list(names) or [""]
        }


def normalised(name: str) -> Words:
    """Return a name as its words: humps split, plurals and filling words dropped, verbs of one meaning made one."""
    words = re.split(r"[^a-z0-9]+", _HUMP.sub(" ", name).lower())
    plain = (word[:-1] if len(word) > 3 and word.endswith("s") and not word.endswith("ss") else word for word in words)
    return frozenset(_SAME.get(word, word) for word in plain if word and word not in _IDLE)


def _overlap(own: _Shape, benchmark: str, world: str, theirs: _Shape) -> Overlap:
    shared = own.named.keys() & theirs.named.keys()
    by_name = len(shared) / max(1, min(len(own.named), len(theirs.named)))
    by_parameter = len(own.pairs & theirs.pairs) / max(1, min(len(own.pairs), len(theirs.pairs)))
    return Overlap(
        benchmark, world, sorted(own.named[words] for words in shared), round(by_name, 3), round(by_parameter, 3)
    )


def _evidence(overlap: Overlap) -> dict[str, Any]:
    return {
        **overlap._asdict(),
        "part": "contracts.json",
        "message": "training here would be training on the test; choose other operations, or another service",
    }


@cache
def _worlds() -> list[dict[str, Any]]:
    text = (resources.files("envfactory.gate") / _WORLDS).read_text(encoding="utf-8")
    worlds: list[dict[str, Any]] = json.loads(text)["worlds"]
    return worlds
