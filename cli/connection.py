"""How the terminal reaches the services."""

import contextlib
from collections.abc import AsyncIterator

import grpc
from pydantic import Field

from services.runtime.addresses import joined, reachable_host
from services.runtime.calls import calling
from services.runtime.channels import ChannelSecurity, open_channel
from services.runtime.errors import ServiceError
from services.runtime.settings import Host, ProcessSettings


class CliSettings(ProcessSettings):
    """Where the services are: by default on this machine, at the hosts and ports that `.env` gives them."""

    retriever_host: Host = Field(default="127.0.0.1", validation_alias="RETRIEVER_HOST")
    agent_host: Host = Field(default="127.0.0.1", validation_alias="AGENT_HOST")
    ingest_host: Host = Field(default="127.0.0.1", validation_alias="INGEST_HOST")
    retriever_port: int = Field(default=50051, validation_alias="RETRIEVER_PORT")
    agent_port: int = Field(default=50052, validation_alias="AGENT_PORT")
    ingest_port: int = Field(default=50053, validation_alias="INGEST_PORT")
    retriever_target: str = Field(default="", validation_alias="DOCS_CHAT_RETRIEVER_TARGET")
    """The retriever, when it is elsewhere: `host:port`, or any gRPC name."""
    agent_target: str = Field(default="", validation_alias="DOCS_CHAT_AGENT_TARGET")
    """The agent, when it is elsewhere."""
    ingest_target: str = Field(default="", validation_alias="DOCS_CHAT_INGEST_TARGET")
    """The ingestion service, when it is elsewhere."""
    timeout_s: float = Field(default=60.0, gt=0, validation_alias="DOCS_CHAT_CLI_TIMEOUT_S")
    """Longest wait for a small call."""

    @property
    def retriever(self) -> str:
        return self.retriever_target or joined(reachable_host(self.retriever_host), self.retriever_port)

    @property
    def agent(self) -> str:
        return self.agent_target or joined(reachable_host(self.agent_host), self.agent_port)

    @property
    def ingest(self) -> str:
        return self.ingest_target or joined(reachable_host(self.ingest_host), self.ingest_port)


@contextlib.asynccontextmanager
async def connected(target: str, settings: CliSettings, *, service: str) -> AsyncIterator[grpc.aio.Channel]:
    """A channel to a service; what its calls raise comes out as the class the service raised."""
    async with open_channel(target, ChannelSecurity.from_settings(settings)) as channel:
        try:
            with calling(service):
                yield channel
        except ServiceError as failure:
            if failure.facts.get("service") == service:
                failure.message += f" at {target}; is it running (`make up`)?"
            raise
