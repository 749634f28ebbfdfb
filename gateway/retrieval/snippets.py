"""The stretch of a passage that a list of results shows: text to read, not Markdown; code keeps its backticks."""

import re
from bisect import bisect_left

from docs_chat.retriever.v1 import passages_pb2

SNIPPET_CHARS = 300
_SPACE = re.compile(r"\s+")
_FENCE = re.compile(r" *(?:>\s*)*(`{3,}|~{3,})")
_TABLE_RULE = re.compile(r"\s*\|?[\s:|-]*-{2,}[\s:|-]*\|?\s*")
_ADMONITION = re.compile(r"\s*:{3,}(?:\w+)?")
_LINE_MARK = re.compile(r"\s*(?:#{1,6}\s+|>\s*|[-*+]\s+(?:\[[ xX]\]\s+)?)+")
_INLINE = re.compile(
    r"(?P<code>(?P<ticks>`+)(?P<coded>.+?)(?P=ticks))"
    r"|!?\[(?P<label>[^\]\n]*)\]\([^()\s]*(?:\([^()\s]*\)[^()\s]*)*(?:\s+\"[^\"\n]*\")?\)"
    r"|(?<![\w*])\*(?P<stressed>[^\s*](?:[^*\n]*[^\s*])?)\*(?![\w*])"
    r"|(?P<dropped>\*\*|~~|\s*\{#[^}\n]*\})"
)


def snippet_of(passage: passages_pb2.Passage, limit: int = SNIPPET_CHARS) -> str:
    """The stretch of at most `limit` characters that holds most highlights, cut at spaces, on one line."""
    text, places = readable(passage.text)
    starts = sorted(bisect_left(places, mark.start) for mark in passage.highlights) or [0]
    best = max(range(len(starts)), key=lambda at: bisect_left(starts, starts[at] + limit - 40) - at)
    begin = 0 if starts[best] < limit // 2 else text.rfind(" ", 0, max(starts[best] - 40, 1)) + 1
    piece = text[begin : begin + 2 * limit].strip()
    room = limit - (2 if begin else 0)
    if len(piece) > room:
        piece = _without_open_code(piece[: room - 3].rsplit(" ", 1)[0].rstrip()) + " …"
    return ("… " if begin else "") + piece


def readable(markdown: str) -> tuple[str, list[int]]:
    """Markdown as one line to read: without fences, rules of tables, emphasis, addresses.

    Returns:
        The line, and for each of its characters the place in `markdown` that it comes from, never falling.
    """
    written = _Line()
    fence, at = "", 0
    for line in markdown.splitlines(keepends=True):
        mark = _FENCE.match(line)
        if mark and (not fence or mark.group(1).startswith(fence)):
            fence = "" if fence else mark.group(1)
        elif fence:
            written.code(line, at)
        elif not _TABLE_RULE.fullmatch(line):
            written.prose(line, at)
        at += len(line)
    line = written.text.rstrip()
    return line, written.places[: len(line)]


class _Line:
    def __init__(self) -> None:
        self.text = ""
        self.places: list[int] = []

    def prose(self, line: str, at: int) -> None:
        mark = _ADMONITION.match(line) or _LINE_MARK.match(line)
        done = mark.end() if mark else 0
        in_table = line.lstrip().startswith("|")
        for found in _INLINE.finditer(line, done):
            self._plain(line[done : found.start()], at + done, in_table)
            for name in ("coded", "label", "stressed"):
                if found.group(name):
                    tick = "`" if name == "coded" else ""
                    self._add(tick + found.group(name).strip() + tick, at + found.start(name), at + found.end())
            done = found.end()
        self._plain(line[done:], at + done, in_table)

    def code(self, line: str, at: int) -> None:
        words = line.strip()
        if words:
            self._add(words if "`" in words else f"`{words}`", at, at + len(line))
            self._add(" ", at + len(line), at + len(line))

    def _plain(self, text: str, at: int, in_table: bool) -> None:
        self._add(text.replace("|", " · ") if in_table else text, at, at + len(text))

    def _add(self, text: str, at: int, end: int) -> None:
        text = _SPACE.sub(" ", text)
        if not self.text or self.text.endswith(" "):
            text = text.removeprefix(" ").removeprefix("· ")
        self.text += text
        self.places += [min(at + offset, end) for offset in range(len(text))]


def _without_open_code(piece: str) -> str:
    """Closes code that the cut has opened."""
    return piece + "`" if piece.count("`") % 2 else piece
