"""Every recipe of docs/models.md as it stands there, against a server that takes what its backend documents, and no more."""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from envfactory.config import ModelConfig, load
from envfactory.models.backends import Backends
from envfactory.models.checking import Finding, check
from tests.models.dialects import DIALECTS, Dialect
from tests.serving import Handler, serving

PAGE = Path(__file__).parents[2] / "docs" / "models.md"
RECIPES = dict(re.findall(r"^\*\*([^*]+)\*\*[^\n]*\n\n```toml\n(.*?)^```", PAGE.read_text(), re.DOTALL | re.MULTILINE))
KEYS = ("OPENAI_API_KEY", "OPENROUTER_API_KEY")


class Server:
    """Speaks a dialect at an address; keeps what was asked, and by which keys."""

    def __init__(self, dialect: Dialect) -> None:
        self.address, self.requests, self.keys = "", list[dict[str, Any]](), set[str]()
        owner = self

        class Endpoint(Handler):
            def do_POST(self) -> None:
                asked = self.asked()
                owner.requests.append(asked)
                owner.keys.add(self.headers["Authorization"])
                strange = [self.path] if self.path != dialect.path else dialect.strange(asked)
                told = {"error": {"message": f"unknown: {strange}"}} if strange else dialect.answer(asked)
                self.answer(json.dumps(told).encode(), status=400 if strange else 200)

        self.handler = Endpoint

    def own(self, recipe: str) -> str:
        """Return a recipe with this server in the place of its own."""
        return re.sub(r"https?://[\w.:]+", self.address, recipe)


@contextmanager
def speaking(name: str) -> Iterator[Server]:
    server = Server(DIALECTS[name])
    with serving(server.handler) as server.address:
        yield server


def checked(server: Server, folder: Path, recipe: str, **changes: Any) -> Finding:
    file = folder / "models.toml"
    file.write_text(server.own(recipe))
    models = load(file, {"models": {"default": {"max_retries": 0, **changes}}}).models
    return asyncio.run(check(Backends(models), models.of("coder"), ["coder", "solver"]))


@pytest.fixture(autouse=True)
def keys(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in KEYS:
        monkeypatch.setenv(name, f"sk-{name}")


@pytest.mark.parametrize("name", DIALECTS)
def test_a_recipe_is_fit_for_every_role(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with speaking(name) as server:
        monkeypatch.setenv("OPENAI_BASE_URL", f"{server.address}/v1")
        found = checked(server, tmp_path, RECIPES[name])
    assert (found.fit, found.structured, found.tools, found.problems) == (True, True, True, [])
    assert found.reasoning is (name not in ("OpenAI", "transformers serve"))


@pytest.mark.parametrize(
    ("name", "sent"),
    [
        ("vLLM", {"max_tokens": 16000, "chat_template_kwargs": {"enable_thinking": True}, "top_k": 20}),
        ("Ollama", {"reasoning_effort": "high"}),
        ("OpenRouter", {"provider": {"require_parameters": True}, "reasoning": {"effort": "high"}}),
    ],
)
def test_what_a_backend_alone_knows_goes_beside_the_rest(name: str, sent: dict[str, Any], tmp_path: Path) -> None:
    with speaking(name) as server:
        checked(server, tmp_path, RECIPES[name])
    assert [{key: asked.get(key) for key in sent} for asked in server.requests] == [sent] * 3
    assert [asked["response_format"]["type"] for asked in server.requests if "response_format" in asked] == [
        "json_schema"
    ]


@pytest.mark.parametrize(("name", "variable"), [("OpenAI", KEYS[0]), ("OpenRouter", KEYS[1]), ("vLLM", KEYS[0])])
def test_the_key_is_the_one_that_the_recipe_names(
    name: str, variable: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with speaking(name) as server:
        monkeypatch.setenv("OPENAI_BASE_URL", f"{server.address}/v1")
        checked(server, tmp_path, RECIPES[name])
    assert server.keys == {f"Bearer sk-{variable}"}


def test_openai_itself_is_told_the_limit_by_its_own_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with speaking("OpenAI") as server:
        monkeypatch.setenv("OPENAI_BASE_URL", f"{server.address}/v1")
        found = checked(server, tmp_path, RECIPES["OpenAI"], max_tokens=9000)
    assert (found.fit, found.price) == (True, "configured")
    assert {asked["max_completion_tokens"] for asked in server.requests} == {9000}


def test_a_gateway_tells_its_price(tmp_path: Path) -> None:
    with speaking("OpenRouter") as server:
        assert checked(server, tmp_path, RECIPES["OpenRouter"]).price == "told by the backend"


@pytest.mark.parametrize("name", ["Ollama", "llama.cpp"])
def test_where_no_tool_can_be_forced_another_way_is_told(name: str, tmp_path: Path) -> None:
    with speaking(name) as server:
        found = checked(server, tmp_path, RECIPES[name], structured_output="function_calling")
    assert (found.structured, found.instead, found.fit) == (False, "json_schema", False)


def test_every_recipe_is_tried_here_or_is_another_providers() -> None:
    assert {*RECIPES} - {*DIALECTS} == {"Anthropic"}
    assert all(ModelConfig(model=re.findall(r'^model = "(.+?)"', recipe, re.M)[0]) for recipe in RECIPES.values())
