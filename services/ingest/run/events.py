"""What an ingestion reports while it runs: a closed family."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from enum import Enum
from typing import TypeAlias

from docs_chat.retriever.v1 import documents_pb2 as pb

from services.ingest.document import Problem


class Stage(Enum):
    """What it is doing at the moment."""

    SCANNING = "scanning"
    WRITING = "writing"
    PUBLISHING = "publishing"


class PageOutcome(Enum):
    """What became of a page."""

    ADDED = "added"
    CHANGED = "changed"
    UNCHANGED = "unchanged"
    REMOVED = "removed"
    FAILED = "failed"
    SKIPPED = "skipped"


@dataclass(frozen=True, slots=True)
class SiteFound:
    """The site was scanned."""

    profile: pb.SiteProfile
    page_count: int


@dataclass(frozen=True, slots=True)
class Progress:
    """How far it has got; `pages_total` counts the pages of this stage, `remaining_s` is None while unknown."""

    stage: Stage
    pages_done: int = 0
    pages_total: int = 0
    chunks_written: int = 0
    remaining_s: float | None = None
    chunks_total: int = 0
    """An estimate; 0 while unknown."""


@dataclass(frozen=True, slots=True)
class PageDone:
    """What became of one page."""

    uri: str
    source_path: str
    outcome: PageOutcome
    chunk_count: int = 0
    reason: str = ""
    """Why it was left out."""


@dataclass(frozen=True, slots=True)
class ProblemFound:
    """Something a docs owner should look at."""

    problem: Problem


@dataclass(frozen=True, slots=True)
class Summary:
    """The end of an ingestion that succeeded; `published` is False when nothing had changed."""

    site: pb.Site
    pages: dict[PageOutcome, int]
    left_out: dict[str, int]
    """Pages that were left out on purpose, by reason."""
    chunks_embedded: int
    chunks_reused: int
    duration_s: float
    published: bool


IngestEvent: TypeAlias = SiteFound | Progress | PageDone | ProblemFound | Summary
Emit: TypeAlias = Callable[[IngestEvent], Awaitable[None]]
"""Takes the events of an ingestion as they happen."""
