"""Answers what is being typed: from the text to pages with their sections."""

import asyncio
import logging
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from functools import partial
from typing import TypeAlias

from services.language.plain_text import plain_text
from services.retriever.concurrency.async_cache import AsyncCache
from services.retriever.documents import StoredChunk
from services.retriever.reading.chunk_reader import ChunkReader
from services.retriever.reading.scope import Scope, scope_where, wider_scopes
from services.retriever.reading.typed.marking import Marker
from services.retriever.reading.typed.matching import Match, Matches, find_sections
from services.retriever.reading.typed.section_index import IndexedPage, IndexedSection, SectionIndex
from services.retriever.reading.typed.section_indexes import SectionIndexes
from services.retriever.reading.typed.showing import MarkedText, marked, snippet
from services.retriever.reading.typed.typed_text import TypedText, read_typed
from services.retriever.reading.typed.words import plain_line
from services.retriever.sites.sites import PublishedSite, Sites
from services.retriever.store.port import Where
from services.runtime.errors import ServiceError

logger = logging.getLogger(__name__)

_HIGHEST_SCORE = 2.2
_CHUNKS_READ = 4
"""Of one section, for its snippet."""
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
    docs_instance: str = ""


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
    widened_to: Scope | None
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

    def __init__(self, sites: Sites, *, chunks: int = 200_000, cached: int = 512) -> None:
        self._sites = sites
        self._threads = ThreadPoolExecutor(1, thread_name_prefix="typed")
        self._making = ThreadPoolExecutor(1, thread_name_prefix="words")
        self._indexes = SectionIndexes(self._making, chunks=chunks)
        self._chunks = ChunkReader()
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
        task = asyncio.create_task(self._prepare(site))
        self._preparing.add(task)
        task.add_done_callback(self._preparing.discard)

    async def prepare_all(self) -> None:
        """The same for every site, as far as they are held."""
        for manifest in await self._sites.all_published():
            self.prepare(manifest.site)

    async def close(self) -> None:
        """Stop the threads."""
        for task in self._preparing:
            task.cancel()
        await asyncio.gather(*self._preparing, return_exceptions=True)
        await self._indexes.close()
        for threads in (self._threads, self._making):
            threads.shutdown(wait=True, cancel_futures=True)

    async def _prepare(self, site: str) -> None:
        try:
            await self._indexes.of(await self._sites.published(site))
        except ServiceError as error:  # whoever searches is told
            logger.info("words are gathered later", extra={"site": site, "why": error.message})

    async def _find(self, published: PublishedSite, request: TypedRequest) -> TypedResult:
        index = await self._indexes.of(published)
        found, widened_to = await self._best_scope(published, index, request)
        best = _shown(index, found.matches.best, request)
        texts = await self._texts(published, found.texts, [index.sections[match.section] for match in best])
        return TypedResult(
            site=published.name,
            revision=published.revision.number,
            pages=_pages(index, best, Marker(found.matches.fits), texts),
            corrected_text=found.matches.corrected_text,
            complete_count=found.matches.complete_count,
            widened_to=widened_to,
            total_s=0.0,
        )

    async def _best_scope(
        self, published: PublishedSite, index: SectionIndex, request: TypedRequest
    ) -> tuple[_Found, Scope | None]:
        """What the scope has, or, where it has nothing, the nearest wider one that has something."""
        profile = published.revision.profile
        found = await self._search_scope(published, index, request, request.scope)
        if not found.matches.best:
            for scope in wider_scopes(request.scope, profile):
                wider = await self._search_scope(published, index, request, scope)
                if wider.matches.complete_count:
                    return wider, scope
        return found, None

    async def _search_scope(
        self, published: PublishedSite, index: SectionIndex, request: TypedRequest, scope: Scope
    ) -> _Found:
        profile = published.revision.profile
        typed = read_typed(request.text, scope.locale or profile.locales[0])
        where = scope_where(scope, profile, docs_instance=request.docs_instance)
        # In one thread of its own: a search that was given up leaves the queue before it costs anything.
        search = partial(_search, index, typed, where, request.page_uri)
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
        wanted = [point for section in sections for point in section.points[:_CHUNKS_READ] if point not in known]
        chunks = await self._chunks.read(published, wanted) if wanted else {}
        return known | {point: _text(chunk) for point, chunk in chunks.items()}


def _search(index: SectionIndex, typed: TypedText, where: Where, page_uri: str) -> Matches:
    return find_sections(index, typed, index.mask(where), page_uri=page_uri)


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
    index: SectionIndex, matches: Sequence[Match], marker: Marker, texts: dict[str, str]
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
        FoundPage(index.pages[page], marked(index.pages[page].title, marker), tuple(sections))
        for page, sections in by_page.items()
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
