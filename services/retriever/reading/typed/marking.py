"""Marks in a text what fits the words that were typed."""

import re
from collections.abc import Iterable
from dataclasses import dataclass

from services.language.scripts import UNSPACED
from services.retriever.reading.typed.matching import Fit
from services.retriever.reading.typed.words import parts, plain, tokens

_JOINING = frozenset(".-_/:@#$& ")
"""Marks on both sides of one of these become one, within an identifier as within a phrase."""


@dataclass(frozen=True, slots=True)
class Mark:
    """A half-open range of code points, and the number of the typed word that it fits."""

    start: int
    end: int
    word: int


class Marker:
    """Finds what fits.

    Args:
        fits: The words that were typed.
    """

    def __init__(self, fits: Iterable[Fit]) -> None:
        self._fits = tuple(fits)
        self._fitting = {word: number for number, fit in reversed(list(enumerate(self._fits))) for word in fit.words}
        hints = {word for fit in self._fits for word in (fit.typed.text, *fit.words)}
        self._hints = re.compile("|".join(map(re.escape, sorted(hints))) or "$^", re.IGNORECASE)
        typed = [(fit.typed.text, number) for number, fit in enumerate(self._fits)]
        self._unspaced = [(text, number) for text, number in typed if UNSPACED.search(text)]

    def marks(self, text: str) -> list[Mark]:
        """What fits in a text, by rising start, without overlaps."""
        if not self._may_fit(text):
            return []
        found = [
            mark for token in tokens(text, worth_it=self._may_fit) for mark in self._in_token(token.text, token.start)
        ]
        for pair, number in self._unspaced:
            at = text.find(pair)
            while at >= 0:
                found.append(Mark(at, at + len(pair), number))
                at = text.find(pair, at + 1)
        return _without_overlaps(found)

    def _may_fit(self, text: str) -> bool:
        """A first look, which spares most words the closer one: half of the time of a search."""
        return not text.isascii() or self._hints.search(text) is not None

    def _in_token(self, token: str, start: int) -> Iterable[Mark]:
        """Marks of the parts, or of the whole where that is more: `usedoc` of `useDocusaurusContext`."""
        pieces = parts(token)
        of_parts = [mark for part in pieces if (mark := self._of_word(part.text, start + part.start)) is not None]
        whole = self._of_word(token, start) if len(pieces) > 1 else None
        if whole is not None and whole.end - whole.start > sum(mark.end - mark.start for mark in of_parts):
            return [whole]
        return of_parts

    def _of_word(self, written: str, start: int) -> Mark | None:
        word = plain(written)
        for at, fit in enumerate(self._fits):
            typed = fit.typed.text
            if word == typed or (word.startswith(typed) and not fit.meant and self._is_telling(fit)):
                end = len(typed) if len(word) == len(written) else len(written)
                return Mark(start, start + end, at)
        number = self._fitting.get(word)
        return None if number is None else Mark(start, start + len(written), number)

    def _is_telling(self, fit: Fit) -> bool:
        """Whether a word that begins so is worth a mark: not every word with `y` for one who typed `config.y`."""
        return len(fit.typed.text) > 2 or (not fit.typed.is_finished and len(self._fits) == 1)


def joined(marks: Iterable[Mark], text: str) -> list[tuple[int, int]]:
    """The marks as ranges; neighbours become one."""
    ranges: list[tuple[int, int]] = []
    for mark in marks:
        if ranges and (text[ranges[-1][1] : mark.start] in _JOINING or ranges[-1][1] == mark.start):
            ranges[-1] = (ranges[-1][0], mark.end)
        else:
            ranges.append((mark.start, mark.end))
    return ranges


def _without_overlaps(marks: list[Mark]) -> list[Mark]:
    kept: list[Mark] = []
    for mark in sorted(marks, key=lambda mark: (mark.start, -mark.end)):
        if kept and mark.start < kept[-1].end:
            if mark.end > kept[-1].end:
                kept.append(Mark(kept[-1].end, mark.end, mark.word))
        else:
            kept.append(mark)
    return kept
