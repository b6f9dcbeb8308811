"""The command `show`: an environment, one tool, the dependency graph in every form."""

from __future__ import annotations

import json
import shutil
import subprocess
import xml.etree.ElementTree as ElementTree
from pathlib import Path

import pytest

from envfactory.environments.artefact import Environment, save
from envfactory.environments.cases import Case, Cases, Expectation
from envfactory.environments.graph import DependencyGraph, Node, StateEdge, ValueEdge
from envfactory.environments.report import CheckResult, GateReport
from tests.cli.conftest import Call
from tests.gate import harbour

GRAPH = DependencyGraph(
    nodes=[
        Node(tool="search_boats", kind="read"),
        Node(tool="hire_boat", kind="write"),
        Node(tool="cancel_hire", kind="write"),
    ],
    value_edges=[
        ValueEdge(producer="search_boats", field="boats[].boat_id", consumer="hire_boat", parameter="boat_id"),
        ValueEdge(producer="hire_boat", field="hire_id", consumer="cancel_hire", parameter="hire_id"),
    ],
    state_edges=[StateEdge(producer="hire_boat", consumer="cancel_hire", effect="enables", code="NOT_FOUND")],
    candidates=7,
)
CHECKS = [
    CheckResult(id="lint", status="pass", summary="11 tools, no objections"),
    CheckResult(id="accept", status="fail", summary="[1] case differs"),
]
REFUSED = Expectation(status="error", codes=["NOT_FOUND"])


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    environment = harbour.environment(graph=GRAPH, cases=Cases(cases=[case_of(harbour.environment())])).sealed()
    report = GateReport(subject=environment.content_hash, seed=0, verdict="rejected", checks=CHECKS)
    save(environment, tmp_path / "harbour", report)
    return tmp_path / "harbour"


def case_of(environment: Environment) -> Case:
    return Case(id="c1", tool=first_tool(environment), arguments={}, expect=REFUSED, purpose="nobody is there")


def first_tool(environment: Environment) -> str:
    return environment.contracts.tools[0].name


def test_an_environment_is_shown_whole(call: Call, folder: Path) -> None:
    told = call("show", str(folder))
    tools = [tool.name for tool in harbour.environment().contracts.tools]
    assert told.status == 0
    assert [name for name in tools if name not in told.out] == []
    assert "boats 14" in told.out
    assert "rejected" in told.out.splitlines()[0]
    assert [line.split() for line in told.out.splitlines()[-2:]] == [
        ["lint", "pass", "11", "tools,", "no", "objections"],
        ["accept", "fail", "[1]", "case", "differs"],
    ]


def test_without_a_report_it_says_so(call: Call, folder: Path) -> None:
    (folder / "gate.json").unlink()
    assert "not judged" in call("show", str(folder)).out


def test_json_holds_everything(call: Call, folder: Path) -> None:
    told = json.loads(call("show", str(folder), "--json").out)
    assert set(told) == {"environment", "tools", "tables", "graph", "gate"}
    assert (told["tables"]["boats"], told["gate"]["verdict"]) == (14, "rejected")


def test_one_tool_is_shown_with_contract_code_and_cases(call: Call, folder: Path) -> None:
    name = first_tool(harbour.environment())
    text = call("show", str(folder), "--tool", name).out
    assert f'"name": "{name}"' in text
    assert f"\ndef {name}(" in text
    assert text.endswith("\nstored cases (1):\n  c1: nobody is there -> NOT_FOUND\n")
    assert set(json.loads(call("show", str(folder), "--tool", name, "--json").out)) == {"contract", "code", "cases"}


def test_an_unknown_tool_is_told(call: Call, folder: Path) -> None:
    told = call("show", str(folder), "--tool", "nope")
    assert (told.status, told.err.splitlines()[0]) == (2, "error: there is no tool nope")
    assert first_tool(harbour.environment()) in told.err.splitlines()[1]


def test_the_graph_as_text(call: Call, folder: Path) -> None:
    lines = [line.split() for line in call("show", str(folder), "--graph", "text").out.splitlines()]
    assert ["hire_boat", "boat_id", "search_boats.boats[].boat_id"] in lines
    assert ["possible", "after", "hire_boat", "(NOT_FOUND)"] in lines


def test_the_graph_as_graphml(call: Call, folder: Path) -> None:
    root = ElementTree.fromstring(call("show", str(folder), "--graph", "graphml").out)
    kinds = [element.tag.rpartition("}")[2] for element in root.iter()]
    assert (kinds.count("node"), kinds.count("edge")) == (3, 3)


def test_the_graph_as_mermaid(call: Call, folder: Path) -> None:
    lines = call("show", str(folder), "--graph", "mermaid").out.splitlines()
    assert lines[0] == "flowchart LR"
    assert '  search_boats -->|"boat_id"| hire_boat' in lines


@pytest.mark.skipif(shutil.which("dot") is None, reason="Graphviz is not installed")
def test_the_graph_as_dot_is_drawn(call: Call, folder: Path) -> None:
    text = call("show", str(folder), "--graph", "dot").out
    drawn = subprocess.run(["dot", "-Tpng"], input=text.encode(), capture_output=True, check=True)
    assert drawn.stdout.startswith(b"\x89PNG")
    assert drawn.stderr == b""


def test_any_form_goes_to_a_file(call: Call, folder: Path, tmp_path: Path) -> None:
    for form in ("text", "mermaid", "graphml", "dot"):
        told = call("show", str(folder), "--graph", form, "-o", f"out/graph.{form}")
        assert (told.status, told.out) == (0, "")
        assert (tmp_path / "out" / f"graph.{form}").read_text().endswith("\n")


def test_a_changed_environment_is_not_shown(call: Call, folder: Path) -> None:
    (folder / "tools.py").write_text("def other(): ...\n")
    told = call("show", str(folder))
    assert (told.status, told.out) == (2, "")
    assert "tools.py no longer matches" in told.err
