"""The store port: points with vectors and payloads of one site, whichever engine holds them.

Its adapters, `edge` (Qdrant's engine in this process) and `server` (a Qdrant server, cluster or cloud), pass the same
tests. Everything is asynchronous; a failure of the engine is raised as `IndexUnavailable`.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple, Protocol

from services.language.names import named_after
from services.retriever.embedding.vectors import DenseVector, SparseVector
from services.retriever.payloads import Payload

DENSE = "dense"
"""Name of the embedding: float32 of shape (dimension,), compared by cosine."""
SPARSE = "sparse"
"""Name of the term weights of a chunk; the engine multiplies them with each term's rarity."""
HEADINGS = "headings"
"""Name of the term weights of the title and the headings alone."""

KEYWORD_FIELDS = ("point", "uri", "path", "edition", "locale", "untranslated_in", "kind", "place", "embedding_hash")
"""Payload fields that filters compare as text; indexed in every engine."""
INTEGER_FIELDS = ("since", "until")
"""Payload fields that filters compare as numbers; indexed in every engine."""


@dataclass(frozen=True, slots=True)
class Where:
    """Conditions on the payload that must all hold. Fields are those of KEYWORD_FIELDS and INTEGER_FIELDS.

    `any_of`: the field has one of the values. `at_most` and `above`: the number is ≤, >. `prefix`: the text starts so.
    """

    any_of: Mapping[str, Sequence[str | int]] = field(default_factory=dict)
    at_most: Mapping[str, int] = field(default_factory=dict)
    above: Mapping[str, int] = field(default_factory=dict)
    prefix: Mapping[str, str] = field(default_factory=dict)

    def __and__(self, other: "Where") -> "Where":
        """Both; a field that both restrict in the same way must be restricted equally."""
        return Where(
            {**self.any_of, **other.any_of},
            {**self.at_most, **other.at_most},
            {**self.above, **other.above},
            {**self.prefix, **other.prefix},
        )


@dataclass(frozen=True, slots=True)
class Point:
    """What is stored: UUID text, vectors (none for a page's own record) and payload."""

    id: str
    payload: Payload
    dense: DenseVector | None = None
    sparse: Mapping[str, SparseVector] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Record:
    """A point as it is read back, without vectors."""

    id: str
    payload: Payload


@dataclass(frozen=True, slots=True)
class VectorSearch:
    """One ranking to ask for: the nearest `limit` points to `vector` in the space called `using`."""

    using: str
    vector: DenseVector | SparseVector
    where: Where
    limit: int


class Hit(NamedTuple):
    """A point found by a search; the score is a cosine for DENSE, a BM25 score otherwise."""

    id: str
    score: float
    uri: str
    """Page of the point."""
    kind: str = ""
    """Kind of that page, as in `DocumentKind`."""
    published_s: float | None = None
    """When it was published, for a blog post whose date is known, in seconds since the epoch."""
    names: frozenset[str] = frozenset()
    """What its page or section is named after, as `named_after` tells: a function, a flag, a file."""


HIT_FIELDS = ("uri", "kind", "published_s", "title", "heading_path")
"""Fields of the payload from which a hit is made; not all are in payloads that were stored before they were added."""


def hit_of(id_: str, score: float, payload: Payload) -> Hit:
    """The hit of a point, from the fields of HIT_FIELDS that its payload has."""
    headings = (payload.get("title", ""), *payload.get("heading_path", ())[-1:])
    names = frozenset().union(*map(named_after, headings))
    return Hit(id_, score, payload["uri"], payload.get("kind", ""), payload.get("published_s"), names)


class Store(Protocol):
    """Points of one site."""

    async def search(self, searches: Sequence[VectorSearch]) -> list[list[Hit]]:
        """The ranking of each search, best first, in one call to the engine."""
        ...

    async def fetch(self, ids: Sequence[str]) -> list[Record]:
        """Points by id, in any order; unknown ids are left out."""
        ...

    async def select(self, where: Where, *, fields: Sequence[str] | None = None) -> list[Record]:
        """All points that match, in any order; `fields` narrows the payload."""
        ...

    async def embeddings(self, hashes: Sequence[str], *, since: int = 0) -> dict[str, DenseVector]:
        """Embeddings the site already has, by `embedding_hash`; of points of revision `since` and later."""
        ...

    async def count(self, where: Where) -> int:
        """Number of points that match."""
        ...

    async def write(self, points: Sequence[Point]) -> None:
        """Store points, replacing those with the same id."""
        ...

    async def set_until(self, ids: Sequence[str], until: int) -> None:
        """Change the revision from which points are no longer visible."""
        ...

    async def set_until_where(self, where: Where, until: int) -> None:
        """The same for all points that match."""
        ...

    async def delete(self, ids: Sequence[str]) -> None:
        """Remove points by id."""
        ...

    async def delete_where(self, where: Where) -> None:
        """Remove all points that match."""
        ...

    async def flush(self) -> None:
        """Return when everything written is on disk."""
        ...

    async def close(self) -> None:
        """Close files and connections."""
        ...


class Engine(Protocol):
    """Where the stores of all sites live."""

    @property
    def name(self) -> str:
        """Engine and version. An index made under another name must be built again."""
        ...

    async def open(self, site: str, *, dimension: int, create: bool) -> Store:
        """Open a site's store.

        Raises:
            StoreUnusable: If its files cannot be read.
            IndexUnavailable: If the engine cannot be reached.
        """
        ...

    async def set_aside(self, site: str) -> str:
        """Move an unusable store out of the way; returns where to, for the log."""
        ...

    async def drop(self, site: str) -> None:
        """Delete a site's store; fine when there is none."""
        ...

    async def close(self) -> None:
        """Close everything."""
        ...


class StoreUnusable(Exception):
    """A site's store cannot be opened. It is derived data: set it aside and ingest again."""
