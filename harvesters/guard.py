"""Which addresses the harvester may connect to, decided at the moment of connecting.

The check sits between name resolution and ``connect()`` and connects to the very address it checked, so a name that
resolves differently the second time (rebinding) and every hop of a redirect are covered (risks R2, R3).
"""

from __future__ import annotations

import ipaddress
import socket
from collections.abc import Callable, Iterable
from typing import Any

from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool
from urllib3.exceptions import NameResolutionError
from urllib3.util import connection

from harvesters.errors import AddressRefused

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
Resolve = Callable[[str, int], list[str]]

_NAT64 = ipaddress.IPv6Network("64:ff9b::/96")


def resolve(host: str, port: int) -> list[str]:
    """The addresses of a host, in the order of the resolver.

    Raises:
        OSError: the name cannot be resolved.
    """
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(item[4][0]) for item in found))


def is_public(address: str) -> bool:
    """Whether an address belongs to the open internet, looking through IPv6 forms that carry an IPv4 address."""
    try:
        ip: Address = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return False
    if isinstance(ip, ipaddress.IPv6Address):
        inner = ip.ipv4_mapped or ip.sixtofour or (ip.teredo[1] if ip.teredo else None)
        if inner is None and ip in _NAT64:
            inner = ipaddress.IPv4Address(int(ip) & 0xFFFFFFFF)
        if inner is not None:
            return is_public(str(inner))
    return ip.is_global and not (ip.is_multicast or ip.is_reserved or ip.is_unspecified)


def guarded_pools(allowed_hosts: Iterable[str], resolver: Resolve = resolve) -> dict[str, type[Any]]:
    """Connection pools for urllib3 that refuse internal addresses.

    Args:
        allowed_hosts: hosts that may be internal, because an administrator approved them for this source.
        resolver: name -> addresses; tests give their own.
    """
    allowed = frozenset(host.casefold() for host in allowed_hosts)

    def connect(conn: HTTPConnection) -> socket.socket:
        host, port = conn.host.strip("[]").rstrip("."), int(conn.port or 0)
        try:
            addresses = resolver(host, port)
        except OSError as error:
            gone = error if isinstance(error, socket.gaierror) else socket.gaierror(str(error))
            raise NameResolutionError(host, conn, gone) from error
        if host.casefold() not in allowed:
            # One internal address among public ones is enough to refuse: that is what rebinding looks like.
            for address in addresses:
                if not is_public(address):
                    raise AddressRefused(host, address)
        failure: OSError = OSError(f"{host} has no address")
        for address in addresses:
            try:
                return connection.create_connection(
                    (address, port), conn.timeout, conn.source_address, conn.socket_options
                )
            except OSError as error:
                failure = error
        raise failure

    class Plain(HTTPConnection):
        def _new_conn(self) -> socket.socket:
            return _translated(self, connect)

    class Secure(HTTPSConnection):
        def _new_conn(self) -> socket.socket:
            return _translated(self, connect)

    class PlainPool(HTTPConnectionPool):
        ConnectionCls = Plain

    class SecurePool(HTTPSConnectionPool):
        ConnectionCls = Secure

    return {"http": PlainPool, "https": SecurePool}


def _translated(conn: HTTPConnection, connect: Callable[[HTTPConnection], socket.socket]) -> socket.socket:
    """Let urllib3's own errors come out of our connecting, as the rest of urllib3 expects."""
    from urllib3.exceptions import ConnectTimeoutError, NewConnectionError

    try:
        return connect(conn)
    except TimeoutError as error:
        raise ConnectTimeoutError(conn, f"connection to {conn.host} timed out") from error
    except OSError as error:
        raise NewConnectionError(conn, f"connection failed: {error}") from error
