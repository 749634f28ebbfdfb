"""Wires the ingestion service."""

import contextlib
from functools import partial

from docs_chat.ingest.v1 import ingest_service_pb2_grpc as rpc

from services.ingest.run.retriever_client import RetrieverClient
from services.ingest.servicer import IngestServicer
from services.ingest.settings import IngestSettings
from services.ingest.sources.allowed import AllowedFolders
from services.ingest.sources.archive import ArchiveLimits
from services.ingest.sources.opening import OpeningRules, open_site
from services.runtime.channels import ChannelSecurity, open_channel
from services.runtime.server import GrpcServer, prepare_process, running, stop_signal

SERVICE = "docs_chat.ingest.v1.IngestService"


def build_server(settings: IngestSettings, stack: contextlib.AsyncExitStack) -> GrpcServer:
    """The server with everything behind it; its channel is closed by the stack."""
    security = ChannelSecurity.from_settings(settings)
    channel = open_channel(settings.retriever_target, security, max_message_bytes=settings.max_message_bytes)
    stack.push_async_callback(channel.close)
    index = RetrieverClient(
        channel,
        timeout_s=settings.retriever_timeout_s,
        write_timeout_s=settings.write_timeout_s,
        lease_s=settings.lease_s,
    )
    rules = OpeningRules(
        AllowedFolders(settings.readable_roots()),
        ArchiveLimits(settings.archive_max_bytes, settings.archive_max_files),
        settings.allow_run_config,
    )
    servicer = IngestServicer(index, partial(open_site, rules=rules))
    return GrpcServer(
        "ingest", settings, [SERVICE], lambda server: rpc.add_IngestServiceServicer_to_server(servicer, server)
    )


async def serve(settings: IngestSettings) -> None:
    """Serve until asked to stop."""
    prepare_process("ingest", settings)
    async with contextlib.AsyncExitStack() as stack:
        await stack.enter_async_context(running(build_server(settings, stack)))
        await stop_signal()
