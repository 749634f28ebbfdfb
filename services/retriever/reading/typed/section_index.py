"""Which word stands in which section, and how much it says there: one published revision in memory."""

from bisect import bisect_left
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TypeAlias

import numpy as np
import numpy.typing as npt
from cachetools import LRUCache

from services.retriever.payloads import Payload
from services.retriever.store.port import Where
from services.retriever.vocabulary.lexicon import Lexicon

Mask: TypeAlias = npt.NDArray[np.bool_]
Numbers: TypeAlias = npt.NDArray[np.int32]
Weights: TypeAlias = npt.NDArray[np.float32]

_SCOPES_KEPT = 32
"""One byte per section each."""
_FIRST_BEHIND = "\U0010ffff"


@dataclass(frozen=True, slots=True)
class IndexedPage:
    """What a section knows of its page."""

    uri: str
    title: str
    line: str
    """The title as headings are compared."""
    facts: Payload
    """The payload fields that a scope may ask for."""

    @property
    def locale(self) -> str:
        return str(self.facts["locale"])

    @property
    def untranslated_in(self) -> tuple[str, ...]:
        """Locales that serve this text because they have none of their own."""
        return tuple(self.facts["untranslated_in"])


@dataclass(frozen=True, slots=True)
class IndexedSection:
    """A section that can be found."""

    page: int
    """Number of its page."""
    anchor: str
    heading_path: tuple[str, ...]
    line: str
    """Its own heading, or the page's title at its top, as headings are compared."""
    points: tuple[str, ...]
    """Its chunks in reading order."""


@dataclass(frozen=True, slots=True)
class Postings:
    """The sections of all words, word after word.

    `starts` has shape (words + 1,): where the entries of a word begin. `sections` and `weights` have shape (entries,);
    a weight says how much a section is about the word, from 0 to about 2.
    """

    starts: npt.NDArray[np.int64]
    sections: Numbers
    weights: npt.NDArray[np.float16]


@dataclass(frozen=True, slots=True)
class SectionIndex:
    """Everything that is needed to find sections by words. Immutable, but for scopes it remembers."""

    pages: Sequence[IndexedPage]
    sections: Sequence[IndexedSection]
    lexicon: Lexicon
    postings: Postings
    page_of: Numbers
    """Shape (sections,)."""
    by_line: Sequence[tuple[str, int]]
    """Each section's own heading, compact, with its number, in order."""
    prior: Weights
    """Shape (sections,): what a section counts before anything was typed."""
    _masks: LRUCache[tuple[object, ...], Mask] = field(default_factory=lambda: LRUCache(_SCOPES_KEPT))

    def sections_of(self, words: range) -> tuple[Numbers, Weights, npt.NDArray[np.int64]]:
        """Entries of neighbouring words: sections, weights and how many entries each word has."""
        starts = self.postings.starts
        first, end = int(starts[words.start]), int(starts[words.stop])
        counts = np.diff(starts[words.start : words.stop + 1])
        return self.postings.sections[first:end], self.postings.weights[first:end].astype(np.float32), counts

    def with_heading(self, start: str) -> list[int]:
        """Sections whose own heading begins with a compact line, by heading."""
        first = bisect_left(self.by_line, (start, -1))
        end = bisect_left(self.by_line, (start + _FIRST_BEHIND, -1))
        return [number for _, number in self.by_line[first:end]]

    def mask(self, where: Where) -> Mask:
        """The sections that a scope holds; conditions are those of a `Part`."""
        key = (*_frozen(where.any_of), *sorted(where.prefix.items()))
        if (known := self._masks.get(key)) is None:
            held = np.fromiter((_holds(page.facts, where) for page in self.pages), np.bool_, len(self.pages))
            known = self._masks[key] = held[self.page_of] if len(self.page_of) else np.zeros(0, np.bool_)
        return known


def _frozen(any_of: Mapping[str, Sequence[str | int]]) -> list[tuple[object, ...]]:
    return [(name, *values) for name, values in sorted(any_of.items())]


def _holds(facts: Payload, where: Where) -> bool:
    return all(_has_one(facts[name], values) for name, values in where.any_of.items()) and all(
        str(facts[name]).startswith(start) for name, start in where.prefix.items()
    )


def _has_one(value: object, wanted: Sequence[str | int]) -> bool:
    return not set(value).isdisjoint(wanted) if isinstance(value, tuple) else value in wanted
