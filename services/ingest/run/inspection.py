"""What an ingestion would index, page by page; nothing is written."""

import asyncio
import statistics
import time
from collections import Counter
from collections.abc import AsyncGenerator
from dataclasses import dataclass, field
from typing import TypeAlias

from docs_chat.retriever.v1 import documents_pb2 as pb

from services.ingest.chunking.split import SplitDocument, split_document
from services.ingest.chunking.tokens import ChunkingProfile
from services.ingest.document import Page, PageUnreadable, SitePages, Source
from services.ingest.run.events import ProblemFound, SiteFound
from services.ingest.run.pipeline import IngestOptions, site_name
from services.ingest.run.preparation import (
    NO_TEXT,
    empty_page,
    read_page,
    without_duplicates,
    without_foreign_addresses,
)
from services.ingest.run.translate import profile_to_proto


@dataclass(frozen=True, slots=True)
class InspectedPage:
    """A page as it would be indexed."""

    split: SplitDocument
    source_hash: str


@dataclass
class InspectionSummary:
    """The end of an inspection."""

    pages: int = 0
    failed: int = 0
    left_out: Counter[str] = field(default_factory=Counter)
    """Pages left out on purpose, by reason."""
    chunk_tokens: list[int] = field(default_factory=list)
    duration_s: float = 0.0

    @property
    def median_tokens(self) -> int:
        """Tokens of the chunk in the middle; 0 without chunks."""
        return round(statistics.median(self.chunk_tokens)) if self.chunk_tokens else 0


InspectionEvent: TypeAlias = SiteFound | InspectedPage | ProblemFound | InspectionSummary


async def inspect_site(
    source: Source, options: IngestOptions, profile: ChunkingProfile
) -> AsyncGenerator[InspectionEvent, None]:
    """Read and split every page; the last event is the summary."""
    started = time.monotonic()
    site, refused = without_foreign_addresses(await asyncio.to_thread(source.scan))
    pages = without_duplicates(site.pages)
    yield SiteFound(_profile(options, site_name(site.base_url), site), len(pages))
    for problem in site.problems:
        yield ProblemFound(problem)
    summary = InspectionSummary(failed=len(refused), left_out=Counter(reason for _, reason in site.skipped))
    for page in pages:
        try:
            split = await asyncio.to_thread(_read_and_split, source, page, profile)
        except PageUnreadable as unreadable:
            summary.failed += 1
            yield ProblemFound(unreadable.problem)
            continue
        for problem in split.document.problems:
            yield ProblemFound(problem)
        if split.chunks:
            summary.pages += 1
            summary.chunk_tokens.extend(chunk.tokens for chunk in split.chunks)
            yield InspectedPage(split, source.source_hash(page, split.document.source_paths))
        else:
            summary.left_out[NO_TEXT] += 1
            yield ProblemFound(empty_page(page))
    summary.duration_s = time.monotonic() - started
    yield summary


def _profile(options: IngestOptions, default_name: str, site: SitePages) -> pb.SiteProfile:
    return profile_to_proto(options.site or default_name, site, options.source_commit)


def _read_and_split(source: Source, page: Page, profile: ChunkingProfile) -> SplitDocument:
    return split_document(read_page(source, page), profile)
