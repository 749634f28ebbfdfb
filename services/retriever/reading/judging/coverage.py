"""How much of a question's terms the chunks that were found hold."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Coverage:
    """How much of a question's terms the first chunks hold; shares in [0, 1]."""

    best: float
    """In one chunk."""
    joint: float
    """In all of them together."""
    seen: frozenset[int]
    """Terms of the question that stand in one of them."""
    unseen: frozenset[int]
    """The others."""

    @property
    def terms(self) -> int:
        """Terms of the question, common words left out."""
        return len(self.seen) + len(self.unseen)


def coverage(asked: frozenset[int], chunks: Iterable[Collection[int]]) -> Coverage:
    """Coverage of the terms asked by chunks that are given as their terms.

    >>> covered = coverage(frozenset({1, 2}), [[1, 5], [2]])
    >>> covered.best, covered.joint
    (0.5, 1.0)
    """
    there = [asked.intersection(terms) for terms in chunks]
    seen = frozenset[int]().union(*there)
    if not asked:
        return Coverage(0.0, 0.0, seen, asked)
    best = max(map(len, there), default=0)
    return Coverage(best / len(asked), len(seen) / len(asked), seen, asked - seen)
