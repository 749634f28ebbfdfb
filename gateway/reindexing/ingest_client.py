"""Runs of the ingestion service."""

from typing import Any

import grpc
from docs_chat.ingest.v1 import ingest_service_pb2 as pb
from docs_chat.ingest.v1 import ingest_service_pb2_grpc as rpc

from services.runtime.calls import calling
from services.runtime.errors import InternalError


class IngestClient:
    """Calls over one channel; failures come as `ServiceError`.

    Args:
        channel: Connection to the ingestion service; our token there needs the permission `write`.
        timeout_s: Limit of one run, in seconds.
    """

    def __init__(self, channel: grpc.aio.Channel, timeout_s: float) -> None:
        self._stub: Any = rpc.IngestServiceStub(channel)
        self._timeout_s = timeout_s

    async def ingest(self, site: str, path: str) -> pb.IngestSummary:
        """Bring a site up to date; being cancelled takes the run back.

        Raises:
            ServiceError: What the run failed of.
        """
        request = pb.IngestSiteRequest(source=pb.SiteSource(path=path, site=site))
        summary: pb.IngestSummary | None = None
        call = self._stub.IngestSite(request, timeout=self._timeout_s)
        try:
            with calling("ingest"):
                async for event in call:
                    summary = event.summary if event.HasField("summary") else summary
        finally:
            call.cancel()
        if summary is None:
            raise InternalError("the ingestion ended without a summary")
        return summary
