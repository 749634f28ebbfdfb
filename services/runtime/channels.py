"""Connections to our own services: request id, trace context and caller token travel with every call."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any, Self, cast

import grpc
from opentelemetry import propagate

from services.runtime.request_context import REQUEST_ID_KEY, current_request_id
from services.runtime.settings import ProcessSettings

TOKEN_KEY = "authorization"  # noqa: S105  # the name of a metadata key, not a secret
_OPTIONS = [
    ("grpc.keepalive_time_ms", 30_000),
    ("grpc.keepalive_timeout_ms", 10_000),
    ("grpc.keepalive_permit_without_calls", 1),
    ("grpc.enable_http_proxy", 0),  # a proxy of the environment is for the world outside, not for our own processes
    ("grpc.enable_retries", 0),  # exactly one layer retries, and it is not this one
    ("grpc.lb_policy_name", "round_robin"),  # calls go to all addresses of a name in turn, not to the first one
    ("grpc.initial_reconnect_backoff_ms", 200),
    ("grpc.max_reconnect_backoff_ms", 2_000),
]


@dataclass(frozen=True, slots=True)
class ChannelSecurity:
    """What a caller shows and expects."""

    token: str = ""
    ca: bytes | None = None
    certificate: bytes | None = None
    key: bytes | None = None

    @classmethod
    def from_settings(cls, settings: ProcessSettings) -> "ChannelSecurity":
        return cls(
            token=settings.caller_token.get_secret_value(),
            ca=settings.tls_ca.read_bytes() if settings.tls_ca else None,
            certificate=settings.tls_cert.read_bytes() if settings.tls_cert else None,
            key=settings.tls_key.read_bytes() if settings.tls_key else None,
        )


def open_channel(
    target: str, security: ChannelSecurity, *, max_message_bytes: int = 16 * 1024 * 1024
) -> grpc.aio.Channel:
    """A channel to one of our services; it connects on the first call and reconnects by itself.

    Args:
        target: `host:port`, or any gRPC name.
        security: What to show and expect.
        max_message_bytes: Largest message received or sent.
    """
    options = [
        *_OPTIONS,
        ("grpc.max_receive_message_length", max_message_bytes),
        ("grpc.max_send_message_length", max_message_bytes),
    ]
    if security.ca is None:
        channel = grpc.aio.insecure_channel(target, options=options)
    else:
        credentials = grpc.ssl_channel_credentials(security.ca, security.key, security.certificate)
        channel = grpc.aio.secure_channel(target, credentials, options=options)
    return cast(grpc.aio.Channel, _Channel(channel, security.token))


class _Channel:
    """A channel whose calls say who calls.

    gRPC's interceptors could do the same, but start a task for each call and stand between each message and its reader.

    Args:
        channel: Makes the calls.
        token: The caller token; empty shows none.
    """

    def __init__(self, channel: grpc.aio.Channel, token: str) -> None:
        self._channel = channel
        self._token = token

    def unary_unary(self, *method: Any, **options: Any) -> Callable[..., Any]:
        return self._telling(self._channel.unary_unary(*method, **options))

    def unary_stream(self, *method: Any, **options: Any) -> Callable[..., Any]:
        return self._telling(self._channel.unary_stream(*method, **options))

    def stream_unary(self, *method: Any, **options: Any) -> Callable[..., Any]:
        return self._telling(self._channel.stream_unary(*method, **options))

    def stream_stream(self, *method: Any, **options: Any) -> Callable[..., Any]:
        return self._telling(self._channel.stream_stream(*method, **options))

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._channel.close()

    def __getattr__(self, name: str) -> Any:
        """Everything else is the channel's own: its state, its end."""
        return getattr(self._channel, name)

    def _telling(self, method: Callable[..., Any]) -> Callable[..., Any]:
        def call(request: Any = None, *, metadata: Iterable[tuple[str, str]] = (), **how: Any) -> Any:
            return method(request, metadata=(*(metadata or ()), *self._about_us()), **how)

        return call

    def _about_us(self) -> Iterable[tuple[str, str]]:
        carrier: dict[str, str] = {}
        propagate.inject(carrier)
        if request_id := current_request_id():
            carrier[REQUEST_ID_KEY] = request_id
        if self._token:
            carrier[TOKEN_KEY] = f"Bearer {self._token}"
        return carrier.items()
