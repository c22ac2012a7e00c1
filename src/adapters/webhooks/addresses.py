"""Where a webhook may go: public addresses by https, and ranges that the operator opened by name.

A tenant chooses the URL, so it must never reach what only this machine can reach. Every address a name resolves to is
judged, and the connection goes to a judged address, never to the name again.
"""

import asyncio
import socket
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address
from typing import Final, TypeAlias
from urllib.parse import SplitResult, urlsplit

import psutil

Address: TypeAlias = IPv4Address | IPv6Address
Network: TypeAlias = IPv4Network | IPv6Network
Resolver: TypeAlias = Callable[[str, int], Awaitable[Sequence[str]]]

PORTS: Final = frozenset({443, 8443})
MAX_URL: Final = 2_000

# IANA special-purpose registries (RFC 6890 and its updates), spelled out because `ipaddress.is_global` differs
# between versions of Python.
_CLOSED_4: Final = tuple(
    IPv4Network(network)
    for network in (
        "0.0.0.0/8",
        "10.0.0.0/8",
        "100.64.0.0/10",
        "127.0.0.0/8",
        "169.254.0.0/16",
        "172.16.0.0/12",
        "192.0.0.0/24",
        "192.0.2.0/24",
        "192.31.196.0/24",
        "192.52.193.0/24",
        "192.88.99.0/24",
        "192.168.0.0/16",
        "192.175.48.0/24",
        "198.18.0.0/15",
        "198.51.100.0/24",
        "203.0.113.0/24",
        "224.0.0.0/4",
        "240.0.0.0/4",
    )
)
# Only 2000::/3 is global unicast; of it, what is special or carries an IPv4 address inside (Teredo, 6to4) is closed.
# IPv4-mapped, -compatible and NAT64 addresses lie outside.
_OPEN_6: Final = IPv6Network("2000::/3")
_CLOSED_6: Final = tuple(
    IPv6Network(network) for network in ("2001::/23", "2001:db8::/32", "2002::/16", "2620:4f:8000::/48", "3fff::/20")
)
_ISATAP: Final = (0x00005EFE, 0x02005EFE)  # the upper half of an interface id that carries an IPv4 address (RFC 5214)


class AddressError(Exception):
    """A webhook may not go there; the message says why and never names an address the name resolved to."""


@dataclass(frozen=True, slots=True)
class Target:
    """A URL that may be called, and the addresses at which alone it may be called."""

    scheme: str
    host: str
    port: int
    authority: str  # host and port as the URL writes them, for the Host header
    path: str
    addresses: tuple[Address, ...]


async def system_resolver(host: str, port: int) -> Sequence[str]:
    """Every address the system's resolver has for a name. Errors: OSError."""
    found = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(entry[4][0]) for entry in found))


def own_addresses() -> frozenset[Address]:
    """The addresses of this machine's interfaces, closed though they may be public."""
    return frozenset(
        ip_address(address.address.partition("%")[0])
        for addresses in psutil.net_if_addrs().values()
        for address in addresses
        if address.family in (socket.AF_INET, socket.AF_INET6)
    )


@dataclass(frozen=True, slots=True)
class AddressPolicy:
    """`allowed` ranges are open although they are not public, on any port, and there http will do."""

    allowed: tuple[Network, ...] = ()
    own: frozenset[Address] = frozenset()
    resolve: Resolver = system_resolver

    def check(self, url: str) -> None:
        """Refuse what is wrong with the URL as written, before any name is looked up. Errors: AddressError."""
        self._parts(url)

    async def target(self, url: str) -> Target:
        """Where to connect for `url`. Errors: AddressError; OSError for a name that does not resolve."""
        parts, host, port = self._parts(url)
        addresses = tuple(ip_address(text) for text in await self.resolve(host, port))
        if not addresses:
            raise OSError(f"{host} has no address")
        for address in addresses:
            if any(address in network for network in self.allowed):
                continue
            if not self._public(address):
                raise AddressError("The host has an address that webhooks may not reach.")
            if parts.scheme != "https" or port not in PORTS:
                raise AddressError("Public addresses are reached by https on port 443 or 8443.")
        path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        return Target(parts.scheme, host, port, parts.netloc, path, addresses)

    def _parts(self, url: str) -> tuple[SplitResult, str, int]:
        if len(url) > MAX_URL:
            raise AddressError(f"A URL has at most {MAX_URL} characters.")
        # Before parsing: urlsplit drops tabs and line ends silently, and a backslash is a slash to some clients.
        if not url.isascii() or not url.isprintable() or " " in url or "\\" in url:
            raise AddressError("A URL is printable ASCII without spaces; write international names in punycode.")
        try:
            parts = urlsplit(url)
            host, port = parts.hostname, parts.port
            (host or "").encode("idna")  # a resolver would: each label has 1 to 63 characters
        except ValueError:
            raise AddressError("This is not a URL.") from None
        if parts.scheme not in ("https", "http") or not host:
            raise AddressError("A webhook URL begins with https:// and a host.")
        if parts.scheme == "http" and not self.allowed:
            raise AddressError("Webhooks are sent by https.")
        if parts.username is not None or parts.password is not None or "@" in parts.netloc:
            raise AddressError("A webhook URL carries no user or password.")
        if parts.fragment:
            raise AddressError("A webhook URL has no fragment.")
        if "%" in host:
            raise AddressError("A host has no zone and no escapes.")
        default = 443 if parts.scheme == "https" else 80
        return parts, host, default if port is None else port

    def _public(self, address: Address) -> bool:
        if address in self.own:
            return False
        if isinstance(address, IPv4Address):
            return not any(address in network for network in _CLOSED_4)
        interface = int(address) >> 32 & 0xFFFFFFFF
        return address in _OPEN_6 and interface not in _ISATAP and not any(address in network for network in _CLOSED_6)


def policy(allowed: Sequence[Network], resolve: Resolver = system_resolver) -> AddressPolicy:
    """The policy of this machine: its own addresses are closed unless they lie in an allowed range."""
    return AddressPolicy(tuple(allowed), own_addresses(), resolve)
