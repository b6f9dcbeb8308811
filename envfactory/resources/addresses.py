"""Which hosts a download may touch.

A document may be fetched on behalf of someone who must not reach the inside of a network, and a redirect or a name
that resolves anew is the usual way in. So every hop's name is resolved here, once; all its addresses must be public;
and the caller connects to exactly the address that was judged. Who admits private addresses does not admit those at
which a machine's credentials are handed out.
"""

from __future__ import annotations

import asyncio
import ipaddress
import socket
import urllib.request

import httpx

from envfactory.errors import ResourceError

_Address = ipaddress.IPv4Address | ipaddress.IPv6Address
_NAT64 = ipaddress.IPv6Network("64:ff9b::/96")
_METADATA = [  # where clouds hand out a machine's credentials: link-local, and two addresses that are not
    ipaddress.ip_network(each) for each in ("169.254.0.0/16", "fe80::/10", "fd00:ec2::254/128", "100.100.100.200/32")
]


def is_public(text: str) -> bool:
    """Whether an IP address is one of the public internet, looking through IPv6 forms that carry an IPv4 address."""
    address = _carried(ipaddress.ip_address(text.partition("%")[0]))
    return address.is_global and not address.is_multicast


def is_metadata(text: str) -> bool:
    """Whether credentials of the machine may be had at an IP address; no document is, so that none is fetched from there."""
    address = _carried(ipaddress.ip_address(text.partition("%")[0]))
    return any(address in network for network in _METADATA)


def _carried(address: _Address) -> _Address:
    if isinstance(address, ipaddress.IPv4Address):
        return address
    if address in _NAT64:
        return ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)
    return address.ipv4_mapped or address.sixtofour or address


def proxy_for(url: httpx.URL) -> str | None:
    """The proxy the environment names for this address, if any; it then resolves names and is the way out."""
    if urllib.request.proxy_bypass(url.host):
        return None
    proxies = urllib.request.getproxies()
    return proxies.get(url.scheme) or proxies.get("all")


async def resolve(url: httpx.URL, *, allow_private: bool) -> list[str]:
    """The addresses of the URL's host; ResourceError where there is none, or one that is not public."""
    port = url.port or (443 if url.scheme == "https" else 80)
    try:
        found = await asyncio.get_running_loop().getaddrinfo(url.host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        raise ResourceError(f"the host {url.host!r} cannot be found", remedy="check the address") from error
    addresses = list(dict.fromkeys(str(entry[4][0]) for entry in found))
    refuse_private(url.host, addresses, allow_private=allow_private)
    return addresses


def refuse_private(host: str, addresses: list[str], *, allow_private: bool) -> None:
    for address in addresses:
        if is_metadata(address) or not (allow_private or is_public(address)):
            raise ResourceError(
                f"{host} is a private, local or reserved address ({address})",
                remedy="only public addresses are fetched; download the document and give the file",
            )
