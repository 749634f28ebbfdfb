"""Which pieces of a section make up one chunk: as few chunks as fit, of about one size, cut where it hurts least."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from services.ingest.document import Block, BlockKind

INTRODUCTION = re.compile(r"[:：][ *_]*$|^\*\*[^*\n]{1,80}\*\*$")
"""A sentence that ends in a colon, or a bold line of its own, which stands for a heading."""
_LONGEST_GROUP = 256
_CHUNK_COST = 1.0
_EMPTINESS_COST = 0.6
"""Cost of a chunk that is all but empty; it falls with the square of the free share."""
_INTRODUCTION_COST = 3.0
"""More than a chunk costs: an introduction stays with what it introduces, even if that takes one more chunk."""
_EXAMPLE_COST = 0.3
_ANY_CUT_COST = 0.05


@dataclass(frozen=True, slots=True)
class Piece:
    """A block, or a part of one that is longer than the window."""

    markdown: str
    tokens: int
    block: Block

    @property
    def is_introduction(self) -> bool:
        """Whether it only announces the piece after it."""
        return self.block.kind is BlockKind.PROSE and INTRODUCTION.search(self.markdown) is not None


def group_pieces(pieces: Sequence[Piece], room: int) -> list[Sequence[Piece]]:
    """Pieces in order in groups of at most `room` tokens; a piece that is longer stands alone.

    The cheapest of all partitions, found from the front: a chunk costs 1, an emptier one more, and every cut as much as
    what it tears apart.
    """
    best: list[tuple[float, int]] = [(0.0, 0)]  # cost of the cheapest groups up to here, start of the last of them
    for end in range(1, len(pieces) + 1):
        best.append(min(_candidates(pieces, end, room, best)))
    groups: list[Sequence[Piece]] = []
    end = len(pieces)
    while end:
        start = best[end][1]
        groups.append(pieces[start:end])
        end = start
    return groups[::-1]


def _candidates(
    pieces: Sequence[Piece], end: int, room: int, best: Sequence[tuple[float, int]]
) -> list[tuple[float, int]]:
    found: list[tuple[float, int]] = []
    tokens = 0
    for start in range(end - 1, max(-1, end - 1 - _LONGEST_GROUP), -1):
        tokens += pieces[start].tokens
        if tokens > room and found:
            break
        emptiness = max(0, room - tokens) / room
        cut = _cut_cost(pieces[start - 1], pieces[start]) if start else 0.0
        found.append((best[start][0] + _CHUNK_COST + _EMPTINESS_COST * emptiness**2 + cut, start))
    return found


def _cut_cost(before: Piece, after: Piece) -> float:
    """What a cut between two neighbours tears apart."""
    if before.is_introduction:
        return _INTRODUCTION_COST
    if before.block is not after.block and before.block.kind is BlockKind.PROSE and after.block.kind is BlockKind.CODE:
        return _EXAMPLE_COST
    return _ANY_CUT_COST
