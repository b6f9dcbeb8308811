"""The forty authentic documents beside the checkout: each imports with the number of operations that their index
says.
"""

from __future__ import annotations

import os
import re
from dataclasses import dataclass
from pathlib import Path

import pytest

from envfactory.errors import ResourceError
from envfactory.resources import Resource, import_document, operations_need_model, require_operations
from envfactory.resources.payloads import follow
from tests.resources.documents import dangling_references

FOLDER = Path(os.environ.get("ENVFACTORY_RESOURCES") or Path(__file__).parents[2].parent / "shared" / "resources")
_ROW = re.compile(
    r"^\| (?P<file>\S+\.\w+) \|[^|]*\| (?P<format>[^|]+?) \| \d+ \| (?P<operations>\d+) \| *(?P<writing>\d*) *\|"
)


@dataclass(frozen=True)
class Row:
    file: str
    format: str
    operations: int
    writing: int  # -1 where the index does not say


def rows() -> list[Row]:
    index = FOLDER / "INDEX.md"
    matches = map(_ROW.match, index.read_text("utf-8").splitlines()) if index.is_file() else []
    return [
        Row(match["file"], match["format"], int(match["operations"]), int(match["writing"] or -1))
        for match in matches
        if match
    ]


ROWS = rows()
READABLE = [row for row in ROWS if row.format != "api docs page"]
PAGES = [row for row in ROWS if row.format == "api docs page"]
pytestmark = pytest.mark.skipif(not ROWS, reason=f"the shared documents are not at {FOLDER.name} beside the checkout")


def read(row: Row) -> Resource:
    path = FOLDER / row.file
    return import_document(path.read_bytes(), source=path.name)


def test_the_index_lists_forty_documents() -> None:
    assert len(ROWS) == 40
    assert len(PAGES) == 1


@pytest.mark.parametrize("row", READABLE, ids=lambda row: row.file)
def test_a_document_imports_with_all_its_operations(row: Row) -> None:
    resource = require_operations(read(row))

    assert len(resource.operations) == row.operations
    assert dangling_references(resource) == []


@pytest.mark.parametrize("row", [row for row in READABLE if row.writing >= 0], ids=lambda row: row.file)
def test_as_many_operations_write_as_the_index_says(row: Row) -> None:
    resource = read(row)

    assert sum(operation.read_only is not True for operation in resource.operations) == row.writing


@pytest.mark.parametrize("row", READABLE, ids=lambda row: row.file)
def test_every_name_is_an_identifier_and_unique(row: Row) -> None:
    names = [operation.name for operation in read(row).operations]

    assert all(name.isidentifier() for name in names)
    assert len(set(names)) == len(names)


@pytest.mark.parametrize("row", PAGES, ids=lambda row: row.file)
def test_the_page_is_refused_because_prose_needs_a_language_model(row: Row) -> None:
    """INDEX counts four operations in it; a program that guesses them from example addresses finds eleven."""
    resource = read(row)

    assert operations_need_model(resource)
    assert any(
        section.heading == "Items" and "identified by their ids" in section.text for section in resource.sections
    )
    with pytest.raises(ResourceError, match="a documentation page has no machine-readable operations") as caught:
        require_operations(resource)
    assert "configure a language model for the explorer" in caught.value.remedy


FACTS = [  # read off the documents by hand: operation, parameter, place, required
    ("ecommerce_payments/petstore.yaml", "addPet", "name", "body", True),
    ("ecommerce_payments/petstore.yaml", "addPet", "status", "body", False),
    ("ecommerce_payments/petstore.yaml", "getPetById", "petId", "path", True),
    ("communication_mail/gotify.json", "createUser", "pass", "body", True),
    ("productivity_files/google-calendar.json", "calendar.acl.insert", "role", "body", True),
    ("productivity_files/google-calendar.json", "calendar.events.list", "calendarId", "path", True),
    ("communication_mail/aws-workmail.json", "CreateUser", "OrganizationId", "body", True),
    ("devtools_infra/aws-eventbridge-scheduler.json", "GetSchedule", "Name", "path", True),
    ("devtools_infra/aws-eventbridge-scheduler.json", "GetSchedule", "GroupName", "query", False),
    ("devtools_infra/github-mcp.json", "create_or_update_file", "branch", "body", True),
    ("devtools_infra/github-mcp.json", "create_or_update_file", "sha", "body", False),
    ("devtools_infra/alertmanager.yaml", "getAlerts", "receiver", "query", False),
]


@pytest.mark.parametrize(("file", "operation_id", "name", "location", "required"), FACTS)
def test_parameters_as_a_person_reads_them(
    file: str, operation_id: str, name: str, location: str, required: bool
) -> None:
    resource = read(next(row for row in ROWS if row.file == file))

    found = [each for each in resource.operation(operation_id).parameters if each.name == name]
    assert [(each.location, each.required) for each in found] == [(location, required)]


def test_values_that_stand_only_in_prose_become_an_enum() -> None:
    resource = read(next(row for row in ROWS if row.file.endswith("google-calendar.json")))

    role = resource.schemas["AclRule"]["properties"]["role"]
    assert role["enum"] == ["none", "freeBusyReader", "reader", "writerWithoutPrivateAccess", "writer", "owner"]


def test_a_recursive_schema_stays_lazy() -> None:
    resource = read(next(row for row in ROWS if row.file.endswith("gmail.json")))

    parts = resource.schemas["MessagePart"]["properties"]["parts"]
    assert parts["items"] == {"$ref": "#/schemas/MessagePart"}
    assert follow(parts["items"], resource.schemas)["type"] == "object"
