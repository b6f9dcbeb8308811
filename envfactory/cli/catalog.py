"""The commands `catalog list|search|show`: what the built-in catalogue holds."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from envfactory.cli.boundary import clear_errors, print_json

if TYPE_CHECKING:
    from envfactory.resources.catalogue import CatalogueEntry

catalog = typer.Typer(help="The built-in documents.", no_args_is_help=True, rich_markup_mode=None)
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON.")]


@catalog.command("list")
def list_entries(domain: Annotated[str | None, typer.Argument(help="Only this domain.")] = None, json: AsJson = False) -> None:
    """List the documents, by domain."""
    from envfactory.resources import catalogue

    with clear_errors():
        _print(catalogue.entries(domain), json)


@catalog.command()
def search(words: Annotated[list[str], typer.Argument(help="Words to look for.")], json: AsJson = False) -> None:
    """Find documents by words of their titles, summaries and operations."""
    from envfactory.resources import catalogue

    with clear_errors():
        _print(catalogue.search(" ".join(words)), json)


@catalog.command("show")
def show_entry(name: Annotated[str, typer.Argument(help="domain/name, for instance travel/rail.")], json: AsJson = False) -> None:
    """Show one document: its operations, and the public documentation it rests on."""
    from envfactory.resources import catalogue, sources

    with clear_errors():
        entry = catalogue.find(name)
        resource = sources.load(f"catalogue:{entry.domain}/{entry.name}")
        operations = [{"id": o.id, "call": f"{o.method} {o.path}", "summary": o.summary} for o in resource.operations]
        links = resource.extensions.get("x-sources", [])
        if json:
            print_json({**_row(entry), "operations": operations, "sources": links})
            return
        print(f"{entry.domain}/{entry.name}: {entry.title}\n{entry.summary}\n")
        for operation in operations:
            print(f"  {operation['id']:32} {operation['call']:44} {operation['summary']}")
        print("\nrests on:")
        for link in links:
            print(f"  {link.get('title', '')}  {link.get('url', '')}")


def _row(entry: CatalogueEntry) -> dict[str, Any]:
    return {
        "domain": entry.domain,
        "name": entry.name,
        "title": entry.title,
        "summary": entry.summary,
        "operations": entry.operations,
        "has_rules": entry.has_rules,
    }


def _print(entries: list[CatalogueEntry], as_json: bool) -> None:
    if as_json:
        print_json([_row(entry) for entry in entries])
        return
    for entry in entries:
        print(f"{entry.domain + '/' + entry.name:38} {entry.operations:3} operations  {entry.title}")
    if not entries:
        print("nothing found")
