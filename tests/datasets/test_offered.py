"""Fewer tools: what is needed is always there, and the rest is drawn alike everywhere."""

from __future__ import annotations

import pytest

from envfactory.datasets.offered import offered

TOOLS = [{"type": "function", "function": {"name": name}} for name in "abcdefgh"]


def names(needed: set[str], most: int | None, key: str = "t-1") -> str:
    return "".join(tool["function"]["name"] for tool in offered(TOOLS, needed, most, key))


@pytest.mark.parametrize(
    ("needed", "most", "count"), [({"c", "g"}, 4, 4), (set("abcde"), 3, 5), ({"a"}, 8, 8), ({"a"}, None, 8)]
)
def test_what_is_needed_is_shown_and_others_as_far_as_there_is_room(
    needed: set[str], most: int | None, count: int
) -> None:
    shown = names(needed, most)
    assert needed <= set(shown)
    assert len(shown) == count


def test_the_order_stays_and_the_draw_hangs_on_the_key_alone() -> None:
    drawn = {names({"d"}, 3, f"t-{number}") for number in range(40)}
    assert all(list(shown) == sorted(shown) for shown in drawn)
    assert names({"d"}, 3) == names({"d"}, 3)
    assert len(drawn) > 5
