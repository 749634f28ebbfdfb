"""Answers what is being typed: from the text to pages with their sections."""

import asyncio
import logging
import time
from collections.abc import Callable, Coroutine, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from functools import partial
from typing import TypeAlias

import numpy as np
from cachetools import LRUCache

from services.language.plain_text import plain_text
from services.retriever.concurrency.async_cache import AsyncCache
from services.retriever.documents import StoredChunk
from services.retriever.reading.chunk_reader import ChunkReader
from services.retriever.reading.locale_addresses import served_address
from services.retriever.reading.scope import Rung, Scope, asked_rung, wider_rungs
from services.retriever.reading.typed.marking import Marker
from services.retriever.reading.typed.matching import Match, Matches, find_sections
from services.retriever.reading.typed.section_index import IndexedPage, IndexedSection, SectionIndex
from services.retriever.reading.typed.section_indexes import SectionIndexes
from services.retriever.reading.typed.showing import MarkedText, marked, snippet
from services.retriever.reading.typed.typed_text import TypedText, read_typed
from services.retriever.reading.typed.words import plain_line
from services.retriever.sites.sites import PublishedSite, Sites
from services.runtime.errors import ServiceError

logger = logging.getLogger(__name__)

_HIGHEST_SCORE = 2.2
_CHUNKS_READ = 4
"""Of one section, for its snippet."""
_CHUNKS_REMEMBERED, _TEXTS_REMEMBERED = 64, 4096
"""Texts are some 600 bytes each."""
_PHRASE_SECTIONS = 48
"""Sections whose text is looked through for what stands between quotes."""


@dataclass(frozen=True, slots=True)
class TypedRequest:
    """What is asked. Fields as in the contract, defaults filled in."""

    text: str
    scope: Scope = field(default_factory=Scope)
    limit: int = 10
    sections_per_page: int = 4
    page_uri: str = ""
    default_site: str = ""


@dataclass(frozen=True, slots=True)
class FoundSection:
    """A section as it is shown."""

    section: IndexedSection
    heading_path: tuple[MarkedText, ...]
    snippet: MarkedText
    relevance: float
    """In [0, 1]."""


@dataclass(frozen=True, slots=True)
class FoundPage:
    """A page with those of its sections that are shown."""

    page: IndexedPage
    uri: str
    """Where the reader's locale serves it."""
    title: MarkedText
    sections: tuple[FoundSection, ...]


@dataclass(frozen=True, slots=True)
class TypedResult:
    """What was found."""

    site: str
    revision: int
    pages: tuple[FoundPage, ...]
    corrected_text: str
    complete_count: int
    widened_to: Rung | None
    total_s: float


@dataclass(frozen=True, slots=True)
class _Found:
    """What one scope has."""

    matches: Matches
    texts: dict[str, str]
    """Texts of chunks that were read already, by point."""


_Key: TypeAlias = tuple[tuple[str, int, float], TypedRequest]


class SectionSearch:
    """Searches published sites for what is being typed.

    Args:
        sites: The sites.
        chunks: Chunks whose words are held in memory, of all sites together.
        cached: Results kept while the revision of their site stays the same.
    """

    def __init__(self, sites: Sites, *, chunks: int = 100_000, cached: int = 512) -> None:
        self._sites = sites
        self._threads = ThreadPoolExecutor(1, thread_name_prefix="typed")
        self._making = ThreadPoolExecutor(1, thread_name_prefix="words")
        self._indexes = SectionIndexes(self._making, chunks=chunks)
        self._chunks = ChunkReader(remembered=_CHUNKS_REMEMBERED)
        self._plain: LRUCache[tuple[str, int, float, str], str] = LRUCache(_TEXTS_REMEMBERED)
        self._results: AsyncCache[_Key, TypedResult] = AsyncCache(cached)
        self._preparing: set[asyncio.Task[None]] = set()

    async def find(self, site: str, request: TypedRequest) -> TypedResult:
        """Sections that fit, by page, best first.

        Raises:
            SiteNotFound, EmbeddingModelMismatch, InvalidRequest: As `Sites.published`.
            IndexUnavailable: If the engine fails.
        """
        started = time.perf_counter()
        published = await self._sites.published(site, page_uri=request.page_uri, default=request.default_site)
        key = (published.identity, request)
        result = self._results.kept(key) or await self._results.get(key, lambda: self._find(published, request))
        return replace(result, total_s=time.perf_counter() - started)

    def prepare(self, site: str) -> None:
        """Begin to gather the words of a site's published revision, so that the first reader need not wait for it."""
        self._in_background(self._prepare([site]))

    async def prepare_all(self) -> None:
        """The same for every site, one after the other, so that a reader who searches one meanwhile waits for that."""
        self._in_background(self._prepare([manifest.site for manifest in await self._sites.all_published()]))

    async def close(self) -> None:
        """Stop the threads."""
        for task in self._preparing:
            task.cancel()
        await asyncio.gather(*self._preparing, return_exceptions=True)
        await self._indexes.close()
        for threads in (self._threads, self._making):
            threads.shutdown(wait=True, cancel_futures=True)

    def _in_background(self, work: Coroutine[None, None, None]) -> None:
        task = asyncio.create_task(work)
        self._preparing.add(task)
        task.add_done_callback(self._preparing.discard)

    async def _prepare(self, sites: Sequence[str]) -> None:
        for site in sites:
            try:
                await self._indexes.of(await self._sites.published(site))
            except ServiceError as error:  # whoever searches is told
                logger.info("words are gathered later", extra={"site": site, "why": error.message})

    async def _find(self, published: PublishedSite, request: TypedRequest) -> TypedResult:
        index = await self._indexes.of(published)
        found, widened_to = await self._best_scope(published, index, request)
        best = _shown(index, found.matches.best, request)
        texts = await self._texts(published, found.texts, [index.sections[match.section] for match in best])
        address = partial(served_address, locale=request.scope.locale, profile=published.revision.profile)
        return TypedResult(
            site=published.name,
            revision=published.revision.number,
            pages=_pages(index, best, Marker(found.matches.fits), texts, address),
            corrected_text=found.matches.corrected_text,
            complete_count=found.matches.complete_count,
            widened_to=widened_to,
            total_s=0.0,
        )

    async def _best_scope(
        self, published: PublishedSite, index: SectionIndex, request: TypedRequest
    ) -> tuple[_Found, Rung | None]:
        """What the scope has, or, where it has nothing, the nearest wider one that has something."""
        profile = published.revision.profile
        found = await self._search_rung(published, index, request, asked_rung(request.scope, profile))
        if not found.matches.best:
            for rung in wider_rungs(request.scope, profile):
                wider = await self._search_rung(published, index, request, rung)
                if wider.matches.complete_count:
                    return wider, rung
        return found, None

    async def _search_rung(
        self, published: PublishedSite, index: SectionIndex, request: TypedRequest, rung: Rung
    ) -> _Found:
        typed = read_typed(request.text, rung.parts[0].locale)
        # In one thread of its own: a search that was given up leaves the queue before it costs anything.
        search = partial(_search, index, typed, rung, request.page_uri)
        matches = await asyncio.get_running_loop().run_in_executor(self._threads, search)
        if not typed.phrases:
            return _Found(matches, {})
        return await self._with_phrases(published, index, typed, matches)

    async def _with_phrases(
        self, published: PublishedSite, index: SectionIndex, typed: TypedText, matches: Matches
    ) -> _Found:
        """The matches that hold what was typed between quotes."""
        looked_at = [match for match in matches.best if match.has_all][:_PHRASE_SECTIONS]
        texts = await self._texts(published, {}, [index.sections[match.section] for match in looked_at])
        kept = tuple(match for match in looked_at if _holds(index, match, typed.phrases, texts))
        return _Found(replace(matches, best=kept, complete_count=len(kept)), texts)

    async def _texts(
        self, published: PublishedSite, known: dict[str, str], sections: Sequence[IndexedSection]
    ) -> dict[str, str]:
        """The plain texts of sections by point: of the next letter's sections, most are those of the letter before."""
        points = [point for section in sections for point in section.points[:_CHUNKS_READ] if point not in known]
        kept = ((point, self._plain.get((*published.identity, point))) for point in points)
        texts = known | {point: text for point, text in kept if text is not None}
        if wanted := [point for point in points if point not in texts]:
            for point, chunk in (await self._chunks.read(published, wanted)).items():
                texts[point] = self._plain[*published.identity, point] = _text(chunk)
        return texts


def _search(index: SectionIndex, typed: TypedText, rung: Rung, page_uri: str) -> Matches:
    mask = np.logical_or.reduce([index.mask(part.where) for part in rung.parts])
    return find_sections(index, typed, mask, page_uri=page_uri)


def _shown(index: SectionIndex, matches: Sequence[Match], request: TypedRequest) -> list[Match]:
    """The best sections, at most so many of one page."""
    of_page: dict[int, int] = {}
    shown: list[Match] = []
    for match in matches:
        page = index.sections[match.section].page
        of_page[page] = of_page.get(page, 0) + 1
        if of_page[page] <= request.sections_per_page:
            shown.append(match)
        if len(shown) == request.limit:
            break
    return shown


def _pages(
    index: SectionIndex,
    matches: Sequence[Match],
    marker: Marker,
    texts: dict[str, str],
    address: Callable[[IndexedPage], str],
) -> tuple[FoundPage, ...]:
    by_page: dict[int, list[FoundSection]] = {}
    for match in matches:
        section = index.sections[match.section]
        by_page.setdefault(section.page, []).append(
            FoundSection(
                section,
                tuple(marked(heading, marker) for heading in section.heading_path),
                snippet([texts[point] for point in section.points[:_CHUNKS_READ] if texts.get(point)], marker),
                min(1.0, match.score / _HIGHEST_SCORE),
            )
        )
    return tuple(
        FoundPage(page, address(page), marked(page.title, marker), tuple(sections))
        for page, sections in ((index.pages[number], sections) for number, sections in by_page.items())
    )


def _holds(index: SectionIndex, match: Match, phrases: Sequence[str], texts: dict[str, str]) -> bool:
    section = index.sections[match.section]
    written = [index.pages[section.page].title, *section.heading_path]
    written += [texts.get(point, "") for point in section.points[:_CHUNKS_READ]]
    lines = [f" {plain_line(text)}" for text in written]
    return all(any(f" {phrase}" in line for line in lines) for phrase in phrases)


def _text(chunk: StoredChunk) -> str:
    """The text with the headings inside the section, on one line."""
    below = chunk.chunk.heading_path[len(chunk.section.heading_path) :]
    return " ".join((*(f"{heading}:" for heading in below), plain_text(chunk.chunk.text)))
