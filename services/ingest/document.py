"""The nouns of ingestion, in the order data walks: a site's pages, a page's document, its sections and their blocks."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Protocol

from services.runtime.document_kind import DocumentKind


class Severity(StrEnum):
    """How bad a problem is."""

    INFO = "info"
    WARNING = "warning"
    ERROR = "error"


@dataclass(frozen=True, slots=True)
class Problem:
    """Something a docs owner should look at; `code` is kebab-case and stable."""

    severity: Severity
    code: str
    message: str
    source_path: str = ""
    line: int = 0


@dataclass(frozen=True, slots=True)
class Page:
    """A page the site serves, before it is read."""

    uri: str
    """Absolute canonical address without fragment, percent-encoded."""
    source_path: str
    """Its own file, relative to the site folder, with `/`."""
    kind: DocumentKind
    locale: str
    version: str = ""
    plugin_id: str = ""
    untranslated_in: tuple[str, ...] = ()
    """Locales that serve this very text, each at the same path below its own root."""


class BlockKind(StrEnum):
    """What a block is, which decides where it may be cut."""

    PROSE = "prose"  # at sentence ends
    LIST = "list"  # between items
    CODE = "code"  # between lines, fence repeated
    TABLE = "table"  # between rows, header repeated


@dataclass(frozen=True, slots=True)
class Block:
    """One block of visible text, as Markdown."""

    kind: BlockKind
    markdown: str
    code_language: str = ""
    tabs: tuple[str, ...] = ()
    """Tabs the block stands in, as `groupId=value`, outermost first."""


@dataclass(frozen=True, slots=True)
class Heading:
    """A heading of the rendered page; `id` is empty when it cannot be linked to."""

    level: int
    id: str
    text: str


@dataclass(frozen=True, slots=True)
class Section:
    """The text under one heading, up to the next."""

    anchor: str
    """Fragment that is sure to land at this text: the heading's own id, or the nearest earlier one that is unique."""
    heading_path: tuple[str, ...]
    """Headings above the text from the outermost down, without the page title."""
    blocks: tuple[Block, ...]
    anchor_path: tuple[str, ...] = ()
    """Where each heading of `heading_path` can be linked to: its own id, or the nearest earlier one; same length."""


@dataclass(frozen=True, slots=True)
class Document:
    """The parsed text of one page."""

    page: Page
    title: str
    headings: tuple[Heading, ...]
    """All headings in the order of the rendered page, the page title included when it is rendered."""
    sections: tuple[Section, ...]
    source_paths: tuple[str, ...]
    """Files it was made from, the page's own first, then partials and raw includes."""
    description: str = ""
    tags: tuple[str, ...] = ()
    last_updated_at: datetime | None = None
    published_at: datetime | None = None
    """Of a blog post."""
    problems: tuple[Problem, ...] = ()


@dataclass(frozen=True, slots=True)
class Version:
    """One version of a docs plugin instance."""

    name: str
    label: str
    is_last: bool
    plugin_id: str
    path: str
    """URL path it is served under, baseUrl included."""


@dataclass(frozen=True, slots=True)
class LocaleRoot:
    """Where a locale is served."""

    locale: str
    base_url: str
    """Absolute address, percent-encoded, ends in a slash."""


class AccountState(StrEnum):
    """What became of a part that a site promises."""

    READ = "read"
    LEFT_OUT = "left out"
    MISSING = "missing"
    NOT_UNDERSTOOD = "not understood"


@dataclass(frozen=True, slots=True)
class AccountEntry:
    """A line of the account of a site. Fields as in the contract."""

    part: str
    known_from: str
    state: AccountState
    expected: int = 0
    read: int = 0
    left_out: int = 0
    why: str = ""
    advice: str = ""
    refuses: bool = False
    """Whether the site is not published because of it, unless forced."""


@dataclass(frozen=True, slots=True)
class SitePages:
    """What a source found: the site and its pages."""

    title: str
    base_url: str
    """Absolute address of the site's root, ends in a slash."""
    locales: tuple[str, ...]
    """The default one first."""
    versions: tuple[Version, ...]
    pages: tuple[Page, ...]
    """Pages to index, by rising uri."""
    skipped: tuple[tuple[Page, str], ...] = ()
    """Pages left out on purpose, each with the reason: draft, unlisted, fallback copy, …"""
    problems: tuple[Problem, ...] = field(default=())
    origins: tuple[str, ...] = ()
    """Origins of pages besides that of the base URL: domains of locales."""
    locale_roots: tuple[LocaleRoot, ...] = ()
    """Where each locale is served; empty when the source does not tell."""
    account: tuple[AccountEntry, ...] = ()
    """Everything the site promises, and what became of it."""


class PageUnreadable(Exception):
    """One page cannot be parsed; the rest of the site goes on. The message says why and where."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(problem.message)
        self.problem = problem


class Source(Protocol):
    """A Docusaurus site that can be read: its source tree, or its build."""

    def scan(self) -> SitePages:
        """Find the pages; reads settings and front matter, not texts.

        Raises:
            services.runtime.errors.InvalidSource: If this is not a Docusaurus site.
        """
        ...

    def read(self, page: Page) -> Document:
        """Parse one page of the scan.

        Raises:
            PageUnreadable: If it cannot be parsed.
        """
        ...

    def raw_parts(self, page: Page) -> Sequence[bytes]:
        """The page's own file, cut where headings may begin; for estimates, so it is cheap and may be wrong."""
        ...

    def source_hash(self, page: Page, source_paths: Sequence[str]) -> str:
        """Hash of everything `read` would see, given the files it used last time: cheap, no parsing.

        Covers the files' bytes, the settings and routes of the site, and the version of the parser. A file that
        is gone changes the hash.
        """
        ...
