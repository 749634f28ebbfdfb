"""The engine on its own: a Qdrant server, cluster or cloud, one collection per site.

For several replicas of the retriever, several machines, or more than about 50,000 chunks. Imported only when it is
configured: the client costs two seconds and 130 MB. The schema and the vectors are those of the embedded engine.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np
from qdrant_client import AsyncQdrantClient, models

from services.retriever.embedding.vectors import DenseVector
from services.retriever.store.port import (
    DENSE,
    HEADINGS,
    INTEGER_FIELDS,
    KEYWORD_FIELDS,
    SPARSE,
    Hit,
    Point,
    Record,
    StoreUnusable,
    VectorSearch,
    Where,
    hit_of,
)
from services.retriever.store.server_requests import answer_of, filter_of, point_of, request_of, scroll

SCHEMA = 1
"""Goes up when collections are made differently; then every site must be ingested again."""
_WRITE_BATCH = 128


class ServerEngine:
    """Collections `<prefix>_site_<name>` of one server."""

    def __init__(self, client: AsyncQdrantClient, prefix: str) -> None:
        self._client = client
        self._prefix = prefix

    @property
    def name(self) -> str:
        return f"qdrant-server schema {SCHEMA}"

    async def open(self, site: str, *, dimension: int, create: bool) -> "ServerStore":
        collection = self._collection(site)
        if not await answer_of(self._client.collection_exists(collection)):
            if not create:
                raise StoreUnusable(f"collection {collection} is missing on the server")
            await self._create(collection, dimension)
        await self._index_fields(collection)
        return ServerStore(self._client, collection)

    async def set_aside(self, site: str) -> str:
        await self.drop(site)
        return "nowhere: the collection was deleted"

    async def drop(self, site: str) -> None:
        await answer_of(self._client.delete_collection(self._collection(site)))

    async def close(self) -> None:
        await self._client.close()

    def _collection(self, site: str) -> str:
        return f"{self._prefix}_site_{site}"

    async def _create(self, collection: str, dimension: int) -> None:
        await answer_of(
            self._client.create_collection(
                collection,
                vectors_config={DENSE: models.VectorParams(size=dimension, distance=models.Distance.COSINE)},
                sparse_vectors_config={
                    name: models.SparseVectorParams(modifier=models.Modifier.IDF) for name in (SPARSE, HEADINGS)
                },
            )
        )

    async def _index_fields(self, collection: str) -> None:
        """Index what filters compare; a collection made by an older version lacks the fields that came later."""
        known = (await answer_of(self._client.get_collection(collection))).payload_schema or {}
        for name in (name for name in KEYWORD_FIELDS if name not in known):
            keyword = models.KeywordIndexParams(type=models.KeywordIndexType.KEYWORD, prefix=name == "path")
            await answer_of(self._client.create_payload_index(collection, name, keyword))
        for name in (name for name in INTEGER_FIELDS if name not in known):
            integer = models.IntegerIndexParams(type=models.IntegerIndexType.INTEGER, lookup=True, range=True)
            await answer_of(self._client.create_payload_index(collection, name, integer))


class ServerStore:
    """One collection."""

    def __init__(self, client: AsyncQdrantClient, collection: str) -> None:
        self._client = client
        self._collection = collection

    async def search(self, searches: Sequence[VectorSearch]) -> list[list[Hit]]:
        requests = [request_of(search) for search in searches]
        answers = await answer_of(self._client.query_batch_points(self._collection, requests))
        return [
            [hit_of(str(point.id), point.score, point.payload or {}) for point in answer.points] for answer in answers
        ]

    async def fetch(self, ids: Sequence[str]) -> list[Record]:
        records = await answer_of(self._client.retrieve(self._collection, list(ids), with_payload=True))
        return [Record(str(record.id), record.payload or {}) for record in records]

    async def select(self, where: Where, *, fields: Sequence[str] | None = None) -> list[Record]:
        records = await scroll(
            self._client, self._collection, where, with_payload=True if fields is None else list(fields)
        )
        return [Record(str(record.id), record.payload or {}) for record in records]

    async def embeddings(self, hashes: Sequence[str], *, since: int = 0) -> dict[str, DenseVector]:
        where = Where(any_of={"embedding_hash": tuple(hashes)}, above={"since": since - 1})
        records = await scroll(
            self._client, self._collection, where, with_payload=["embedding_hash"], with_vectors=[DENSE]
        )
        return dict(_embedding(record) for record in records)

    async def count(self, where: Where) -> int:
        return (await answer_of(self._client.count(self._collection, filter_of(where), exact=True))).count

    async def write(self, points: Sequence[Point]) -> None:
        for start in range(0, len(points), _WRITE_BATCH):
            batch = [point_of(point) for point in points[start : start + _WRITE_BATCH]]
            await answer_of(self._client.upsert(self._collection, batch, wait=True))

    async def set_until(self, ids: Sequence[str], until: int) -> None:
        if ids:
            points = models.PointIdsList(points=list(ids))
            await answer_of(self._client.set_payload(self._collection, {"until": until}, points, wait=True))

    async def set_until_where(self, where: Where, until: int) -> None:
        await answer_of(self._client.set_payload(self._collection, {"until": until}, filter_of(where), wait=True))

    async def delete(self, ids: Sequence[str]) -> None:
        if ids:
            await answer_of(self._client.delete(self._collection, models.PointIdsList(points=list(ids)), wait=True))

    async def delete_where(self, where: Where) -> None:
        matching = models.FilterSelector(filter=filter_of(where))
        await answer_of(self._client.delete(self._collection, matching, wait=True))

    async def flush(self) -> None:
        """Nothing to do: the server acknowledges a write once it is in its log."""

    async def close(self) -> None:
        """Nothing to do: the connection belongs to the engine."""


def _embedding(record: Any) -> tuple[str, DenseVector]:
    return record.payload["embedding_hash"], np.asarray(record.vector[DENSE], dtype=np.float32)


def connect(url: str, api_key: str, timeout_s: float) -> AsyncQdrantClient:
    """A client of the server; it connects on the first call."""
    return AsyncQdrantClient(url=url, api_key=api_key or None, timeout=max(1, round(timeout_s)))
