"""The road to a push service: known hosts only, public addresses only, no redirects.

A subscription's address comes from a browser, so it is a stranger's word. What is checked: the host stands in
the list of the browsers' own push services, the scheme is https on port 443, and each address that the name
resolves to at the moment of sending is public. The connection is then made to the address that was checked,
not to the name again.
"""

from __future__ import annotations

import ipaddress
import socket
from collections.abc import Iterable
from typing import Any
from urllib.parse import SplitResult, urlsplit

import requests
from requests.adapters import HTTPAdapter
from urllib3.connection import HTTPSConnection
from urllib3.connectionpool import HTTPSConnectionPool
from urllib3.exceptions import HTTPError

PUSH_SERVICES = (
    "fcm.googleapis.com",
    "push.services.mozilla.com",
    "push.apple.com",
    "notify.windows.com",
)
"""Those of Chrome and Samsung Internet, Firefox, Safari and Edge; names below the last three are good too."""

WITH_NAMES_BELOW = frozenset(PUSH_SERVICES[1:])
LONGEST_ENDPOINT = 2000
TIMEOUT = (5.0, 10.0)


class AddressRefused(OSError):
    """The name of a push service resolves to an address that is not public."""


def endpoint_refusal(endpoint: str, test_hosts: Iterable[str] = ()) -> str | None:
    """Return why nothing is sent to this endpoint, or None when it is a push service's.

    ``test_hosts`` are hosts or ``host:port`` of test receivers, which may speak plain HTTP on any port.
    """
    if len(endpoint) > LONGEST_ENDPOINT or not endpoint.isascii() or not endpoint.isprintable():
        return "unreadable"
    try:
        parts = urlsplit(endpoint)
        port = parts.port
    except ValueError:
        return "unreadable"
    if not parts.hostname or parts.username is not None or parts.password is not None:
        return "unreadable"
    if is_test_receiver(parts, test_hosts):
        return None
    if parts.scheme != "https" or port not in {None, 443}:
        return "not https on 443"
    return None if _is_push_service(parts.hostname) else "unknown host"


def is_test_receiver(parts: SplitResult, test_hosts: Iterable[str]) -> bool:
    """Tell whether this address is one of the test receivers."""
    named = {parts.hostname, f"{parts.hostname}:{parts.port}"}
    return parts.scheme in {"http", "https"} and not named.isdisjoint(test_hosts)


def _is_push_service(host: str) -> bool:
    if host in PUSH_SERVICES:
        return True
    return any(host.endswith(f".{parent}") for parent in WITH_NAMES_BELOW)


def push_session() -> requests.Session:
    """Return a session that reaches public addresses over HTTPS only, by no proxy of the environment."""
    session = open_session()
    session.mount("https://", CheckedTransport())
    session.mount("http://", RefusedTransport())
    return session


def open_session() -> requests.Session:
    """Return a session for test receivers: any address, and still no proxy of the environment."""
    session = requests.Session()
    session.trust_env = False
    return session


class RefusedTransport(HTTPAdapter):
    """Sends nothing: a push never leaves in clear."""

    def send(self, request: requests.PreparedRequest, *args: Any, **kwargs: Any) -> requests.Response:
        """Raise AddressRefused."""
        raise AddressRefused("plain http")


class CheckedTransport(HTTPAdapter):
    """HTTPS through connections that check the address they are about to reach."""

    def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:
        """Prepare pools whose connections are checked."""
        super().init_poolmanager(*args, **kwargs)
        self.poolmanager.pool_classes_by_scheme = {"https": CheckedPool}


class CheckedConnection(HTTPSConnection):
    """Resolves, checks every address, then connects to one of those it checked."""

    def _new_conn(self) -> socket.socket:
        name = self._dns_host
        failure: Exception = AddressRefused("no address")
        try:
            for address in public_addresses(name, self.port or 443):
                self._dns_host = address
                try:
                    return super()._new_conn()
                except (OSError, HTTPError) as error:  # the next address may answer
                    failure = error
            raise failure
        finally:
            self._dns_host = name


class CheckedPool(HTTPSConnectionPool):
    """A pool of checked connections."""

    ConnectionCls = CheckedConnection


def public_addresses(name: str, port: int) -> list[str]:
    """Resolve a name. Raises AddressRefused when any of its addresses is not a public one."""
    try:
        found = socket.getaddrinfo(name, port, type=socket.SOCK_STREAM)
    except UnicodeError as error:
        raise AddressRefused("not a host name") from error
    addresses = list(dict.fromkeys(str(entry[4][0]) for entry in found))
    for address in addresses:
        if not _is_public(address):
            raise AddressRefused("not a public address")
    return addresses


def _is_public(text: str) -> bool:
    address = ipaddress.ip_address(text.split("%")[0])
    if isinstance(address, ipaddress.IPv6Address):
        address = address.ipv4_mapped or address.sixtofour or address
    return address.is_global and not address.is_multicast
