"""The engine on its own: a Qdrant server, cluster or cloud, one collection per site.

For several replicas of the retriever, several machines, or more than about 50,000 chunks. Imported only when it is
configured: the client costs two seconds and 130 MB. The schema and the vectors are those of the embedded engine.
"""

import uuid
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any, TypeVar, cast

import grpc
import numpy as np
from qdrant_client import AsyncQdrantClient, models
from qdrant_client.http.exceptions import ApiException

from services.retriever.manifest import Manifest, ManifestChanged
from services.retriever.store import (
    DENSE,
    HEADINGS,
    INTEGER_FIELDS,
    KEYWORD_FIELDS,
    SPARSE,
    DenseVector,
    Hit,
    Point,
    Probe,
    Record,
    SparseVector,
    StoreUnusable,
    Where,
)
from services.runtime.errors import IndexUnavailable

SCHEMA = 1
"""Goes up when collections are made differently; then sites are ingested anew."""
_WRITE_BATCH = 128
_PAGE = 512
_Result = TypeVar("_Result")


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
        if not await _answer(self._client.collection_exists(collection)):
            if not create:
                raise StoreUnusable(f"collection {collection} is missing on the server")
            await self._create(collection, dimension)
        return ServerStore(self._client, collection)

    async def set_aside(self, site: str) -> str:
        await self.drop(site)
        return "nowhere: the collection was deleted"

    async def drop(self, site: str) -> None:
        await _answer(self._client.delete_collection(self._collection(site)))

    async def close(self) -> None:
        await self._client.close()

    def _collection(self, site: str) -> str:
        return f"{self._prefix}_site_{site}"

    async def _create(self, collection: str, dimension: int) -> None:
        await _answer(
            self._client.create_collection(
                collection,
                vectors_config={DENSE: models.VectorParams(size=dimension, distance=models.Distance.COSINE)},
                sparse_vectors_config={
                    name: models.SparseVectorParams(modifier=models.Modifier.IDF) for name in (SPARSE, HEADINGS)
                },
            )
        )
        for name in KEYWORD_FIELDS:
            keyword = models.KeywordIndexParams(type=models.KeywordIndexType.KEYWORD, prefix=name == "path")
            await _answer(self._client.create_payload_index(collection, name, keyword))
        for name in INTEGER_FIELDS:
            integer = models.IntegerIndexParams(type=models.IntegerIndexType.INTEGER, lookup=True, range=True)
            await _answer(self._client.create_payload_index(collection, name, integer))


class ServerStore:
    """One collection."""

    def __init__(self, client: AsyncQdrantClient, collection: str) -> None:
        self._client = client
        self._collection = collection

    async def probe(self, probes: Sequence[Probe]) -> list[list[Hit]]:
        requests = [_request(probe) for probe in probes]
        answers = await _answer(self._client.query_batch_points(self._collection, requests))
        return [
            [Hit(str(point.id), point.score, (point.payload or {})["uri"]) for point in answer.points]
            for answer in answers
        ]

    async def fetch(self, ids: Sequence[str]) -> list[Record]:
        records = await _answer(self._client.retrieve(self._collection, list(ids), with_payload=True))
        return [Record(str(record.id), record.payload or {}) for record in records]

    async def select(self, where: Where, *, fields: Sequence[str] | None = None) -> list[Record]:
        records = await self._scroll(where, with_payload=True if fields is None else list(fields))
        return [Record(str(record.id), record.payload or {}) for record in records]

    async def embeddings(self, hashes: Sequence[str], *, since: int = 0) -> dict[str, DenseVector]:
        where = Where(any_of={"embedding_hash": tuple(hashes)}, above={"since": since - 1})
        records = await self._scroll(where, with_payload=["embedding_hash"], with_vectors=[DENSE])
        return {
            record.payload["embedding_hash"]: np.asarray(record.vector[DENSE], dtype=np.float32) for record in records
        }

    async def count(self, where: Where) -> int:
        return (await _answer(self._client.count(self._collection, _filter(where), exact=True))).count

    async def write(self, points: Sequence[Point]) -> None:
        for start in range(0, len(points), _WRITE_BATCH):
            batch = [_point(point) for point in points[start : start + _WRITE_BATCH]]
            await _answer(self._client.upsert(self._collection, batch, wait=True))

    async def set_until(self, ids: Sequence[str], until: int) -> None:
        if ids:
            points = models.PointIdsList(points=list(ids))
            await _answer(self._client.set_payload(self._collection, {"until": until}, points, wait=True))

    async def set_until_where(self, where: Where, until: int) -> None:
        await _answer(self._client.set_payload(self._collection, {"until": until}, _filter(where), wait=True))

    async def delete(self, ids: Sequence[str]) -> None:
        if ids:
            await _answer(self._client.delete(self._collection, models.PointIdsList(points=list(ids)), wait=True))

    async def delete_where(self, where: Where) -> None:
        await _answer(self._client.delete(self._collection, models.FilterSelector(filter=_filter(where)), wait=True))

    async def flush(self) -> None:
        """Nothing to do: the server acknowledges a write once it is in its log."""

    async def close(self) -> None:
        """Nothing to do: the connection belongs to the engine."""

    async def _scroll(self, where: Where, **wanted: Any) -> list[Any]:
        found: list[Any] = []
        offset: Any = None
        while True:
            page = self._client.scroll(self._collection, _filter(where), limit=_PAGE, offset=offset, **wanted)
            records, offset = await _answer(page)
            found += records
            if offset is None:
                return found


class ServerManifests:
    """Manifests as points of the collection `<prefix>_manifests`, for several retrievers at once."""

    def __init__(self, client: AsyncQdrantClient, prefix: str) -> None:
        self._client = client
        self._collection = f"{prefix}_manifests"
        self._made = False

    async def read_all(self) -> Mapping[str, Manifest]:
        await self._make()
        manifests: dict[str, Manifest] = {}
        offset: Any = None
        while True:
            page = self._client.scroll(self._collection, limit=_PAGE, offset=offset, with_payload=True)
            records, offset = await _answer(page)
            for record in records:
                manifest = Manifest.from_json((record.payload or {})["manifest"])
                manifests[manifest.site] = manifest
            if offset is None:
                return manifests

    async def write(self, manifest: Manifest) -> Manifest:
        await self._make()
        written = replace(manifest, generation=manifest.generation + 1)
        write_id = uuid.uuid4().hex
        payload = {"generation": written.generation, "manifest": written.to_json(), "write_id": write_id}
        point = models.PointStruct(id=self._id(manifest.site), vector={}, payload=payload)
        unchanged = Where(any_of={"generation": (manifest.generation,)})
        # The server writes only if the generation is still the one we read: two retrievers cannot both win.
        await _answer(self._client.upsert(self._collection, [point], wait=True, update_filter=_filter(unchanged)))
        stored = await _answer(self._client.retrieve(self._collection, [point.id], with_payload=True))
        if not stored or (stored[0].payload or {}).get("write_id") != write_id:
            raise ManifestChanged(manifest.site)
        return written

    async def delete(self, site: str) -> None:
        await self._make()
        await _answer(self._client.delete(self._collection, models.PointIdsList(points=[self._id(site)]), wait=True))

    async def _make(self) -> None:
        if self._made:
            return
        if not await _answer(self._client.collection_exists(self._collection)):
            await _answer(self._client.create_collection(self._collection, vectors_config={}))
            generation = models.IntegerIndexParams(type=models.IntegerIndexType.INTEGER, lookup=True, range=False)
            await _answer(self._client.create_payload_index(self._collection, "generation", generation))
        self._made = True

    def _id(self, site: str) -> str:
        return str(uuid.uuid5(uuid.NAMESPACE_URL, f"{self._collection}/{site}"))


def connect(url: str, api_key: str, timeout_s: float) -> AsyncQdrantClient:
    """A client of the server; it connects on the first call."""
    return AsyncQdrantClient(url=url, api_key=api_key or None, timeout=max(1, round(timeout_s)))


async def _answer(call: Awaitable[_Result]) -> _Result:
    """The answer of the server; whatever goes wrong on the way as `IndexUnavailable`."""
    try:
        return await call
    except (ApiException, grpc.aio.AioRpcError, OSError, ValueError, RuntimeError) as error:
        first_line = str(error).strip().partition("\n")[0][:200]
        raise IndexUnavailable(f"the Qdrant server failed: {first_line}", retry_after_s=1.0) from error


def _request(probe: Probe) -> models.QueryRequest:
    return models.QueryRequest(
        query=_vector(probe.vector),
        using=probe.using,
        filter=_filter(probe.where),
        limit=probe.limit,
        with_payload=["uri"],
    )


def _vector(vector: DenseVector | SparseVector) -> Any:
    if isinstance(vector, SparseVector):
        return models.SparseVector(indices=list(vector.indices), values=list(vector.values))
    return vector.tolist()


def _point(point: Point) -> models.PointStruct:
    vectors: dict[str, Any] = {name: _vector(vector) for name, vector in point.sparse.items() if vector}
    if point.dense is not None:
        vectors[DENSE] = point.dense.tolist()
    return models.PointStruct(id=point.id, vector=vectors, payload=point.payload)


def _filter(where: Where) -> models.Filter:
    conditions = [
        models.FieldCondition(key=key, match=models.MatchAny(any=cast("list[str]", list(values))))
        for key, values in where.any_of.items()
    ]
    conditions += _ranges(where.at_most.items(), lambda bound: models.Range(lte=bound))
    conditions += _ranges(where.above.items(), lambda bound: models.Range(gt=bound))
    conditions += [
        models.FieldCondition(key=key, match=models.MatchPrefix(prefix=text)) for key, text in where.prefix.items()
    ]
    return models.Filter(must=list(conditions))


def _ranges(
    bounds: Iterable[tuple[str, int]], comparison: Callable[[float], models.Range]
) -> list[models.FieldCondition]:
    return [models.FieldCondition(key=key, range=comparison(float(bound))) for key, bound in bounds]
