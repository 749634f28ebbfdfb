"""Made-up sites of any size for measuring search: texts of many subjects, vectors near what the model gives for them.

A subject has words of its own and shares common ones with all; a page treats one subject in twenty chunks. Vectors are
the real embedding of the subject's summary with noise, because embedding 200,000 chunks would take two hours.
"""

import random
import time
from collections.abc import AsyncIterator, Sequence
from typing import Any

import numpy as np

from services.retriever.documents import Chunk, Document
from services.retriever.embedding.embedder import Embedder
from services.retriever.embedding.vectors import DenseVector
from services.retriever.sites.manifest import SiteProfile
from services.retriever.sites.sites import Sites
from services.retriever.writing.indexing import Indexing
from services.retriever.writing.page_points import PageRemoval, PageWrite
from services.retriever.writing.revisions import Revisions
from services.runtime.document_kind import DocumentKind

CHUNKS_PER_PAGE = 20
SUBJECTS = 400
_WORDS_PER_CHUNK = 90
_NOISE = 0.06
"""Standard deviation per dimension: chunks of a subject then have a cosine of about 0.6 with its summary."""
_SYLLABLES = tuple("ba co di fu ga he ki lo mu na pe ri so tu va xe yo zi".split())  # noqa: SIM905 - reads better
_COMMON = (  # noqa: SIM905 - reads better
    "configure the server option to enable a request handler with default value when client returns error "
    "install package create file run command update state render component test deploy build cache key user "
    "type function call result list object method plugin version path route page index data event loop time"
).split()


class Subject:
    """A subject with its own vocabulary, the same for the same number."""

    def __init__(self, number: int) -> None:
        self._random = random.Random(number)
        self.words = ["".join(self._random.choices(_SYLLABLES, k=3)) for _ in range(60)]
        self.names = [f"use{word.title()}" for word in self.words[:10]]

    def sentence(self, words: int, source: random.Random) -> str:
        """Common words, words of the subject and a name now and then."""
        pools = (_COMMON, self.words, self.names)
        return " ".join(source.choice(source.choices(pools, (60, 35, 5))[0]) for _ in range(words))


class NearbyEmbedder:
    """Embeds questions as the real model does, and chunks as noise around their page's subject."""

    def __init__(self, real: Embedder) -> None:
        self._real = real
        self._random = np.random.default_rng(1)
        self._summaries: dict[str, DenseVector] = {}

    def __getattr__(self, name: str) -> Any:
        return getattr(self._real, name)

    def count_tokens(self, text: str) -> int:
        return min(len(text.split()) * 2, self._real.max_tokens)

    async def embed_documents(self, texts: Sequence[str]) -> list[DenseVector]:
        return [await self._nearby(text) for text in texts]

    async def _nearby(self, text: str) -> DenseVector:
        title = text.partition(" > ")[0]
        if title not in self._summaries:
            self._summaries[title] = await self._real.embed_query(title)
        noise = self._random.normal(0, _NOISE, self._real.dimension).astype(np.float32)
        vector: DenseVector = self._summaries[title] + noise
        return vector / np.linalg.norm(vector)


def questions(count: int) -> list[str]:
    """Different questions about the subjects."""
    source = random.Random(7)
    return [f"how do I {Subject(number % SUBJECTS).sentence(9, source)}?" for number in range(count)]


async def fill(sites: Sites, site: str, chunks: int) -> float:
    """Publish a site of this size unless it is there; returns the seconds it took.

    The embedder of `sites` should be a `NearbyEmbedder`.
    """
    manifest = await sites.manifest(site)
    if manifest is not None and manifest.published is not None and manifest.published.chunk_count >= chunks:
        return 0.0
    started = time.perf_counter()
    revisions = Revisions(sites)
    profile = SiteProfile(site, "https://example.org/", site, (), ("en",))
    _, opened = await revisions.begin(profile, "benchmark", take_over=True)
    await Indexing(sites, revisions).write(site, opened.number, _pages(chunks))
    await revisions.publish(site, opened.number)
    return time.perf_counter() - started


async def _pages(chunks: int) -> AsyncIterator[PageWrite | PageRemoval]:
    source = random.Random(3)
    for number in range(chunks // CHUNKS_PER_PAGE):
        subject = Subject(number % SUBJECTS)
        title = " ".join(subject.words[:4])
        name = f"{number:06d}"
        document = Document(
            f"https://example.org/{name}", title, DocumentKind.DOC, "", "en", name, name, plugin_id="default"
        )
        yield PageWrite(document, tuple(_chunk(subject, number, ordinal, source) for ordinal in range(CHUNKS_PER_PAGE)))


def _chunk(subject: Subject, page: int, ordinal: int, source: random.Random) -> Chunk:
    section = ordinal // 2  # a section of two chunks, so that passages have neighbours to grow by
    path = (f"{subject.words[section]} {subject.names[section]}",)
    text = subject.sentence(_WORDS_PER_CHUNK, source)
    return Chunk(ordinal, f"section-{section}", path, text, f"{page}-{ordinal}", part=ordinal % 2)
