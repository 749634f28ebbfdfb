"""The index as ingestion sees it: what is known of a site, and one revision of it that can be written."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from docs_chat.retriever.v1 import documents_pb2 as pb

from services.ingest.chunking.split import SplitDocument
from services.ingest.chunking.tokens import ChunkingProfile


@dataclass(frozen=True, slots=True)
class KnownPage:
    """What the index remembers of a page."""

    uri: str
    content_hash: str
    source_hash: str
    source_paths: tuple[str, ...]
    chunk_count: int


@dataclass(frozen=True, slots=True)
class KnownSite:
    """A site as published; `revision` is 0 and everything else empty when it never was."""

    revision: int
    site: pb.Site
    pages: Mapping[str, KnownPage]
    """By uri."""


@dataclass(frozen=True, slots=True)
class OpenRevision:
    """A revision that this run may write."""

    site: str
    number: int
    published: int
    """Revision that readers see meanwhile."""
    lease_s: float


@dataclass(frozen=True, slots=True)
class PageWrite:
    """A page as it should be; its `source_hash` tells the next run that nothing has changed."""

    split: SplitDocument
    source_hash: str


@dataclass(frozen=True, slots=True)
class WriteCounts:
    """What writing did."""

    added: int = 0
    changed: int = 0
    unchanged: int = 0
    removed: int = 0
    embedded: int = 0
    reused: int = 0

    def __add__(self, other: "WriteCounts") -> "WriteCounts":
        return WriteCounts(
            self.added + other.added,
            self.changed + other.changed,
            self.unchanged + other.unchanged,
            self.removed + other.removed,
            self.embedded + other.embedded,
            self.reused + other.reused,
        )


class SiteIndex(Protocol):
    """Where pages go. Every method may raise `services.runtime.errors.ServiceError`."""

    async def chunking_profile(self) -> ChunkingProfile:
        """How documents are to be cut."""
        ...

    async def known_site(self, site: str) -> KnownSite:
        """All pages of the published revision, of all versions and locales; there may be none."""
        ...

    async def begin(self, profile: pb.SiteProfile, *, take_over: bool, reembed: bool) -> OpenRevision:
        """Open the next revision; `reembed` reuses no embedding of an earlier one.

        Raises:
            RevisionConflict: If another run is writing.
        """
        ...

    async def renew(self, revision: OpenRevision) -> None:
        """Keep the revision: extend its lease."""
        ...

    async def write(
        self, revision: OpenRevision, pages: Sequence[PageWrite], removed_uris: Sequence[str] = ()
    ) -> WriteCounts:
        """Write pages and remove others; returns once that is done. Calls may overlap."""
        ...

    async def publish(self, revision: OpenRevision) -> pb.Site:
        """Show the revision to readers."""
        ...

    async def abandon(self, revision: OpenRevision) -> None:
        """Drop the revision."""
        ...
