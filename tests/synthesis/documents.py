"""The workshop document, whole or with parts of it changed."""

from __future__ import annotations

import copy
from collections.abc import Callable
from pathlib import Path
from typing import Any

import yaml

from envfactory.environments.contract import Contract
from envfactory.resources import Resource, import_document
from envfactory.synthesis.contracts import write_contracts
from envfactory.synthesis.tables import read_tables

WORKSHOP: dict[str, Any] = yaml.safe_load((Path(__file__).parent / "workshop.yaml").read_text())
Change = Callable[[dict[str, Any]], object]


def workshop(*changes: Change) -> Resource:
    """The workshop as a resource, each change applied to the document first."""
    document = copy.deepcopy(WORKSHOP)
    for change in changes:
        change(document)
    return import_document(
        yaml.safe_dump(document, allow_unicode=True, sort_keys=False).encode(), source="workshop.yaml"
    )


def schema(document: dict[str, Any], name: str) -> dict[str, Any]:
    """A schema of the document, to be changed."""
    found: dict[str, Any] = document["components"]["schemas"][name]
    return found


def operation(document: dict[str, Any], path: str, method: str) -> dict[str, Any]:
    """An operation of the document, to be changed."""
    found: dict[str, Any] = document["paths"][path][method]
    return found


def contract(tool: str, *changes: Change) -> Contract:
    """One contract of the workshop."""
    resource = workshop(*changes)
    return write_contracts(resource, read_tables(resource), None, []).tool(tool)
