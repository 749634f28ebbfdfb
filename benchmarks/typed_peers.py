"""Beside typed search: BM25 with a prefix for the last word, as Algolia-like engines rank, and the site's own search.

The baseline sees what typed search sees: title, headings and text of each section, as one text. Its words are runs of
letters and digits in small letters; the last word stands for all words that begin with it. It knows no misspellings.
"""

import math
import re
from bisect import bisect_left
from collections import Counter, defaultdict
from collections.abc import Sequence

from benchmarks.typed_queries import place_of
from services.language.scripts import split_unspaced
from services.retriever.documents import StoredChunk

_WORD = re.compile(r"[^\W_]+")
_SATURATION, _LENGTH_SHARE = 1.2, 0.75
_SHOWN = 10


class PrefixBm25:
    """BM25 over the sections of a site."""

    def __init__(self, chunks: Sequence[StoredChunk]) -> None:
        texts: dict[str, list[str]] = {}
        for chunk in chunks:
            place = place_of(chunk)
            heading = [chunk.document.title, *chunk.section.heading_path]
            texts.setdefault(place, heading).append(chunk.chunk.text)
        self._places = list(texts)
        self._holders: dict[str, list[tuple[int, int]]] = defaultdict(list)
        self._lengths = []
        for number, parts in enumerate(texts.values()):
            found = Counter(_words("\n".join(parts)))
            self._lengths.append(sum(found.values()))
            for word, count in found.items():
                self._holders[word].append((number, count))
        self._sorted = sorted(self._holders)
        self._usual = sum(self._lengths) / max(1, len(self._lengths))

    def ask(self, text: str) -> list[str]:
        """The best places."""
        scores: dict[int, float] = defaultdict(float)
        words = _words(text)
        for at, word in enumerate(words):
            counts: Counter[int] = Counter()
            for other in self._beginning_with(word) if at == len(words) - 1 else [word]:
                counts.update(dict(self._holders.get(other, ())))
            rarity = math.log(1 + (len(self._places) - len(counts) + 0.5) / (len(counts) + 0.5))
            for number, count in counts.items():
                norm = _SATURATION * (1 - _LENGTH_SHARE + _LENGTH_SHARE * self._lengths[number] / self._usual)
                scores[number] += rarity * count / (count + norm)
        best = sorted(scores, key=lambda number: -scores[number])[:_SHOWN]
        return [self._places[number] for number in best]

    def _beginning_with(self, start: str) -> list[str]:
        return self._sorted[bisect_left(self._sorted, start) : bisect_left(self._sorted, start + "\U0010ffff")]


def _words(text: str) -> list[str]:
    return _WORD.findall(split_unspaced(text).lower())
