"""Writing one revision: a few batches in flight, never more than a few pages in memory, the lease kept alive."""

import asyncio
import time
from collections.abc import AsyncIterator

from services.ingest.run.events import Emit, Progress, Stage
from services.ingest.run.preparation import Change, PageRemoval
from services.ingest.run.site_index import OpenRevision, PageWrite, SiteIndex, WriteCounts
from services.ingest.run.workload import Workload

WRITERS = 2
"""While one batch is stored the other is embedded, so that the embedder never waits."""
PAGES_AHEAD = 16
CHUNKS_OF_A_BATCH = 48
REMOVALS_OF_A_BATCH = 256


class RevisionWriter:
    """Writes the changes of one revision.

    Args:
        index: Where to write.
        revision: The open revision.
        emit: Is told how far it has got.
        workload: The pages that will come; told of each that is written.
        pages_total: About how many they are.
    """

    def __init__(
        self,
        index: SiteIndex,
        revision: OpenRevision,
        emit: Emit,
        workload: Workload,
        pages_total: int,
    ) -> None:
        self._index = index
        self._revision = revision
        self._emit = emit
        self._workload = workload
        self._pages_total = pages_total
        self._pages_done = 0
        self._counts = WriteCounts()
        self._started = time.monotonic()
        self.chunks_written = 0

    async def write(self, changes: AsyncIterator[Change]) -> WriteCounts:
        """Write everything and count.

        Raises:
            ExceptionGroup: Of what failed first; see `first_error`.
        """
        queue: asyncio.Queue[Change | None] = asyncio.Queue(PAGES_AHEAD)
        async with asyncio.TaskGroup() as group:
            keeper = group.create_task(self._keep_lease())
            async with asyncio.TaskGroup() as workers:
                workers.create_task(_feed(queue, changes))
                for _ in range(WRITERS):
                    workers.create_task(self._write_batches(queue))
            keeper.cancel()
        return self._counts

    async def _keep_lease(self) -> None:
        while True:
            await asyncio.sleep(self._revision.lease_s / 3)
            await self._index.renew(self._revision)

    async def _write_batches(self, queue: asyncio.Queue[Change | None]) -> None:
        more = True
        while more:
            batch, more = await _next_batch(queue)
            pages = [change for change in batch if isinstance(change, PageWrite)]
            removed = [change.uri for change in batch if isinstance(change, PageRemoval)]
            if not batch:
                continue
            counts = await self._index.write(self._revision, pages, removed)
            self._counts = self._counts + counts  # read after the wait: the other writer adds to them too
            self._pages_done += len(pages)
            self.chunks_written += sum(len(page.split.chunks) for page in pages)
            for page in pages:
                self._workload.page_written(page.split.document.page.uri)
            await self._emit(self._progress())

    def _progress(self) -> Progress:
        elapsed_s = time.monotonic() - self._started
        return Progress(
            Stage.WRITING,
            self._pages_done,
            self._pages_total,
            self.chunks_written,
            self._workload.remaining_s(elapsed_s),
            max(self._workload.chunks_total, self.chunks_written),
        )


async def _feed(queue: asyncio.Queue[Change | None], changes: AsyncIterator[Change]) -> None:
    async for change in changes:
        await queue.put(change)
    for _ in range(WRITERS):
        await queue.put(None)


async def _next_batch(queue: asyncio.Queue[Change | None]) -> tuple[list[Change], bool]:
    """What waits in the queue: at least one change, at most about a batch; and whether more may follow."""
    batch: list[Change] = []
    weight = 0.0
    while weight < 1 and (not batch or not queue.empty()):
        change = await queue.get()
        if change is None:
            return batch, False
        batch.append(change)
        weight += _weight(change)
    return batch, True


def _weight(change: Change) -> float:
    if isinstance(change, PageWrite):
        return len(change.split.chunks) / CHUNKS_OF_A_BATCH
    return 1 / REMOVALS_OF_A_BATCH


def first_error(group: BaseExceptionGroup[BaseException]) -> BaseException:
    """The first real failure of a group of tasks."""
    first = group.exceptions[0]
    return first_error(first) if isinstance(first, BaseExceptionGroup) else first
