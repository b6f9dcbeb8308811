"""Web search through a provider that the user configured."""

from __future__ import annotations

import json
from collections.abc import Iterator
from urllib.parse import parse_qs, urlsplit

import pytest

from envfactory.config import ExplorationConfig
from envfactory.errors import ConfigError, ResourceError
from envfactory.exploration.searching import check_search, web_search
from tests.serving import Handler, serving


class Provider(Handler):
    """Answers as SearXNG (GET) and as Tavily (POST, with a key) do."""

    def do_GET(self) -> None:
        query = parse_qs(urlsplit(self.path).query)
        hit = {"title": query["q"][0], "url": "https://a.example/", "content": "a\nb\u202e"}
        self.answer(json.dumps({"results": [hit] * 20}).encode())

    def do_POST(self) -> None:
        title = f"{self.asked()['query']} {self.headers['Authorization']}"
        hit = {"title": title, "url": "https://b.example/", "content": ""}
        self.answer(json.dumps({"results": [hit]}).encode())


@pytest.fixture
def address() -> Iterator[str]:
    with serving(Provider) as url:
        yield url


def test_searxng(address: str) -> None:
    hits = web_search(ExplorationConfig(search="searxng", search_url=address), "orders api")
    assert (len(hits), hits[0].title, hits[0].snippet) == (8, "orders api", "a b")


def test_tavily_sends_the_key_of_its_variable(address: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MY_KEY", "k1")
    config = ExplorationConfig(search="tavily", search_url=address, search_key_env="MY_KEY")
    assert web_search(config, "orders")[0].title == "orders Bearer k1"


def test_what_is_not_set_up_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("TAVILY_API_KEY", raising=False)
    with pytest.raises(ConfigError, match="API key"):
        check_search(ExplorationConfig(search="tavily"))
    with pytest.raises(ResourceError, match="no web search"):
        web_search(ExplorationConfig(), "orders")


def test_a_provider_that_is_down_is_a_search_that_failed() -> None:
    with pytest.raises(ResourceError, match="failed"):
        web_search(ExplorationConfig(search="searxng", search_url="http://127.0.0.1:1"), "orders")


def test_ddgs_without_a_way_out_is_a_search_that_failed(monkeypatch: pytest.MonkeyPatch) -> None:
    results = pytest.importorskip("ddgs.results", reason="the extra web is not installed")
    monkeypatch.setenv("DDGS_PROXY", "http://127.0.0.1:1")
    with pytest.raises(ResourceError, match="the web search failed"):
        web_search(ExplorationConfig(search="ddgs"), "orders")
    assert {"title", "href", "body"} <= vars(results.TextResult()).keys()
