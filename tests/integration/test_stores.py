"""The store port: every engine passes the same tests, and several retrievers can share a server."""

import asyncio
import os
import uuid
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import numpy as np
import pytest
from qdrant_client import AsyncQdrantClient, models

from services.retriever.embedding.vectors import SparseVector
from services.retriever.payloads import FOREVER
from services.retriever.sites.file_manifests import FileManifests
from services.retriever.sites.manifest import Manifest, ManifestChanged, Manifests
from services.retriever.sites.server_manifests import ServerManifests
from services.retriever.store.edge import EdgeEngine
from services.retriever.store.port import (
    DENSE,
    HEADINGS,
    SPARSE,
    Engine,
    Point,
    Store,
    StoreUnusable,
    VectorSearch,
    Where,
)
from services.retriever.store.server import ServerEngine

SERVER_URL = os.environ.get("QDRANT_TEST_URL", "")
ENGINES = ["edge", "server-in-memory", *(["server"] if SERVER_URL else [])]


@pytest.fixture(params=ENGINES)
async def engine(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Engine]:
    prefix = f"test_{uuid.uuid4().hex[:8]}"
    match request.param:
        case "edge":
            made: Engine = EdgeEngine(tmp_path)
        case "server-in-memory":
            made = ServerEngine(AsyncQdrantClient(":memory:"), prefix)
        case _:
            made = ServerEngine(AsyncQdrantClient(url=SERVER_URL), prefix)
    yield made
    await made.drop("garden")
    await made.close()


@pytest.fixture
async def store(engine: Engine) -> AsyncIterator[Store]:
    store = await engine.open("garden", dimension=4, create=True)
    yield store
    await store.close()


def point(
    number: int, *, terms: tuple[int, ...] = (1,), since: int = 1, until: int = FOREVER, **payload: object
) -> Point:
    stored = {
        "point": "chunk",
        "uri": f"u{number}",
        "path": f"/docs/p{number}",
        "ordinal": number,
        "place": f"p{number}",
    }
    stored |= {"since": since, "until": until, "embedding_hash": f"h{number}", "text": "日志", "tags": ["a", "b"]}
    dense = np.array([1.0, number / 10, 0.0, 0.0], dtype=np.float32)
    weights = SparseVector(terms, (1.0,) * len(terms))
    return Point(_id(number), stored, dense / np.linalg.norm(dense), {SPARSE: weights, HEADINGS: weights})


def _id(number: int) -> str:
    return str(uuid.uuid5(uuid.NAMESPACE_URL, str(number)))


async def numbers(store: Store, where: Where) -> list[int]:
    return sorted(record.payload["ordinal"] for record in await store.select(where))


async def test_what_is_written_is_read_back(store: Store) -> None:
    await store.write([point(1), point(2)])
    (record,) = await store.fetch([_id(1), _id(9)])
    assert record.id == _id(1)
    assert record.payload == point(1).payload
    await store.write([point(1)])
    assert await store.count(Where()) == 2


async def test_the_nearest_come_first_in_every_space(store: Store) -> None:
    await store.write([point(number, terms=(1, 100 + number)) for number in range(1, 6)])
    dense = VectorSearch(DENSE, np.array([1, 0.5, 0, 0], dtype=np.float32), Where(), 2)
    words = VectorSearch(SPARSE, SparseVector((103,), (1.0,)), Where(), 5)
    headings = VectorSearch(HEADINGS, SparseVector((104, 999), (1.0, 1.0)), Where(), 5)
    by_dense, by_words, by_headings = await store.search([dense, words, headings])
    assert [hit.id for hit in by_dense] == [_id(5), _id(4)]
    assert by_dense[0].score == pytest.approx(1.0, abs=1e-5)
    assert [hit.id for hit in by_words] == [_id(3)]
    assert [hit.id for hit in by_headings] == [_id(4)]


async def test_searches_at_the_same_moment_get_their_own_answers(store: Store) -> None:
    await store.write([point(number, terms=(number + 1,)) for number in range(12)])

    async def found(number: int) -> list[str]:
        term = SparseVector((number + 1,), (1.0,))
        rankings = await store.search([VectorSearch(space, term, Where(), 5) for space in (SPARSE, HEADINGS)])
        return [hit.uri for ranking in rankings for hit in ranking]

    await found(0)
    answers = await asyncio.gather(*map(found, range(12)))
    assert answers == [[f"u{number}", f"u{number}"] for number in range(12)]


async def test_a_rare_term_weighs_more_than_a_common_one(store: Store) -> None:
    await store.write([point(number, terms=(1,) if number < 5 else (2,)) for number in range(1, 6)])
    ((first, *_),) = await store.search([VectorSearch(SPARSE, SparseVector((1, 2), (1.0, 1.0)), Where(), 5)])
    assert first.id == _id(5)


async def test_conditions_hold_in_every_combination(store: Store) -> None:
    await store.write([point(1, since=1, until=3), point(2, since=2), point(3, since=3)])
    visible_in_2 = Where(at_most={"since": 2}, above={"until": 2})
    assert await numbers(store, visible_in_2) == [1, 2]
    assert await numbers(store, visible_in_2 & Where(any_of={"uri": ("u2", "u3")})) == [2]
    assert await numbers(store, Where(any_of={"uri": ("u1", "u3")})) == [1, 3]
    assert await numbers(store, Where(prefix={"path": "/docs/p"})) == [1, 2, 3]
    assert await numbers(store, Where(prefix={"path": "/docs/p3"})) == [3]
    assert await store.count(Where(above={"since": 1})) == 2
    search = VectorSearch(DENSE, np.array([1, 0, 0, 0], dtype=np.float32), visible_in_2, 9)
    assert {hit.id for hit in (await store.search([search]))[0]} == {_id(1), _id(2)}


async def test_visibility_changes_by_id_and_by_condition(store: Store) -> None:
    await store.write([point(number) for number in range(1, 5)])
    await store.set_until([_id(1)], 2)
    await store.set_until([], 2)
    await store.set_until_where(Where(any_of={"uri": ("u2",)}), 3)
    assert await numbers(store, Where(at_most={"until": FOREVER - 1})) == [1, 2]
    await store.set_until_where(Where(above={"until": 2}, at_most={"until": FOREVER - 1}), FOREVER)
    assert await numbers(store, Where(at_most={"until": FOREVER - 1})) == [1]


async def test_points_go_by_id_and_by_condition(store: Store) -> None:
    await store.write([point(number) for number in range(1, 5)])
    await store.delete([_id(1), _id(77)])
    await store.delete([])
    await store.delete_where(Where(any_of={"place": ("p2",)}))
    assert await numbers(store, Where()) == [3, 4]


async def test_embeddings_are_found_by_the_hash_of_their_text(store: Store) -> None:
    await store.write([point(1), point(2)])
    found = await store.embeddings(["h2", "unknown"])
    assert list(found) == ["h2"]
    assert found["h2"] == pytest.approx(point(2).dense, abs=1e-6)


async def test_embeddings_of_earlier_revisions_can_be_left_out(store: Store) -> None:
    await store.write([point(1, since=1), point(2, since=2), point(3, since=3)])
    assert sorted(await store.embeddings(["h1", "h2", "h3"], since=2)) == ["h2", "h3"]


async def test_more_points_than_a_batch_or_a_page_hold(store: Store) -> None:
    await store.write([point(number) for number in range(700)])
    assert await numbers(store, Where()) == list(range(700))
    assert len(await store.fetch([_id(number) for number in range(700)])) == 700


async def test_a_page_record_has_no_vectors_and_is_never_found_by_them(store: Store) -> None:
    await store.write([Point(_id(50), {**point(50).payload, "point": "document"}), point(1)])
    (hits,) = await store.search([VectorSearch(DENSE, np.array([1, 0, 0, 0], dtype=np.float32), Where(), 9)])
    assert [hit.id for hit in hits] == [_id(1)]
    assert await store.count(Where()) == 2


async def test_a_store_that_is_not_there_is_not_made_by_chance(engine: Engine) -> None:
    with pytest.raises(StoreUnusable):
        await engine.open("nowhere", dimension=4, create=False)


async def test_a_dropped_store_is_empty_when_made_again(engine: Engine) -> None:
    first = await engine.open("garden", dimension=4, create=True)
    await first.write([point(1)])
    await first.close()
    await engine.drop("garden")
    again = await engine.open("garden", dimension=4, create=True)
    assert await again.count(Where()) == 0
    await again.close()


@pytest.fixture(params=["files", "server"])
async def manifests(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Callable[[], Manifests]]:
    if request.param == "files":
        yield lambda: FileManifests(tmp_path)
    else:
        client = AsyncQdrantClient(":memory:")
        yield lambda: ServerManifests(client, "test")
        await client.close()


async def test_a_manifest_is_the_same_after_a_restart(manifests: Callable[[], Manifests]) -> None:
    manifest = Manifest("garden", "engine 1", "model", 100.0, highest_revision=3)
    written = await manifests().write(manifest)
    assert await manifests().read_all() == {"garden": written}
    await manifests().delete("garden")
    assert await manifests().read_all() == {}


async def test_every_manifest_on_a_server_is_read_however_many_there_are() -> None:
    """Takes some 5 s: more manifests than a server hands out at once."""
    client = AsyncQdrantClient(":memory:")
    manifests = ServerManifests(client, "test")
    await manifests.write(Manifest("garden", "engine", "model", 100.0))
    names = [f"garden-{number}" for number in range(10_000)]
    points = [
        models.PointStruct(id=_id(number), vector={}, payload={"manifest": Manifest(name, "e", "m", 1.0).to_json()})
        for number, name in enumerate(names)
    ]
    await client.upsert("test_manifests", points)
    assert set(await manifests.read_all()) == {"garden", *names}
    await client.close()


async def test_of_two_retrievers_that_change_a_site_one_is_refused() -> None:
    client = AsyncQdrantClient(":memory:")
    one, other = ServerManifests(client, "test"), ServerManifests(client, "test")
    read = await one.write(Manifest("garden", "engine", "model", 100.0))
    await one.write(read)
    with pytest.raises(ManifestChanged):
        await other.write(read)
    await client.close()


async def test_damaged_files_are_told_apart_from_missing_ones(tmp_path: Path) -> None:
    engine = EdgeEngine(tmp_path)
    store = await engine.open("garden", dimension=4, create=True)
    await store.write([point(1)])
    await store.flush()
    await store.close()
    for file in (tmp_path / "garden" / "shard").rglob("*"):
        if file.is_file():
            file.write_bytes(b"not what it was")
    with pytest.raises(StoreUnusable):
        await engine.open("garden", dimension=4, create=False)
    moved = await engine.set_aside("garden")
    assert Path(moved).is_dir()
    fresh = await engine.open("garden", dimension=4, create=True)
    assert await fresh.count(Where()) == 0
    await fresh.close()
    await engine.close()
