import pytest

from envfactory.bench.bench import Bench
from envfactory.bench.inputs.world import World
from envfactory.bench.sql.schema import Column, Schema, TableFacts
from envfactory.dependencies.knowledge import opaque, reachable
from envfactory.environments.graph import ValueEdge


def edge(producer: str, consumer: str, *, echo: bool = False, via: tuple[str, ...] = ()) -> ValueEdge:
    return ValueEdge(
        producer=producer, field="id", consumer=consumer, parameter="id", echo=echo, establishers=list(via)
    )


@pytest.mark.parametrize(
    ("edges", "found"),
    [
        ([], {"search"}),
        ([edge("search", "show")], {"search", "show"}),
        ([edge("search", "show", echo=True)], {"search"}),
        ([edge("show", "book"), edge("book", "show")], {"search"}),
        ([edge("search", "show"), edge("show", "book")], {"search", "show", "book"}),
        ([edge("search", "show", via=("book",))], {"search"}),
    ],
)
def test_tools_are_reached_along_edges_that_give_something_new(edges: list[ValueEdge], found: set[str]) -> None:
    assert reachable({"search": [], "show": ["id"], "book": ["id"]}, edges) == found


def test_ids_are_not_in_people_s_heads_but_their_own_and_names_are(bench: Bench) -> None:
    known = bench.contracts, bench.inputs.schema, bench.inputs.start
    assert opaque(("boats", "id"), *known)
    assert opaque(("hires", "boat_id"), *known)
    assert not opaque(("customers", "id"), *known)
    assert not opaque(("harbours", "name"), *known)


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        (["LIS", "OPO"], False),
        (["flex", "early-bird"], False),
        (["rt_double"], True),
        (["10482"], True),
        ([7], True),
        ([], True),
    ],
)
def test_words_are_known_and_made_up_ids_are_not(bench: Bench, values: list[str | int], expected: bool) -> None:
    column = Column("code", "TEXT", True)
    schema = Schema({"things": TableFacts("things", "", True, {"code": column}, ("code",), (("code",),), ())})
    world = World(schema, {"things": [{"code": value} for value in values]})
    assert opaque(("things", "code"), bench.contracts, schema, world) is expected
