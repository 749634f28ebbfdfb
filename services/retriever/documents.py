"""The nouns of the index: a page's document, its chunks, and what they look like as payloads of points."""

import hashlib
from dataclasses import dataclass
from urllib.parse import urlsplit

from services.runtime.document_kind import DocumentKind


@dataclass(frozen=True, slots=True)
class Document:
    """One page, without its text. Fields as in the contract."""

    uri: str
    title: str
    kind: DocumentKind
    version: str
    locale: str
    content_hash: str
    source_hash: str
    plugin_id: str = ""
    tags: tuple[str, ...] = ()
    description: str = ""
    source_paths: tuple[str, ...] = ()
    last_updated_s: float | None = None
    """Seconds since the epoch; None when unknown."""
    published_s: float | None = None
    """The same of a blog post's publication."""
    untranslated_in: tuple[str, ...] = ()

    @property
    def path(self) -> str:
        """Path of the page's address."""
        return urlsplit(self.uri).path or "/"


@dataclass(frozen=True, slots=True)
class Chunk:
    """A slice of a document. Fields as in the contract."""

    ordinal: int
    anchor: str
    heading_path: tuple[str, ...]
    text: str
    content_hash: str
    code_languages: tuple[str, ...] = ()
    tabs: tuple[str, ...] = ()
    part: int = 0
    anchor_path: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class SectionRef:
    """A section of a page: the anchor it is linked by and the headings down to it."""

    anchor: str
    heading_path: tuple[str, ...]

    def holds(self, chunk: Chunk, cited_as: "SectionRef") -> bool:
        """Whether a chunk is part of this section or stands below it."""
        path = self.heading_path
        return cited_as == self or (bool(path) and chunk.heading_path[: len(path)] == path)


@dataclass(frozen=True, slots=True)
class StoredChunk:
    """A chunk as it is read back, with what it needs to know of its page."""

    document: "ChunkPage"
    chunk: Chunk
    section: SectionRef
    """The section it is cited as."""
    tokens: int
    """Tokens of the text with title and heading path, by the embedding model's own count."""
    reach: tuple[int, int] = (0, 0)
    """How many chunks before and after it belong to the same idea; what a passage may grow by."""


@dataclass(frozen=True, slots=True)
class ChunkPage:
    """What every chunk knows of its page."""

    uri: str
    title: str
    kind: DocumentKind
    version: str
    locale: str
    plugin_id: str
    untranslated_in: tuple[str, ...] = ()
    published_s: float | None = None
    """When a blog post was published, in seconds since the epoch; None when unknown."""


def text_hash(text: str) -> str:
    """Key under which an embedding can be found again."""
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:32]
