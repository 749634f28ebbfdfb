"""What a reader sees of a section that was found: marked headings, and the stretch of its text that has most words."""

from collections.abc import Sequence
from dataclasses import dataclass

from services.retriever.reading.typed.marking import Mark, Marker, joined

SNIPPET_CHARS = 160
_BEFORE = 40
"""Characters of the text that are shown before the first mark, where it goes on after it."""


@dataclass(frozen=True, slots=True)
class MarkedText:
    """A text for people and the half-open ranges of code points that fit what was typed."""

    text: str
    marks: tuple[tuple[int, int], ...] = ()


def marked(text: str, marker: Marker) -> MarkedText:
    """A heading or a title."""
    line = " ".join(text.split())
    return MarkedText(line, tuple(joined(marker.marks(line), line)))


def snippet(texts: Sequence[str], marker: Marker) -> MarkedText:
    """The stretch of one of the texts that has most of the typed words, cut at blanks; else where the first begins."""
    best = (0, 0, "", 0)
    for text in texts:
        marks = marker.marks(text)
        for at, mark in enumerate(marks):
            inside = [other for other in marks[at:] if other.end <= mark.start + SNIPPET_CHARS - _BEFORE]
            rated = (len({other.word for other in inside}), len(inside), text, mark.start)
            if rated[:2] > best[:2]:
                best = rated
    text, start = (best[2], best[3]) if best[0] else (next(iter(texts), ""), 0)
    return _cut(text, start, marker)


def _cut(text: str, first: int, marker: Marker) -> MarkedText:
    begin = 0
    if first > _BEFORE and len(text) > SNIPPET_CHARS:
        begin = min(first - _BEFORE, len(text) - SNIPPET_CHARS)
        blank = text.find(" ", begin, first)
        begin = blank + 1 if blank >= 0 else begin
    piece = text[begin : begin + SNIPPET_CHARS - 4]
    is_cut = begin + len(piece) < len(text)
    if is_cut and text[begin + len(piece)] != " ":
        blank = piece.rfind(" ", len(piece) // 2)
        piece = piece[:blank] if blank > 0 else piece
    shown = f"{'… ' if begin else ''}{piece.strip()}{' …' if is_cut else ''}"
    marks: list[Mark] = marker.marks(shown)
    return MarkedText(shown, tuple(joined(marks, shown)))
