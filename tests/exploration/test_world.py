"""What an exploring model can reach, and what it cannot."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from envfactory.config import ExplorationConfig
from envfactory.exploration.world import World, tool_schemas
from tests.exploration.site import Site


def world(folder: Path, **config: Any) -> World:
    return World(ExplorationConfig(**{"allow_private": True, **config}), folder)


def test_a_page_is_kept_by_its_hash_and_cut_to_its_text(site: Site, tmp_path: Path) -> None:
    told = world(tmp_path).call("fetch", {"url": f"{site.url}/orders.html"})
    assert "POST /v1/orders places an order" in told["text"]
    assert "<h1>" not in told["text"]
    assert len(list(tmp_path.glob("*.note.json"))) == 1


def test_robots_txt_is_obeyed_and_asked_once(site: Site, tmp_path: Path) -> None:
    here = world(tmp_path)
    told = [here.call("fetch", {"url": f"{site.url}{path}"}) for path in ("/private/secret", "/private/secret")]
    assert all("robots.txt" in each["error"] for each in told)
    assert site.asked == ["/robots.txt"]


def test_a_redirect_is_followed_within_the_site(site: Site, tmp_path: Path) -> None:
    told = world(tmp_path).call("fetch", {"url": f"{site.url}/moved"})
    assert told["url"] == f"{site.url}/orders.html"


@pytest.mark.parametrize(
    ("url", "reason"),
    [
        ("file:///etc/passwd", "no http(s) address"),
        ("http://169.254.169.254/latest/meta-data", "private"),
        ("http://127.0.0.1:1/", "private"),
        ("http://[::1]/", "private"),
        ("gopher://example.org", "no http(s) address"),
    ],
)
def test_nothing_but_public_addresses_can_be_fetched(tmp_path: Path, url: str, reason: str) -> None:
    told = world(tmp_path, allow_private=False).call("fetch", {"url": url})
    assert reason in told["error"] or "robots.txt" in told["error"]
    assert list(tmp_path.iterdir()) == []


def test_a_redirect_into_a_private_network_is_refused(
    site: Site, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from envfactory.resources import addresses

    loopback = {"127.0.0.1"}
    public = addresses.is_public
    monkeypatch.setattr(addresses, "is_public", lambda text: text in loopback or public(text))
    told = world(tmp_path, allow_private=False).call("fetch", {"url": f"{site.url}/inside"})
    assert "10.0.0.1 is a private" in told["error"]


def test_a_page_larger_than_the_limit_is_refused(site: Site, tmp_path: Path) -> None:
    told = world(tmp_path, page_bytes=100_000).call("fetch", {"url": f"{site.url}/huge"})
    assert "larger than" in told["error"]


def test_pages_calls_and_minutes_are_bounded(site: Site, tmp_path: Path) -> None:
    few = world(tmp_path, pages=1)
    told = [few.call("fetch", {"url": f"{site.url}/orders.html"}) for _ in range(2)]
    assert "all 1 pages are spent" in told[1]["error"]
    times = iter([0.0, 120.0])
    late = World(ExplorationConfig(minutes=1), tmp_path, clock=lambda: next(times))
    assert "minutes are over" in late.call("search_catalogue", {"words": "rail"})["error"]


@pytest.mark.parametrize(
    ("tool", "arguments"),
    [
        ("__init__", {}),
        ("call", {"tool": "fetch"}),
        ("fetch", {}),
        ("fetch", {"url": "http://example.org", "method": "POST"}),
        ("fetch", "http://example.org"),
        ("list_mcp_tools", {"server": "bash -c 'touch x'"}),
        ("read", {"id": "/etc/passwd"}),
        ("read", {"id": "../../etc/passwd"}),
    ],
)
def test_a_wrong_call_is_an_error_and_nothing_else(tmp_path: Path, tool: str, arguments: Any) -> None:
    told = world(tmp_path).call(tool, arguments)
    assert set(told) == {"error"}
    assert list(tmp_path.iterdir()) == []


def test_the_catalogue_is_searched_and_read(tmp_path: Path) -> None:
    here = world(tmp_path)
    found = here.call("search_catalogue", {"words": "rail tickets"})["found"]
    told = here.call("read", {"id": found[0]["id"]})
    assert found[0]["id"] == "catalogue:travel/rail"
    assert any("ticket" in each["what"].lower() for each in told["operations"])


def test_tools_without_a_provider_are_not_offered() -> None:
    names = {tool["function"]["name"] for tool in tool_schemas(ExplorationConfig())}
    assert "fetch" in names
    assert not names & {"search_web", "list_mcp_tools"}
