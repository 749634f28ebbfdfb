"""Reads the words of a site once per revision and language, for all who search it."""

import asyncio
from collections.abc import Iterator
from typing import TypeAlias

from services.retriever.concurrency.async_cache import AsyncCache
from services.retriever.payloads import PointKind
from services.retriever.sites.sites import PublishedSite
from services.retriever.store.port import Record, Where
from services.retriever.vocabulary.words import SiteWords

_Key: TypeAlias = tuple[tuple[str, int, float], str]
_FIELDS = ("title", "heading_path", "text")


class WordsReader:
    """The words of sites.

    Args:
        remembered: Sites and languages whose words are kept: about 3 MB for 20,000 chunks.
    """

    def __init__(self, remembered: int = 32) -> None:
        self._words: AsyncCache[_Key, SiteWords] = AsyncCache(remembered)

    async def of(self, published: PublishedSite, locale: str) -> SiteWords:
        """The words of a site in one language, all versions; who asks first in a revision waits until they are read.

        Raises:
            IndexUnavailable: If the engine fails.
        """
        return await self._words.get((published.identity, locale), lambda: _read(published, locale))


async def _read(published: PublishedSite, locale: str) -> SiteWords:
    where = published.visible & Where(any_of={"point": (PointKind.CHUNK,), "locale": (locale,)})
    records = await published.store.select(where, fields=_FIELDS)
    return await asyncio.to_thread(lambda: SiteWords(text for record in records for text in _texts(record)))


def _texts(record: Record) -> Iterator[str]:
    """What the chunk says, and what stands above it."""
    yield record.payload["title"]
    yield from record.payload["heading_path"]
    yield record.payload["text"]
