"""A coherent few."""

from __future__ import annotations

from envfactory.synthesis.inference.choosing import choose, in_order, references_within
from envfactory.synthesis.inference.relations import Reference, references_of
from tests.synthesis.inference.world import answer, body, candidates, kennel, openapi


def reference(source: str, target: str, column: str = "", **more: bool) -> Reference:
    return Reference(source, column or f"{target}_id", target, "name x", **more)


def test_the_kennels_records_belong_together() -> None:
    everything = candidates()

    choice = choose(everything, references_of(everything), [], kennel())

    assert choice is not None
    assert set(choice.nouns) == {"owner", "dog", "stay", "kennel"}


def test_records_without_relations_make_no_world() -> None:
    everything = candidates()
    del everything["dog"].fields["vaccinations"]

    assert choose(everything, [], [], kennel()) is None


def test_unless_one_of_them_has_parts_that_are_a_table() -> None:
    choice = choose(candidates(), [], [], kennel())

    assert choice is not None
    assert "dog" in choice.nouns


def test_of_a_circle_the_container_stays() -> None:
    inside, back = reference("dog", "owner", contains=True), reference("owner", "dog")

    assert references_within([back, inside], ["dog", "owner"]) == [inside]


def test_references_to_others_are_left_out() -> None:
    assert references_within([reference("dog", "vet")], ["dog", "owner"]) == []


def test_actions_come_first_and_the_simplest_operation_of_a_kind_before_others() -> None:
    everything = candidates()

    ranked = [reading.operation.id for _, reading in in_order(["stay", "dog", "owner"], everything)]

    assert ranked[0] == "cancelStay"
    assert ranked.index("createStay") < ranked.index("updateStay") < ranked.index("updateDog")


def test_a_record_nobody_can_list_or_create_is_not_chosen() -> None:
    record = {"type": "object", "properties": {"id": {"type": "string"}, "name": {"type": "string"}}}
    resource = openapi({"/dogs": {"post": {"requestBody": body(record), "responses": answer(record)}}})

    assert choose({}, [], [], resource) is None
