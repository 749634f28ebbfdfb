"""Bringing pages into the open revision: the unchanged is not touched, the known text is not embedded again."""

import asyncio
import uuid
from collections import Counter
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from enum import StrEnum

from services.retriever.documents import (
    FOREVER,
    Chunk,
    Document,
    Payload,
    PointKind,
    chunk_payload,
    document_payload,
    embedding_input,
)
from services.retriever.embedder import Embedder
from services.retriever.manifest import Manifest
from services.retriever.revisions import Revisions
from services.retriever.sections import cited_sections, reaches
from services.retriever.sites import Sites
from services.retriever.sparse import AVERAGE_HEADING_LENGTH, encoder_for
from services.retriever.store import HEADINGS, SPARSE, DenseVector, Point, Record, Store, Where
from services.runtime.errors import ChunkTooLong

_AT_ONCE = 8
"""Pages in work at the same time: enough to keep the embedding threads busy, few enough to bound memory."""

_REACH = 3
"""Chunks on each side that a passage may grow by."""


@dataclass(frozen=True, slots=True)
class PageWrite:
    """One page as it shall be."""

    document: Document
    chunks: tuple[Chunk, ...]


@dataclass(frozen=True, slots=True)
class PageRemoval:
    """A page that is gone."""

    uri: str


class Outcome(StrEnum):
    """What was counted."""

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

    async def write(self, site: str, revision: int, writes: AsyncIterator[PageWrite | PageRemoval]) -> Counter[Outcome]:
        """Bring pages into the open revision, or take them out; returns what was done.

        Raises:
            RevisionNotOpen: If the revision is not the open one, at the start or at any page.
            ChunkTooLong: If a chunk does not fit the embedding model; pages before it are written.
        """
        manifest, _ = await self._revisions.open_revision(site, revision)
        writer = _Writer(manifest, revision, await self._sites.store(site), self._sites.embedder)
        slots = asyncio.Semaphore(_AT_ONCE)
        try:
            async with asyncio.TaskGroup() as tasks:
                async for write in writes:
                    await slots.acquire()
                    await self._revisions.renew(site, revision)
                    task = tasks.create_task(self._apply(writer, site, revision, write))
                    task.add_done_callback(lambda _: slots.release())
        except* Exception as failures:
            raise failures.exceptions[0] from None
        return writer.counts

    async def _apply(self, writer: "_Writer", site: str, revision: int, write: PageWrite | PageRemoval) -> None:
        async with self._sites.gate(site).shared():
            await self._revisions.open_revision(site, revision)  # it may have been taken over meanwhile
            await writer.apply(write)


class _Writer:
    """One stream of writes into one revision."""

    def __init__(self, manifest: Manifest, revision: int, store: Store, embedder: Embedder) -> None:
        self._manifest = manifest
        self._revision = revision
        self._store = store
        self._embedder = embedder
        self._locks: dict[str, asyncio.Lock] = {}
        self.counts: Counter[Outcome] = Counter()

    async def apply(self, write: PageWrite | PageRemoval) -> None:
        uri = write.uri if isinstance(write, PageRemoval) else write.document.uri
        async with self._locks.setdefault(uri, asyncio.Lock()):  # the same page twice: one after the other
            if isinstance(write, PageRemoval):
                await self._remove(uri)
            else:
                await self._write(write)

    async def _remove(self, uri: str) -> None:
        known = [record for record in await self._records(uri) if record.payload["until"] == FOREVER]
        await self._close(known)
        self.counts[Outcome.REMOVED] += bool(known)

    async def _write(self, write: PageWrite) -> None:
        texts = [embedding_input(write.document.title, chunk.heading_path, chunk.text) for chunk in write.chunks]
        payloads = [document_payload(write.document, len(write.chunks))]
        sections = cited_sections(write.chunks)
        reach = reaches(write.chunks, sections, most=_REACH)
        for chunk, section, near, text in zip(write.chunks, sections, reach, texts, strict=True):
            tokens = self._tokens(write.document, chunk, text)
            payloads.append(chunk_payload(write.document, chunk, section, tokens=tokens, reach=near))
        known = await self._records(write.document.uri)
        by_fingerprint = {record.payload["fingerprint"]: record for record in known}
        wanted = {payload["fingerprint"] for payload in payloads}
        stale = [record for record in known if record.payload["fingerprint"] not in wanted]
        new = [index for index, payload in enumerate(payloads) if payload["fingerprint"] not in by_fingerprint]
        await self._add([payloads[index] for index in new], [texts[index - 1] if index else "" for index in new])
        await self._reopen([record for record in known if record.payload["fingerprint"] in wanted])
        await self._close([record for record in stale if record.payload["until"] == FOREVER])
        self.counts[_outcome(known, bool(new or stale))] += 1

    async def _records(self, uri: str) -> list[Record]:
        """Points of a page that are live, or were closed earlier in this same revision."""
        where = Where(any_of={"uri": (uri,)}, above={"until": self._revision - 1})
        return await self._store.select(where, fields=("fingerprint", "since", "until"))

    async def _add(self, payloads: Sequence[Payload], texts: Sequence[str]) -> None:
        hashes = [payload["embedding_hash"] for payload in payloads if payload["point"] == PointKind.CHUNK]
        vectors = await self._store.embeddings(hashes) if hashes else {}
        missing = {
            payload["embedding_hash"]: text
            for payload, text in zip(payloads, texts, strict=True)
            if payload["point"] == PointKind.CHUNK and payload["embedding_hash"] not in vectors
        }
        embedded = await self._embedder.embed_documents(list(missing.values()))
        vectors |= dict(zip(missing, embedded, strict=True))
        self.counts[Outcome.EMBEDDED] += len(missing)
        self.counts[Outcome.REUSED] += len(hashes) - len(missing)
        await self._store.write([self._point(payload, vectors) for payload in payloads])

    def _tokens(self, document: Document, chunk: Chunk, text: str) -> int:
        """Tokens of the embedding input, if the model reads all of them."""
        limit, tokens = self._embedder.max_tokens, self._embedder.count_tokens(text)
        if tokens <= limit:
            return tokens
        raise ChunkTooLong(
            f"chunk {chunk.ordinal} of {document.uri} has {tokens} tokens with its title and headings; "
            f"{self._embedder.model_id} reads {limit}: cut it shorter",
            uri=document.uri,
            ordinal=str(chunk.ordinal),
            tokens=str(tokens),
            max_tokens=str(limit),
        )

    def _point(self, payload: Payload, vectors: dict[str, DenseVector]) -> Point:
        key = (self._manifest.site, payload["version"], payload["locale"], payload["uri"], payload.get("ordinal", -1))
        name = "\n".join((*map(str, key), payload["fingerprint"], str(self._revision)))
        stored = {**payload, "since": self._revision, "until": FOREVER}
        if payload["point"] == PointKind.DOCUMENT:
            return Point(str(uuid.uuid5(uuid.NAMESPACE_URL, name)), stored)
        headings = "\n".join((payload["title"], *payload["heading_path"]))
        text_encoder = encoder_for(payload["locale"], self._manifest.average_length)
        heading_encoder = encoder_for(payload["locale"], AVERAGE_HEADING_LENGTH)
        return Point(
            str(uuid.uuid5(uuid.NAMESPACE_URL, name)),
            stored,
            vectors[payload["embedding_hash"]],
            {
                SPARSE: text_encoder.document(f"{headings}\n{payload['text']}"),
                HEADINGS: heading_encoder.document(headings),
            },
        )

    async def _reopen(self, records: Sequence[Record]) -> None:
        closed = [record.id for record in records if record.payload["until"] == self._revision]
        await self._store.set_until(closed, FOREVER)

    async def _close(self, records: Sequence[Record]) -> None:
        """Points of earlier revisions end here; points of this one never were."""
        await self._store.delete([record.id for record in records if record.payload["since"] == self._revision])
        older = [record.id for record in records if record.payload["since"] < self._revision]
        await self._store.set_until(older, self._revision)


def _outcome(known: Sequence[Record], changed: bool) -> Outcome:
    if not any(record.payload["until"] == FOREVER for record in known):
        return Outcome.ADDED
    return Outcome.CHANGED if changed else Outcome.UNCHANGED
