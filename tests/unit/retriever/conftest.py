"""Doubles at the retriever's ports: an engine in memory that can fail, and an embedder that counts its work."""

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from services.retriever.embedding.vectors import DenseVector, SparseVector
from services.retriever.sites.file_manifests import FileManifests
from services.retriever.sites.sites import Sites
from services.retriever.store.port import Hit, Point, Record, StoreUnusable, VectorSearch, Where, hit_of
from services.runtime.errors import EmbedderUnavailable


class PowerCut(BaseException):
    """The process ends here; nothing of ours may catch it."""


class MemoryStore:
    def __init__(self, engine: "MemoryEngine", points: dict[str, Point]) -> None:
        self.points = points
        self._engine = engine
        self._before_each_change = engine.spend

    async def search(self, searches: Sequence[VectorSearch]) -> list[list[Hit]]:
        return [self._ranking(search) for search in searches]

    async def fetch(self, ids: Sequence[str]) -> list[Record]:
        found = [self.points[id_] for id_ in ids if id_ in self.points]
        self._engine.payloads_read += [point.payload["uri"] for point in found]
        return [Record(point.id, point.payload) for point in found]

    async def select(self, where: Where, *, fields: Sequence[str] | None = None) -> list[Record]:
        self._engine.selections += 1
        found = self._matching(where)
        if fields is not None:
            return [Record(point.id, {name: point.payload[name] for name in fields}) for point in found]
        self._engine.payloads_read += [point.payload["uri"] for point in found]
        return [Record(point.id, dict(point.payload)) for point in found]

    async def embeddings(self, hashes: Sequence[str], *, since: int = 0) -> dict[str, DenseVector]:
        where = Where(any_of={"embedding_hash": tuple(hashes)}, above={"since": since - 1})
        return {
            point.payload["embedding_hash"]: point.dense for point in self._matching(where) if point.dense is not None
        }

    async def count(self, where: Where) -> int:
        return len(self._matching(where))

    async def write(self, points: Sequence[Point]) -> None:
        self._before_each_change()
        self.points.update({point.id: point for point in points})

    async def set_until(self, ids: Sequence[str], until: int) -> None:
        self._before_each_change()
        for id_ in ids:
            self.points[id_] = replace(self.points[id_], payload={**self.points[id_].payload, "until": until})

    async def set_until_where(self, where: Where, until: int) -> None:
        await self.set_until([point.id for point in self._matching(where)], until)

    async def delete(self, ids: Sequence[str]) -> None:
        self._before_each_change()
        for id_ in ids:
            self.points.pop(id_, None)

    async def delete_where(self, where: Where) -> None:
        await self.delete([point.id for point in self._matching(where)])

    async def flush(self) -> None:
        self._before_each_change()

    async def close(self) -> None:
        pass

    def _matching(self, where: Where) -> list[Point]:
        return [point for point in self.points.values() if _matches(where, point.payload)]

    def _ranking(self, search: VectorSearch) -> list[Hit]:
        scored = [(point, _score(search, point)) for point in self._matching(search.where)]
        hits = [hit_of(point.id, score, point.payload) for point, score in scored if score is not None]
        return sorted(hits, key=lambda hit: -hit.score)[: search.limit]


def _matches(where: Where, payload: dict[str, Any]) -> bool:
    return (
        all(payload.get(key) in values for key, values in where.any_of.items())
        and all(payload[key] <= bound for key, bound in where.at_most.items())
        and all(payload[key] > bound for key, bound in where.above.items())
        and all(payload[key].startswith(text) for key, text in where.prefix.items())
    )


def _score(search: VectorSearch, point: Point) -> float | None:
    if not isinstance(search.vector, SparseVector):
        return None if point.dense is None else float(np.dot(search.vector, point.dense))
    own = point.sparse.get(search.using)
    weights = dict(zip(own.indices, own.values, strict=True)) if own else {}
    shared = [weights[index] for index in search.vector.indices if index in weights]
    return sum(shared) if shared else None


class MemoryEngine:
    """Keeps its points over restarts, cuts the power before a given change, and notes what is read whole."""

    name = "memory 1"

    def __init__(self) -> None:
        self.disks: dict[str, dict[str, Point]] = {}
        self.unusable: set[str] = set()
        self.changes_left = 10**9
        self.selections = 0
        self.payloads_read: list[str] = []

    async def open(self, site: str, *, dimension: int, create: bool) -> MemoryStore:
        if site in self.unusable or (site not in self.disks and not create):
            raise StoreUnusable("damaged")
        return MemoryStore(self, self.disks.setdefault(site, {}))

    async def set_aside(self, site: str) -> str:
        self.unusable.discard(site)
        self.disks.pop(site, None)
        return "elsewhere"

    async def drop(self, site: str) -> None:
        self.disks.pop(site, None)

    async def close(self) -> None:
        pass

    def spend(self) -> None:
        if self.changes_left == 0:
            raise PowerCut
        self.changes_left -= 1


class WordEmbedder:
    """Embeds a text as the sum of its words' random directions; remembers what it embeds."""

    model_id = "words-1"
    dimension = 64
    max_tokens = 100
    tokenizer_json = b""

    def __init__(self) -> None:
        self.embedded: list[str] = []
        self.asked: list[str] = []
        self.is_down = False

    def count_tokens(self, text: str) -> int:
        return len(text.split()) + 2

    async def embed_query(self, text: str) -> DenseVector:
        self.asked.append(text)
        if self.is_down:
            raise EmbedderUnavailable("down")
        return self._embed(text)

    async def embed_documents(self, texts: Sequence[str]) -> list[DenseVector]:
        self.embedded += texts
        return [self._embed(text) for text in texts]

    async def close(self) -> None:
        pass

    def _embed(self, text: str) -> DenseVector:
        vector = np.full(self.dimension, 1e-6, dtype=np.float32)
        for word in text.lower().split():
            seed = int.from_bytes(hashlib.sha256(word.strip(".,?!").encode()).digest()[:4])
            vector += np.random.default_rng(seed).normal(size=self.dimension).astype(np.float32)
        return vector / np.float32(np.linalg.norm(vector))


@pytest.fixture
def engine() -> MemoryEngine:
    return MemoryEngine()


@pytest.fixture
def embedder() -> WordEmbedder:
    return WordEmbedder()


@pytest.fixture
def make_sites(engine: MemoryEngine, embedder: WordEmbedder, tmp_path: Path) -> Callable[..., Sites]:
    """Each call is a process that starts on the same disk."""

    def make(**options: Any) -> Sites:
        return Sites(engine, FileManifests(tmp_path), embedder, **options)

    return make


@pytest.fixture
def power_cut() -> type[PowerCut]:
    return PowerCut
