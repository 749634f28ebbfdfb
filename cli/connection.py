"""How the terminal reaches the services."""

import contextlib
from collections.abc import AsyncIterator

import grpc
from pydantic import Field

from services.runtime.channels import ChannelSecurity, open_channel
from services.runtime.errors import from_rpc_error
from services.runtime.settings import ProcessSettings


class CliSettings(ProcessSettings):
    """Where the services are."""

    retriever_target: str = Field(default="127.0.0.1:50051", validation_alias="DOCS_CHAT_RETRIEVER_TARGET")
    """The retriever: `host:port`, or any gRPC name."""
    ingest_target: str = Field(default="127.0.0.1:50053", validation_alias="DOCS_CHAT_INGEST_TARGET")
    """The ingestion service."""
    timeout_s: float = Field(default=60.0, gt=0, validation_alias="DOCS_CHAT_CLI_TIMEOUT_S")
    """Longest wait for a small call."""


@contextlib.asynccontextmanager
async def connected(target: str, settings: CliSettings, *, service: str) -> AsyncIterator[grpc.aio.Channel]:
    """A channel to a service; what its calls raise comes out as the class the service raised."""
    async with open_channel(target, ChannelSecurity.from_settings(settings)) as channel:
        try:
            yield channel
        except grpc.aio.AioRpcError as error:
            failure = from_rpc_error(error, service=service)
            if failure.facts.get("service") == service:
                failure.message += f" at {target}; is it running (`make up`)?"
            raise failure from error
