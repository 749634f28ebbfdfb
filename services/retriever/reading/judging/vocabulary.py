"""What a part of a site holds: how many chunks, which terms stand in none of them, and where names stand."""

import re
from collections.abc import Collection, Hashable, Iterable
from dataclasses import dataclass

from cachetools import LRUCache

from services.retriever.embedding.sparse import SparseEncoder
from services.retriever.embedding.vectors import SparseVector
from services.retriever.store.port import SPARSE, Record, Store, VectorSearch, Where

RARE = 6
"""Chunks up to which a name is rare: mentioned, but hardly what the docs are about."""
_READ_FOR_A_NAME = 10
"""Chunks read for a name of several parts: the one that has it whole has all its parts, and ranks first."""


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
        terms: Terms, and names, remembered of all sites together: some 200 bytes each.
        parts: Parts of sites whose size is remembered.
    """

    def __init__(self, terms: int = 16_384, parts: int = 256) -> None:
        self._known: LRUCache[tuple[Hashable, int], bool] = LRUCache(terms)
        self._names: LRUCache[tuple[Hashable, str], int] = LRUCache(terms)
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

    async def holders(self, part: SitePart, names: Iterable[str], encoder: SparseEncoder) -> dict[str, int]:
        """How many chunks have each name whole, counted to little more than `RARE`.

        Other forms of a plain word count as the word. A name that is not remembered costs the engine a small search,
        and reading its first hits where it has several parts.
        """
        counts = {name: self._names.get((part.key, name.casefold())) for name in names}
        asked = {name: encoder.query(name) for name, count in counts.items() if count is None}
        searches = [VectorSearch(SPARSE, terms, part.where, _READ_FOR_A_NAME) for terms in asked.values() if terms]
        found = iter(await part.store.search(searches) if searches else [])
        for name, terms in asked.items():
            hits = next(found) if terms else []
            count = len(hits)
            if hits and len(terms.indices) > 1:
                records = await part.store.fetch([hit.id for hit in hits])
                count = sum(stands_in(name, _text(record)) for record in records)
            elif not terms:
                count = RARE + 1  # words of asking stand everywhere
            counts[name] = self._names[part.key, name.casefold()] = count
        return {name: count or 0 for name, count in counts.items()}


def stands_in(name: str, text: str) -> bool:
    """Whether a text has a name whole, whatever its capitals; a blank or nothing may stand for a hyphen.

    >>> stands_in("tap", "device.Tap()"), stands_in("tap", "tape"), stands_in("drip-hose", "Drip hose")
    (True, False, True)
    """
    spelt = re.escape(name).replace(r"\-", r"[-\s]?")
    return re.search(rf"(?<![^\W_]){spelt}(?![^\W_])", text, re.IGNORECASE) is not None


def _text(record: Record) -> str:
    payload = record.payload
    return "\n".join((payload["title"], *payload["heading_path"], payload["text"]))
