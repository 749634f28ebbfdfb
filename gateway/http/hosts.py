"""Which host names the gateway answers to.

A stranger's page can point its own host name at this machine (DNS rebinding); the browser then takes the gateway for
that page's server. It still sends the stranger's name as `Host`, so that header is what is checked.
"""

import ipaddress
import re
from collections.abc import Collection
from dataclasses import dataclass

from starlette.datastructures import Headers
from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Receive, Scope, Send

from services.runtime.errors import shown

_HOST = re.compile(r"(?:\[(?P<six>[0-9A-Fa-f:.]+)\]|(?P<name>[A-Za-z0-9._-]+))(?::\d{1,5})?")
_NAME = re.compile(r"(\*\.)?[a-z0-9_-]+(\.[a-z0-9_-]+)*")


def host_name(header: str) -> str:
    """The host of a `Host` header, in lower case, without its port; empty when it is not a host."""
    found = _HOST.fullmatch(header)
    if not found:
        return ""
    if found["six"]:
        return _address(found["six"])
    return _address(found["name"]) or found["name"].lower().removesuffix(".")


def is_loopback(host: str) -> bool:
    """Whether only this machine reaches what listens there; names are not looked up."""
    address = _address(_bare(host))
    return ipaddress.ip_address(address).is_loopback if address else host.lower() == "localhost"


def is_one_address(host: str) -> bool:
    """Whether this is the address of one interface, not a name and not all of them."""
    address = _address(_bare(host))
    return bool(address) and not ipaddress.ip_address(address).is_unspecified


def read_host(written: str) -> str:
    """A host name from the settings in the form used for comparing; `*.` stands for any name below it.

    Raises:
        ValueError: If it is not a host name.
    """
    if written.strip() == "*":
        return "*"
    text = written.strip().lower().removesuffix(".")
    if address := _address(_bare(text)):
        return address
    star, name = ("*.", text[2:]) if text.startswith("*.") else ("", text)
    try:
        text = star + name.encode("idna").decode("ascii")
    except UnicodeError:
        text = ""
    if not _NAME.fullmatch(text):
        raise ValueError(f"{shown(written)} is not a host name: write it without scheme, port and path")
    return text


@dataclass(frozen=True, slots=True)
class HostCheck:
    """Refuses requests for a host name that is not ours. Plain ASGI.

    This machine's own names and the address a request arrived at are always accepted: no name service can give those to
    a stranger, and health checks of containers and load balancers use them.

    Args:
        app: What it wraps.
        allowed: Names as `read_host` gives them; `*` answers to any.
    """

    app: ASGIApp
    allowed: Collection[str]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        problem = self._problem(scope) if scope["type"] in ("http", "websocket") else ""
        if problem:
            await JSONResponse({"message": problem}, status_code=400)(scope, receive, send)
        else:
            await self.app(scope, receive, send)

    def _problem(self, scope: Scope) -> str:
        headers = Headers(scope=scope).getlist("host")
        if len(headers) != 1 or not (host := host_name(headers[0].strip())):
            return "The request must name one host, as `Host: docs.example.com`."
        if "*" in self.allowed or is_loopback(host) or self._is_listed(host) or host == _reached_at(scope):
            return ""
        return f"This service does not answer to the host name {shown(host)}: add it to GATEWAY_ALLOWED_HOSTS."

    def _is_listed(self, host: str) -> bool:
        return host in self.allowed or any(
            name.startswith("*.") and host.endswith(name[1:]) and len(host) > len(name) - 1 for name in self.allowed
        )


def _reached_at(scope: Scope) -> str:
    """The local address that the connection arrived at; empty when there is none, as with a Unix socket."""
    server = scope.get("server") or ("",)
    return _address(str(server[0]))


def _bare(host: str) -> str:
    """`[::1]` → `::1`."""
    return host[1:-1] if host.startswith("[") and host.endswith("]") else host


def _address(text: str) -> str:
    """An IP address in its shortest form; empty when the text is not one."""
    try:
        address = ipaddress.ip_address(text)
    except ValueError:
        return ""
    mapped = address.ipv4_mapped if isinstance(address, ipaddress.IPv6Address) else None
    return str(mapped or address)
