"""Every outgoing request that is not a call of HeyGen's API: previews, above all.

The addresses come from outside, so a request goes to named hosts only, never to a private network, and is bounded in
size and time. The host name is resolved once, its addresses are checked, and the connection is made to a checked
address: a name that answers differently the second time gains nothing. No proxy, cookie or credential is ever used.
"""

from __future__ import annotations

import ipaddress
import logging
import socket
import ssl
import threading
import time
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.client import HTTPException
from urllib.parse import SplitResult, urljoin, urlsplit

import certifi
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.exceptions import HTTPError
from urllib3.response import BaseHTTPResponse

from avatars.heygen.session import USER_AGENT

logger = logging.getLogger("avatars.outbound")

REDIRECTS_MAX = 3
CONNECT_SECONDS = 5.0

_REDIRECTS = frozenset({301, 302, 303, 307, 308})
_NETWORK_ERRORS = (OSError, HTTPError, HTTPException)
_NAT64 = ipaddress.ip_network("64:ff9b::/96")

Address = ipaddress.IPv4Address | ipaddress.IPv6Address


class OutboundError(Exception):
    """A fetch that gave nothing. The text names a host at most, never a whole address."""


class Blocked(OutboundError):
    """The address, or one it redirects to, is none we talk to. Asking again does not help."""


class Gone(OutboundError):
    """The host no longer gives the file out (403, 404, 410): ask HeyGen for a fresh address."""

    def __init__(self, message: str, status: int) -> None:
        super().__init__(message)
        self.status = status


class Failed(OutboundError):
    """The fetch failed, or what came is too large or of another type. Asking again later may help."""


@dataclass(frozen=True)
class Fetched:
    """What came: the bytes and their media type in lower case, as the host declared it."""

    content: bytes = field(repr=False)
    media_type: str


def fetch(
    url: str,
    *,
    allowed_hosts: Collection[str],
    max_bytes: int,
    total_seconds: float,
    media_types: Collection[str],
    allow_loopback: bool = False,
) -> Fetched:
    """Fetch a file by https, over at most REDIRECTS_MAX redirects that are each checked like the first address.

    `allowed_hosts` holds exact names, or ".example.com" for every name below example.com (not itself).
    `allow_loopback` admits this machine, also by plain http and on any port; private networks stay closed. Only
    answers of one of the `media_types` and of at most `max_bytes` are taken. `total_seconds` bounds everything but the
    name lookup, which has the limits of the system's resolver.

    Raises Blocked, Gone or Failed.
    """
    deadline = time.monotonic() + total_seconds
    for _ in range(REDIRECTS_MAX + 1):
        parts, addresses = _checked(url, allowed_hosts, allow_loopback=allow_loopback)
        with _answer(parts, addresses, deadline) as response:
            logger.info("GET %s -> %d", parts.hostname, response.status)
            location = response.headers.get("Location")
            if response.status in _REDIRECTS and location:
                url = urljoin(url, location)
                continue
            return _taken(response, str(parts.hostname), max_bytes, media_types, deadline)
    raise Failed("The address redirects too often.")


def _checked(url: str, allowed_hosts: Collection[str], *, allow_loopback: bool) -> tuple[SplitResult, list[Address]]:
    """The parts of an address and the network addresses it may be asked for at, or Blocked."""
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        raise Blocked("The address cannot be read.") from None
    host = (parts.hostname or "").removesuffix(".")
    if parts.scheme not in ("https", "http") or not host or parts.username is not None or not url.isascii():
        raise Blocked("The address is not a plain https address.")
    if not _is_allowed(host, allowed_hosts):
        raise Blocked(f"The host {host[:100]} is not on the list.")
    addresses = _resolve(host, port or (443 if parts.scheme == "https" else 80))
    for address in addresses:
        if _is_loopback(address) and allow_loopback:
            continue
        if not _is_public(address):
            raise Blocked(f"The host {host[:100]} is in a private network.")
        if parts.scheme != "https" or port not in (None, 443):
            raise Blocked(f"The host {host[:100]} is asked for by https on port 443 only.")
    return parts, addresses


def _is_allowed(host: str, allowed_hosts: Collection[str]) -> bool:
    host = host.lower()
    for entry in allowed_hosts:
        if host == entry.lower() or (entry.startswith(".") and host.endswith(entry.lower()) and host != entry[1:]):
            return True
    return False


def _resolve(host: str, port: int) -> list[Address]:
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
        # A link-local IPv6 address carries a zone after "%"; it is refused later, whatever its zone.
        addresses = [ipaddress.ip_address(str(entry[4][0]).partition("%")[0]) for entry in found]
    except (OSError, ValueError):
        raise Failed(f"The host {host[:100]} was not found.") from None
    if not addresses:
        raise Failed(f"The host {host[:100]} was not found.")
    return addresses


def _is_loopback(address: Address) -> bool:
    return _unwrapped(address).is_loopback


def _is_public(address: Address) -> bool:
    address = _unwrapped(address)
    return address.is_global and not address.is_multicast and not address.is_reserved


def _unwrapped(address: Address) -> Address:
    """The IPv4 address that an IPv6 address stands for, where it is of such a kind."""
    if isinstance(address, ipaddress.IPv4Address):
        return address
    if address.ipv4_mapped is not None:
        return address.ipv4_mapped
    if address.sixtofour is not None:
        return address.sixtofour
    if address in _NAT64:
        return ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)
    return address


@contextmanager
def _answer(parts: SplitResult, addresses: list[Address], deadline: float) -> Iterator[BaseHTTPResponse]:
    """The answer to a GET at network addresses already checked, with its body still to be read."""
    host = str(parts.hostname)
    connection = _connect(parts, addresses, deadline)
    watchdog: threading.Timer | None = None
    try:
        try:
            connection.timeout = _left(deadline)
            connection.sock.settimeout(connection.timeout)
            watchdog = _watchdog(connection.sock, connection.timeout)
            target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
            headers = {"Host": parts.netloc, "User-Agent": USER_AGENT, "Accept-Encoding": "identity"}
            connection.request("GET", target, headers=headers, preload_content=False, decode_content=False)
            response = connection.getresponse()
        except _NETWORK_ERRORS:
            raise Failed(f"The host {host} did not answer.") from None
        yield response
    finally:
        if watchdog is not None:
            watchdog.cancel()
        connection.close()


def _connect(parts: SplitResult, addresses: list[Address], deadline: float) -> HTTPConnection:
    """A connection to the first of the addresses that takes one."""
    for address in addresses:
        connection = _connection(parts, address, min(CONNECT_SECONDS, _left(deadline)))
        try:
            connection.connect()
        except _NETWORK_ERRORS:
            connection.close()
            continue
        return connection
    raise Failed(f"The host {parts.hostname} could not be reached.")


def _connection(parts: SplitResult, address: Address, seconds: float) -> HTTPConnection:
    """A connection to the address; certificate and server name go by the host's name."""
    host = str(parts.hostname).removesuffix(".")
    if parts.scheme == "http":
        return HTTPConnection(str(address), parts.port or 80, timeout=seconds)
    return HTTPSConnection(
        str(address),
        parts.port or 443,
        timeout=seconds,
        server_hostname=host,
        ssl_context=_ssl_context(),
    )


def _ssl_context() -> ssl.SSLContext:
    return ssl.create_default_context(cafile=certifi.where())


def _watchdog(sock: socket.socket, seconds: float) -> threading.Timer:
    """Cuts the connection at the deadline: a header sent a byte at a time would never trip a socket's timeout."""

    def cut() -> None:
        try:
            sock.shutdown(socket.SHUT_RDWR)
        except OSError:
            logger.debug("The connection was closed before its deadline.")

    timer = threading.Timer(seconds, cut)
    timer.daemon = True
    timer.start()
    return timer


def _taken(
    response: BaseHTTPResponse, host: str, max_bytes: int, media_types: Collection[str], deadline: float
) -> Fetched:
    if response.status in (403, 404, 410):
        raise Gone(f"The host {host} no longer gives the file out ({response.status}).", response.status)
    if response.status != 200:
        raise Failed(f"The host {host} answered {response.status}.")
    media_type = response.headers.get("Content-Type", "").partition(";")[0].strip().lower()
    if media_type not in media_types:
        raise Failed(f"The host {host} sent another type of file than expected.")
    if response.headers.get("Content-Encoding", "identity").lower() != "identity":
        raise Failed(f"The host {host} sent a compressed answer that was not asked for.")
    content = bytearray()
    try:
        while block := response.read(min(64 * 1024, max_bytes + 1)):
            content += block
            if len(content) > max_bytes:
                raise Failed(f"The file from {host} is larger than {max_bytes} bytes.")
        # Without an announced length, the watchdog's cut looks like an ordinary end.
        _left(deadline)
    except _NETWORK_ERRORS:
        raise Failed(f"The connection to {host} was lost.") from None
    return Fetched(bytes(content), media_type)


def _left(deadline: float) -> float:
    left = deadline - time.monotonic()
    if left <= 0:
        raise Failed("The fetch took too long.")
    return left
