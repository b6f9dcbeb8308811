"""The closing table: all figures, a line an environment, readable at eighty columns."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console

from envfactory.agents.products import ExploreRequest
from envfactory.cli.session import Ended
from envfactory.cli.tables import print_result
from envfactory.config import Config, ModelConfig, ModelsConfig, RunConfig
from envfactory.events import Usage
from envfactory.graphs.runner import Result, Run

VERIFIED = {
    "environment": "restaurant_tables",
    "domain": "travel",
    "verdict": "verified",
    "folder": "library/travel/restaurant_tables",
    "reasons": [],
    "tools": 12,
    "read": 5,
    "write": 7,
    "tables": 11,
    "rows": 1204,
    "value_edges": 41,
    "state_edges": 13,
    "checks": 18,
    "checks_total": 18,
    "mutants": 251,
    "killed": 244,
    "revisions": 2,
    "seconds": 121.4,
    "model_calls": 0,
    "cost": None,
}
REJECTED = {
    "environment": "ferries",
    "domain": "travel",
    "verdict": "rejected",
    "folder": None,
    "reasons": ["design: no table has a key"],
    "revisions": 0,
    "seconds": 3.2,
    "model_calls": 0,
    "cost": None,
}
PAID = {"model_calls": 31, "cost": 0.0412}


def printed(outcomes: list[dict[str, Any]], width: int, **result: Any) -> list[str]:
    settings = RunConfig()
    config = Config.model_construct(run=settings, models=result.get("models", ModelsConfig()))
    run = Run("travel-1", Path("runs/travel-1"), ExploreRequest(domain="travel"), config)
    spent = Usage(sum(outcome["model_calls"] for outcome in outcomes), cost=outcomes[0]["cost"])
    ended = Ended(Result(run, "finished", outcomes, result.get("skipped", []), spent=spent), 151.0)
    file = io.StringIO()
    print_result(ended, Console(file=file, width=width, color_system=None, highlight=False))
    return file.getvalue().splitlines()


@pytest.mark.parametrize("width", [80, 100, 140, 1000])
@pytest.mark.parametrize("paid", [{}, PAID], ids=["rules", "model"])
def test_each_environment_has_one_line_that_fits(width: int, paid: dict[str, Any]) -> None:
    lines = printed([{**VERIFIED, **paid}, REJECTED], width)
    about = [line for line in lines if "restaurant_" in line and "/" not in line.split()[0]]
    row = next(line for line in lines if "244/251" in line)
    assert len(row.rstrip()) <= width
    assert about[0] == row


@pytest.mark.parametrize(("width", "tools"), [(80, " 5+7 "), (140, " 12 (5/7) ")])
def test_all_figures_are_there(width: int, tools: str) -> None:
    row = next(line for line in printed([VERIFIED], width) if "244/251" in line)
    for figure in (tools, " 11 ", "1204", "41+13", "18/18", "244/251", " 2 ", "121"):
        assert figure in row
    assert "restaurant_tables" in row


def test_eighty_columns_show_calls_and_cost_where_a_model_was_asked() -> None:
    lines = printed([{**VERIFIED, **PAID}], 80)
    row = next(line for line in lines if "244/251" in line)
    assert row.split()[-2:] == ["31", "$0.0412"]
    assert "31 model calls, 0 tokens, $0.0412" in "".join(lines)


def test_without_a_model_that_is_said_once() -> None:
    lines = printed([VERIFIED, REJECTED], 80)
    assert "1 of 2 environments verified in 2 min 31 s, no model calls" in lines
    assert "cost" not in "".join(lines)


@pytest.mark.parametrize(("model", "told"), [("openai:qwen3", 1), ("rules", 0)])
def test_a_model_that_explored_has_its_reasons_told(model: str, told: int) -> None:
    chosen = {**VERIFIED, "why": "tables and deposits, which the library lacks"}
    lines = printed([chosen], 80, models=ModelsConfig(explorer=ModelConfig(model=model)))
    assert "\n".join(lines).count("was chosen: tables and deposits, which the library") == told


def test_what_was_not_verified_says_why() -> None:
    reasons = [f"check{n}: no" for n in range(6)]
    lines = printed([{**REJECTED, "reasons": reasons}], 140, skipped=[{"source": "a.yaml", "reason": "prose"}])
    assert "ferries rejected: check0: no; check1: no; check2: no; check3: no; and 2 more" in lines
    assert "skipped a.yaml: prose" in lines


def test_it_ends_with_where_things_are_and_what_to_do() -> None:
    text = "\n".join(printed([VERIFIED], 80))
    assert "library  library" in text
    assert "envfactory traces show travel-1" in text
    assert "envfactory show library/travel/restaurant_tables" in text
    assert "envfactory verify library" in text


def test_nothing_verified_leads_to_the_trace() -> None:
    text = "\n".join(printed([REJECTED], 80))
    assert "envfactory traces show travel-1" in text
    assert "library" not in text
