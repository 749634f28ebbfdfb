"""Connections to our own services: request id, trace context and caller token travel with every call."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import grpc
from opentelemetry import propagate

from services.runtime.request_context import REQUEST_ID_KEY, current_request_id
from services.runtime.settings import ProcessSettings

TOKEN_KEY = "authorization"  # noqa: S105  # the name of a metadata key, not a secret
_OPTIONS = [
    ("grpc.keepalive_time_ms", 30_000),
    ("grpc.keepalive_timeout_ms", 10_000),
    ("grpc.keepalive_permit_without_calls", 1),
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
    adder = _MetadataAdder(security.token)
    interceptors: list[grpc.aio.ClientInterceptor] = [_UnaryUnary(adder), _UnaryStream(adder), _StreamUnary(adder)]
    if security.ca is None:
        return grpc.aio.insecure_channel(target, options=options, interceptors=interceptors)
    credentials = grpc.ssl_channel_credentials(security.ca, security.key, security.certificate)
    return grpc.aio.secure_channel(target, credentials, options=options, interceptors=interceptors)


class _MetadataAdder:
    def __init__(self, token: str) -> None:
        self._token = token

    def extend(self, details: grpc.aio.ClientCallDetails) -> grpc.aio.ClientCallDetails:
        carrier: dict[str, str] = {}
        propagate.inject(carrier)
        if request_id := current_request_id():
            carrier[REQUEST_ID_KEY] = request_id
        if self._token:
            carrier[TOKEN_KEY] = f"Bearer {self._token}"
        metadata = grpc.aio.Metadata(*(details.metadata or ()), *carrier.items())
        return grpc.aio.ClientCallDetails(
            details.method, details.timeout, metadata, details.credentials, details.wait_for_ready
        )


class _Interceptor:
    def __init__(self, adder: _MetadataAdder) -> None:
        self._adder = adder

    async def _continue(self, continuation: Callable[..., Any], details: Any, request: Any) -> Any:
        return await continuation(self._adder.extend(details), request)


class _UnaryUnary(_Interceptor, grpc.aio.UnaryUnaryClientInterceptor):
    async def intercept_unary_unary(self, continuation: Any, client_call_details: Any, request: Any) -> Any:
        return await self._continue(continuation, client_call_details, request)


class _UnaryStream(_Interceptor, grpc.aio.UnaryStreamClientInterceptor):
    async def intercept_unary_stream(self, continuation: Any, client_call_details: Any, request: Any) -> Any:
        return await self._continue(continuation, client_call_details, request)


class _StreamUnary(_Interceptor, grpc.aio.StreamUnaryClientInterceptor):
    async def intercept_stream_unary(self, continuation: Any, client_call_details: Any, request_iterator: Any) -> Any:
        return await self._continue(continuation, client_call_details, request_iterator)
