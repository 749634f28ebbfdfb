"""The words of a site in order: which begin with what was typed, share its stem, or differ in a letter or two.

Beside `judging.vocabulary`, which asks the engine whether a term stands anywhere: the engine keeps terms as hashes, so
nobody can read there what a word begins with.
"""

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Sequence
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

from services.language.function_words import FUNCTION_WORDS
from services.language.stems import stem

Letters: TypeAlias = npt.NDArray[np.uint16]
"""Shape (letters, words): the code of each letter of each word, 0 behind its end."""

_LETTERS = 24
"""Letters of a word that are compared when one is misspelt."""
_SMALL = FUNCTION_WORDS["en"]
_SMALL_COUNTS = 0.25
_FIRST_BEHIND = "\U0010ffff"


class Lexicon:
    """The words of a site.

    Args:
        words: Each once, by rising code points; a word's number is its place here.
    """

    def __init__(self, words: Sequence[str]) -> None:
        self.words = words
        self.lengths = np.fromiter(map(len, words), np.uint16, len(words))
        self.telling = np.fromiter((_SMALL_COUNTS if word in _SMALL else 1.0 for word in words), np.float32, len(words))
        """What a word counts where it was found by its beginning: `in` is not what one types for `install`."""
        self._letters = _letters(words)
        self._by_stem: dict[str, list[int]] = defaultdict(list)
        for number, word in enumerate(words):
            if word.isalpha() and word.isascii():
                self._by_stem[stem(word)].append(number)

    def number(self, word: str) -> int | None:
        """Place of a word; None when the site has no such word."""
        at = bisect_left(self.words, word)
        return at if at < len(self.words) and self.words[at] == word else None

    def beginning_with(self, start: str) -> range:
        """The words that begin so, itself among them."""
        return range(bisect_left(self.words, start), bisect_left(self.words, start + _FIRST_BEHIND))

    def with_stem_of(self, word: str) -> Sequence[int]:
        """The words with the same stem, itself among them."""
        return self._by_stem.get(stem(word), ())

    def near(self, word: str, *, is_finished: bool, most: int | None = None) -> list[tuple[int, int]]:
        """Words that were probably meant, nearest first, each with the number of letters that are wrong.

        A letter may be missing, be too much, be another one, or have changed places with its neighbour: one in a word
        of four letters and more, two in one of eight and more, or `most`. An unfinished word is compared with how words
        begin.
        """
        allowed = allowed_mistakes(word) if most is None else most
        if not allowed or not self.words:
            return []
        distances = self._distances(word, allowed, is_finished=is_finished)
        found = np.flatnonzero(distances <= allowed)
        order = found[np.argsort(distances[found], kind="stable")]
        return [(int(number), int(distances[number])) for number in order]

    def _distances(self, word: str, allowed: int, *, is_finished: bool) -> npt.NDArray[np.uint8]:
        """How far each word is, at least where it is not further than allowed (optimal string alignment).

        The usual table, for all words at once and only near its diagonal; elsewhere it is too far anyway.
        """
        letters, count = self._letters, len(self.words)
        width = min(len(word) + allowed, len(letters))
        codes = [ord(letter) for letter in word]
        far = np.full(count, allowed + 1, np.uint8)
        before_last: list[npt.NDArray[np.uint8]] = []
        last = [np.full(count, min(at, allowed + 1), np.uint8) for at in range(width + 1)]
        for row, code in enumerate(codes, start=1):
            current = [far] * (width + 1)
            if row <= allowed:
                current[0] = np.full(count, row, np.uint8)
            for column in range(max(1, row - allowed), min(width, row + allowed) + 1):
                here = letters[column - 1]
                best = last[column - 1] + (here != code)
                np.minimum(best, last[column] + np.uint8(1), out=best)
                np.minimum(best, current[column - 1] + np.uint8(1), out=best)
                if row > 1 and column > 1:
                    swapped = (here == codes[row - 2]) & (letters[column - 2] == code)
                    np.minimum(best, np.where(swapped, before_last[column - 2] + np.uint8(1), best), out=best)
                current[column] = best
            before_last, last = last, current
        if is_finished:
            table = np.stack(last)
            ends = np.minimum(self.lengths, width)
            distances: npt.NDArray[np.uint8] = table[ends, np.arange(count)]
            distances[self.lengths > width] = allowed + 1
            return distances
        begun: npt.NDArray[np.uint8] = np.minimum.reduce(last[max(0, len(word) - allowed) :])
        begun[self.lengths + allowed < len(word)] = allowed + 1
        return begun


def allowed_mistakes(word: str) -> int:
    """Letters that may be wrong. Numbers and unspaced scripts have no misspellings that can be told.

    >>> [allowed_mistakes(word) for word in ("cat", "lint", "renderer", "v8engine", "配置文件")]
    [0, 1, 2, 0, 0]
    """
    if len(word) < 4 or len(word) > _LETTERS - 2 or not all(map(_is_spelt, word)):
        return 0
    return 1 if len(word) < 8 else 2


def _is_spelt(letter: str) -> bool:
    return letter.isalpha() and letter < "\u0e00"


def _letters(words: Sequence[str]) -> Letters:
    if not words:
        return np.zeros((_LETTERS, 0), np.uint16)
    padded = np.array([word[:_LETTERS] for word in words], dtype=f"<U{_LETTERS}")
    codes = padded.view(np.uint32).reshape(len(words), _LETTERS)
    return np.ascontiguousarray(np.minimum(codes, 0xFFFF).astype(np.uint16).T)
