"""Hosts and ports: IPv6 addresses mean the same with brackets and without; some addresses are this machine alone."""

import ipaddress
import socket

_EVERYWHERE = {"0.0.0.0": "127.0.0.1", "::": "::1"}  # noqa: S104  # compared, not bound


def bare_host(host: str) -> str:
    """A host as sockets take it: `[::]` → `::`."""
    host = host.strip()
    return host[1:-1] if host.startswith("[") and host.endswith("]") else host


def joined(host: str, port: int) -> str:
    """Host and port in one text, as gRPC and addresses of the web write it.

    >>> joined("::1", 8000)
    '[::1]:8000'
    """
    host = bare_host(host)
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"


def reachable_host(host: str) -> str:
    """Where a program on this machine finds one that listens on `host`."""
    return _EVERYWHERE.get(bare_host(host), bare_host(host))


def is_loopback(host: str) -> bool:
    """Whether only this machine reaches what listens on `host`; a name counts when all it stands for does."""
    host = bare_host(host)
    if (known := _is_loopback_address(host)) is not None:
        return known
    try:
        found = {str(entry[4][0]) for entry in socket.getaddrinfo(host, None, type=socket.SOCK_STREAM)} if host else ()
    except (OSError, UnicodeError):
        return False
    return bool(found) and all(_is_loopback_address(address) for address in found)


def _is_loopback_address(host: str) -> bool | None:
    """None when `host` is a name, not an address."""
    try:
        address = ipaddress.ip_address(host.partition("%")[0])
    except ValueError:
        return None
    mapped = getattr(address, "ipv4_mapped", None)
    return bool((mapped or address).is_loopback)
