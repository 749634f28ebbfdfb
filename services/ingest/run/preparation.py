"""Reading and splitting the pages that may have changed, off the event loop; one broken page does not stop the rest."""

import asyncio
import logging
from collections.abc import AsyncGenerator, Awaitable, Callable, Sequence
from dataclasses import dataclass, replace
from typing import TypeAlias

from services.ingest.chunking.split import split_document
from services.ingest.chunking.tokens import ChunkingProfile
from services.ingest.document import Document, Page, PageUnreadable, Problem, Severity, SitePages, Source
from services.ingest.run.events import Emit, PageDone, PageOutcome, ProblemFound
from services.ingest.run.plan import Candidate, stored_source_hash
from services.ingest.run.site_index import KnownPage, PageWrite
from services.runtime.errors import InvalidSource, shown
from services.runtime.page_addresses import anchor_problem, origin_of, page_address_problem

logger = logging.getLogger(__name__)

NO_TEXT = "no text besides the title"
"""Why a page is left out that has nothing to index."""


@dataclass(frozen=True, slots=True)
class PageRemoval:
    """A page to take out of the index."""

    uri: str


Change: TypeAlias = PageWrite | PageRemoval


class PagePreparer:
    """Turns candidates into writes.

    Args:
        source: Where pages are read.
        profile: How they are cut.
        profile_digest: Its hash, see `profile_hash`.
        page_done: Told what became of each page.
        emit: Told about problems.
    """

    def __init__(
        self,
        source: Source,
        profile: ChunkingProfile,
        profile_digest: str,
        page_done: Callable[[PageDone], Awaitable[None]],
        emit: Emit,
    ) -> None:
        self._source = source
        self._profile = profile
        self._profile_digest = profile_digest
        self._page_done = page_done
        self._emit = emit

    async def prepare(
        self, candidates: Sequence[Candidate], vanished: Sequence[KnownPage]
    ) -> AsyncGenerator[Change, None]:
        """Removals of what vanished, then a write for each page that has text."""
        for known in vanished:
            await self._page_done(PageDone(known.uri, "".join(known.source_paths[:1]), PageOutcome.REMOVED))
            yield PageRemoval(known.uri)
        for candidate in candidates:
            change = await self._prepare_page(candidate)
            if change is not None:
                yield change

    async def _prepare_page(self, candidate: Candidate) -> Change | None:
        page, known = candidate.page, candidate.known
        try:
            write = await asyncio.to_thread(self._read, page)
        except PageUnreadable as unreadable:
            await self._emit(ProblemFound(unreadable.problem))
            await self._page_done(PageDone(page.uri, page.source_path, PageOutcome.FAILED))
            return None
        for problem in write.split.document.problems:
            await self._emit(ProblemFound(problem))
        if not write.split.chunks:
            await self._emit(ProblemFound(empty_page(page)))
        await self._page_done(_page_done(write, known))
        if write.split.chunks:
            return write
        return PageRemoval(page.uri) if known else None

    def _read(self, page: Page) -> PageWrite:
        document = read_page(self._source, page)
        split = split_document(document, self._profile)
        digest = stored_source_hash(self._source, page, document.source_paths, self._profile_digest)
        return PageWrite(split, digest)


def read_page(source: Source, page: Page) -> Document:
    """The document of a page, its title never empty.

    Raises:
        PageUnreadable: Whatever went wrong. Even a bug in a reader is logged and does not end the run.
    """
    try:
        document = source.read(page)
        _check_anchors(document)
    except PageUnreadable:
        raise
    except Exception as error:  # hostile input finds bugs that tests did not
        logger.exception("page could not be read", extra={"source_path": page.source_path})
        message = f"the page could not be read ({type(error).__name__}); what is indexed of it stays"
        raise PageUnreadable(Problem(Severity.ERROR, "page-unreadable", message, page.source_path)) from error
    return document if document.title.strip() else replace(document, title=_last_segment(page.uri))


def _check_anchors(document: Document) -> None:
    anchors = {anchor for section in document.sections for anchor in (section.anchor, *section.anchor_path)}
    if problem := next(filter(None, map(anchor_problem, anchors)), ""):
        message = f"the page was left out: {problem}"
        raise PageUnreadable(Problem(Severity.ERROR, "anchor-refused", message, document.page.source_path))


def without_foreign_addresses(site: SitePages) -> tuple[SitePages, list[Page]]:
    """The site without pages whose address no reader should be led to, each told as a problem; and those pages.

    Raises:
        InvalidSource: If the address of the site itself is not one of a web page.
    """
    own = origin_of(site.base_url)
    if not own:
        raise InvalidSource(f"{shown(site.base_url)} cannot be the site's address: give the base URL")
    refused, problems = [], list(site.problems)
    for page in site.pages:
        if problem := page_address_problem(page.uri, (own, *site.origins)):
            refused.append(page)
            message = f"the page was left out: its address {shown(page.uri)} is {problem}"
            problems.append(Problem(Severity.ERROR, "address-refused", message, page.source_path))
    pages = tuple(page for page in site.pages if page not in refused) if refused else site.pages
    return replace(site, pages=pages, problems=tuple(problems)), refused


def empty_page(page: Page) -> Problem:
    """What every run reports about a page that has nothing to index."""
    message = "the page has no text besides its title, so it is not indexed"
    return Problem(Severity.INFO, "page-empty", message, page.source_path)


def without_duplicates(pages: Sequence[Page]) -> list[Page]:
    """Pages by uri, the first one of each."""
    unique: dict[str, Page] = {}
    for page in pages:
        unique.setdefault(page.uri, page)
    return list(unique.values())


def _last_segment(uri: str) -> str:
    return uri.rstrip("/").rsplit("/", 1)[-1]


def _page_done(write: PageWrite, known: KnownPage | None) -> PageDone:
    page = write.split.document.page
    if not write.split.chunks:
        outcome = PageOutcome.REMOVED if known else PageOutcome.SKIPPED
    elif known is None:
        outcome = PageOutcome.ADDED
    else:
        same = known.content_hash == write.split.content_hash
        outcome = PageOutcome.UNCHANGED if same else PageOutcome.CHANGED
    reason = NO_TEXT if outcome is PageOutcome.SKIPPED else ""
    return PageDone(page.uri, page.source_path, outcome, len(write.split.chunks), reason)
