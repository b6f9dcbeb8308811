"""Every shared document is given its meaning, or refused with a reason for people."""

from __future__ import annotations

import os
from functools import cache
from pathlib import Path

import pytest

from envfactory.errors import DesignError, ResourceError
from envfactory.resources import import_document
from envfactory.synthesis.design import Design, design_environment
from envfactory.synthesis.inference import Inferred, infer
from tests.support import LocalWorker

FOLDER = Path(os.environ.get("ENVFACTORY_RESOURCES", Path(__file__).parents[3].parent / "shared" / "resources"))
DOCUMENTS = sorted(path for path in FOLDER.glob("*/*") if path.suffix in (".json", ".yaml", ".md"))
pytestmark = pytest.mark.skipif(not DOCUMENTS, reason=f"the shared documents are not at {FOLDER}")
TOO_SMALL = {
    "amadeus-flight-offers-search", "amadeus-flight-order-management", "amadeus-hotel-booking", "amadeus-hotel-search",
    "paypal-catalog-products", "paypal-shipment-tracking", "retail-store-catalog",
}  # fmt: skip


@cache
def outcome(path: Path) -> Inferred | DesignError:
    resource = import_document(path.read_bytes(), source=path.name)
    try:
        return infer(resource)
    except DesignError as refusal:
        return refusal


def inferred() -> list[tuple[Path, Inferred]]:
    found = ((path, outcome(path)) for path in DOCUMENTS if path.suffix != ".md")
    return [(path, each) for path, each in found if isinstance(each, Inferred)]


def design(found: Inferred) -> Design:
    return design_environment(found.resource, None, seed=0, worker=LocalWorker())


def test_enough_documents_are_given_a_meaning() -> None:
    names = {path.stem for path, _ in inferred()}

    assert len(names) >= 26
    assert not names & TOO_SMALL


def test_refusals_say_what_is_missing() -> None:
    refused = [each for path in DOCUMENTS if path.suffix != ".md" and isinstance(each := outcome(path), DesignError)]

    assert all(refusal.remedy and len(refusal.message) > 30 for refusal in refused)


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: path.stem)
def test_a_document_that_is_given_a_meaning_makes_a_sound_design(path: Path) -> None:
    try:
        found = outcome(path)
    except ResourceError:
        pytest.skip("a page of prose; it needs a language model")
    if isinstance(found, DesignError):
        pytest.skip(found.message)

    made = design(found)

    assert not [note for note in made.notes if "invariant" in note]
    assert 6 <= len(made.contracts.tools) <= 15
    assert sum(tool.kind == "write" for tool in made.contracts.tools) >= 2
    assert len(made.seed_rows) >= 3


def test_tools_are_named_verb_first_and_described() -> None:
    operations = [operation for _, found in inferred() for operation in found.resource.operations]
    verbs = {operation.name.split("_")[0] for operation in operations}

    assert {"list", "get", "create", "update", "delete"} <= verbs
    assert len(verbs) < 40
    assert all(len(operation.description) > 8 for operation in operations)
    assert all(parameter.description for operation in operations for parameter in operation.parameters)
