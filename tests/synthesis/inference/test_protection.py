"""Every written table has something that notices a wrong write."""

from __future__ import annotations

from envfactory.resources.model import Operation
from envfactory.synthesis.inference.protection import protect
from envfactory.synthesis.inference.readings import Kind, Reading
from envfactory.synthesis.inference.world import Column, Entity, World
from tests.synthesis.inference.world import entity, reference


def name(*, needed: bool = True) -> Column:
    return Column("name", "string", "", role="name", on_create=True, needed=needed)


def protected(made: Entity, *kinds: Kind, parent: Entity | None = None) -> Entity:
    world = World({each.noun: each for each in (parent, made) if each is not None})
    protect(made, [Reading(Operation(id=kind, name=kind), kind, "", made.noun) for kind in kinds], world)
    return made


def test_a_status_that_callers_set_says_since_when_it_is_at_its_end() -> None:
    status = Column(
        "status", "string", "", role="status", enum=["open", "paid", "closed"], on_create=True, on_update=True
    )

    made = protected(entity("case", status), "create", "update")

    assert made.dated == ("status", "paid", "paid_at")
    assert status.enum[:2] == ["open", "paid"]


def test_a_name_identifies_what_has_no_status() -> None:
    made = protected(entity("shelf", name()), "create")

    assert made.unique == [["name"]]
    assert made.columns["name"].unique


def test_a_name_identifies_only_within_its_container() -> None:
    owner = entity("owner", name())
    made = entity("dog", reference("owner_id", "owners"), name(), parent="owner", parent_column="owner_id")

    protected(made, "create", parent=owner)

    assert made.unique == [["owner_id", "name"]]


def test_people_are_told_apart_by_more_than_a_name() -> None:
    email = Column("email", "string", "", on_create=True, needed=True)

    made = protected(entity("contact", name(), email), "create")

    assert made.unique == [["name", "email"]]


def test_without_a_name_the_container_counts() -> None:
    thread = entity("thread", name())
    made = entity(
        "message",
        reference("thread_id", "threads"),
        Column("body", "string", "", on_create=True),
        parent="thread",
        parent_column="thread_id",
    )

    protected(made, "create", "delete", parent=thread)

    assert (made.counted, made.counted_by) == ("messages_count", "thread_id")
    assert thread.columns["messages_count"].default == 0


def test_what_is_counted_does_not_move() -> None:
    pet = entity("pet", name())
    visit = entity("visit", reference("pet_id", "pets"))
    visit.columns["pet_id"].on_update = True

    protected(visit, "create", "update", parent=pet)

    assert not visit.columns["pet_id"].on_update


def test_where_nothing_is_required_the_best_text_becomes_so() -> None:
    text = Column("selected_text", "string", "", on_create=True, nullable=True)

    made = protected(entity("annotation", text), "create")

    assert text.needed
    assert made.unique == [["selected_text"]]


def test_what_nothing_protects_is_only_read() -> None:
    made = protected(entity("setting", Column("theme", "string", "", on_update=True)), "update")

    assert made.unguarded


def test_what_is_only_read_needs_no_protection() -> None:
    made = protected(entity("vet", name()), "list", "get")

    assert not made.unguarded
    assert made.unique == []


def test_what_has_few_values_tells_no_two_rows_apart() -> None:
    zone, handle = (Column(each, "string", "", on_create=True) for each in ("time_zone", "nickname"))

    assert protected(entity("dataset", zone), "create").unguarded
    assert protected(entity("dataset", zone, handle), "create").unique == [["nickname"]]
