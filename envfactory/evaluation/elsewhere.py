"""Benchmarks that cannot be had from packages: what it takes to run them, said plainly where they are asked for."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple, NoReturn

from envfactory.errors import UserError


class Elsewhere(NamedTuple):
    """What a benchmark needs, and how a model of ours is given to it."""

    needs: str
    how: str


ELSEWHERE: Mapping[str, Elsewhere] = {
    "vitabench": Elsewhere(
        "its checkout and data, a model that plays the person and one that judges by rubrics",
        "serve the model by an OpenAI-compatible endpoint and name that in its models.yaml: docs/evaluation.md",
    ),
}


def refuse(name: str) -> NoReturn:
    """Raise UserError that says what the benchmark needs."""
    told = ELSEWHERE[name]
    raise UserError(f"{name} is not run here: it needs {told.needs}", remedy=told.how)
