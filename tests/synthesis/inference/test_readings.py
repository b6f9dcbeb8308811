"""What each operation is read as."""

from __future__ import annotations

from typing import Any

import pytest

from envfactory.synthesis.inference.readings import key_base, match_noun, read_operations
from tests.synthesis.inference.world import answer, body, in_path, openapi, readings, tools

RECORD = {"type": "object", "properties": {"id": {"type": "string"}, "name": {"type": "string"}}}
LIST = {"type": "array", "items": RECORD}
TEXT = {"type": "string"}


@pytest.mark.parametrize(
    ("operation", "kind", "noun", "own", "container"),
    [
        ("listOwners", "list", "owner", "", ""),
        ("createOwner", "create", "owner", "", ""),
        ("getOwner", "get", "owner", "ownerId", ""),
        ("deleteOwner", "delete", "owner", "ownerId", ""),
        ("listDogs", "list", "dog", "", "owner"),
        ("addDog", "create", "dog", "", "owner"),
        ("updateDog", "update", "dog", "dogId", "owner"),
        ("updateStay", "update", "stay", "stayId", ""),
        ("cancelStay", "action", "stay", "stayId", ""),
        ("lockKennel", "action", "kennel", "kennelId", ""),
        ("defumigateKennel", "update", "kennel", "kennelId", ""),
    ],
)
def test_paths_are_read(operation: str, kind: str, noun: str, own: str, container: str) -> None:
    reading = readings()[operation]

    assert (reading.kind, reading.noun) == (kind, noun)
    assert (reading.own, reading.container) == (own, container)


def test_an_unknown_last_literal_is_a_facet_of_the_record() -> None:
    assert readings()["defumigateKennel"].facet == "defumigate"


def read_one(method: str, path: str, *others: str, **operation: Any) -> Any:
    paths = {other: {"get": {"parameters": in_path("id"), "responses": answer(RECORD)}} for other in others}
    paths.setdefault(path, {})[method] = {"responses": answer({}), **operation}
    return next(
        r for r in read_operations(openapi(paths)) if r.operation.method == method.upper() and r.operation.path == path
    )


@pytest.mark.parametrize(
    ("method", "path", "operation", "kind"),
    [
        (
            "post",
            "/pets/{id}",
            {"operationId": "updatePet", "parameters": in_path("id"), "requestBody": body(RECORD)},
            "update",
        ),
        ("post", "/search-pets", {"operationId": "search", "responses": answer(LIST)}, "list"),
        (
            "post",
            "/pets",
            {
                "operationId": "checkPets",
                "requestBody": body({"type": "object", "properties": {"day": TEXT}}),
                "responses": answer(LIST),
            },
            "list",
        ),
        ("post", "/pets/createWithList", {"operationId": "createPetsWithList"}, "unknown"),
        ("get", "/pets", {"operationId": "myPet", "responses": answer(RECORD)}, "unknown"),
        (
            "delete",
            "/owners/{id}/pets",
            {
                "operationId": "removePets",
                "parameters": in_path("id"),
                "requestBody": body({"type": "object", "properties": {"ids": {"type": "array", "items": TEXT}}}),
            },
            "delete",
        ),
        (
            "put",
            "/me/pets",
            {"operationId": "keepPets", "parameters": [{"name": "ids", "in": "query", "schema": TEXT}]},
            "action",
        ),
        ("put", "/pets/{id}/followers", {"operationId": "followPet", "parameters": in_path("id")}, "action"),
    ],
)
def test_awkward_operations_are_read(method: str, path: str, operation: dict[str, Any], kind: str) -> None:
    reading = read_one(method, path, "/pets/{id}", "/owners/{id}", **operation)

    assert reading.kind == kind


def test_names_are_read_where_there_are_no_paths() -> None:
    found = {
        reading.operation.id: reading
        for reading in read_operations(
            tools(
                ("create_issue", {"repo": TEXT, "title": TEXT}, ["repo", "title"]),
                ("get_issue", {"issue_number": {"type": "number"}}, ["issue_number"]),
                ("list_issues", {"repo": TEXT}, ["repo"]),
                ("create_repository", {"name": TEXT}, ["name"]),
                ("merge_issue", {"issue_number": {"type": "number"}}, ["issue_number"]),
                ("ponder", {}, []),
            )
        )
    }

    assert {name: reading.kind for name, reading in found.items()} == {
        "create_issue": "create", "get_issue": "get", "list_issues": "list", "create_repository": "create", "merge_issue": "action", "ponder": "unknown",
    }  # fmt: skip
    assert found["create_issue"].container == "repository"
    assert found["get_issue"].own == "issue_number"


def test_a_step_that_brings_a_known_record_about_creates_it() -> None:
    listed = (("list_concerts", {"city": TEXT}, []), ("list_rooms", {"city": TEXT}, []))
    booked = ("book_room", {"room_id": TEXT, "day": TEXT}, ["room_id", "day"])
    others = (
        ("schedule_concert", {"title": TEXT, "starts_at": TEXT}, ["title"]),
        ("upload_avatar", {"name": TEXT}, []),
    )

    found = {each.operation.id: each.kind for each in read_operations(tools(*listed, booked, *others))}

    assert found["schedule_concert"] == "create"
    assert (found["book_room"], found["upload_avatar"]) == ("unknown", "unknown")


def test_the_callers_own_account_is_no_scope() -> None:
    user = {
        "name": "userId",
        "in": "path",
        "required": True,
        "description": 'The value "me" means the caller.',
        "schema": TEXT,
    }
    paths = {
        f"/users/{{userId}}/{name}": {"get": {"parameters": [user], "responses": answer(LIST)}}
        for name in ("labels", "drafts")
    }

    found = read_operations(openapi(paths))

    assert [reading.scopes for reading in found] == [(), ()]
    assert all("userId" in reading.ignored for reading in found)


@pytest.mark.parametrize(
    ("name", "base"), [("ConversationSid", "conversation"), ("id", ""), ("group_name", "group"), ("title", "title")]
)
def test_key_base(name: str, base: str) -> None:
    assert key_base(name) == base


@pytest.mark.parametrize(
    ("base", "noun"),
    [
        ("order", "order"),
        ("group", "schedule_group"),
        ("default_role", "role"),
        ("pull", "pull_request"),
        ("repo", "repository"),
        ("x", ""),
        ("", ""),
    ],
)
def test_match_noun(base: str, noun: str) -> None:
    assert match_noun(base, {"order", "order_type", "schedule_group", "role", "pull_request", "repository"}) == noun
