"""Reads chunks of a published revision and keeps the latest: reading a payload costs more than finding it."""

from collections.abc import Iterable, Sequence
from typing import TypeAlias

from cachetools import LRUCache

from services.retriever.documents import StoredChunk
from services.retriever.payloads import place, stored_chunk
from services.retriever.sites.sites import PublishedSite
from services.retriever.store.port import Record, Where

_Key: TypeAlias = tuple[str, int, float, str]


class ChunkReader:
    """Chunks by id and by place.

    Args:
        remembered: Chunks kept, about 3 kB each. A published revision never changes, so they never become wrong.
    """

    def __init__(self, remembered: int = 2048) -> None:
        self._by_id: LRUCache[_Key, StoredChunk] = LRUCache(remembered)
        self._by_place: LRUCache[_Key, StoredChunk] = LRUCache(remembered)

    async def read(self, published: PublishedSite, ids: Sequence[str]) -> dict[str, StoredChunk]:
        """The chunks with these ids; unknown ones are left out."""
        known = self._known(self._by_id, published, ids)
        if missing := [id_ for id_ in ids if id_ not in known]:
            for record in await published.store.fetch(missing):
                known[record.id] = self._remember(published, record)
        return known

    async def at(self, published: PublishedSite, places: Iterable[str]) -> list[StoredChunk]:
        """The chunks that stand at these places, in any order."""
        wanted = sorted(places)
        known = self._known(self._by_place, published, wanted)
        chunks = list(known.values())
        if missing := tuple(spot for spot in wanted if spot not in known):
            records = await published.store.select(published.visible & Where(any_of={"place": missing}))
            chunks += [self._remember(published, record) for record in records]
        return chunks

    def _known(
        self, chunks: LRUCache[_Key, StoredChunk], published: PublishedSite, names: Sequence[str]
    ) -> dict[str, StoredChunk]:
        found = ((name, chunks.get((*published.identity, name))) for name in names)
        return {name: chunk for name, chunk in found if chunk is not None}

    def _remember(self, published: PublishedSite, record: Record) -> StoredChunk:
        chunk = stored_chunk(record.payload)
        spot = place(chunk.document.uri, chunk.chunk.ordinal)
        for chunks, name in ((self._by_id, record.id), (self._by_place, spot)):
            chunks[(*published.identity, name)] = chunk
        return chunk
