"""Shapes come from where values flow, not from what was intended."""

from __future__ import annotations

import pytest

from envfactory.sampling.shapes import shape_of
from envfactory.tasks.model import FromProfile, FromResult, GoldCall, Source


def call(*producers: int, path: str = "rows[0].id") -> GoldCall:
    sources: dict[str, Source] = {f"p{n}": FromResult(call=n, path=path) for n in producers}
    return GoldCall(environment="boats", tool="any", arguments=dict.fromkeys(sources), sources=sources)


@pytest.mark.parametrize(
    ("gold", "shape"),
    [
        ([call()], "linear"),
        ([call(), call(0), call(1)], "linear"),
        ([call(), call(), call(0, 1)], "fan-in"),
        ([call(), call(0), call(0)], "fan-out"),
        ([call(), call(0), call(0, 1)], "branching"),
    ],
)
def test_a_chain_has_the_shape_of_its_flow(gold: list[GoldCall], shape: str) -> None:
    assert shape_of(gold) == shape


def test_the_persons_own_key_makes_no_fan() -> None:
    who = GoldCall(
        environment="boats",
        tool="find_customer",
        arguments={"email": "a@b.example"},
        sources={"email": FromProfile(environment="boats", column="email")},
    )
    gold = [who, call(0, path="customer_id"), call(0, path="customer_id")]
    assert shape_of(gold) == "linear"
