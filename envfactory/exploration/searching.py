"""Web search by a provider that the configuration names; what comes back is data, cut to a line each."""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import Any, NamedTuple

import httpx

from envfactory.config import ExplorationConfig
from envfactory.errors import ConfigError, ResourceError
from envfactory.exploration.pages import plain

MOST = 8
_SECONDS = 20.0
_TAVILY = "https://api.tavily.com/search"


class Found(NamedTuple):
    """One hit of a search."""

    title: str
    url: str
    snippet: str


def web_search(config: ExplorationConfig, query: str) -> list[Found]:
    """Return at most MOST hits; ResourceError where the provider fails, ConfigError where it is not set up."""
    hits = _PROVIDERS[config.search](config, query)
    return [Found(plain(hit.title, 200), hit.url[:500], plain(hit.snippet, 300)) for hit in hits[:MOST]]


def check_search(config: ExplorationConfig) -> None:
    """Raise ConfigError where the configured provider lacks its package or its key."""
    if config.search == "tavily":
        _key(config)
    if config.search == "ddgs":
        _ddgs()


def _none(config: ExplorationConfig, query: str) -> list[Found]:
    raise ResourceError("no web search is configured", remedy="set search in [exploration]")


def _by_ddgs(config: ExplorationConfig, query: str) -> list[Found]:
    engine = _ddgs()
    try:
        hits = engine(timeout=int(_SECONDS)).text(query, max_results=MOST)
    except Exception as error:  # the boundary of a scraper: whatever it raises is a search that failed
        raise ResourceError(f"the web search failed ({type(error).__name__}: {str(error)[:200]})") from error
    return [Found(hit.get("title", ""), hit.get("href", ""), hit.get("body", "")) for hit in hits]


def _ddgs() -> Any:
    try:
        from ddgs import DDGS
    except ImportError as error:
        raise ConfigError("search through ddgs needs its package", remedy="pip install 'envfactory[web]'") from error
    return DDGS


def _by_tavily(config: ExplorationConfig, query: str) -> list[Found]:
    headers = {"Authorization": f"Bearer {_key(config)}"}
    told = _asked("POST", config.search_url or _TAVILY, headers=headers, json={"query": query, "max_results": MOST})
    return [Found(hit.get("title", ""), hit.get("url", ""), hit.get("content", "")) for hit in told.get("results", [])]


def _by_searxng(config: ExplorationConfig, query: str) -> list[Found]:
    address = f"{str(config.search_url).rstrip('/')}/search"
    told = _asked("GET", address, params={"q": query, "format": "json"})
    return [Found(hit.get("title", ""), hit.get("url", ""), hit.get("content", "")) for hit in told.get("results", [])]


def _asked(method: str, address: str, **options: Any) -> dict[str, Any]:
    try:
        answer = httpx.request(method, address, timeout=_SECONDS, **options)
        answer.raise_for_status()
        told = answer.json()
    except (httpx.HTTPError, ValueError) as error:
        raise ResourceError(f"the web search at {address} failed ({type(error).__name__})") from error
    return told if isinstance(told, dict) else {}


def _key(config: ExplorationConfig) -> str:
    key = os.environ.get(config.search_key_env, "")
    if not key:
        raise ConfigError(
            "search through tavily needs an API key", remedy=f"set the environment variable {config.search_key_env}"
        )
    return key


_PROVIDERS: dict[str, Callable[[ExplorationConfig, str], list[Found]]] = {
    "none": _none,
    "ddgs": _by_ddgs,
    "tavily": _by_tavily,
    "searxng": _by_searxng,
}
