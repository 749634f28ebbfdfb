"""The words of a site, with what is near a word that it does not have."""

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from services.retriever.vocabulary.distance import slips

WORD = re.compile(r"[A-Za-z\u00c0-\u024f]+")
"""A run of Latin letters. `--no-cache` and `use_cache2` have runs of their own, in texts as in questions."""
_PART = re.compile(r"[A-Z]?[a-z\u00df-\u024f]+|[A-Z]+(?![a-z])")
_ENDINGS = ("s", "es", "ed", "ing", "er", "ers", "ly", "ies", "ied", "able", "ation", "ations", "ment")
"""English endings; a word with another one of them is the same word."""
_SHORTEST_BASE = 3
_DOUBLING = frozenset(("ed", "ing", "er", "ers", "able"))
"""Those before which a letter is doubled: `stopped`."""
_LONGEST = 40
"""Letters of a word that is kept: longer runs are encoded data."""
_LETTERS = 27
"""Columns of the table of letters: a to z, and all others together."""

_Table: TypeAlias = NDArray[np.int8]


class SiteWords:
    """The words of a site.

    Args:
        texts: Everything it says.
    """

    def __init__(self, texts: Iterable[str]) -> None:
        forms: Counter[str] = Counter()
        for text in texts:
            forms.update(WORD.findall(text))
        self._counts: Counter[str] = Counter()
        self._spelt: dict[str, str] = {}
        for form, count in forms.most_common():
            if len(form) <= _LONGEST:
                self._spelt.setdefault(form.casefold(), form)
                self._counts[form.casefold()] += count
        for form, count in forms.items():
            for part in parts_of(form)[1:] if len(form) <= _LONGEST else ():
                self._spelt.setdefault(part, part)
                self._counts[part] += count
        self._words = [word for word in self._counts if len(word) > 1]
        self._lengths = np.array([len(word) for word in self._words], dtype=np.int16)
        self._table = _letters(self._words)

    def __len__(self) -> int:
        return len(self._counts)

    def count(self, word: str) -> int:
        """How often the site uses a word, whatever its capitals."""
        return self._counts[word.casefold()]

    def knows(self, word: str) -> bool:
        """Whether the site uses a word, another form of it, or everything it is put together from."""
        whole, *parts = parts_of(word)
        return self._has(whole) or (bool(parts) and all(map(self._has, parts)))

    def _has(self, word: str) -> bool:
        return any(form in self._counts for form in _forms(word))

    def spelt(self, word: str) -> str:
        """A word of the site with the capitals it mostly has there."""
        return self._spelt[word.casefold()]

    def near(self, word: str, *, most: int) -> list[tuple[int, str]]:
        """Words of the site within `most` slips of a word, with the slips; the nearest first.

        Of those that are equally near, one with the same letters in another order comes first, then the most frequent.
        """
        folded = word.casefold()
        if not self._words:
            return []
        apart = np.abs(self._table - _letters([folded])[0]).sum(axis=1, dtype=np.int16)
        # A replaced letter changes two columns of the table, every other slip one or none.
        likely = np.nonzero((apart <= 2 * most) & (np.abs(self._lengths - len(folded)) <= most))[0]
        compared = [(slips(folded, self._words[index], most=most), self._words[index]) for index in likely]
        return sorted(
            ((count, other) for count, other in compared if 0 < count <= most),
            key=lambda pair: (pair[0], sorted(pair[1]) != sorted(folded), -self._counts[pair[1]], pair[1]),
        )


def _forms(word: str) -> Iterator[str]:
    """A word, and what else it may be in texts: with an ending, without its own, or with another."""
    bases = [word, word[:-1]] if word.endswith(("e", "y")) else [word]
    for ending in _ENDINGS:
        base = word.removesuffix(ending)
        if len(base) == len(word) or len(base) < _SHORTEST_BASE:
            continue
        bases += [base, f"{base}e", f"{base}y"]
        if base[-1] == base[-2] and ending in _DOUBLING:
            bases.append(base[:-1])
    for base in bases:
        yield base
        yield from (f"{base}{ending}" for ending in _ENDINGS)


def parts_of(word: str) -> list[str]:
    """A word in small letters, then what it is put together from, if that is more than one.

    >>> parts_of("useCache"), parts_of("cache")
    (['usecache', 'use', 'cache'], ['cache'])
    """
    parts = [part.casefold() for part in _PART.findall(word)]
    return [word.casefold(), *parts] if len(parts) > 1 else [word.casefold()]


def _letters(words: list[str]) -> _Table:
    """How often each letter stands in each word; shape (words, 27)."""
    table = np.zeros((len(words), _LETTERS), dtype=np.int8)
    for row, word in enumerate(words):
        for letter in word:
            column = ord(letter) - ord("a")
            table[row, column if 0 <= column < _LETTERS - 1 else _LETTERS - 1] += 1
    return table
