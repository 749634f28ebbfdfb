"""What the part of a site that was searched holds: how many chunks, and which terms stand in none of them."""

from collections.abc import Collection, Hashable
from dataclasses import dataclass

from services.retriever.recent import Recent
from services.retriever.store import SPARSE, Probe, SparseVector, Store, Where


@dataclass(frozen=True, slots=True)
class Searched:
    """A part of a site at one revision."""

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
        self._known: Recent[tuple[Hashable, int], bool] = Recent(terms)
        self._sizes: Recent[Hashable, int] = Recent(parts)

    async def size(self, searched: Searched) -> int:
        """Number of chunks."""
        if (size := self._sizes.get(searched.key)) is None:
            size = await searched.store.count(searched.where)
            self._sizes.keep(searched.key, size)
        return size

    async def missing(self, searched: Searched, terms: Collection[int]) -> frozenset[int]:
        """Those of the terms that stand in no chunk; each that is not remembered costs the engine a small query."""
        known = {term: self._known.get((searched.key, term)) for term in terms}
        if asked := [term for term, held in known.items() if held is None]:
            probes = [Probe(SPARSE, SparseVector((term,), (1.0,)), searched.where, 1) for term in asked]
            for term, hits in zip(asked, await searched.store.probe(probes), strict=True):
                known[term] = bool(hits)
                self._known.keep((searched.key, term), bool(hits))
        return frozenset(term for term, held in known.items() if not held)
