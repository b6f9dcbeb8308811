from __future__ import annotations

import asyncio
import time

import pytest

from envfactory.errors import ResourceError
from envfactory.resources.fetch import Limits, fetch
from tests.resources.loopback import DOCUMENT, Loopback

QUICK = Limits(seconds=5, max_bytes=1_000_000)


def test_a_document_is_fetched(server: Loopback) -> None:
    download = fetch(server.url("/api.json"), allow_private=True)

    assert download.data == DOCUMENT
    assert (download.content_type, download.url) == ("application/json", server.url("/api.json"))


def test_a_redirect_is_followed(server: Loopback) -> None:
    download = fetch(server.url("/moved"), allow_private=True)

    assert download.url == server.url("/api.json")
    assert server.seen == {"/moved": 1, "/api.json": 1}


def test_a_zipped_answer_is_unpacked(server: Loopback) -> None:
    assert fetch(server.url("/zipped"), allow_private=True).data == DOCUMENT


def test_the_limits_unless_others_are_given() -> None:
    assert (Limits().max_bytes, Limits().seconds, Limits().redirects) == (10 * 2**20, 20.0, 5)


@pytest.mark.parametrize(("path", "requests"), [("/flaky", 3), ("/dropping", 2)])
def test_what_passes_is_tried_again(server: Loopback, path: str, requests: int) -> None:
    download = fetch(server.url(path), allow_private=True, limits=QUICK)

    assert download.data == DOCUMENT
    assert server.seen[path] == requests


@pytest.mark.parametrize(
    ("path", "reason", "requests"),
    [
        ("/nothing-here", "404 Not Found", 1),
        ("/forbidden", "403 Forbidden", 1),
        ("/teapot", "418", 1),
        ("/always-500", "503 Service Unavailable, 3 times", 3),
        ("/loop", "redirects more than 5 times", 6),
        ("/to-file", "is no http", 1),
        ("/endless", "is larger than", 1),
        ("/declared", "is larger than", 1),
        ("/compressed", "sends br although asked not to", 1),
    ],
)
def test_what_does_not_pass_is_refused_at_once(server: Loopback, path: str, reason: str, requests: int) -> None:
    with pytest.raises(ResourceError, match=reason) as caught:
        fetch(server.url(path), allow_private=True, limits=QUICK)

    assert caught.value.remedy
    assert server.seen[path] == requests


@pytest.mark.parametrize("path", ["/slow-body", "/slow-head"])
def test_a_slow_drip_ends_at_the_deadline(server: Loopback, path: str) -> None:
    began = time.monotonic()

    with pytest.raises(ResourceError, match=r"did not arrive within 0\.4 seconds"):
        fetch(server.url(path), allow_private=True, limits=Limits(seconds=0.4))

    assert time.monotonic() - began < 3


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "[::ffff:127.0.0.1]", "0.0.0.0", "2130706433"])
def test_the_own_machine_is_not_fetched_from(server: Loopback, host: str) -> None:
    with pytest.raises(ResourceError, match=r"private, local or reserved"):
        fetch(server.url("/api.json", host))

    assert server.seen == {}


def test_a_redirect_into_a_private_network_is_refused(server: Loopback, monkeypatch: pytest.MonkeyPatch) -> None:
    """The server's own address is declared public for once; the address it points to is judged as always."""
    from envfactory.resources import addresses

    monkeypatch.setattr(addresses, "is_public", lambda address: address == "127.0.0.1")

    with pytest.raises(ResourceError, match=r"169\.254\.169\.254 is a private"):
        fetch(server.url("/to-metadata"))

    assert server.seen == {"/to-metadata": 1}


@pytest.mark.parametrize(
    "url", ["http://", "https:///x", "ftp://x.example/a", "http://x.example:99999999/", "http://[::1", "x"]
)
def test_what_is_no_address_is_refused(url: str) -> None:
    with pytest.raises(ResourceError, match="address"):
        fetch(url)


def test_a_host_that_does_not_exist(server: Loopback) -> None:
    with pytest.raises(ResourceError, match="cannot be found"):
        fetch("http://no-such-host.invalid/api.json", limits=QUICK)


def test_nothing_listens(server: Loopback) -> None:
    url = server.url("/x").replace(str(server._port), "9")

    with pytest.raises(ResourceError, match="ConnectError"):
        fetch(url, allow_private=True, limits=QUICK)


def test_user_name_and_password_are_not_repeated_in_messages(server: Loopback) -> None:
    with pytest.raises(ResourceError) as caught:
        fetch(server.url("/nothing-here", "me:secret@127.0.0.1"), allow_private=True)

    assert "secret" not in str(caught.value)


async def test_it_works_inside_an_event_loop(server: Loopback) -> None:
    assert asyncio.get_running_loop().is_running()

    assert fetch(server.url("/api.json"), allow_private=True).data == DOCUMENT
