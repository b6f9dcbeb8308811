"""Downloads with hard limits: so many bytes, so many seconds in all, so few redirects, and only from public hosts.

The whole exchange runs under one deadline, so neither a slow drip nor a chain of retries can outlast it. Only
failures that may pass (a dropped connection, 429, 5xx) are tried again.
"""

from __future__ import annotations

import asyncio
import ipaddress
import ssl
from collections.abc import Coroutine
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

import httpx
from tenacity import AsyncRetrying, retry_if_exception_type, stop_after_attempt, wait_random_exponential

from envfactory.errors import ResourceError
from envfactory.resources.addresses import proxy_for, refuse_private, resolve
from envfactory.resources.reading import unpack

_TRANSIENT_STATUS = frozenset({408, 425, 429, 500, 502, 503, 504})
_REDIRECTS = frozenset({301, 302, 303, 307, 308})
_DOWNLOAD_YOURSELF = "download it yourself and give the file"
_HEADERS = {
    "User-Agent": "envfactory",
    "Accept": "application/json, application/yaml, text/markdown, text/html;q=0.8, */*;q=0.5",
    "Accept-Encoding": "identity",  # a compressed answer could unfold beyond every limit
}


@dataclass(frozen=True)
class Limits:
    """What one download may cost."""

    max_bytes: int = 10 * 1024 * 1024
    seconds: float = 20.0
    redirects: int = 5
    attempts: int = 3
    connect_seconds: float = 5.0


@dataclass(frozen=True)
class Download:
    data: bytes
    content_type: str
    url: str  # where it was found in the end


class AnsweredWith(ResourceError):
    """The server is there and answered with another status than 200."""

    def __init__(self, message: str, *, remedy: str = "", status: int = 0) -> None:
        super().__init__(message, remedy=remedy)
        self.status = status


class _TransientError(Exception):
    """A failure that may pass; its text is for the person if it does not."""


def fetch(url: str, *, allow_private: bool = False, limits: Limits | None = None) -> Download:
    """The document at an http(s) address; ResourceError with the reason where it cannot be had within the limits."""
    limits = limits or Limits()
    return _run(_fetch(_parsed(url), allow_private, limits))


def _run(work: Coroutine[Any, Any, Download]) -> Download:
    """Run to the end, also when the caller stands in an event loop of its own."""
    try:
        asyncio.get_running_loop()
    except RuntimeError:
        return asyncio.run(work)
    with ThreadPoolExecutor(1) as pool:
        return pool.submit(asyncio.run, work).result()


def _parsed(url: str) -> httpx.URL:
    try:
        parsed = httpx.URL(url)
    except (httpx.InvalidURL, ValueError) as error:
        raise ResourceError(f"{url[:200]!r} is no address ({error})", remedy="give a full http(s) address") from error
    if parsed.scheme not in ("http", "https") or not parsed.host:
        raise ResourceError(f"{url[:200]!r} is no http(s) address", remedy=_DOWNLOAD_YOURSELF)
    return parsed


async def _fetch(url: httpx.URL, allow_private: bool, limits: Limits) -> Download:
    try:
        async with asyncio.timeout(limits.seconds):
            return await _with_retries(url, allow_private, limits)
    except TimeoutError as error:
        raise ResourceError(
            f"{_shown(url)} did not arrive within {limits.seconds:g} seconds", remedy=_DOWNLOAD_YOURSELF
        ) from error


async def _with_retries(url: httpx.URL, allow_private: bool, limits: Limits) -> Download:
    retrying = AsyncRetrying(
        stop=stop_after_attempt(limits.attempts),
        wait=wait_random_exponential(multiplier=0.2, max=2),
        retry=retry_if_exception_type(_TransientError),
        reraise=True,
    )
    try:
        async for attempt in retrying:
            with attempt:
                number = attempt.retry_state.attempt_number
                return await _follow(url, number - 1, allow_private, limits)
    except _TransientError as error:
        raise ResourceError(f"{error}, {limits.attempts} times", remedy="try again later") from error
    raise AssertionError("unreachable: the last attempt returns or raises")


async def _follow(url: httpx.URL, turn: int, allow_private: bool, limits: Limits) -> Download:
    for _hop in range(limits.redirects + 1):
        answer = await _hop_to(url, turn, allow_private, limits)
        if isinstance(answer, Download):
            return answer
        url = answer
    raise ResourceError(
        f"{_shown(url)} redirects more than {limits.redirects} times", remedy="give the address it leads to"
    )


async def _hop_to(url: httpx.URL, turn: int, allow_private: bool, limits: Limits) -> Download | httpx.URL:
    """One request: the document, or where it is said to be. `turn` picks another of the host's addresses each time."""
    proxy = proxy_for(url)
    if proxy is None:
        addresses = await resolve(url, allow_private=allow_private)
        pinned = url.copy_with(host=addresses[turn % len(addresses)])
    else:
        refuse_private(url.host, _literal(url.host), allow_private=allow_private)
        pinned = url
    timeout = httpx.Timeout(limits.seconds, connect=limits.connect_seconds)
    verify: ssl.SSLContext | bool = httpx.create_ssl_context() if url.scheme == "https" else False
    async with httpx.AsyncClient(proxy=proxy, trust_env=False, verify=verify, timeout=timeout) as client:
        headers = {**_HEADERS, "Host": url.netloc.decode("ascii")}
        request = client.build_request("GET", pinned, headers=headers, extensions={"sni_hostname": url.host})
        try:
            response = await client.send(request, stream=True)
            try:
                return await _answer(url, response, limits)
            finally:
                await response.aclose()
        except httpx.HTTPError as error:
            raise _failure(url, error) from error


def _literal(host: str) -> list[str]:
    if host.lower() == "localhost" or host.lower().endswith(".localhost"):
        return ["127.0.0.1"]
    try:
        return [str(ipaddress.ip_address(host.strip("[]")))]
    except ValueError:
        return []


def _failure(url: httpx.URL, error: httpx.HTTPError) -> Exception:
    if "CERTIFICATE" in str(error):
        return ResourceError(f"the certificate of {url.host} is not trusted", remedy=_DOWNLOAD_YOURSELF)
    return _TransientError(f"{_shown(url)} could not be read ({type(error).__name__})")


async def _answer(url: httpx.URL, response: httpx.Response, limits: Limits) -> Download | httpx.URL:
    status = response.status_code
    if status in _REDIRECTS and "location" in response.headers:
        return _parsed(str(url.join(response.headers["location"])))
    if status in _TRANSIENT_STATUS:
        raise _TransientError(f"{_shown(url)} answered {_phrase(status)}")
    if status != 200:
        remedy = _DOWNLOAD_YOURSELF if status in (401, 403) else "check the address"
        raise AnsweredWith(f"{_shown(url)} answered {_phrase(status)}", remedy=remedy, status=status)
    data = unpack(await _body(url, response, limits))
    return Download(data, response.headers.get("content-type", ""), str(url))


async def _body(url: httpx.URL, response: httpx.Response, limits: Limits) -> bytes:
    encoding = response.headers.get("content-encoding", "identity").lower()
    if encoding not in ("identity", "gzip", "x-gzip", ""):
        raise ResourceError(f"{_shown(url)} sends {encoding} although asked not to", remedy=_DOWNLOAD_YOURSELF)
    declared = response.headers.get("content-length", "")
    if declared.isdigit() and int(declared) > limits.max_bytes:
        raise _too_large(url, limits)
    data = bytearray()
    async for chunk in response.aiter_raw():
        data += chunk
        if len(data) > limits.max_bytes:
            raise _too_large(url, limits)
    return bytes(data)


def _too_large(url: httpx.URL, limits: Limits) -> ResourceError:
    return ResourceError(
        f"{_shown(url)} is larger than {limits.max_bytes / 2**20:g} MiB",
        remedy="download it and give the part you need",
    )


def _phrase(status: int) -> str:
    return f"{status} {HTTPStatus(status).phrase}" if status in set(HTTPStatus) else str(status)


def _shown(url: httpx.URL) -> str:
    """The address without user name and password."""
    return str(url.copy_with(username=None, password=None)) if url.userinfo else str(url)
