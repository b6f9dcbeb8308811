"""The commands `catalog list|search|show`: what the built-in catalogue holds."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from envfactory.cli.boundary import clear_errors, help_unless_asked, print_json
from envfactory.cli.options import AsJson

if TYPE_CHECKING:
    from envfactory.resources.catalogue import CatalogueEntry
    from envfactory.resources.model import Resource

catalog = typer.Typer(rich_markup_mode=None)


@catalog.callback(invoke_without_command=True)
def about(context: typer.Context) -> None:
    """The built-in documents, by domain."""
    help_unless_asked(context)


@catalog.command("list", short_help="List the documents, by domain.")
def list_entries(
    domain: Annotated[str | None, typer.Argument(help="Only this domain.", metavar="DOMAIN")] = None,
    json: AsJson = False,
) -> None:
    """List the documents, by domain."""
    from envfactory.resources import catalogue

    with clear_errors():
        _print(catalogue.entries(domain), json)


@catalog.command(short_help="Find documents by words.")
def search(
    words: Annotated[list[str], typer.Argument(help="Words to look for.", metavar="WORD...")], json: AsJson = False
) -> None:
    """Find documents by words of their titles, summaries and operations. Exit status 1 where there are none."""
    from envfactory.resources import catalogue

    with clear_errors():
        found = catalogue.search(" ".join(words))
        _print(found, json)
        if not found:
            raise typer.Exit(1)


@catalog.command("show", short_help="Show one document: operations and sources.")
def show_entry(
    name: Annotated[str, typer.Argument(help="DOMAIN/NAME, for instance travel/rail.", metavar="NAME")],
    json: AsJson = False,
) -> None:
    """Show one document: its operations, and the public documentation it rests on."""
    from envfactory.resources import catalogue, sources

    with clear_errors():
        entry = catalogue.find(name)
        resource = sources.load(f"catalogue:{entry.domain}/{entry.name}")
        if json:
            print_json({**_row(entry), "operations": _operations(resource), "sources": _links(resource)})
        else:
            _print_entry(entry, resource)


def _operations(resource: Resource) -> list[dict[str, str]]:
    return [{"id": o.id, "call": f"{o.method} {o.path}", "summary": o.summary} for o in resource.operations]


def _links(resource: Resource) -> list[dict[str, str]]:
    links: list[dict[str, str]] = resource.extensions.get("x-sources", [])
    return links


def _print_entry(entry: CatalogueEntry, resource: Resource) -> None:
    from envfactory.cli.pages import columns, page

    console = page()
    console.print(f"{entry.domain}/{entry.name}: {entry.title}\n{entry.summary}\n", markup=False)
    console.print(columns([list(operation.values()) for operation in _operations(resource)]))
    console.print("\nrests on:")
    for link in _links(resource):
        console.print(f"  {link.get('title', '')}\n    {link.get('url', '')}", markup=False, soft_wrap=True)
    console.print(f"\nbuild it:  envfactory run --domain {entry.domain} --env {entry.name}", markup=False)


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
    from envfactory.cli.pages import columns, page

    rows = [(f"{entry.domain}/{entry.name}", f"{entry.operations} operations", entry.summary) for entry in entries]
    page().print(columns(rows, cut=True) if rows else "nothing found")
