"""The embedded engine: Qdrant Edge, one shard (directory) per site.

What measurements taught: a call holds the interpreter for its whole length, so writes go in small batches
and off the event loop; search is exact (fast below about 50,000 points), so `optimize()` is never called; one process
opens a directory; files are synchronised only by `flush()`; every error is a bare `Exception`.
"""

import asyncio
import logging
import shutil
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from importlib.metadata import version
from itertools import accumulate, chain, islice
from operator import methodcaller
from pathlib import Path
from typing import Any, TypeVar, cast
from uuid import UUID

import numpy as np
import qdrant_edge as edge

from services.retriever.concurrency.batching import Batcher
from services.retriever.embedding.vectors import DenseVector
from services.retriever.store.edge_requests import filter_of, point_of, request_of
from services.retriever.store.port import (
    DENSE,
    HEADINGS,
    HIT_FIELDS,
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
from services.runtime.errors import IndexUnavailable

logger = logging.getLogger(__name__)

WRITE_BATCH = 64
"""Points per write: about 6 ms during which no other Python code of the process runs."""
_HELD_S = 0.01
"""How long one call for several searches may hold the interpreter while everything else waits. Most is gained with four
searches."""
_PAGE = 256
"""Points read in one call."""
_REMEMBERED_POINTS = 100_000
_Result = TypeVar("_Result")


class EdgeEngine:
    """Shards below one directory: `<root>/<site>/shard`."""

    def __init__(self, root: Path) -> None:
        self._root = root
        self._threads = ThreadPoolExecutor(2, thread_name_prefix="edge")

    @property
    def name(self) -> str:
        return f"qdrant-edge {version('qdrant-edge-py')}"

    async def open(self, site: str, *, dimension: int, create: bool) -> "EdgeStore":
        path = self._shard_path(site)
        make = _create if create and not _has_data(path) else _load
        shard = await _in_thread(self._threads, lambda: make(path, dimension))
        return EdgeStore(shard, self._threads)

    async def set_aside(self, site: str) -> str:
        path = self._shard_path(site)
        if not path.exists():
            return str(path)
        target = path.with_name(f"shard-unusable-{time.strftime('%Y%m%d-%H%M%S')}-{time.time_ns() % 1_000_000}")
        for older in path.parent.glob("shard-unusable-*"):
            await _in_thread(self._threads, partial(shutil.rmtree, older, ignore_errors=True))
        path.rename(target)
        return str(target)

    async def drop(self, site: str) -> None:
        await _in_thread(self._threads, lambda: shutil.rmtree(self._shard_path(site), ignore_errors=True))

    async def close(self) -> None:
        self._threads.shutdown(wait=True)

    def _shard_path(self, site: str) -> Path:
        return self._root / site / "shard"


class EdgeStore:
    """One open shard."""

    def __init__(self, shard: edge.EdgeShard, threads: ThreadPoolExecutor) -> None:
        self._shard = shard
        self._threads = threads
        self._seen: dict[int, Hit] = {}
        self._batcher = Batcher(self._search_together, workers=1, together=self._within_time)
        self._search_s = _HELD_S

    async def search(self, searches: Sequence[VectorSearch]) -> list[list[Hit]]:
        return await self._batcher.ask(searches)

    def _within_time(self, callers: Sequence[Sequence[VectorSearch]]) -> int:
        return affordable([len(searches) * self._search_s for searches in callers])

    async def _search_together(self, callers: Sequence[Sequence[VectorSearch]]) -> list[list[list[Hit]]]:
        rankings = iter(await self._run(partial(self._rankings, list(chain.from_iterable(callers)))))
        return [list(islice(rankings, len(searches))) for searches in callers]

    def _rankings(self, searches: Sequence[VectorSearch], shard: edge.EdgeShard) -> list[list[Hit]]:
        requests = [request_of(search) for search in searches]
        started = time.perf_counter()
        answers = shard.query_batch(edge.QueryBatchRequest(requests))
        self._search_s = (time.perf_counter() - started) / max(1, len(searches))
        rankings = [[(point.id.int, point.score) for point in cast("list[Any]", answer)] for answer in answers]
        self._look_at({number for ranking in rankings for number, _ in ranking}, shard)
        return [
            [seen._replace(score=score) for number, score in ranking if (seen := self._seen.get(number))]
            for ranking in rankings
        ]

    def _look_at(self, numbers: set[int], shard: edge.EdgeShard) -> None:
        """Read the id and page of points not seen before: neither ever changes, and payloads are slow to read."""
        if len(self._seen) > _REMEMBERED_POINTS:
            self._seen.clear()
        if unknown := [str(UUID(int=number)) for number in numbers if number not in self._seen]:
            wanted: Any = unknown
            for record in shard.retrieve(wanted, with_payload=list(HIT_FIELDS), with_vector=False):
                if record.payload:
                    id_: Any = record.id
                    self._seen[id_.int] = hit_of(str(id_), 0.0, record.payload)

    async def fetch(self, ids: Sequence[str]) -> list[Record]:
        records: list[Any] = []
        for start in range(0, len(ids), _PAGE):
            wanted = list(ids[start : start + _PAGE])
            records += await self._run(methodcaller("retrieve", wanted, with_payload=True, with_vector=False))
        return [Record(str(record.id), record.payload or {}) for record in records]

    async def select(self, where: Where, *, fields: Sequence[str] | None = None) -> list[Record]:
        wanted = True if fields is None else list(fields)
        pages = await self._scroll(where, with_payload=wanted)
        return [Record(str(record.id), record.payload or {}) for record in pages]

    async def embeddings(self, hashes: Sequence[str], *, since: int = 0) -> dict[str, DenseVector]:
        where = Where(any_of={"embedding_hash": tuple(hashes)}, above={"since": since - 1})
        records = await self._scroll(where, with_payload=["embedding_hash"], with_vector=[DENSE])
        return {
            record.payload["embedding_hash"]: np.asarray(record.vector[DENSE], dtype=np.float32) for record in records
        }

    async def count(self, where: Where) -> int:
        return await self._run(lambda shard: shard.count(edge.CountRequest(filter=filter_of(where))))

    async def write(self, points: Sequence[Point]) -> None:
        for start in range(0, len(points), WRITE_BATCH):
            await self._run(partial(_upsert, points[start : start + WRITE_BATCH]))

    async def set_until(self, ids: Sequence[str], until: int) -> None:
        if ids:
            await self._update(edge.UpdateOperation.set_payload(list(ids), {"until": until}))

    async def set_until_where(self, where: Where, until: int) -> None:
        await self._update(edge.UpdateOperation.set_payload_by_filter(filter_of(where), {"until": until}))

    async def delete(self, ids: Sequence[str]) -> None:
        if ids:
            await self._update(edge.UpdateOperation.delete_points(list(ids)))

    async def delete_where(self, where: Where) -> None:
        await self._update(edge.UpdateOperation.delete_points_by_filter(filter_of(where)))

    async def flush(self) -> None:
        await self._run(lambda shard: shard.flush())

    async def close(self) -> None:
        await self._run(lambda shard: shard.close())

    async def _update(self, operation: edge.UpdateOperation) -> None:
        await self._run(lambda shard: shard.update(operation))

    async def _scroll(self, where: Where, **wanted: Any) -> list[Any]:
        found: list[Any] = []
        offset: Any = None
        while True:
            request = edge.ScrollRequest(offset=offset, limit=_PAGE, filter=filter_of(where), **wanted)
            records, offset = await self._run(methodcaller("scroll", request))
            found += records
            if offset is None:
                return found

    async def _run(self, call: Callable[[edge.EdgeShard], _Result]) -> _Result:
        try:
            return await _in_thread(self._threads, lambda: call(self._shard))
        except Exception as error:  # the engine raises nothing more precise
            raise IndexUnavailable(f"the embedded index failed: {error}") from error


async def _in_thread(threads: ThreadPoolExecutor, call: Callable[[], _Result]) -> _Result:
    return await asyncio.get_running_loop().run_in_executor(threads, call)


def affordable(seconds: Sequence[float]) -> int:
    """How many callers, each with the seconds it takes, go in one call; at least one.

    >>> affordable([0.005, 0.005, 0.005]), affordable([0.007, 0.007]), affordable([1.0])
    (2, 1, 1)
    """
    return max(1, sum(total <= _HELD_S for total in accumulate(seconds)))


def _has_data(path: Path) -> bool:
    return path.is_dir() and any(path.iterdir())


def _create(path: Path, dimension: int) -> edge.EdgeShard:
    path.mkdir(parents=True, exist_ok=True)
    config = edge.EdgeConfig(
        vectors={DENSE: edge.EdgeVectorParams(size=dimension, distance=edge.Distance.Cosine)},
        sparse_vectors={name: edge.EdgeSparseVectorParams(modifier=edge.Modifier.Idf) for name in (SPARSE, HEADINGS)},
    )
    shard = edge.EdgeShard.create(str(path), config)
    for name in KEYWORD_FIELDS:
        shard.update(edge.UpdateOperation.create_field_index(name, edge.KeywordIndexParams(prefix=name == "path")))
    for name in INTEGER_FIELDS:
        shard.update(edge.UpdateOperation.create_field_index(name, edge.IntegerIndexParams(lookup=True, range=True)))
    shard.flush()
    return shard


def _load(path: Path, dimension: int) -> edge.EdgeShard:
    if not _has_data(path):
        raise StoreUnusable(f"{path} is missing or empty")
    try:
        shard = edge.EdgeShard.load(str(path))
        shard.count(edge.CountRequest(exact=False))
    except Exception as error:  # the engine raises nothing more precise
        if "WouldBlock" in str(error):
            raise IndexUnavailable(f"{path} is open in another process; one retriever at a time") from error
        raise StoreUnusable(f"{path}: {error}") from error
    return shard


def _upsert(points: Sequence[Point], shard: edge.EdgeShard) -> None:
    shard.update(edge.UpdateOperation.upsert_points([point_of(point) for point in points]))
