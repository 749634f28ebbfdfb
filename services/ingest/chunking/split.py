"""From a document to its chunks: they follow the headings, fit the embedding model's window, and lose nothing."""

import hashlib
import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import takewhile

from services.ingest.chunking.cut import Cutter
from services.ingest.chunking.grouping import Piece, group_pieces
from services.ingest.chunking.tokens import ChunkingProfile, TokenCounter
from services.ingest.document import Block, Document, PageUnreadable, Problem, Section, Severity
from services.runtime.embedding_input import embedding_input

CHUNKER_VERSION = "3"
"""Raise it whenever the same document would give other chunks: the next run then writes every page again."""

SPARE_TOKENS = 16
"""Kept free in each window: a tokenizer may read a joined text slightly differently from its parts."""
MAX_CHUNKS_OF_A_PAGE = 20_000
MAX_BYTES_OF_A_PAGE = 12_000_000
"""A page travels in one message, which has 16 MiB."""
_BYTES_OF_A_CHUNK = 200
"""Hashes and numbers that travel with a chunk."""
_INTRODUCTION_SHARE = 3
"""A sentence that introduces a block which must be cut may take up to a third of the first part."""
_PATH_SHARE = 3
"""Title and headings may take up to a third of a window; beyond that they are shortened."""


@dataclass(frozen=True, slots=True)
class Chunk:
    """A slice of a document, as it is embedded and stored."""

    ordinal: int
    anchor: str
    heading_path: tuple[str, ...]
    anchor_path: tuple[str, ...]
    text: str
    code_languages: tuple[str, ...]
    tabs: tuple[str, ...]
    part: int
    content_hash: str
    tokens: int
    """Tokens of the whole embedding input, special ones included."""


@dataclass(frozen=True, slots=True)
class SplitDocument:
    """A document ready for the index."""

    document: Document
    chunks: tuple[Chunk, ...]
    content_hash: str


def split_document(document: Document, profile: ChunkingProfile) -> SplitDocument:
    """Cut a document along its sections.

    Raises:
        PageUnreadable: If the page is absurdly long.
    """
    document = replace(document, title=_fitting_title(document.title, profile))
    splitter = _Splitter(document.title, profile)
    chunks: list[Chunk] = []
    size = 0
    for section in document.sections:
        cut = splitter.split(section, len(chunks))
        chunks.extend(cut)
        size += sum(map(_travelling_bytes, cut))
        if len(chunks) > MAX_CHUNKS_OF_A_PAGE or size > MAX_BYTES_OF_A_PAGE:
            raise PageUnreadable(_too_long(document))
    return SplitDocument(document, tuple(chunks), document_hash(document, chunks))


def document_hash(document: Document, chunks: Sequence[Chunk]) -> str:
    """Hash of everything of the document that is indexed."""
    page = document.page
    facts = [
        *(CHUNKER_VERSION, page.uri, page.kind, page.version, page.locale, page.plugin_id),
        page.untranslated_in,
        *(document.title, document.description, document.tags, str(document.last_updated_at)),
        str(document.published_at),
        [
            (chunk.anchor, chunk.anchor_path, chunk.part, chunk.tabs, chunk.code_languages, chunk.content_hash)
            for chunk in chunks
        ],
    ]
    return _hash(json.dumps(facts, ensure_ascii=False))


def _fitting_title(title: str, profile: ChunkingProfile) -> str:
    return shorten(title, profile.max_tokens // 4, profile.counter)


def shorten(text: str, limit: int, counter: TokenCounter) -> str:
    """The text, or its start with an ellipsis when it has more than `limit` tokens."""
    return text if counter.fits(text, limit) else Cutter(counter).cut_words(text, limit)[0].rstrip() + "…"


class _Splitter:
    def __init__(self, title: str, profile: ChunkingProfile) -> None:
        self._title = title
        self._counter = profile.counter
        self._cutter = Cutter(profile.counter)
        self._window = profile.max_tokens - self._counter.special_tokens
        self._joint = max(self._counter.count("\n\n"), self._counter.count("a\n\na") - 2 * self._counter.count("a"))

    def split(self, section: Section, ordinal: int) -> list[Chunk]:
        blocks = [block for block in section.blocks if block.markdown.strip()]
        if not blocks:
            return []
        path, head_tokens = self._fitting_path(section.heading_path)
        room = max(self._window - head_tokens - SPARE_TOKENS, self._window // 4)
        groups = group_pieces(self._pieces(blocks, room), room)
        located = replace(section, heading_path=path)
        return [self._chunk(located, group, ordinal + part, part) for part, group in enumerate(groups)]

    def _fitting_path(self, path: tuple[str, ...]) -> tuple[tuple[str, ...], int]:
        """The heading path and its tokens; headings are shortened when they would leave no room for the text."""
        tokens = self._head_tokens(path)
        limit = self._window // _PATH_SHARE
        if tokens <= limit or not path:
            return path, tokens
        share = max(4, (limit - self._head_tokens(())) // len(path))
        shortened = tuple(shorten(heading, share, self._counter) for heading in path)
        return shortened, self._head_tokens(shortened)

    def _head_tokens(self, path: tuple[str, ...]) -> int:
        return self._counter.count(embedding_input(self._title, path, ""))

    def _pieces(self, blocks: Iterable[Block], room: int) -> list[Piece]:
        pieces: list[Piece] = []
        for block in blocks:
            announced = pieces[-1].tokens if pieces and pieces[-1].is_introduction else 0
            taken = announced + self._joint if announced <= room // _INTRODUCTION_SHARE else 0
            for markdown in self._cutter.cut(block, room, taken=taken):
                pieces.append(Piece(markdown, self._counter.count(markdown) + self._joint, block))
        return pieces

    def _chunk(self, section: Section, group: Sequence[Piece], ordinal: int, part: int) -> Chunk:
        text = "\n\n".join(piece.markdown for piece in group)
        embedded = embedding_input(self._title, section.heading_path, text)
        languages = dict.fromkeys(piece.block.code_language.lower() for piece in group if piece.block.code_language)
        return Chunk(
            ordinal=ordinal,
            anchor=section.anchor,
            heading_path=section.heading_path,
            anchor_path=section.anchor_path,
            text=text,
            code_languages=tuple(languages),
            tabs=_common_start([piece.block.tabs for piece in group]),
            part=part,
            content_hash=_hash(embedded),
            tokens=self._counter.special_tokens + self._counter.count(embedded),
        )


def _travelling_bytes(chunk: Chunk) -> int:
    names = (chunk.text, chunk.anchor, *chunk.heading_path, *chunk.anchor_path)
    return _BYTES_OF_A_CHUNK + sum(len(name.encode("utf-8", "surrogatepass")) for name in names)


def _common_start(paths: list[tuple[str, ...]]) -> tuple[str, ...]:
    shared = takewhile(lambda level: len(set(level)) == 1, zip(*paths, strict=False))
    return tuple(level[0] for level in shared)


def _too_long(document: Document) -> Problem:
    message = (
        f"the page gives more than {MAX_CHUNKS_OF_A_PAGE:,} chunks or {MAX_BYTES_OF_A_PAGE:,} bytes and was left out; "
        "is it generated data? Several pages instead of one would be read"
    )
    return Problem(Severity.ERROR, "page-too-long", message, document.page.source_path)


def _hash(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()
