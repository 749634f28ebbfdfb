"""`python -m gateway`: one process, one event loop; replicas behind a load balancer share Postgres and Redis."""

import asyncio
import contextlib
import gc
import logging
import signal
import socket
import sys
from collections.abc import Iterator

import uvicorn

from gateway.app import create_app
from gateway.parts import open_gateway
from gateway.readers.api_keys import split_name
from gateway.serving import allow_descriptors, server_config
from gateway.settings import GatewaySettings
from services.runtime.addresses import joined
from services.runtime.logs import configure_logs
from services.runtime.memory import keep_started_objects
from services.runtime.starting import CannotStart, read_settings
from services.runtime.telemetry import configure_traces

logger = logging.getLogger(__name__)


def main() -> None:
    """Serve until SIGTERM or SIGINT, then let the streams in flight end."""
    try:
        settings = read_settings(GatewaySettings)
    except CannotStart as error:
        sys.exit(f"cannot run: {error}")
    configure_logs("gateway", level=settings.log_level, style=settings.log_format, secrets=_secrets(settings))
    configure_traces("gateway", settings.otlp_endpoint)
    allow_descriptors()
    server = _Server(server_config(create_app(settings), settings), settings)
    logging.getLogger("uvicorn.error").setLevel(logging.WARNING)
    server.run(sockets=_sockets(settings))
    if server.problem:
        sys.exit(f"cannot run: {server.problem}")


class _Server(uvicorn.Server):
    def __init__(self, config: uvicorn.Config, settings: GatewaySettings) -> None:
        super().__init__(config)
        self._settings = settings
        self.problem = ""
        """Why it cannot start."""

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        """A second SIGINT cuts the streams. Unlike with uvicorn's own handler, a clean stop exits with code 0."""
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, self.handle_exit, number, None)
        yield

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        try:  # uvicorn would print a traceback of what fails inside the application's own start
            async with open_gateway(self._settings):
                pass
        except (CannotStart, RuntimeError, OSError, ValueError) as error:
            self.problem, self.should_exit = str(error), True
            return
        await super().startup(sockets)
        keep_started_objects()
        gc.set_threshold(10_000)  # turns leave few reference cycles behind
        if self.started:
            host, port = self.servers[0].sockets[0].getsockname()[:2]
            logger.info("listening", extra={"address": f"http://{joined(host, port)}"})


def _sockets(settings: GatewaySettings) -> list[socket.socket] | None:
    """For `::` one socket for IPv6 and one for IPv4, as gRPC servers do; an event loop alone would open only the first.

    One socket for both would show IPv4 addresses as IPv6, and all of IPv4 would count as one network.
    """
    if settings.host != "::":
        return None
    try:
        sixth = socket.create_server(("::", settings.port), family=socket.AF_INET6)
        return [sixth, socket.create_server(("0.0.0.0", sixth.getsockname()[1]))]  # noqa: S104  # as `::` says
    except OSError as error:
        sys.exit(f"cannot run: the gateway cannot listen on {joined('::', settings.port)}: {error.strerror}")


def _secrets(settings: GatewaySettings) -> tuple[str, ...]:
    hidden = [*settings.secret, settings.login_secret, settings.metrics_token, settings.caller_token]
    hidden.append(settings.database_url)
    keys = [split_name(key.get_secret_value())[1] for key in settings.api_keys]
    return (*(secret.get_secret_value() for secret in hidden), *keys)


if __name__ == "__main__":
    main()
