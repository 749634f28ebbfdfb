"""Chunks are read once, and what was read lately is kept."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pytest

from services.retriever.documents import Chunk, Document, SectionRef
from services.retriever.payloads import FOREVER, chunk_payload, place
from services.retriever.reading.chunk_reader import ChunkReader
from services.retriever.sites.manifest import Manifest, Revision, SiteProfile
from services.retriever.sites.sites import PublishedSite
from services.retriever.store.port import Point, Record, Where
from services.runtime.document_kind import DocumentKind

URI = "https://example.org/a"
DOCUMENT = Document(URI, "A", DocumentKind.DOC, "", "en", "h", "h")
REVISION = Revision(1, 100.0, 1, 3, SiteProfile("garden", "https://example.org/", "Garden", (), ("en",)))


class CountingStore:
    """A store that counts what is read from it."""

    def __init__(self, store: Any) -> None:
        self._store = store
        self.read: list[str] = []

    async def fetch(self, ids: Sequence[str]) -> list[Record]:
        self.read += ids
        return list(await self._store.fetch(ids))

    async def select(self, where: Where) -> list[Record]:
        self.read += map(str, where.any_of["place"])
        return list(await self._store.select(where))


@pytest.fixture
async def store(engine: Any) -> CountingStore:
    opened = await engine.open("garden", dimension=3, create=True)
    await opened.write([point(ordinal) for ordinal in range(3)])
    return CountingStore(opened)


def point(ordinal: int) -> Point:
    chunk = Chunk(ordinal, "", (), f"text {ordinal}", str(ordinal))
    payload = chunk_payload(DOCUMENT, chunk, SectionRef("", ()), tokens=5, reach=(0, 0))
    return Point(str(ordinal), {**payload, "since": 1, "until": FOREVER})


def published(store: Any, revision: Revision = REVISION) -> PublishedSite:
    return PublishedSite("garden", store, Manifest("garden", "", "", 110.0, published_revision=1), revision)


async def test_a_chunk_is_read_once_by_id_or_by_place(store: CountingStore) -> None:
    reader, site = ChunkReader(), published(store)
    first = await reader.read(site, ["0", "1", "unknown"])
    assert [first[name].chunk.text for name in ("0", "1")] == ["text 0", "text 1"]
    assert set(first) == {"0", "1"}
    store.read.clear()
    assert await reader.read(site, ["1", "0"]) == first
    beside = await reader.at(site, {place(URI, 1), place(URI, 2)})
    assert {chunk.chunk.ordinal for chunk in beside} == {1, 2}
    assert store.read == [place(URI, 2)]


async def test_another_content_under_the_same_number_is_read_anew(store: CountingStore) -> None:
    reader = ChunkReader()
    await reader.read(published(store), ["0"])
    store.read.clear()
    await reader.read(published(store, replace(REVISION, published_at_s=200.0)), ["0"])
    assert store.read == ["0"]


async def test_only_so_many_chunks_are_kept(store: CountingStore) -> None:
    reader, site = ChunkReader(remembered=2), published(store)
    await reader.read(site, ["0", "1", "2"])
    store.read.clear()
    await reader.read(site, ["1", "2", "0"])
    assert store.read == ["0"]
