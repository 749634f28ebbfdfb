"""The words of a site, with what is near a word that it does not have."""

import re
from collections import Counter
from collections.abc import Iterable, Iterator

from services.retriever.vocabulary.lexicon import Lexicon

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
        self._lexicon = Lexicon(sorted(self._counts))

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
        near = self._lexicon.near(folded, is_finished=True, most=most)
        found = [(slips, self._lexicon.words[number]) for number, slips in near if slips]
        return sorted(
            found,
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
