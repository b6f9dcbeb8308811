"""Two ways to one record agree."""

from __future__ import annotations

from envfactory.synthesis.inference.agreements import agreement_invariants, agreements, settled_columns
from envfactory.synthesis.inference.world import Entity, World
from tests.synthesis.inference.world import entity, reference


def shop() -> tuple[World, Entity, Entity]:
    merchant = entity("merchant")
    order = entity("order", reference("merchant_id", "merchants"))
    payment = entity("payment", reference("order_id", "orders"), reference("merchant_id", "merchants"))
    return World({"merchant": merchant, "order": order, "payment": payment}), order, payment


def test_a_payment_and_its_order_agree_on_the_merchant() -> None:
    world, _, payment = shop()

    found = agreements(payment, world)

    assert [(each.column.name, each.shared.name, each.target.noun) for each in found] == [
        ("order_id", "merchant_id", "order")
    ]


def test_neither_end_of_an_agreement_is_updated() -> None:
    world, order, payment = shop()

    assert settled_columns(payment, world) == {"order_id", "merchant_id"}
    assert settled_columns(order, world) == {"merchant_id"}


def test_where_the_way_may_be_empty_there_is_nothing_to_agree_on() -> None:
    world, order, payment = shop()
    order.columns["merchant_id"].nullable = True

    assert agreements(payment, world) == []


def test_an_agreement_is_an_invariant() -> None:
    world, _, payment = shop()

    found = agreement_invariants(payment, world)

    assert [each["name"] for each in found] == ["payments_order_id_agrees"]
    assert "c.merchant_id <> t.merchant_id" in found[0]["sql"]
