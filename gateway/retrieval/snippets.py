"""The stretch of a passage that a list of results shows."""

import re
from bisect import bisect_left

from docs_chat.retriever.v1 import passages_pb2

SNIPPET_CHARS = 300
_SPACE = re.compile(r"\s+")


def snippet_of(passage: passages_pb2.Passage, limit: int = SNIPPET_CHARS) -> str:
    """The stretch of at most `limit` characters that holds most highlights, cut at spaces, on one line."""
    text = passage.text
    starts = sorted(mark.start for mark in passage.highlights) or [0]
    best = max(range(len(starts)), key=lambda at: bisect_left(starts, starts[at] + limit - 40) - at)
    begin = 0 if starts[best] < limit // 2 else text.rfind(" ", 0, max(starts[best] - 40, 1)) + 1
    piece = _SPACE.sub(" ", text[begin : begin + 2 * limit]).strip()
    room = limit - (2 if begin else 0)
    if len(piece) > room:
        piece = piece[: room - 2].rsplit(" ", 1)[0].rstrip() + " …"
    return ("… " if begin else "") + piece
