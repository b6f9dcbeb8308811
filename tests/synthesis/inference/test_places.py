"""Paths as chains of places."""

from __future__ import annotations

import pytest

from envfactory.synthesis.inference.places import Place, atlas_of, route_of
from tests.synthesis.inference.world import answer, in_path, openapi


@pytest.mark.parametrize(
    ("path", "places", "suffix"),
    [
        ("/v1/owners/{ownerId}/pets/{petId}", (Place("owners", ("ownerId",)), Place("pets", ("petId",))), ""),
        ("/repos/{owner}/{repo}/issues", (Place("repos", ("owner", "repo")), Place("issues")), ""),
        ("/shelves/{s}/books/{b}:borrow", (Place("shelves", ("s",)), Place("books", ("b",))), "borrow"),
        ("/approvals:start", (Place("approvals"),), "start"),
        ("/t/-/{id}.json", (Place("t", ("id",)),), ""),
        ("{userId}/sources", (Place("", ("userId",)), Place("sources")), ""),
        ("/", (), ""),
    ],
)
def test_route_of(path: str, places: tuple[Place, ...], suffix: str) -> None:
    route = route_of(path)

    assert route.places == places
    assert route.suffix == suffix


def test_atlas_drops_a_shared_prefix_that_takes_no_parameter() -> None:
    atlas = atlas_of(
        openapi(
            {
                f"/ats/{name}": {"get": {"responses": answer({"type": "array", "items": {"type": "string"}})}}
                for name in ("jobs", "people")
            }
        )
    )

    assert atlas.route("/ats/jobs").places == (Place("jobs"),)


def test_atlas_keeps_a_shared_collection() -> None:
    paths = {
        f"/carts/{{id}}/{name}": {"get": {"parameters": in_path("id"), "responses": answer({})}}
        for name in ("items", "total")
    }

    atlas = atlas_of(openapi(paths))

    assert atlas.skip == 0
    assert atlas.is_collection("carts")


def test_a_verb_is_no_collection() -> None:
    listed = answer({"type": "array", "items": {"type": "object", "properties": {"a": {"type": "string"}}}})

    atlas = atlas_of(
        openapi(
            {
                "/pet/findByStatus": {"get": {"responses": listed}},
                "/pet/{id}": {"get": {"parameters": in_path("id"), "responses": answer({})}},
            }
        )
    )

    assert not atlas.is_collection("findByStatus")
    assert atlas.is_collection("pet")
