"""Forwarding headers count only when a proxy we know sent them."""

from __future__ import annotations

import ipaddress
from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest
from django.http.response import HttpResponseBase

FORWARDED = ("HTTP_FORWARDED", "HTTP_X_FORWARDED_FOR", "HTTP_X_FORWARDED_HOST", "HTTP_X_FORWARDED_PROTO")
Network = ipaddress.IPv4Network | ipaddress.IPv6Network


def networks(words: list[str]) -> list[Network]:
    """TRUSTED_PROXIES as networks. Raises ValueError for a word that is neither an address nor a network."""
    return [ipaddress.ip_network(word, strict=False) for word in words]


class ForwardedHeaders:
    """Drops forwarding headers of strangers; behind a known proxy, makes REMOTE_ADDR the visitor's own address.

    Sign-in throttles and the activity log read REMOTE_ADDR: a visitor who could write it would have no limit.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response
        self.trusted = networks(settings.TRUSTED_PROXIES)

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        meta = request.META
        if self._trusts(meta.get("REMOTE_ADDR", "")):
            meta["REMOTE_ADDR"] = self._visitor(meta.get("HTTP_X_FORWARDED_FOR", ""), meta["REMOTE_ADDR"])
        else:
            for name in FORWARDED:
                meta.pop(name, None)
        return self.get_response(request)

    def _trusts(self, address: str) -> bool:
        if not self.trusted:
            return False
        try:
            found = ipaddress.ip_address(address)
        except ValueError:
            return False
        return any(found in network for network in self.trusted)

    def _visitor(self, forwarded_for: str, peer: str) -> str:
        """The nearest address that is no proxy of ours: whatever stands left of it, the visitor may have made up."""
        visitor = peer
        for word in reversed(forwarded_for.split(",")):
            address = word.strip()
            try:
                ipaddress.ip_address(address)
            except ValueError:
                break
            visitor = address
            if not self._trusts(address):
                break
        return visitor
