"""From chunks that were found to passages a reader understands: the rest of the idea is taken in around them."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from services.language.markdown import is_table_row, list_item, opening_fence
from services.language.sentences import announces
from services.retriever.documents import ChunkPage, StoredChunk, text_hash
from services.retriever.payloads import place
from services.runtime.embedding_input import embedding_input


@dataclass(frozen=True, slots=True)
class StageScores:
    """How a chunk came to its place; None where a stage did not find it or did not run."""

    dense: float | None
    sparse: float | None
    fusion: float
    rerank: float | None = None


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
    served_at: str = ""
    """Address of the page in the reader's locale; empty: the page's own."""

    @property
    def page(self) -> ChunkPage:
        return self.found.chunk.document

    @property
    def page_uri(self) -> str:
        """Address of the page for the reader, without fragment."""
        return self.served_at or self.page.uri

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

    It takes in the parts of its section that stand before it, since a table or the second half of a list means little
    without the words that introduce it, then those after it and the subsections below; but first the code or list
    that it announces itself. All as long as they fit; a chunk is taken whole or not at all, so code is never cut.

    Args:
        found: The chunk.
        neighbours: Chunks of the same page around it, by ordinal.
        taken: Ordinals of this page that other passages already show; extended by those used here.
        tokens: Most tokens the text may have.
    """
    core = found.chunk.chunk
    around = {**neighbours, core.ordinal: found.chunk}
    first = last = core.ordinal
    left = tokens - found.chunk.tokens
    taken.add(core.ordinal)
    while True:
        free = {ordinal: chunk for ordinal, chunk in around.items() if ordinal not in taken and chunk.tokens <= left}
        if (following := _next((around[first], around[last]), free, found.chunk)) is None:
            break
        first, last = min(first, following), max(last, following)
        left -= around[following].tokens
        taken.add(following)
    chunks = tuple(around[ordinal] for ordinal in range(first, last + 1))
    return Passage(found, chunks, _joined(found.chunk, chunks))


def _next(ends: tuple[StoredChunk, StoredChunk], free: Mapping[int, StoredChunk], core: StoredChunk) -> int | None:
    """Ordinal of the chunk that a passage takes in next, of those that are free; None when there is none.

    Args:
        ends: First and last chunk of the passage.
        free: Chunks of the page that fit and that no passage shows.
        core: The chunk that was found.
    """
    first, last = ends
    before, after = free.get(first.chunk.ordinal - 1), free.get(last.chunk.ordinal + 1)
    if before is not None and section_key(before) != section_key(core):
        before = None
    if after is None or not core.section.holds(after.chunk, after.section):
        return before.chunk.ordinal if before else None
    if before is None or (_announces(last, after) and not _announces(before, first)):
        return after.chunk.ordinal
    return before.chunk.ordinal


def section_key(chunk: StoredChunk) -> tuple[str, str, tuple[str, ...]]:
    """What makes a section: page, anchor and heading path."""
    return chunk.document.uri, chunk.section.anchor, chunk.section.heading_path


_TAB_LABEL = re.compile(r"\*\*[^*\n]+:\*\*")


def _announces(chunk: StoredChunk, following: StoredChunk) -> bool:
    """Whether what follows means little without the end of the chunk before it."""
    return announces(chunk.chunk.text) or _begins_block(following.chunk.text)


def _begins_block(text: str) -> bool:
    """Whether a text begins with code, a table, a list or a labelled tab."""
    line = text.lstrip().partition("\n")[0]
    return bool(opening_fence(line) or list_item(line) or is_table_row(line) or _TAB_LABEL.match(line))


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
