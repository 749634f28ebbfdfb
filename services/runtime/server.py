"""One of our gRPC servers: health, reflection, limits, TLS, and a clean end."""

import asyncio
import contextlib
import logging
import signal
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence

import grpc
from grpc_health.v1 import health, health_pb2, health_pb2_grpc
from grpc_reflection.v1alpha import reflection, reflection_pb2

from services.runtime.addresses import is_loopback, joined
from services.runtime.channels import ChannelSecurity
from services.runtime.health import BoundedHealth
from services.runtime.interceptors import CallInterceptor
from services.runtime.logs import configure_logs
from services.runtime.memory import return_freed_memory
from services.runtime.settings import ServiceSettings
from services.runtime.starting import CannotStart
from services.runtime.telemetry import configure_traces, serve_metrics

logger = logging.getLogger(__name__)

_REFLECTION_V1 = "grpc.reflection.v1.ServerReflection"


class GrpcServer:
    """A server that listens once `start` returns.

    Args:
        name: Short name of the process, in logs and metrics.
        settings: Where and how to listen.
        service_names: Full names of the services, for health and reflection.
        register: Adds the servicers to the server.
    """

    def __init__(
        self,
        name: str,
        settings: ServiceSettings,
        service_names: Sequence[str],
        register: Callable[[grpc.aio.Server], None],
    ) -> None:
        self._name = name
        self._settings = settings
        self._service_names = tuple(service_names)
        self._health = BoundedHealth(
            service_names,
            max_watches=settings.max_health_watches,
            watch_timeout_s=settings.health_watch_timeout_s,
        )
        self._callers = settings.known_callers()
        self._server = grpc.aio.server(
            interceptors=[
                CallInterceptor(
                    name,
                    callers=self._callers,
                    default_deadline_s=settings.default_deadline_s,
                    max_concurrent_calls=settings.max_concurrent_calls,
                )
            ],
            options=[
                ("grpc.max_receive_message_length", settings.max_message_bytes),
                ("grpc.max_send_message_length", settings.max_message_bytes),
                ("grpc.keepalive_time_ms", 60_000),
                ("grpc.keepalive_permit_without_calls", 1),  # callers keep idle connections open
                ("grpc.http2.min_ping_interval_without_data_ms", 10_000),
                ("grpc.so_reuseport", 0),  # a second process on the port must fail, not share it
            ],
        )
        register(self._server)
        health_pb2_grpc.add_HealthServicer_to_server(self._health, self._server)
        if settings.reflection:
            _enable_reflection(self._server, (*service_names, health.SERVICE_NAME, reflection.SERVICE_NAME))
        self.port = 0

    async def start(self) -> None:
        """Listen; health answers NOT_SERVING until `serve`.

        Raises:
            CannotStart: If the port is taken, or anybody who reaches it could call and that was not allowed.
        """
        address = joined(self._settings.host, self._settings.port)
        self._refuse_strangers(address)
        try:
            self.port = self._listen(address)
        except RuntimeError as error:
            raise CannotStart(f"the {self._name} cannot listen on {address}: is the port taken?") from error
        await self.set_health(health_pb2.HealthCheckResponse.NOT_SERVING)
        await self._server.start()
        logger.info("listening", extra={"port": self.port})

    async def serve(self) -> None:
        """Health answers SERVING from here on."""
        await self.set_health(health_pb2.HealthCheckResponse.SERVING)

    async def set_health(self, status: int) -> None:
        """Tell callers, for the whole process and each service."""
        for service in ("", *self._service_names):
            await self._health.set(service, status)

    async def stop(self) -> None:
        """Refuse new calls, let those in flight end within the drain timeout, then cut them."""
        await self._health.enter_graceful_shutdown()
        await self._server.stop(self._settings.drain_timeout_s)

    def _refuse_strangers(self, address: str) -> None:
        settings = self._settings
        asks = self._callers.are_asked or settings.require_client_certificate
        if asks or settings.allow_strangers or is_loopback(settings.host):
            return
        prefix = settings.model_config.get("env_prefix", "")
        raise CannotStart(
            f"the {self._name} would serve everybody who reaches {address}, because it asks for no token. Set "
            "DOCS_CHAT_CALLERS or DOCS_CHAT_CALLERS_FILE (`docs-chat init` writes them into .env), or one shared "
            f"DOCS_CHAT_CALLER_TOKEN, or {prefix}REQUIRE_CLIENT_CERTIFICATE=true; or set {prefix}HOST to 127.0.0.1. "
            "If strangers are meant to call, set DOCS_CHAT_ALLOW_STRANGERS=true."
        )

    def _listen(self, address: str) -> int:
        security = ChannelSecurity.from_settings(self._settings)
        if security.certificate is None or security.key is None:
            return self._server.add_insecure_port(address)
        credentials = grpc.ssl_server_credentials(
            [(security.key, security.certificate)],
            root_certificates=security.ca,
            require_client_auth=self._settings.require_client_certificate,
        )
        return self._server.add_secure_port(address, credentials)


def _enable_reflection(server: grpc.aio.Server, names: Sequence[str]) -> None:
    """Answer under both names of reflection: the library knows only `v1alpha`, and `v1` has the very same messages."""
    reflection.enable_server_reflection(names, server)
    answering = grpc.stream_stream_rpc_method_handler(
        reflection.aio.ReflectionServicer(names).ServerReflectionInfo,
        request_deserializer=reflection_pb2.ServerReflectionRequest.FromString,
        response_serializer=reflection_pb2.ServerReflectionResponse.SerializeToString,
    )
    methods = {"ServerReflectionInfo": answering}
    server.add_generic_rpc_handlers([grpc.method_handlers_generic_handler(_REFLECTION_V1, methods)])


async def _ready_at_once() -> None:
    """For servers that have nothing to prepare."""


@contextlib.asynccontextmanager
async def running(
    server: GrpcServer, prepare: Callable[[], Awaitable[None]] = _ready_at_once
) -> AsyncIterator[GrpcServer]:
    """The server while it serves; drained on the way out. While it prepares it listens, and health says NOT_SERVING."""
    await server.start()
    try:
        await prepare()
        await server.serve()
        yield server
    finally:
        await server.stop()


def prepare_process(name: str, settings: ServiceSettings, *, secrets: tuple[str, ...] = ()) -> None:
    """Memory, logs, traces and metrics of one service process, before anything else happens in it."""
    return_freed_memory()
    configure_logs(
        name,
        level=settings.log_level,
        style=settings.log_format,
        secrets=(settings.caller_token.get_secret_value(), *secrets),
    )
    configure_traces(name, settings.otlp_endpoint)
    serve_metrics(settings.host, settings.metrics_port)


async def stop_signal() -> None:
    """Return when the process is asked to end (SIGTERM or SIGINT)."""
    asked = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, asked.set)
    await asked.wait()
    logger.info("stopping")
