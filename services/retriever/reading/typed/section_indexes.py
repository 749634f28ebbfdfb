"""The lists of words of the published sites in memory: made when first asked for, and anew for each revision."""

import asyncio
import logging
import time
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from typing import TypeAlias, TypeVar

from cachetools import LRUCache

from services.retriever.payloads import PointKind
from services.retriever.reading.typed.gathering import Gathered
from services.retriever.reading.typed.section_index import SectionIndex
from services.retriever.sites.sites import PublishedSite
from services.retriever.store.port import Record, Where
from services.runtime.errors import IndexUnavailable

logger = logging.getLogger(__name__)

_READ_TOGETHER = 256
"""Chunks read at once: what is read is words a moment later, so the texts of a site are never all in memory."""


_Result = TypeVar("_Result")
_Identity: TypeAlias = tuple[str, int, float]


@dataclass(frozen=True, slots=True)
class _Held:
    """The lists of one revision, and what they were made from."""

    identity: _Identity
    gathered: Gathered
    index: SectionIndex


class SectionIndexes:
    """Holds the lists of the sites that are searched, the latest revision of each.

    A chunk that the revision before had is not read again, so a changed page costs the ids of the site's chunks and the
    making of the lists from words that are known.

    Args:
        threads: Where lists are made, apart from whoever waits for other things.
        chunks: Chunks of all sites that are held, some 2.5 kB each; the sites asked for longest ago are let go.
            A single larger site is held all the same, alone.
    """

    def __init__(self, threads: ThreadPoolExecutor, *, chunks: int) -> None:
        self._threads = threads
        self._held: LRUCache[str, _Held] = LRUCache(
            chunks, getsizeof=lambda held: min(chunks, max(1, len(held.gathered)))
        )
        self._making: dict[_Identity, asyncio.Task[SectionIndex]] = {}

    async def of(self, published: PublishedSite) -> SectionIndex:
        """The lists of a published revision. A caller that leaves does not stop them from being made.

        Raises:
            IndexUnavailable: If the engine fails.
        """
        held = self._held.get(published.name)
        if held is not None and held.identity == published.identity:
            return held.index
        making = self._making.get(published.identity)
        if making is None:
            making = asyncio.create_task(self._make(published, held))
            self._making[published.identity] = making
            making.add_done_callback(partial(self._made, published.identity))
        return await asyncio.shield(making)

    async def close(self) -> None:
        """Stop what is being made."""
        making = list(self._making.values())
        for task in making:
            task.cancel()
        await asyncio.gather(*making, return_exceptions=True)

    def _made(self, identity: _Identity, task: "asyncio.Task[SectionIndex]") -> None:
        self._making.pop(identity, None)
        if not task.cancelled() and (error := task.exception()) is not None:
            level = logging.WARNING if isinstance(error, IndexUnavailable) else logging.ERROR
            logger.log(level, "the words of a site could not be read", exc_info=error, extra={"site": identity[0]})

    async def _make(self, published: PublishedSite, before: "_Held | None") -> SectionIndex:
        started = time.perf_counter()
        where = published.visible & Where(any_of={"point": (PointKind.CHUNK,)})
        points = [record.id for record in await published.store.select(where, fields=("ordinal",))]
        known = before.gathered.only(points) if before is not None and not before.gathered.is_stale else Gathered()
        unread = [point for point in points if point not in known]
        for start in range(0, len(unread), _READ_TOGETHER):
            records = await published.store.fetch(unread[start : start + _READ_TOGETHER])
            await self._in_thread(partial(_add, known, records))
        index = await self._in_thread(known.index)
        self._held[published.name] = _Held(published.identity, known, index)
        facts = {"site": published.name, "revision": published.revision.number, "chunks_read": len(unread)}
        logger.info("words gathered", extra=facts | {"seconds": round(time.perf_counter() - started, 2)})
        return index

    async def _in_thread(self, call: Callable[[], _Result]) -> _Result:
        return await asyncio.get_running_loop().run_in_executor(self._threads, call)


def _add(gathered: Gathered, records: Iterable[Record]) -> None:
    for record in records:
        gathered.add(record.id, record.payload)
