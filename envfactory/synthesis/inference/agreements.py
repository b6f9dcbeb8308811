"""Where two references of one record lead to the same place, they must agree.

A payment of an order has the order's merchant; a booking of a departure has the departure's product.
"""

from __future__ import annotations

from dataclasses import dataclass

from envfactory.resources.tolerant import JsonObject
from envfactory.synthesis.inference.words import spoken
from envfactory.synthesis.inference.world import Column, Entity, World


@dataclass(frozen=True)
class Agreement:
    """`column` of the record leads to `target`, whose `further` column names what the record's `shared` column names too."""

    column: Column
    target: Entity
    further: Column
    shared: Column


def agreements(entity: Entity, world: World) -> list[Agreement]:
    """Every agreement that the references of an entity ask for."""
    found = []
    for column in entity.references():
        if column.references == entity.table:
            continue
        target = world.by_table(column.references)
        for further in target.references():
            shared = next(
                (each for each in entity.references() if each.references == further.references and each is not column),
                None,
            )
            if shared is not None and not further.nullable and further.references != target.table:
                found.append(Agreement(column, target, further, shared))
    return found


def settled_columns(entity: Entity, world: World) -> set[str]:
    """The columns of an entity that no update may change, because an agreement of this or another entity rests on them."""
    own = {column.name for each in agreements(entity, world) for column in (each.column, each.shared)}
    others = {
        each.further.name
        for other in world.entities.values()
        for each in agreements(other, world)
        if each.target is entity
    }
    return own | others


def agreement_invariants(entity: Entity, world: World) -> list[JsonObject]:
    """The agreements as conditions that hold in every state."""
    return [_invariant(entity, each) for each in agreements(entity, world)]


def _invariant(entity: Entity, each: Agreement) -> JsonObject:
    sql = (
        f"NOT EXISTS (SELECT 1 FROM {entity.table} c JOIN {each.target.table} t ON t.{each.target.key} = c.{each.column.name} "
        f"WHERE c.{each.shared.name} IS NOT NULL AND c.{each.shared.name} <> t.{each.further.name})"
    )
    return {
        "name": f"{entity.table}_{each.column.name}_agrees"[:64],
        "sql": sql,
        "message": f"A {spoken(entity.noun)} and its {spoken(each.target.noun)} agree on the {spoken(each.shared.name)}.",
        "cite": each.column.citation,
    }
