"""The commands `models list` and `models check`: who answers which role, and whether they can."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from envfactory.cli import modeloptions as of_models
from envfactory.cli.boundary import clear_errors, fail, help_unless_asked, print_json
from envfactory.cli.options import ConfigFile

if TYPE_CHECKING:
    from rich.text import Text

    from envfactory.config import Config
    from envfactory.models.checking import Finding

EPILOG = """\b
Examples:
  envfactory models list --config models.toml
  envfactory models check --config models.toml
  envfactory models check --model openai:qwen3 --json
"""
AsJson = Annotated[bool, typer.Option("--json", help="Print the findings as JSON.")]
_HEADINGS = ("backend", "reached", "products by", "tools", "reasoning", "tok/s", "price")

models = typer.Typer(epilog=EPILOG, rich_markup_mode=None)


@models.callback(invoke_without_command=True)
def about(context: typer.Context) -> None:
    """Who answers which role, and whether they can."""
    help_unless_asked(context)


@models.command("list")
def list_(
    config: ConfigFile = None, model: of_models.Model = None, model_role: of_models.Roles = None, json: AsJson = False
) -> None:
    """List the backend of each role, as configuration, environment and options come to."""
    with clear_errors():
        from envfactory.config import ROLES

        settings = _settings(config, model, model_role)
        rows = [{"role": role, **_shown(settings, role)} for role in ROLES]
        if json:
            print_json(rows)
            return
        from envfactory.cli.pages import columns, page

        page().print(columns([[_plain(value) for value in row.values()] for row in rows], [*rows[0]]))


@models.command()
def check(
    config: ConfigFile = None, model: of_models.Model = None, model_role: of_models.Roles = None, json: AsJson = False
) -> None:
    """Ask every configured backend: is it reachable, does structured output work, does it call tools?

    Each is asked about three times, in few words. Exit status 1 where one is not fit for its roles.
    """
    with clear_errors():
        settings = _settings(config, model, model_role)
        found = _checked(settings)
        if json:
            print_json([{**asdict(each), "fit": each.fit} for each in found])
        else:
            _print(found)
        unfit = [each for each in found if not each.fit]
        if unfit:
            fail(f"{len(unfit)} of {len(found)} backends cannot play their roles", "docs/models.md has recipes", 1)


def _settings(config: Path | None, model: str | None, roles: list[str] | None) -> Config:
    from envfactory.config import load

    return load(config, of_models.overrides({"model": model, "model-role": roles}))


def _shown(settings: Config, role: str) -> dict[str, Any]:
    from envfactory.config import RULES
    from envfactory.models.keys import key_variable

    config = settings.models.of(role)
    if config.model == RULES:
        return {"backend": RULES, "base_url": None, "structured_output": None, "key": None, "replay": None}
    shown = {"backend": config.model, "base_url": config.base_url, "structured_output": config.method}
    return {**shown, "key": key_variable(config), "replay": str(config.replay) if config.replay else None}


def _plain(value: Any) -> str:
    return "-" if value is None else str(value)


def _checked(settings: Config) -> list[Finding]:
    """Ask the backends one after the other, saying on a terminal which one is at work."""
    import asyncio

    from envfactory.cli.pages import page
    from envfactory.models.backends import Backends
    from envfactory.models.checking import check as ask
    from envfactory.models.checking import groups
    from envfactory.models.keys import check_backend

    chosen = groups(settings.models)
    if not chosen:
        fail("every role is answered by rules: there is nothing to check", "give --model, --model-role or --config", 2)
    for config, _ in chosen:
        check_backend(config)
    backends, console = Backends(settings.models), page(stderr=True)

    async def one_by_one() -> list[Finding]:
        found = []
        for config, roles in chosen:
            with console.status(f"asking {config.model}"):
                found.append(await ask(backends, config, roles))
        return found

    return asyncio.run(one_by_one())


def _print(found: list[Finding]) -> None:
    from envfactory.cli.pages import columns, page

    console = page()
    console.print(columns([_row(each) for each in found], _HEADINGS, right=(5,), yielding=(0,)))
    console.print()
    for each in found:
        console.print(f"{each.model} answers {', '.join(each.roles)}", markup=False)
        for problem in each.problems:
            console.print(f"  {problem}", markup=False)
        if each.instead:
            console.print(f"  structured_output = {each.instead!r} would work", markup=False)


def _row(found: Finding) -> list[str | Text]:
    if found.recorded:
        return [found.model, "on record", "-", "-", "-", "-", "-"]
    speed = f"{found.tokens_per_second:.0f}" if found.tokens_per_second else "-"
    structured = _sign(found.structured, found.method, f"no {found.method}")
    rest = ["kept" if found.reasoning else "none seen", speed, found.price]
    return [found.model, _sign(found.reachable, "yes", "no"), structured, _sign(found.tools, "called", "none"), *rest]


def _sign(good: bool | None, yes: str, no: str) -> Text:
    from rich.text import Text

    from envfactory.cli.pages import BAD, GOOD

    return Text("-") if good is None else Text(yes if good else no, GOOD if good else BAD)
