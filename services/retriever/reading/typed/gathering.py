"""Makes a site's lists of words from its chunks; chunks that an earlier revision had are not read again."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from services.retriever.payloads import Payload
from services.retriever.reading.typed.section_index import (
    IndexedPage,
    IndexedSection,
    Numbers,
    Postings,
    SectionIndex,
    Weights,
)
from services.retriever.reading.typed.words import compact, plain_line, words_of
from services.retriever.vocabulary.lexicon import Lexicon
from services.runtime.document_kind import DocumentKind

_FACTS = ("kind", "version", "locale", "edition", "path", "plugin_id")
"""What scopes ask for, and what is shown."""
_OWN_HEADING, _TITLE, _OUTER_HEADING, _TEXT = 1.0, 0.45, 0.35, 0.8
"""What a word counts by where it stands; in the text, at most so much."""
_SHORT_HEADING = 0.5
"""Share of a heading's weight that its other words take: `Install` says more about installing than `Install it`."""
_SATURATION, _LENGTH_SHARE = 1.2, 0.5
"""`k1` and `b` of BM25."""
_PRIOR = {DocumentKind.DOC: 1.0, DocumentKind.PAGE: 0.95, DocumentKind.BLOG: 0.65}
"""Docs come before news."""
_MOST_UNUSED = 10_000
_DEPTH_KEPT = 0.97
"""What a section keeps for every heading above it."""


@dataclass(frozen=True, slots=True)
class _ChunkWords:
    """A chunk as the lists need it: its words by number, and how often each stands in it."""

    page: Payload
    anchor: str
    heading_path: tuple[str, ...]
    ordinal: int
    words: Numbers
    counts: npt.NDArray[np.uint8]


@dataclass(frozen=True, slots=True)
class _Entries:
    """That words stand in sections, all of shape (entries,)."""

    words: Numbers
    sections: Numbers
    weights: Weights


@dataclass(slots=True)
class _Layout:
    """Pages and sections in the order of their numbers."""

    pages: list[Payload] = field(default_factory=list)
    sections: list[tuple[int, str, tuple[str, ...]]] = field(default_factory=list)
    """Page, anchor and heading path."""
    points: list[list[str]] = field(default_factory=list)
    """The chunks of each section; of a page's top without text, the page's first chunk."""
    of_chunk: list[int] = field(default_factory=list)
    """The section of each chunk."""


class Gathered:
    """The chunks of a revision, by point."""

    def __init__(self) -> None:
        self._chunks: dict[str, _ChunkWords] = {}
        self._numbers: dict[str, int] = {}
        self._pages: dict[tuple[object, ...], Payload] = {}
        self._words_in_use = 0

    @property
    def is_stale(self) -> bool:
        """Whether most words it has numbers for stand nowhere any more: then it is better to read everything again."""
        return len(self._numbers) > _MOST_UNUSED + 2 * self._words_in_use

    def __contains__(self, point: str) -> bool:
        return point in self._chunks

    def __len__(self) -> int:
        return len(self._chunks)

    def add(self, point: str, payload: Payload) -> None:
        """Take in a chunk."""
        section = payload["section"]
        below = payload["heading_path"][len(section["heading_path"]) :]
        found = Counter(words_of("\n".join((*below, payload["text"]))))
        page = {name: payload[name] for name in ("uri", "title", *_FACTS)}
        page["untranslated_in"] = tuple(payload.get("untranslated_in", ()))
        self._chunks[point] = _ChunkWords(
            self._pages.setdefault(tuple(page.values()), page),
            section["anchor"],
            tuple(section["heading_path"]),
            payload["ordinal"],
            np.fromiter(map(self._number, found), np.int32, len(found)),
            np.fromiter((min(count, 255) for count in found.values()), np.uint8, len(found)),
        )

    def only(self, points: Iterable[str]) -> "Gathered":
        """What is known of these chunks; words that none of them has keep their numbers."""
        kept = Gathered()
        kept._numbers = self._numbers
        kept._chunks = {point: self._chunks[point] for point in points if point in self._chunks}
        kept._pages = {tuple(chunk.page.values()): chunk.page for chunk in kept._chunks.values()}
        return kept

    def index(self) -> SectionIndex:
        """The lists of what was gathered."""
        chunks = dict(sorted(self._chunks.items(), key=lambda item: (item[1].page["uri"], item[1].ordinal)))
        layout = _lay_out(chunks)
        pages = [
            IndexedPage(
                page["uri"],
                page["title"],
                plain_line(page["title"]),
                {name: page[name] for name in (*_FACTS, "untranslated_in")},
            )
            for page in layout.pages
        ]
        sections = [
            IndexedSection(page, anchor, path, plain_line(path[-1]) if path else pages[page].line, tuple(points))
            for (page, anchor, path), points in zip(layout.sections, layout.points, strict=True)
        ]
        entries = (_text_entries(list(chunks.values()), layout), self._heading_entries(pages, sections))
        lexicon, postings = _postings(list(self._numbers), entries)
        self._words_in_use = len(lexicon.words)
        return SectionIndex(
            pages,
            sections,
            lexicon,
            postings,
            np.array([section.page for section in sections], np.int32),
            sorted((compact(section.line), number) for number, section in enumerate(sections)),
            _priors(pages, sections),
        )

    def _number(self, word: str) -> int:
        return self._numbers.setdefault(word, len(self._numbers))

    def _heading_entries(self, pages: Sequence[IndexedPage], sections: Sequence[IndexedSection]) -> _Entries:
        rows: list[tuple[int, int, float]] = []
        for number, section in enumerate(sections):
            title = pages[section.page].title
            own = words_of(section.heading_path[-1] if section.heading_path else title)
            share = 1 - _SHORT_HEADING + _SHORT_HEADING / max(1, len(own))
            weights = dict.fromkeys(own, _OWN_HEADING * share)
            for word in set(words_of(title)):
                weights[word] = weights.get(word, 0.0) + _TITLE
            for word in set(words_of("\n".join(section.heading_path[:-1]))):
                weights[word] = weights.get(word, 0.0) + _OUTER_HEADING
            rows += [(self._number(word), number, weight) for word, weight in weights.items()]
        words, numbers, weighed = zip(*rows, strict=True) if rows else ((), (), ())
        return _Entries(np.array(words, np.int32), np.array(numbers, np.int32), np.array(weighed, np.float32))


def _lay_out(chunks: dict[str, _ChunkWords]) -> _Layout:
    """Numbers for pages and sections. Every page has a top, whether text stands there or not: titles are found too."""
    layout = _Layout()
    numbers: dict[tuple[int, str, tuple[str, ...]], int] = {}

    def number_of(key: tuple[int, str, tuple[str, ...]]) -> int:
        if key not in numbers:
            numbers[key] = len(layout.sections)
            layout.sections.append(key)
            layout.points.append([])
        return numbers[key]

    for point, chunk in chunks.items():
        if not layout.pages or layout.pages[-1] is not chunk.page:
            layout.pages.append(chunk.page)
            top = number_of((len(layout.pages) - 1, "", ()))
            layout.points[top] += [point] if chunk.heading_path else []
        section = number_of((len(layout.pages) - 1, chunk.anchor, chunk.heading_path))
        layout.points[section].append(point)
        layout.of_chunk.append(section)
    return layout


def _text_entries(chunks: Sequence[_ChunkWords], layout: _Layout) -> _Entries:
    """Words in the texts of sections, by saturating frequency and length."""
    if not chunks:
        return _Entries(np.zeros(0, np.int32), np.zeros(0, np.int32), np.zeros(0, np.float32))
    sizes = [len(chunk.words) for chunk in chunks]
    sections = np.repeat(np.array(layout.of_chunk, np.int64), sizes)
    words = np.concatenate([chunk.words for chunk in chunks])
    counts = np.concatenate([chunk.counts for chunk in chunks]).astype(np.float32)
    lengths = np.bincount(sections, counts, len(layout.sections)).astype(np.float32)
    usual = lengths[lengths > 0].mean() if len(counts) else 1.0
    held, holders, frequencies = _summed(words, sections, counts)
    norms = _SATURATION * (1 - _LENGTH_SHARE + _LENGTH_SHARE * lengths[holders] / usual)
    return _Entries(held, holders, (_TEXT * frequencies / (frequencies + norms)).astype(np.float32))


def _summed(
    words: npt.NDArray[np.integer], sections: npt.NDArray[np.integer], weights: Weights
) -> tuple[Numbers, Numbers, Weights]:
    """One entry for each word of each section, ordered by word and section."""
    keys = (words.astype(np.int64) << 32) | sections.astype(np.int64)
    order = np.argsort(keys, kind="stable")
    keys, weights = keys[order], weights[order]
    first = np.flatnonzero(np.diff(keys, prepend=-1))
    summed = np.add.reduceat(weights, first) if len(first) else weights
    keys = keys[first]
    return (keys >> 32).astype(np.int32), (keys & 0xFFFFFFFF).astype(np.int32), summed.astype(np.float32)


def _postings(names: Sequence[str], entries: Sequence[_Entries]) -> tuple[Lexicon, Postings]:
    """The words in use, by rising code points, and their sections."""
    words = np.concatenate([part.words for part in entries])
    in_use = sorted(np.unique(words).tolist(), key=names.__getitem__)
    rank = np.zeros(len(names), np.int32)
    rank[in_use] = np.arange(len(in_use), dtype=np.int32)
    ranks, sections, weights = _summed(
        rank[words],
        np.concatenate([part.sections for part in entries]),
        np.concatenate([part.weights for part in entries]),
    )
    starts = np.searchsorted(ranks, np.arange(len(in_use) + 1)).astype(np.int64)
    return Lexicon([names[number] for number in in_use]), Postings(starts, sections, weights.astype(np.float16))


def _priors(pages: Sequence[IndexedPage], sections: Sequence[IndexedSection]) -> Weights:
    return np.array(
        [
            _PRIOR[DocumentKind(pages[section.page].facts["kind"])] * _DEPTH_KEPT ** len(section.heading_path)
            for section in sections
        ],
        np.float32,
    )
