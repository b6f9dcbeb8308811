"""What goes into the package's `eval` and what comes out of its checkers."""

from __future__ import annotations

import pytest

from envfactory.evaluation.bfcl.package import Bfcl
from envfactory.evaluation.bfcl.suite import BfclSuite
from envfactory.rollouts.formats import ToolCall


@pytest.fixture(scope="module")
def bfcl(suite: BfclSuite) -> Bfcl:
    return Bfcl()


@pytest.mark.parametrize(
    "call",
    [
        ToolCall("__import__('os').getcwd", {}),
        ToolCall("print", {"x": 1}),
        ToolCall("cd", {"folder=__import__('os').getcwd() or x": "a"}),
        ToolCall("cd", {"lambda": "a"}),
        ToolCall("_load_scenario", {"scenario": {}}),
    ],
)
def test_only_functions_of_the_back_ends_become_source(bfcl: Bfcl, call: ToolCall) -> None:
    (entry,) = bfcl.entries("multi_turn_base")[:1]
    assert bfcl.source(entry, call) == "undefined_function()"


def test_values_stand_in_source_as_literals(bfcl: Bfcl) -> None:
    (entry,) = bfcl.entries("multi_turn_base")[:1]
    value = {"os.system": {}, "it's": ["a", None, True, 1.5]}
    source = bfcl.source(entry, ToolCall("cd", {"folder": value}))
    assert source == "cd(folder={'os.system': {}, \"it's\": ['a', None, True, 1.5]})"


def test_a_call_that_is_not_there_is_told_as_an_error(bfcl: Bfcl) -> None:
    (entry,) = bfcl.entries("multi_turn_base")[:1]
    (said,) = bfcl.execute(entry, [bfcl.source(entry, ToolCall("fly", {}))], "envfactory_test")
    bfcl.forget(entry, "envfactory_test")
    assert said.startswith("Error during execution: name 'undefined_function'")


def test_arguments_that_break_the_checker_are_wrong_calls(bfcl: Bfcl) -> None:
    category = "multiple"
    entry, answer = bfcl.entries(category, for_checking=True)[0], bfcl.answers(category)[0]
    ((name, wanted),) = answer[0].items()
    arguments = {parameter: {"a": [{}]} for parameter in wanted}
    verdict = bfcl.check_call(entry, [ToolCall(name.replace(".", "_"), arguments)], answer, category)
    assert not verdict.right
    assert verdict.why


def test_tools_are_schemas_without_dots_in_names(bfcl: Bfcl) -> None:
    entry = next(each for each in bfcl.entries("simple_python") if "." in each["function"][0]["name"])
    (tool,) = bfcl.schemas(entry["function"])
    assert tool["type"] == "function"
    assert tool["function"]["name"] == entry["function"][0]["name"].replace(".", "_")
    assert tool["function"]["parameters"]["type"] == "object"
