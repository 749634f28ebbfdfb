"""The stretch of a passage that a list of results shows: text to read, not Markdown; code keeps its backticks."""

from bisect import bisect_left

from docs_chat.retriever.v1 import passages_pb2

from services.language.plain_text import placed_text

SNIPPET_CHARS = 300


def snippet_of(passage: passages_pb2.Passage, limit: int = SNIPPET_CHARS) -> str:
    """The stretch of at most `limit` characters that holds most highlights, cut at spaces, on one line."""
    plain = placed_text(passage.text, ticks=True, bar="·")
    text, places = plain.text, plain.places
    starts = sorted(bisect_left(places, mark.start) for mark in passage.highlights) or [0]
    best = max(range(len(starts)), key=lambda at: bisect_left(starts, starts[at] + limit - 40) - at)
    begin = 0 if starts[best] < limit // 2 else text.rfind(" ", 0, max(starts[best] - 40, 1)) + 1
    piece = text[begin : begin + 2 * limit].strip()
    room = limit - (2 if begin else 0)
    if len(piece) > room:
        piece = _without_open_code(piece[: room - 3].rsplit(" ", 1)[0].rstrip()) + " …"
    return ("… " if begin else "") + piece


def _without_open_code(piece: str) -> str:
    """Closes code that the cut has opened."""
    return piece + "`" if piece.count("`") % 2 else piece
