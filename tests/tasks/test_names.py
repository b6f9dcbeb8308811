"""Served names and the schemas that chat models take."""

from __future__ import annotations

import jsonschema
import pytest

from envfactory.environments.artefact import Environment
from envfactory.errors import TaskError
from envfactory.tasks.names import served_names, tool_schemas


def test_one_environment_serves_its_tools_by_their_names(boats: Environment) -> None:
    served = served_names([boats])
    assert served["book_boat"] == ("boat_hire", "book_boat")
    assert len(served) == 11


def test_several_serve_them_with_the_environment(boats: Environment, office: Environment) -> None:
    served = served_names([boats], [office])
    assert served["lake_office__book_boat"] == ("lake_office", "book_boat")
    assert (len(served), "book_boat" in served) == (22, False)


def test_withheld_tools_are_not_served(boats: Environment) -> None:
    assert "cancel_hire" not in served_names([boats], withheld=["boat_hire.cancel_hire"])


def test_withholding_what_there_is_not_is_an_error(boats: Environment) -> None:
    with pytest.raises(TaskError, match=r"boat_hire\.fly"):
        served_names([boats], withheld=["boat_hire.fly"])


def test_schemas_say_what_the_contract_says(boats: Environment) -> None:
    (book,) = [
        s["function"] for s in tool_schemas(served_names([boats]), [boats]) if s["function"]["name"] == "book_boat"
    ]
    assert book["parameters"]["required"] == ["customer_id", "boat_id", "start_date", "end_date", "crew"]
    assert book["parameters"]["properties"]["crew"] == {
        "type": "integer",
        "description": "People on board.",
        "minimum": 1,
        "maximum": 12,
    }


def test_schemas_admit_calls_that_the_tools_admit_and_refuse_the_others(boats: Environment) -> None:
    by_name = {s["function"]["name"]: s["function"]["parameters"] for s in tool_schemas(served_names([boats]), [boats])}
    jsonschema.validate({"boat_ids": ["bt_01", "bt_02"]}, by_name["compare_boats"])
    for wrong in ({"boat_ids": ["bt_01"]}, {"boat_ids": ["bt_01", "bt_01"]}, {"boat_ids": ["bt_01", "bt_02"], "x": 1}):
        with pytest.raises(jsonschema.ValidationError):
            jsonschema.validate(wrong, by_name["compare_boats"])
