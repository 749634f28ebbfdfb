"""The file with the Markdown of a run: written however the run ends."""

from pathlib import Path
from types import TracebackType
from typing import Self

from docs_chat.ingest.v1 import ingest_service_pb2 as pb
from docs_chat.retriever.v1 import retriever_service_pb2_grpc as rpc

from cli.broken_addresses import BrokenAddresses
from cli.connection import CliSettings
from cli.summary_markdown import summary_markdown
from services.runtime.channels import ChannelSecurity, open_channel
from services.runtime.errors import ServiceError

_KEPT_EVENTS = 20_000


class SummaryFile:
    """Takes note of a run and appends its summary to a file, as `$GITHUB_STEP_SUMMARY` wants it.

    Args:
        path: The file.
        settings: Where the retriever is, which knows the headings of pages that change.
    """

    def __init__(self, path: Path, settings: CliSettings) -> None:
        self._path = path
        self._settings = settings
        self._site = ""
        self._events: list[pb.IngestSiteResponse] = []
        self._broken: list[str] | None = []
        self._compared: BrokenAddresses | None = None

    async def __aenter__(self) -> Self:
        self._append("")  # a file that cannot be written is told before the run
        self._channel = open_channel(self._settings.retriever, ChannelSecurity.from_settings(self._settings))
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        await self._channel.close()
        failure = "" if error is None else "the run was cut off"
        if isinstance(error, ServiceError):
            failure = error.message
        self._append(summary_markdown(self._events, failure=failure, broken=self._broken))

    async def take(self, event: pb.IngestSiteResponse) -> None:
        """Take note of an event; a retriever that does not answer is no reason to fail."""
        kind = event.WhichOneof("event")
        unchanged = kind == "page_ingested" and event.page_ingested.outcome == pb.PAGE_OUTCOME_UNCHANGED
        if kind != "progress" and not unchanged and len(self._events) < _KEPT_EVENTS:
            self._events.append(event)
        if self._broken is None:
            return
        try:
            await self._compare(event)
        except ServiceError:
            self._broken = None

    async def _compare(self, event: pb.IngestSiteResponse) -> None:
        match event.WhichOneof("event"):
            case "source_recognised":
                site, stub = event.source_recognised.profile.site, rpc.RetrieverServiceStub(self._channel)
                self._compared = BrokenAddresses(stub, site, self._settings.timeout_s)
            case "page_ingested" if self._compared:
                await self._compared.note(event.page_ingested)
            case "summary" if self._compared and event.summary.published:
                self._broken = await self._compared.found(event.summary.site.revision)

    def _append(self, text: str) -> None:
        try:
            with self._path.open("a", encoding="utf-8") as file:
                file.write(text)
        except OSError as error:
            raise ValueError(f"{self._path} cannot be written: {error.strerror}") from error
