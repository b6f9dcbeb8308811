from __future__ import annotations

import copy
import gzip
import json

import pytest

from envfactory.resources import import_document
from tests.resources.documents import BOTOCORE, imported


def test_operations_have_the_members_names_everywhere() -> None:
    operation = imported(BOTOCORE).operation("CreateCrossing")

    assert (operation.name, operation.method, operation.path) == (
        "create_crossing",
        "POST",
        "/ports/{Port}/crossings",
    )
    assert [(each.name, each.location, each.required) for each in operation.parameters] == [
        ("Port", "path", True),
        ("DryRun", "query", False),
        ("Deck", "body", True),
        ("Stops", "body", False),
    ]
    assert operation.citation == "#/operations/CreateCrossing"


def test_shapes_become_schemas() -> None:
    parameters = {each.name: each for each in imported(BOTOCORE).operation("CreateCrossing").parameters}

    assert parameters["Port"].schema == {"type": "string", "minLength": 2, "maxLength": 30, "pattern": "[a-z]+"}
    assert parameters["Deck"].schema == {"type": "string", "enum": ["upper", "lower"], "description": "Which deck."}
    assert parameters["Stops"].schema["maxItems"] == 5
    assert parameters["Stops"].schema["items"]["minLength"] == 2


def test_a_body_of_all_members_keeps_the_name_of_its_shape() -> None:
    operation = imported(BOTOCORE).operation("ListCrossings")

    assert operation.body is not None
    assert operation.body.schema == {"$ref": "#/schemas/ListCrossingsRequest"}
    assert [(each.name, each.schema) for each in operation.parameters] == [
        ("Limit", {"type": "integer", "minimum": 1, "maximum": 100})
    ]


def test_structures_are_named_and_may_contain_themselves() -> None:
    resource = imported(BOTOCORE)

    assert resource.schemas["Crossing"]["properties"]["Next"] == {"$ref": "#/schemas/Crossing"}
    assert resource.operation("CreateCrossing").responses[0].status == "201"


def test_error_shapes_are_errors() -> None:
    error = imported(BOTOCORE).operation("CreateCrossing").errors[0]

    assert (error.status, error.code, error.description) == ("409", "PortClosedException", "The port is closed.")


def test_documentation_is_plain_text() -> None:
    operation = imported(BOTOCORE).operation("CreateCrossing")

    assert operation.summary == "Plans a crossing."
    assert operation.description == 'Plans a crossing. It must "fit".'


@pytest.mark.parametrize(
    ("name", "method", "trait", "reads"),
    [
        ("ListThings", "POST", {}, True),
        ("DescribeThing", "POST", {}, True),
        ("BatchGetThing", "POST", {}, True),
        ("CreateThing", "POST", {}, False),
        ("BatchDeleteThing", "POST", {}, False),
        ("AssumeThing", "POST", {}, None),
        ("AssumeThing", "POST", {"readonly": True}, True),
        ("AssumeThing", "GET", {}, True),
        ("GetThing", "PUT", {}, False),
    ],
)
def test_whether_an_operation_reads(name: str, method: str, trait: dict[str, bool], reads: bool | None) -> None:
    model = {
        "metadata": {},
        "shapes": {},
        "operations": {name: {"http": {"method": method, "requestUri": "/"}, **trait}},
    }

    assert imported(model).operations[0].read_only is reads


def test_a_payload_member_is_the_whole_body() -> None:
    model = copy.deepcopy(BOTOCORE)
    model["shapes"]["CreateCrossingRequest"]["payload"] = "Stops"

    operation = imported(model).operation("CreateCrossing")

    assert operation.body is not None
    assert operation.body.schema["type"] == "array"


def test_a_list_of_itself_is_cut_with_a_warning() -> None:
    model = copy.deepcopy(BOTOCORE)
    model["shapes"]["PortList"] = {"type": "list", "member": {"shape": "PortMap"}}
    model["shapes"]["PortMap"] = {"type": "map", "key": {"shape": "PortName"}, "value": {"shape": "PortList"}}

    resource = imported(model)

    stops = resource.operation("CreateCrossing").parameters[-1].schema
    assert stops == {"type": "array", "items": {"type": "object", "additionalProperties": {}}}
    assert "'PortList' contains itself" in resource.warnings[0]


def test_a_compressed_model_is_read() -> None:
    data = gzip.compress(json.dumps(BOTOCORE).encode("utf-8"))

    assert len(import_document(data, source="service-2.json.gz").operations) == 2
