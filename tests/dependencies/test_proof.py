from typing import Any

import pytest

from envfactory.bench.bench import Bench
from envfactory.dependencies.build import replay
from envfactory.dependencies.proof import matters
from envfactory.environments.graph import DependencyGraph, StateEdge, ValueEdge
from envfactory.sandbox.session import Observation


def ok(result: Any, changes: list[dict[str, Any]] | None = None) -> Observation:
    return Observation({"status": "ok", "result": result}, changes or [], [])


def test_another_value_that_only_shows_itself_does_not_matter() -> None:
    assert not matters(ok({"id": "hi_01", "n": 1}), "hi_01", ok({"id": "hi_02", "n": 1}), "hi_02")
    assert matters(ok({"id": "hi_01", "n": 1}), "hi_01", ok({"id": "hi_02", "n": 2}), "hi_02")
    assert matters(ok({"id": "hi_01"}), "hi_01", ok({"id": "hi_02"}, [{"table": "hires"}]), "hi_02")


def test_another_value_that_is_refused_matters_unless_it_is_no_argument() -> None:
    refused, malformed = ({"status": "error", "code": code} for code in ("NOT_YOURS", "INVALID_ARGUMENT"))
    assert matters(ok({}), "a", Observation(refused, [], []), "b")
    assert not matters(ok({}), "a", Observation(malformed, [], []), "b")


def edge_of(graph: DependencyGraph, producer: str, consumer: str) -> ValueEdge:
    return next(edge for edge in graph.value_edges if (edge.producer, edge.consumer) == (producer, consumer))


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"value": "bt_03", "arguments": {"boat_id": "bt_03"}, "setup": "kept"}, "does not give"),
        ({"unknown": "bt_02"}, "does not refuse the unknown value"),
        ({"other": "kept-same"}, "does the same for another value"),
        ({"arguments": {"boat_id": "bt_12"}}, "the arguments do not hold the value"),
        ({"producer": 4}, "incomplete"),
        ({"setup": []}, "incomplete"),
    ],
)
def test_evidence_that_was_tampered_with_is_found_out(
    bench: Bench, graph: DependencyGraph, change: dict[str, Any], message: str
) -> None:
    edge = edge_of(graph, "list_hires", "get_boat")
    evidence = {**edge.evidence, **{key: value for key, value in change.items() if value not in ("kept", "kept-same")}}
    if change.get("other") == "kept-same":
        evidence["other"] = evidence["value"]
    (fault,) = replay(bench, [edge.model_copy(update={"evidence": evidence})])
    assert fault is not None
    assert message in fault


def test_a_state_edge_with_the_wrong_code_does_not_hold(bench: Bench, graph: DependencyGraph) -> None:
    edge: StateEdge = graph.state_edges[0]
    (fault,) = replay(bench, [edge.model_copy(update={"code": "OTHER"})])
    assert fault is not None
    assert edge.code in fault
