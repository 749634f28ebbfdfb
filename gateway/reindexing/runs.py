"""Runs that were asked for: one at a time for each site, and whoever asks meanwhile shares the one that comes next."""

import asyncio
import logging
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import StrEnum
from typing import Protocol

from docs_chat.ingest.v1 import ingest_service_pb2 as pb
from tenacity import AsyncRetrying, retry_if_exception_type, stop_after_delay, wait_random_exponential

from services.runtime.errors import RevisionConflict, ServiceError, Unavailable, reason_name

logger = logging.getLogger(__name__)

_KEPT_RUNS = 200
_PATIENCE_S = 600.0
"""So long another run, or a service that starts, is waited for."""
_LONGEST_WAIT_S = 30.0


class RunState(StrEnum):
    """Where a run is."""

    QUEUED = "queued"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"


@dataclass(slots=True)
class Run:
    """A run, and how it went."""

    site: str
    id: str = field(default_factory=lambda: secrets.token_urlsafe(24))
    """Cannot be guessed: whoever knows it may read the rest."""
    state: RunState = RunState.QUEUED
    asked_at: datetime = field(default_factory=lambda: datetime.now(UTC))
    ended_at: datetime | None = None
    summary: pb.IngestSummary | None = None
    failure: ServiceError | None = None


class Ingests(Protocol):
    """Runs an ingestion; an `IngestClient` does."""

    async def ingest(self, site: str, path: str) -> pb.IngestSummary: ...


class Runs:
    """Keeps the runs of this process.

    Args:
        client: Runs them.
        sources: Folder or archive of each site, as the ingestion service sees it.
    """

    def __init__(self, client: Ingests, sources: Mapping[str, str]) -> None:
        self._client = client
        self._sources = sources
        self._runs: dict[str, Run] = {}
        self._queued: dict[str, Run] = {}
        self._deliveries: dict[str, Run] = {}
        self._tasks: dict[str, asyncio.Task[None]] = {}

    def ask(self, site: str, delivery: str = "") -> Run:
        """A run of a site that begins after now; one that is queued already serves.

        Args:
            site: Its name, one of the sources.
            delivery: What is the same when the very same request comes again; it then starts nothing. May be empty.
        """
        key = f"{site} {delivery}"
        if delivery and key in self._deliveries:
            return self._deliveries[key]
        run = self._queued.get(site) or self._start(site)
        if delivery:
            self._deliveries[key] = run
            _shorten(self._deliveries)
        return run

    def find(self, run_id: str) -> Run | None:
        """A run by its id; only the last ones are kept."""
        return self._runs.get(run_id)

    async def close(self) -> None:
        """Take back what runs."""
        tasks = list(self._tasks.values())
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    def _start(self, site: str) -> Run:
        run = Run(site)
        self._runs[run.id] = self._queued[site] = run
        _shorten(self._runs)
        if site not in self._tasks:
            self._tasks[site] = asyncio.create_task(self._work(site))
        return run

    async def _work(self, site: str) -> None:
        try:
            while run := self._queued.pop(site, None):
                await self._execute(run)
        finally:
            del self._tasks[site]

    async def _execute(self, run: Run) -> None:
        run.state = RunState.RUNNING
        retrying = AsyncRetrying(
            retry=retry_if_exception_type((RevisionConflict, Unavailable)),
            wait=wait_random_exponential(max=_LONGEST_WAIT_S),
            stop=stop_after_delay(_PATIENCE_S),
            reraise=True,
        )
        try:
            summary: pb.IngestSummary = await retrying(self._client.ingest, run.site, self._sources[run.site])
            run.summary, run.state = summary, RunState.DONE
            logger.info("site indexed by its hook", extra={"site": run.site, "published": summary.published})
        except ServiceError as error:
            run.failure, run.state = error, RunState.FAILED
            facts = {"site": run.site, "reason": reason_name(error.reason), "detail": error.message}
            logger.warning("site not indexed by its hook", extra=facts)
        except Exception:
            run.state = RunState.FAILED
            logger.exception("site not indexed by its hook", extra={"site": run.site})
        run.ended_at = datetime.now(UTC)


def _shorten(kept: dict[str, Run]) -> None:
    while len(kept) > _KEPT_RUNS:
        del kept[next(iter(kept))]
