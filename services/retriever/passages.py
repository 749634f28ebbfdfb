"""From chunks that were found to passages a reader understands: the rest of the idea around them, terms marked."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache

from services.retriever.documents import ChunkPage, StoredChunk, embedding_input, place, text_hash
from services.retriever.sections import belongs_below


@dataclass(frozen=True, slots=True)
class StageScores:
    """How a chunk came to its place; None where a stage did not return it."""

    dense: float | None
    sparse: float | None
    fusion: float


@dataclass(frozen=True, slots=True)
class Found:
    """A chunk with its relevance in [0, 1]."""

    chunk: StoredChunk
    relevance: float
    scores: StageScores


@dataclass(frozen=True, slots=True)
class Passage:
    """A found chunk with the neighbours that belong to it, in reading order."""

    found: Found
    chunks: tuple[StoredChunk, ...]
    text: str
    highlights: tuple[tuple[int, int], ...] = field(default=())
    """Half-open ranges of code points."""

    @property
    def page(self) -> ChunkPage:
        return self.found.chunk.document

    @property
    def content_hash(self) -> str:
        """Hash of the text with its title and heading path."""
        return text_hash(embedding_input(self.page.title, self.found.chunk.section.heading_path, self.text))


def wanted_neighbours(found: Sequence[Found]) -> set[str]:
    """Places to read for growing: the chunks around each found one that belong to its section."""
    wanted: set[str] = set()
    for item in found:
        uri, ordinal = item.chunk.document.uri, item.chunk.chunk.ordinal
        before, after = item.chunk.reach
        around = (*range(ordinal - before, ordinal), *range(ordinal + 1, ordinal + after + 1))
        wanted.update(place(uri, neighbour) for neighbour in around)
    return wanted


def grow(found: Found, neighbours: Mapping[int, StoredChunk], taken: set[int], tokens: int) -> Passage:
    """The passage around a found chunk.

    It takes in the other parts of its section, then the subsections below it, as long as they fit; a chunk is taken
    whole or not at all, so code is never cut.

    Args:
        found: The chunk.
        neighbours: Chunks of the same page around it, by ordinal.
        taken: Ordinals of this page that other passages already show; extended by those used here.
        tokens: Most tokens the text may have.
    """
    core = found.chunk.chunk
    first = last = core.ordinal
    left = tokens - found.chunk.tokens
    taken.add(core.ordinal)
    while True:
        after, before = neighbours.get(last + 1), neighbours.get(first - 1)
        if _belongs_after(after, found.chunk, left, taken):
            assert after is not None
            last, left = last + 1, left - after.tokens
            taken.add(last)
        elif _belongs_before(before, found.chunk, left, taken):
            assert before is not None
            first, left = first - 1, left - before.tokens
            taken.add(first)
        else:
            break
    chunks = tuple(
        found.chunk if ordinal == core.ordinal else neighbours[ordinal] for ordinal in range(first, last + 1)
    )
    return Passage(found, chunks, _joined(found.chunk, chunks))


def section_key(chunk: StoredChunk) -> tuple[str, str, tuple[str, ...]]:
    """What makes a section: page, anchor and heading path."""
    return chunk.document.uri, chunk.section.anchor, chunk.section.heading_path


def _belongs_after(after: StoredChunk | None, core: StoredChunk, left: int, taken: set[int]) -> bool:
    if after is None or after.tokens > left or after.chunk.ordinal in taken:
        return False
    return belongs_below(core.section, after.chunk, after.section)


def _belongs_before(before: StoredChunk | None, core: StoredChunk, left: int, taken: set[int]) -> bool:
    return (
        before is not None
        and before.tokens <= left
        and before.chunk.ordinal not in taken
        and section_key(before) == section_key(core)
    )


def _joined(core: StoredChunk, chunks: Iterable[StoredChunk]) -> str:
    """The texts in order; where a subsection begins, its heading is written out."""
    parts: list[str] = []
    path = core.section.heading_path
    for chunk in chunks:
        if chunk.chunk.heading_path != path and chunk.chunk.heading_path:
            path = chunk.chunk.heading_path
            parts.append(f"**{path[-1]}**")
        parts.append(chunk.chunk.text)
    return "\n\n".join(parts)


_WORD = re.compile(r"\w+")
_ENDINGS = re.compile(r"(?:ations?|ings?|ers?|ed|es|s|ly|e)$")


def highlights(text: str, queries: Sequence[str]) -> tuple[tuple[int, int], ...]:
    """Ranges of words of `text` that the queries name, by rising start, without overlaps."""
    wanted = {_stem(word) for query in queries for word in _WORD.findall(query) if _worth_marking(word)}
    return tuple(word.span() for word in _WORD.finditer(text) if _stem(word[0]) in wanted)


def _worth_marking(word: str) -> bool:
    return word.casefold() not in _COMMON and (len(word) > 1 or not word.isascii())


@lru_cache(maxsize=16_384)
def _stem(word: str) -> str:
    """Kept, because a site says much with few words: making stems was a sixth of the Python time of a search."""
    folded = word.casefold()
    return _ENDINGS.sub("", folded) if len(folded) > 4 else folded


_COMMON = frozenset(
    re.findall(
        r"\w+",
        "a an and are as at be but by can could do does for from get had has have how i if in into is it its me my not "
        "of on or should so that the their them then there these they this to was we what when where which who why "
        "will with would you your",
    )
)
