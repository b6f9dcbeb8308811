"""The page of an environment."""

from __future__ import annotations

import base64
import gzip
import json

from envfactory.environments.artefact import Environment
from envfactory.environments.report import GateReport
from envfactory.pages.bodies import Packed
from envfactory.pages.document import document
from envfactory.pages.environments import environment_page, tool_code
from envfactory.pages.links import Link
from tests.pages.hostile import ALL
from tests.pages.markup import Markup


def page_of(environment: Environment, report: GateReport | None, *links: Link) -> Markup:
    bodies = Packed()
    return Markup(document("e", environment_page(environment, report, bodies, links), bodies.packs()))


def packed(page: Markup) -> list[str]:
    return [text for pack in page.scripts[1:] for text in json.loads(gzip.decompress(base64.b64decode(pack)))]


def test_every_tool_stands_in_it_with_its_promise_and_code(boats: Environment, report: GateReport) -> None:
    page = page_of(boats, report)
    texts = packed(page)
    for tool in boats.contracts.tools:
        assert f"tool-{tool.name}" in page.attributes("id")
        assert all(code in page.text for code in tool.errors)
        assert tool_code(boats, tool.name) in texts


def test_every_row_lies_in_it(boats: Environment, report: GateReport) -> None:
    texts = packed(page_of(boats, report))
    assert [table for table, rows in boats.seed_rows.items() if json.dumps(rows, ensure_ascii=False) not in texts] == []
    assert boats.schema_sql in texts


def test_the_gates_evidence_is_told_failures_first(boats: Environment, report: GateReport) -> None:
    page = page_of(boats, report)
    assert page.text.index("1 case differs") < page.text.index("11 tools, no objections")
    assert any('"hire_boat"' in text and "evidence" in text for text in packed(page))


def test_the_graph_is_drawn(boats: Environment, report: GateReport) -> None:
    page = page_of(boats, report)
    assert page.attributes("data-tool") == ["search_boats", "hire_boat", "cancel_hire", "lonely"]
    assert "search_boats.boats[].boat_id" in page.text


def test_one_that_was_not_judged_says_so(boats: Environment) -> None:
    assert "not judged" in page_of(boats, None).text


def test_its_tasks_are_linked(boats: Environment, report: GateReport) -> None:
    assert "#view-3.1" in page_of(boats, report, Link("t-1", "#view-3.1")).attributes("href")


def test_hostile_words_are_text(boats: Environment, report: GateReport) -> None:
    spoken = report.model_copy(
        update={"checks": [report.checks[1].model_copy(update={"summary": ALL, "evidence": [{"x": ALL}]})]}
    )
    page = page_of(boats, spoken)
    assert [tag for tag, _ in page.tags].count("script") == 2
    assert not [name for _, attributes in page.tags for name in attributes if name.startswith("on")]
    assert "window.hacked=1" in page.text


def test_code_of_no_tool_is_empty(boats: Environment) -> None:
    assert tool_code(boats, "no_such_tool") == ""
