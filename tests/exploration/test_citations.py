"""A quotation must stand in the page and speak of its operation."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from envfactory.errors import BadAnswer
from envfactory.exploration.citations import PageOperation, as_document, check_citation
from envfactory.exploration.pages import Kept, keep
from envfactory.resources.fetch import Download
from tests.exploration.site import ORDERS


@pytest.fixture
def page(tmp_path: Path) -> Kept:
    return keep(tmp_path, Download(ORDERS.encode(), "text/html", "https://docs.example.org/orders"))


def operation(**changes: Any) -> PageOperation:
    told = {
        "id": "place_order",
        "method": "POST",
        "path": "/v1/orders",
        "summary": "Place an order",
        "parameters": [{"name": "product_id", "required": True}, {"name": "quantity", "type": "integer"}],
        "quote": "POST /v1/orders places an order for a product.",
    }
    return PageOperation.model_validate({**told, **changes})


def test_a_passage_that_names_the_operation_holds(page: Kept) -> None:
    assert check_citation(operation(quote="POST  /v1/orders places\nan order"), page) is None


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"quote": "POST /v1/orders makes an order at once."}, "does not stand in"),
        ({"quote": "cancels an order that is not sent yet"}, "'orders' is not in it"),
        ({"path": "/v1/refunds"}, "'refunds' is not in it"),
        ({"path": "", "id": "refund_order"}, "'refund' is not in it"),
        ({"quote": "orders"}, "characters"),
    ],
)
def test_other_passages_do_not(page: Kept, changes: dict[str, Any], reason: str) -> None:
    with pytest.raises(BadAnswer, match=reason):
        check_citation(operation(**changes), page)


def test_the_document_carries_parameters_and_citations(page: Kept) -> None:
    cited = [operation(), operation(id="get_order", method="GET", path="/v1/orders/:order_id", parameters=[])]
    paths = json.loads(as_document("Orders", "Take orders.", cited, page))["paths"]
    body = paths["/v1/orders"]["post"]["requestBody"]["content"]["application/json"]["schema"]
    assert (list(body["properties"]), body["required"]) == (["product_id", "quantity"], ["product_id"])
    assert paths["/v1/orders/{order_id}"]["get"]["x-citation"]["sha256"] == page.sha256


def test_one_place_is_proposed_once(page: Kept) -> None:
    with pytest.raises(BadAnswer, match="twice"):
        as_document("Orders", "", [operation(), operation(id="again")], page)
