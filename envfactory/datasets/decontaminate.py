"""Tasks whose offered tools reproduce a public benchmark's world are kept out of a dataset.

The gate tells this of every environment; here it is told of what a task really offers: each environment's part of the
tools, and all of them together (two harmless halves can make a world). The list holds names of tools and parameters and no
texts, so the words of benchmarks' questions are not compared.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import Any

from envfactory.gate.checks.decontaminated import Overlap, overlaps

Schemas = Iterable[Mapping[str, Any]]
BENCHMARKS = ("BFCL v3 multi-turn", "tau2-bench", "VitaBench", "MCP-Atlas")


class Decontamination:
    """Compares sets of offered tools with the listed worlds, each set once."""

    def __init__(self) -> None:
        self._told: dict[tuple[str, ...], Overlap | None] = {}

    @property
    def compared(self) -> int:
        """How many different sets of tools were compared."""
        return len(self._told)

    def reproduced(self, schemas: Schemas) -> Overlap | None:
        """Return the world that the offered tools reproduce, if they reproduce one."""
        groups = _groups(schemas)
        return next((found for tools in groups if (found := self._reproduced(tools)) is not None), None)

    def _reproduced(self, tools: Mapping[str, list[str]]) -> Overlap | None:
        key = tuple(f"{name}({','.join(parameters)})" for name, parameters in sorted(tools.items()))
        if key not in self._told:
            nearest = overlaps(tools)[0]
            self._told[key] = nearest if nearest.reproduces else None
        return self._told[key]


def _groups(schemas: Schemas) -> list[dict[str, list[str]]]:
    """Return parameters by tool: those of each environment, and all together."""
    parts: defaultdict[str, dict[str, list[str]]] = defaultdict(dict)
    for schema in schemas:
        function = schema["function"]
        environment, _, tool = function["name"].rpartition("__")
        parts[environment][tool] = sorted(function["parameters"].get("properties", {}))
    whole = {tool: parameters for part in parts.values() for tool, parameters in part.items()}
    return [*parts.values(), whole] if len(parts) > 1 else list(parts.values())
