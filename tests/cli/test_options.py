"""Groups of options: taken apart on the command line in their place, put together for the command."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import typer
from typer.testing import CliRunner

from envfactory.cli.options import ConfigFile, grouped

Size = Annotated[int, typer.Option(min=1, help="How large.")]


@dataclass(frozen=True)
class Looks:
    size: Size = 1
    colours: Annotated[list[str] | None, typer.Option("--colour", help="In what.")] = None


def painted(*words: str) -> tuple[dict[str, object], str]:
    """Run a command that takes a group between two options of its own; return what it got, and what was printed."""
    got: dict[str, object] = {}
    app = typer.Typer(rich_markup_mode=None)

    @app.command()
    @grouped
    def paint(*, config: ConfigFile = None, looks: Looks, wet: bool = False) -> None:
        """Paint it."""
        got.update(config=config, looks=looks, wet=wet)

    return got, CliRunner().invoke(app, words).output


def test_a_command_gets_its_group_as_one() -> None:
    got, _ = painted("--colour", "red", "--wet", "--size", "3", "--colour", "blue", "--config", "c.toml")
    assert got == {"config": Path("c.toml"), "looks": Looks(3, ["red", "blue"]), "wet": True}


def test_what_is_left_out_is_as_the_group_has_it() -> None:
    assert painted()[0] == {"config": None, "looks": Looks(), "wet": False}


def test_help_shows_the_groups_options_in_its_place() -> None:
    _, said = painted("--help")
    places = [said.index(word) for word in ("Paint it.", "--config", "--size", "--colour", "--wet")]
    assert places == sorted(places)


def test_a_groups_options_are_checked_as_any() -> None:
    got, said = painted("--size", "0")
    assert not got
    assert "--size" in said
