"""Search while typing finds the same on every engine: the words of a site are gathered from whichever holds it."""

import os
import uuid
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from qdrant_client import AsyncQdrantClient

from services.retriever.documents import Chunk, Document
from services.retriever.embedding.vectors import DenseVector
from services.retriever.reading.typed.section_search import SectionSearch, TypedRequest
from services.retriever.sites.file_manifests import FileManifests
from services.retriever.sites.manifest import SiteProfile
from services.retriever.sites.sites import Sites
from services.retriever.store.edge import EdgeEngine
from services.retriever.store.port import Engine
from services.retriever.store.server import ServerEngine
from services.retriever.writing.indexing import Indexing
from services.retriever.writing.page_points import PageWrite
from services.retriever.writing.revisions import Revisions
from services.runtime.document_kind import DocumentKind

SERVER_URL = os.environ.get("QDRANT_TEST_URL", "")
ENGINES = ["edge", "server-in-memory", *(["server"] if SERVER_URL else [])]
PAGES = 300
"""More chunks than are read in one call."""


class EqualEmbedder:
    """All texts mean the same: words alone tell them apart."""

    model_id, dimension, max_tokens, tokenizer_json = "equal", 4, 500, b""

    def count_tokens(self, text: str) -> int:
        return len(text.split())

    async def embed_documents(self, texts: list[str]) -> list[DenseVector]:
        return [np.array([1, 0, 0, 0], np.float32) for _ in texts]


def page(number: int) -> PageWrite:
    uri = f"https://example.org/valve{number}"
    document = Document(uri, f"Valve {number}", DocumentKind.DOC, "", "en", uri, uri, plugin_id="default")
    return PageWrite(document, (Chunk(0, "pressure", ("Pressure",), f"Opens at pressure{number}.", f"{number}"),))


@pytest.fixture(params=ENGINES)
async def sites(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Sites]:
    prefix = f"test_{uuid.uuid4().hex[:8]}"
    client = AsyncQdrantClient(url=SERVER_URL) if request.param == "server" else AsyncQdrantClient(":memory:")
    engine: Engine = EdgeEngine(tmp_path) if request.param == "edge" else ServerEngine(client, prefix)
    embedder: Any = EqualEmbedder()
    sites = Sites(engine, FileManifests(tmp_path), embedder)
    await sites.open_all()
    yield sites
    await sites.drop("valves")
    await sites.close()


async def publish(sites: Sites, *pages: PageWrite) -> None:
    async def stream() -> AsyncIterator[Any]:
        for write in pages:
            yield write

    revisions = Revisions(sites)
    profile = SiteProfile("valves", "https://example.org/", "Valves", (), ("en",))
    _, opened = await revisions.begin(profile, "test")
    await Indexing(sites, revisions).write("valves", opened.number, stream())
    await revisions.publish("valves", opened.number)


async def test_every_engine_gives_all_its_words(sites: Sites) -> None:
    await publish(sites, *map(page, range(PAGES)))
    search = SectionSearch(sites)
    try:
        for typed in ("pressure29", "presur"):
            found = await search.find("valves", TypedRequest(typed, limit=50))
            assert found.pages, typed
        whole = await search.find("valves", TypedRequest("pressure299"))
        assert [shown.page.uri for shown in whole.pages] == ["https://example.org/valve299"]
        await publish(sites, page(PAGES))
        newest = await search.find("valves", TypedRequest(f"pressure{PAGES}"))
        assert newest.pages[0].page.uri == f"https://example.org/valve{PAGES}"
        assert newest.pages[0].sections[0].snippet.text == f"Opens at pressure{PAGES}."
    finally:
        await search.close()
