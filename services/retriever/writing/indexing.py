"""Brings pages into the open revision: unchanged pages are not touched, known texts are not embedded again."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import TypeAlias

from services.retriever.embedding.embedder import Embedder
from services.retriever.embedding.vectors import DenseVector
from services.retriever.payloads import FOREVER, Payload, PointKind
from services.retriever.sites.manifest import Manifest, OpenRevision
from services.retriever.sites.sites import Sites
from services.retriever.store.port import Point, Record, Store, Where
from services.retriever.writing.page_points import PageLayout, PageRemoval, PageWrite, lay_out, make_point
from services.retriever.writing.revisions import Revisions

_CHUNKS_OF_A_BATCH = 48
_PAGES_OF_A_BATCH = 256
"""Pages are brought in together until one of the two is reached: a look at the index costs as much for one page as
for a batch of them, and a batch bounds the memory."""

Write: TypeAlias = PageWrite | PageRemoval


class Outcome(StrEnum):
    """What is counted of a write."""

    ADDED = "documents_added"
    CHANGED = "documents_changed"
    UNCHANGED = "documents_unchanged"
    REMOVED = "documents_removed"
    EMBEDDED = "chunks_embedded"
    REUSED = "chunks_reused"


class Indexing:
    """Writes pages into open revisions."""

    def __init__(self, sites: Sites, revisions: Revisions) -> None:
        self._sites = sites
        self._revisions = revisions

    async def write(self, site: str, revision: int, writes: AsyncIterator[Write]) -> Counter[Outcome]:
        """Bring pages into the open revision, or take them out; returns what was done.

        Raises:
            RevisionNotOpen: If the revision is not the open one, at the start or at any batch.
            ChunkTooLong: If a chunk does not fit the embedding model; batches before it are written.
        """
        manifest, opened = await self._revisions.open_revision(site, revision)
        writer = _Writer(manifest, opened, await self._sites.store(site), self._sites.embedder)
        async for batch in _batches(self._renewing(site, revision, writes)):
            async with self._sites.write_lock(site).shared():
                await self._revisions.open_revision(site, revision)  # it may have been taken over meanwhile
                await writer.write(batch)
        return writer.counts

    async def _renewing(self, site: str, revision: int, writes: AsyncIterator[Write]) -> AsyncIterator[Write]:
        async for write in writes:
            await self._revisions.renew(site, revision)
            yield write


async def _batches(writes: AsyncIterator[Write]) -> AsyncIterator[list[Write]]:
    """The writes in order, several at a time, never the same page twice in one batch."""
    batch: dict[str, Write] = {}
    chunks = 0
    async for write in writes:
        if write.uri in batch or chunks >= _CHUNKS_OF_A_BATCH or len(batch) >= _PAGES_OF_A_BATCH:
            yield list(batch.values())
            batch, chunks = {}, 0
        batch[write.uri] = write
        chunks += len(write.chunks) if isinstance(write, PageWrite) else 0
    if batch:
        yield list(batch.values())


@dataclass(frozen=True, slots=True)
class _Change:
    """What brings the index up to date with one page: points to add, to show again and to take out."""

    new: Sequence[Payload]
    reopened: Sequence[Record]
    closed: Sequence[Record]
    outcome: Outcome | None


class _Writer:
    """One stream of writes into one revision."""

    def __init__(self, manifest: Manifest, opened: OpenRevision, store: Store, embedder: Embedder) -> None:
        self._manifest = manifest
        self._revision = opened.number
        self._anew = opened.anew
        self._store = store
        self._embedder = embedder
        self.counts: Counter[Outcome] = Counter()

    async def write(self, batch: Sequence[Write]) -> None:
        """Bring a batch in; pages are laid out and points made off the event loop, where searches are answered."""
        layouts = await asyncio.to_thread(self._lay_out, batch)
        known = await self._known([write.uri for write in batch])
        changes = [self._change(layouts.get(uri), records) for uri, records in known.items()]
        texts = {hash_: text for layout in layouts.values() for hash_, text in layout.texts.items()}
        await self._add([payload for change in changes for payload in change.new], texts)
        reopened = [record.id for change in changes for record in change.reopened]
        await self._store.set_until(reopened, FOREVER)
        await self._close([record for change in changes for record in change.closed])
        self.counts.update(change.outcome for change in changes if change.outcome)

    def _lay_out(self, batch: Sequence[Write]) -> dict[str, PageLayout]:
        return {write.uri: lay_out(write, self._embedder) for write in batch if isinstance(write, PageWrite)}

    async def _known(self, uris: Sequence[str]) -> dict[str, list[Record]]:
        """For each page its points that are live, or were closed earlier in this same revision."""
        where = Where(any_of={"uri": tuple(uris)}, above={"until": self._revision - 1})
        known: dict[str, list[Record]] = {uri: [] for uri in uris}
        for record in await self._store.select(where, fields=("uri", "fingerprint", "since", "until")):
            known[record.payload["uri"]].append(record)
        return known

    def _change(self, layout: PageLayout | None, known: Sequence[Record]) -> _Change:
        live = [record for record in known if record.payload["until"] == FOREVER]
        if layout is None:
            return _Change((), (), live, Outcome.REMOVED if live else None)
        wanted = {payload["fingerprint"] for payload in layout.payloads}
        kept = {record.payload["fingerprint"]: record for record in known if self._stays(record, wanted)}
        new = [payload for payload in layout.payloads if payload["fingerprint"] not in kept]
        reopened = [record for record in kept.values() if record.payload["until"] == self._revision]
        kept_ids = {record.id for record in kept.values()}
        closed = [record for record in live if record.id not in kept_ids]
        changed = Outcome.CHANGED if new or closed or reopened else Outcome.UNCHANGED
        return _Change(new, reopened, closed, changed if live else Outcome.ADDED)

    def _stays(self, record: Record, wanted: set[str]) -> bool:
        """Whether a point says what the page says, and is of this revision if nothing older may be reused."""
        if self._anew and record.payload["since"] < self._revision:
            return False
        return record.payload["fingerprint"] in wanted

    async def _add(self, payloads: Sequence[Payload], texts: Mapping[str, str]) -> None:
        hashes = [payload["embedding_hash"] for payload in payloads if payload["point"] == PointKind.CHUNK]
        vectors = await self._embeddings(hashes) if hashes else {}
        missing = [hash_ for hash_ in dict.fromkeys(hashes) if hash_ not in vectors]
        embedded = await self._embedder.embed_documents([texts[hash_] for hash_ in missing])
        vectors |= dict(zip(missing, embedded, strict=True))
        self.counts[Outcome.EMBEDDED] += len(missing)
        self.counts[Outcome.REUSED] += len(hashes) - len(missing)
        await self._store.write(await asyncio.to_thread(self._points, payloads, vectors))

    async def _embeddings(self, hashes: Sequence[str]) -> dict[str, DenseVector]:
        return await self._store.embeddings(hashes, since=self._revision if self._anew else 0)

    def _points(self, payloads: Sequence[Payload], vectors: Mapping[str, DenseVector]) -> list[Point]:
        return [make_point(payload, vectors, self._manifest, self._revision) for payload in payloads]

    async def _close(self, records: Sequence[Record]) -> None:
        """End points of earlier revisions here; delete those of this one."""
        await self._store.delete([record.id for record in records if record.payload["since"] == self._revision])
        older = [record.id for record in records if record.payload["since"] < self._revision]
        await self._store.set_until(older, self._revision)
