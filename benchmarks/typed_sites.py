"""The sites that typed search is measured on: the real ones, and those of the six-site set, with their questions.

Indexed with vectors that mean nothing: typed search reads words alone, and embedding would take an hour.
"""

import asyncio
import os
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import grpc
import numpy as np

from benchmarks import corpora
from cli.eval_metrics import Question
from cli.eval_questions import read_questions
from services.ingest.run.pipeline import IngestOptions, ingest_site
from services.ingest.run.retriever_client import RetrieverClient
from services.ingest.sources.source_tree.js_yaml import load_yaml
from services.ingest.sources.source_tree.settings.site_config import read_site_config
from services.ingest.sources.source_tree.source import SourceTree
from services.retriever import server
from services.retriever.embedding.local_embedder import LocalEmbedder
from services.retriever.embedding.vectors import DenseVector
from services.retriever.settings import RetrieverSettings
from services.retriever.sites.sites import Sites
from services.runtime.channels import ChannelSecurity, open_channel

INDEX = Path(__file__).parent / "results" / "typed"
SIX_SITES = {
    "electron": ("electron", "https://www.electronjs.org/"),
    "webdriverio": ("webdriverio/website", "https://webdriver.io/"),
    "moon": ("moon/website", "https://moonrepo.dev/"),
    "ent": ("ent/doc/website", "https://entgo.io/"),
    "woodpecker": ("woodpecker/docs", "https://woodpecker-ci.org/"),
    "detox": ("detox/website", "https://wix.github.io/Detox/"),
}
"""Folder and base URL of each site."""


class NoEmbedder:
    """Counts tokens as the local model does; its vectors mean nothing."""

    def __init__(self) -> None:
        self._real = LocalEmbedder(cached_queries=0)
        self._random = np.random.default_rng(1)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._real, name)

    async def embed_documents(self, texts: Sequence[str]) -> list[DenseVector]:
        vectors = self._random.normal(0, 1, (len(texts), self._real.dimension)).astype(np.float32)
        return list(vectors / np.linalg.norm(vectors, axis=1, keepdims=True))


def open_source(name: str) -> SourceTree:
    """The source tree of a site."""
    if name not in SIX_SITES:
        return corpora.open_source(name)
    root = Path(os.environ["DOCS_CHAT_CORPORA"])
    folder, base_url = SIX_SITES[name]
    settings = root / f"{name}.settings.yaml"
    explicit = load_yaml(settings.read_text("utf-8")) if settings.is_file() else None
    config = read_site_config(root / folder, explicit=explicit, base_url=base_url, named_folder=root / name)
    return SourceTree(root / folder, config)


def questions() -> list[Question]:
    """The questions of all sites whose wanted section is known."""
    folder = Path(os.environ["DOCS_CHAT_EVAL"])
    here = Path(__file__).parent
    files = (here / "questions.jsonl", here / "held_out.jsonl", folder / "questions.jsonl")
    asked = [
        question
        for file in (*files, folder / "six_sites" / "answerable.jsonl")
        for question in read_questions(file, "")
    ]
    return [question for question in asked if question.gold]


@asynccontextmanager
async def serving(names: Sequence[str]) -> AsyncIterator[tuple[Sites, grpc.aio.Channel]]:
    """A retriever over these sites; those that are missing are indexed first."""
    settings = RetrieverSettings(_env_file=None, port=0, data_dir=INDEX, cached_searches=0)
    embedder: Any = NoEmbedder()
    async with (
        server.serving(settings, embedder) as retriever,
        open_channel(f"127.0.0.1:{retriever.port}", ChannelSecurity()) as channel,
    ):
        known = {manifest.site for manifest in await retriever.sites.all_published()}
        for name in names:
            if name not in known:
                await _index(channel, name)
        yield retriever.sites, channel
    await embedder.close()


async def _index(channel: grpc.aio.Channel, name: str) -> None:
    index = RetrieverClient(channel, timeout_s=60, write_timeout_s=1800, lease_s=600)
    source = await asyncio.to_thread(open_source, name)

    async def ignore(event: object) -> None:
        del event

    print(f"indexing {name}", flush=True)
    await ingest_site(source, IngestOptions(name, take_over=True, force=True), index, ignore)
