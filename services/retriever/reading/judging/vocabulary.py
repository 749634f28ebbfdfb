"""What a part of a site holds: how many chunks, and which terms stand in none of them."""

from collections.abc import Collection, Hashable
from dataclasses import dataclass

from cachetools import LRUCache

from services.retriever.embedding.vectors import SparseVector
from services.retriever.store.port import SPARSE, Store, VectorSearch, Where


@dataclass(frozen=True, slots=True)
class SitePart:
    """The part of a site that was searched, at one revision."""

    store: Store
    where: Where
    key: Hashable
    """Equal for the same points: the site's identity and the scope."""


class Vocabulary:
    """Asks the engine once for what changes only with a revision.

    Args:
        terms: Terms remembered of all sites together: some 200 bytes each.
        parts: Parts of sites whose size is remembered.
    """

    def __init__(self, terms: int = 16_384, parts: int = 256) -> None:
        self._known: LRUCache[tuple[Hashable, int], bool] = LRUCache(terms)
        self._sizes: LRUCache[Hashable, int] = LRUCache(parts)

    async def size(self, part: SitePart) -> int:
        """Number of chunks."""
        if (size := self._sizes.get(part.key)) is None:
            size = self._sizes[part.key] = await part.store.count(part.where)
        return size

    async def missing(self, part: SitePart, terms: Collection[int]) -> frozenset[int]:
        """Those of the terms that stand in no chunk; each that is not remembered costs the engine a small search."""
        known = {term: self._known.get((part.key, term)) for term in terms}
        if asked := [term for term, held in known.items() if held is None]:
            searches = [VectorSearch(SPARSE, SparseVector((term,), (1.0,)), part.where, 1) for term in asked]
            for term, hits in zip(asked, await part.store.search(searches), strict=True):
                known[term] = self._known[part.key, term] = bool(hits)
        return frozenset(term for term, held in known.items() if not held)
