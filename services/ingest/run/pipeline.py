"""One ingestion: scan, compare, read and split what changed, write it, publish. All of it, or nothing."""

import asyncio
import contextlib
import logging
import re
import time
from collections import Counter
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from itertools import islice

from docs_chat.retriever.v1 import documents_pb2 as pb

from services.ingest.document import Page, SitePages, Source
from services.ingest.run.events import (
    Emit,
    PageDone,
    PageOutcome,
    ProblemFound,
    Progress,
    SiteFound,
    Stage,
    Summary,
)
from services.ingest.run.plan import Candidate, check_plausible, compare, profile_hash, vanished_pages
from services.ingest.run.preparation import Change, PagePreparer, without_duplicates, without_foreign_addresses
from services.ingest.run.site_index import KnownSite, OpenRevision, SiteIndex
from services.ingest.run.translate import profile_to_proto
from services.ingest.run.workload import Workload
from services.ingest.run.writing import RevisionWriter, first_error
from services.runtime.errors import InvalidSource, RevisionConflict

logger = logging.getLogger(__name__)

_HASHED_AT_ONCE = 64
_ABANDON_TIMEOUT_S = 10.0


@dataclass(frozen=True, slots=True)
class IngestOptions:
    """What the caller wants, beside the source."""

    site: str = ""
    """Name to index the site under; empty: made from the base URL."""
    source_commit: str = ""
    sitemap: tuple[str, ...] = ()
    """Addresses of the sitemap that lies beside the source, if any."""
    force: bool = False
    full: bool = False
    take_over: bool = False


async def ingest_site(source: Source, options: IngestOptions, index: SiteIndex, emit: Emit) -> None:
    """Bring the index up to date with a site and publish it as one revision; the last event is the summary.

    Raises:
        SuspiciousSource: If the site looks wrong and the options do not force it.
        RevisionConflict: If another run is writing, or published meanwhile.
        ServiceError: Whatever the index refuses; readers still see the revision from before.
    """
    await _Ingestion(source, options, index, emit).run()


class _Ingestion:
    def __init__(self, source: Source, options: IngestOptions, index: SiteIndex, emit: Emit) -> None:
        self._source = source
        self._options = options
        self._index = index
        self._emit = emit
        self._started = time.monotonic()
        self._outcomes: Counter[PageOutcome] = Counter()
        self._left_out: Counter[str] = Counter()

    async def run(self) -> None:
        profile = await self._index.chunking_profile()
        site, refused = without_foreign_addresses(await asyncio.to_thread(self._source.scan))
        name = self._options.site or site_name(site.base_url)
        site_profile = profile_to_proto(name, site, self._options.source_commit)
        await self._emit(SiteFound(site_profile, len(site.pages)))
        await self._report_scan(site, refused)
        known = await self._index.known_site(name)
        if not self._options.force:
            check_plausible(site, known, self._options.sitemap)
        digest = profile_hash(profile)
        changed = await self._find_changed(site, known, digest)
        self._workload = await asyncio.to_thread(Workload, self._source, [candidate.page for candidate in changed])
        preparer = PagePreparer(self._source, profile, digest, self._page_read, self._emit)
        async with contextlib.aclosing(preparer.prepare(changed, vanished_pages(site, known))) as changes:
            first = await anext(changes, None)
            if first is None and known.revision and _same_profile(site_profile, known.site.profile):
                await self._emit(self._summary(known.site, 0, 0, published=False))
            else:
                await self._write_revision(site_profile, known, first, changes, len(changed))

    async def _report_scan(self, site: SitePages, refused: Sequence[Page]) -> None:
        for problem in site.problems:
            await self._emit(ProblemFound(problem))
        for page, reason in site.skipped:
            await self._page_done(PageDone(page.uri, page.source_path, PageOutcome.SKIPPED, reason=reason))
        for page in refused:
            await self._page_done(PageDone(page.uri, page.source_path, PageOutcome.FAILED))

    async def _find_changed(self, site: SitePages, known: KnownSite, profile_digest: str) -> list[Candidate]:
        pages = without_duplicates(site.pages)
        comparison = compare(self._source, pages, known, profile_digest, full=self._options.full)
        changed: list[Candidate] = []
        done = 0
        while batch := await asyncio.to_thread(lambda: list(islice(comparison, _HASHED_AT_ONCE))):
            changed.extend(candidate for candidate in batch if not candidate.unchanged)
            for candidate in batch:
                if candidate.unchanged and candidate.known:
                    await self._page_done(_unchanged(candidate, candidate.known.chunk_count))
            done += len(batch)
            await self._emit(Progress(Stage.SCANNING, done, len(pages)))
        return changed

    async def _write_revision(
        self,
        site_profile: pb.SiteProfile,
        known: KnownSite,
        first: Change | None,
        changes: AsyncIterator[Change],
        page_count: int,
    ) -> None:
        if first is None and not known.revision:
            raise InvalidSource("none of the pages has any text to index; the problems above say why")
        revision = await self._index.begin(site_profile, take_over=self._options.take_over, reembed=self._options.full)
        try:
            if revision.published != known.revision:
                raise RevisionConflict("another run published this site meanwhile; run again", site=revision.site)
            writer = RevisionWriter(self._index, revision, self._emit, self._workload, page_count)
            counts = await writer.write(_chain(first, changes))
            await self._emit(Progress(Stage.PUBLISHING, page_count, page_count, writer.chunks_written))
            site = await self._index.publish(revision)
        except BaseException as error:
            await self._abandon(revision)
            if isinstance(error, BaseExceptionGroup):
                raise first_error(error) from error
            raise
        await self._emit(self._summary(site, counts.embedded, counts.reused, published=True))

    async def _abandon(self, revision: OpenRevision) -> None:
        """Drop the revision even while being cancelled; if that fails, its lease runs out."""
        task = asyncio.ensure_future(self._index.abandon(revision))
        with contextlib.suppress(Exception):  # also when the channel is closed because the process ends
            await asyncio.shield(asyncio.wait_for(task, _ABANDON_TIMEOUT_S))
        logger.info("revision abandoned", extra={"site": revision.site, "revision": revision.number})

    async def _page_read(self, event: PageDone) -> None:
        self._workload.page_read(event.uri, event.chunk_count)
        await self._page_done(event)

    async def _page_done(self, event: PageDone) -> None:
        self._outcomes[event.outcome] += 1
        if event.outcome is PageOutcome.SKIPPED:
            self._left_out[event.reason] += 1
        await self._emit(event)

    def _summary(self, site: pb.Site, embedded: int, reused: int, *, published: bool) -> Summary:
        duration_s = time.monotonic() - self._started
        return Summary(site, dict(self._outcomes), dict(self._left_out), embedded, reused, duration_s, published)


def site_name(base_url: str) -> str:
    """A name from an address: `https://docs.example.org/v2/` → `docs-example-org-v2`."""
    host_and_path = base_url.partition("://")[2].lower()
    return re.sub(r"[^a-z0-9]+", "-", host_and_path).strip("-")[:64].rstrip("-") or "site"


def _unchanged(candidate: Candidate, chunk_count: int) -> PageDone:
    return PageDone(candidate.page.uri, candidate.page.source_path, PageOutcome.UNCHANGED, chunk_count)


def _same_profile(ours: pb.SiteProfile, published: pb.SiteProfile) -> bool:
    """Whether readers would notice no difference; another commit makes none, nor do other counts in the account."""
    return _compared(ours) == _compared(published)


def _compared(profile: pb.SiteProfile) -> pb.SiteProfile:
    compared = pb.SiteProfile()
    compared.CopyFrom(profile)
    compared.source_commit = ""
    for entry in compared.account:
        entry.CopyFrom(pb.AccountEntry(part=entry.part, state=entry.state))
    return compared


async def _chain(first: Change | None, rest: AsyncIterator[Change]) -> AsyncIterator[Change]:
    if first is not None:
        yield first
    async for change in rest:
        yield change
