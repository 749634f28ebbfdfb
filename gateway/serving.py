"""How uvicorn serves the application: with our limits for connections, and without the features we do not use."""

import asyncio
import contextlib
from collections.abc import Callable
from typing import Any

import uvicorn
from starlette.types import ASGIApp

from gateway.http.connection_policy import ConnectionPolicy, Waiting
from gateway.http.connections import BoundedProtocol
from gateway.settings import GatewaySettings

_DESCRIPTORS = 65_536


def server_config(app: ASGIApp, settings: GatewaySettings) -> uvicorn.Config:
    """The server of one gateway process."""
    http: Any = _protocols(_policy(settings))  # uvicorn only calls it
    return uvicorn.Config(
        app,
        host=settings.host,
        port=settings.port,
        http=http,
        ws="none",
        log_config=None,
        access_log=False,
        proxy_headers=False,  # ours, with the proxies from the settings
        server_header=False,
        timeout_graceful_shutdown=int(settings.drain_timeout_s),
    )


def allow_descriptors() -> None:
    """Raise the soft limit of open files as far as the system allows: the usual 1024 is soon used up by readers."""
    with contextlib.suppress(ImportError, ValueError, OSError):  # Windows has no such limit; the hard limit stays
        import resource  # noqa: PLC0415

        soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
        wanted = _DESCRIPTORS if hard == resource.RLIM_INFINITY else min(hard, _DESCRIPTORS)
        if soft < wanted:
            resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))


def _descriptors() -> int:
    with contextlib.suppress(ImportError):
        import resource  # noqa: PLC0415

        soft, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
        return _DESCRIPTORS if soft == resource.RLIM_INFINITY else soft
    return _DESCRIPTORS


def _policy(settings: GatewaySettings) -> ConnectionPolicy:
    return ConnectionPolicy(
        head_timeout_s=settings.header_timeout_s,
        body_timeout_s=settings.body_timeout_s,
        write_timeout_s=settings.write_timeout_s,
        idle_timeout_s=settings.idle_timeout_s,
        max_head_bytes=settings.max_header_bytes,
        max_headers=settings.max_headers,
        max_body_bytes=settings.max_body_bytes,
        max_waiting=min(
            settings.max_waiting_connections, _descriptors() // 2
        ),  # the other half is for requests being served
    )


def _protocols(policy: ConnectionPolicy) -> Callable[..., asyncio.Protocol]:
    """The factory uvicorn calls for each connection; all connections of one server share `Waiting`."""
    waiting = Waiting(policy.max_waiting)

    def make(**uvicorns: Any) -> asyncio.Protocol:
        return BoundedProtocol(policy=policy, waiting=waiting, **uvicorns)

    return make
