"""The options of every command that asks language models: which, recorded how, and up to what budget."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

import typer

from envfactory.cli.boundary import fail

LIMITS = ("max_cost", "max_calls", "max_minutes")
Model = Annotated[
    str | None,
    typer.Option(metavar="MODEL", help="Who answers every role: rules, openai:NAME, PROVIDER:NAME.  [default: rules]"),
]
Roles = Annotated[
    list[str] | None, typer.Option("--model-role", metavar="ROLE=MODEL", help="Who answers one role. Repeatable.")
]
Record = Annotated[
    Path | None, typer.Option(metavar="DIR", help="Keep every exchange with a language model in this folder.")
]
Replay = Annotated[
    Path | None, typer.Option(metavar="DIR", help="Answer from a recording alone, as the models in it did.")
]
MaxCost = Annotated[float | None, typer.Option(metavar="USD", help="Stop, resumably, at this cost of model calls.")]
MaxCalls = Annotated[int | None, typer.Option(min=1, metavar="N", help="Stop, resumably, at so many model calls.")]
MaxMinutes = Annotated[float | None, typer.Option(metavar="MIN", help="Stop, resumably, after so many minutes.")]


@dataclass(frozen=True)
class ModelOptions:
    """All of these."""

    model: Model = None
    model_role: Roles = None
    record: Record = None
    replay: Replay = None
    max_cost: MaxCost = None
    max_calls: MaxCalls = None
    max_minutes: MaxMinutes = None

    def given(self) -> dict[str, Any]:
        """Return what was asked for, keyed by the options' names."""
        return {name.replace("_", "-"): value for name, value in vars(self).items()}


def overrides(asked: dict[str, Any]) -> dict[str, Any]:
    """Return what these options say, as the configuration has it; `asked` is keyed by their names."""
    table: dict[str, Any] = {"default": {"model": asked["model"]}} if asked.get("model") is not None else {}
    return {
        "models": table | role_table(asked.get("model-role")),
        "recording": _recording(asked.get("record"), asked.get("replay")),
        "budget": limits(asked),
    }


def limits(asked: dict[str, Any]) -> dict[str, Any]:
    """Return the budget that was asked for."""
    return {limit: asked.get(limit.replace("_", "-")) for limit in LIMITS}


def role_table(entries: list[str] | None) -> dict[str, Any]:
    """Return what --model-role says, as the configuration has it."""
    from envfactory.config import ROLES

    table = {}
    for entry in entries or []:
        role, _, name = entry.partition("=")
        if role not in ROLES or not name:
            fail(f"--model-role {entry} is not ROLE=MODEL", f"the roles are {', '.join(ROLES)}")
        table[role] = {"model": name}
    return table


def _recording(record: Path | None, replay: Path | None) -> dict[str, Any]:
    if record is not None and replay is not None:
        fail("--record and --replay contradict each other", "leave one of them out")
    if record is None and replay is None:
        return {}
    return {"mode": "record" if replay is None else "replay", "folder": record or replay}
