"""Likeness goes by what operations are about."""

from __future__ import annotations

import json
from pathlib import Path

from envfactory.exploration.likeness import library_words, nearest, words_of


def test_words_are_nouns_in_the_singular() -> None:
    assert words_of(["listOrders", "get_order", "/v1/orders/{order_id}/lines"]) == {"order", "line"}


def test_the_nearest_is_named_with_what_is_shared() -> None:
    near = nearest(
        words_of(["list_orders", "cancel_order", "list_refunds"]),
        {"a": words_of(["get_order"]), "b": words_of(["bikes"])},
    )
    assert (near.name, near.share, near.shared) == ("a", 0.5, ["order"])


def test_a_library_is_read_by_its_tools(tmp_path: Path) -> None:
    folder = tmp_path / "shop" / "orders"
    folder.mkdir(parents=True)
    (folder / "environment.json").write_text("{}")
    (folder / "contracts.json").write_text(json.dumps({"tools": [{"name": "place_order"}, {"name": "list_refunds"}]}))
    (tmp_path / "shop" / "torn").mkdir()
    (tmp_path / "shop" / "torn" / "environment.json").write_text("{}")
    assert library_words(tmp_path, "shop") == {"orders": frozenset({"place", "order", "refund"})}
