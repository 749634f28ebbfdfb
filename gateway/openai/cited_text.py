"""An answer as Markdown that shows its own sources: `[n]` where a source is cited, and a list at the end.

Programs that know nothing about annotations show it correctly. When they send it back as history, `without_citations`
removes both, so that the agent never takes an old mark for one of its own.
"""

import re
from typing import Any

from docs_chat.agent.v1 import turn_events_pb2 as events

from gateway.openai.bounded_text import BoundedText

SOURCES = "**Sources**"
_LINE_CHARS = 200
"""How much of the current line is remembered: a fence is shorter."""
_FENCE = re.compile(r"\s{0,3}(?:`{3,}|~{3,})\s*")
_SPECIAL = re.compile(r"[\\`*\[\]<]|(?<![^\W_])_|_(?![^\W_])")
"""What Markdown would interpret in a title; it leaves an underscore inside a word alone."""
_UNSAFE_IN_ADDRESS = re.compile(r"[\s()<>\\]")
_SOURCE_LINE = re.compile(r"\[\d{1,3}\] \S.*")
_CODE_OR_MARK = re.compile(
    r"(?P<code>^ {0,3}(?:```|~~~).*?(?:^ {0,3}(?:```|~~~)[ \t]*$|\Z)|`[^`\n]+`)|(?: |^)\[\d{1,3}\](?!\()",
    re.MULTILINE | re.DOTALL,
)


class CitedText:
    """Writes the answer of one turn, piece by piece.

    Citations follow the piece of text they belong to, so a piece is passed on only when something else comes. A
    citation for text that has been passed on gets its mark at the current end of the text.

    Args:
        bounds: Where the text ends.
        marked: Whether marks and the list of sources are written; if not, only positions are noted.
    """

    def __init__(self, bounds: BoundedText, *, marked: bool) -> None:
        self._bounds = bounds
        self._marked = marked
        self._told = 0  # code points of the answer's own text before the piece
        self._piece = ""
        self._waiting: list[events.Citation] = []
        self._line = ""
        self._placed: list[tuple[int, int, events.Citation]] = []
        self._after_mark = False

    def add(self, text: str) -> str:
        """The next piece of the answer's text; returns what can be sent."""
        out = self.flush()
        self._piece = text
        return out

    def cite(self, citation: events.Citation) -> None:
        """A citation in the piece, or in what was sent before it."""
        self._waiting.append(citation)

    def flush(self) -> str:
        """The piece with its marks; a citation for it that comes now is late."""
        out, written = [], 0
        late: set[int] = set()
        for citation in sorted(self._waiting, key=lambda citation: citation.index):
            if citation.index < self._told:
                if citation.number in late:
                    continue
                late.add(citation.number)
            at = min(max(0, citation.index - self._told), len(self._piece))
            out.append(self._write(self._piece[written:at]))
            out.append(self._mark(citation))
            written = at
        out.append(self._write(self._piece[written:]))
        self._told += len(self._piece)
        self._piece, self._waiting = "", []
        return "".join(out)

    def finish(self) -> str:
        """The last piece and the list of sources."""
        return self.flush() + (self._sources() if self._marked else "") + self._bounds.finish()

    def annotations(self) -> list[dict[str, Any]]:
        """Citations as OpenAI's `url_citation`, at their marks in the text as sent, in code points."""
        return [
            {"type": "url_citation", "url_citation": {"start_index": start, "end_index": end, **_link(citation)}}
            for start, end, citation in self._placed
            if end <= self._bounds.length
        ]

    def _write(self, text: str) -> str:
        if not text:
            return ""
        if self._after_mark and text[0] in "([":  # else the mark would become a link
            text = " " + text
        self._after_mark = False
        self._line = (self._line + text).rpartition("\n")[2][-_LINE_CHARS:]
        return self._bounds.feed(text)

    def _mark(self, citation: events.Citation) -> str:
        mark = f"[{citation.number}]" if self._marked else ""
        space = ""
        if mark and _FENCE.fullmatch(self._line):  # a fence with text after it does not close
            space = "\n"
        elif mark and self._line:
            space = " "
        out = self._bounds.feed(space + mark, whole=True) if mark else ""
        if not self._bounds.cut:
            end = self._bounds.length
            self._placed.append((end - len(mark), end, citation))
            self._line = (self._line + space + mark).rpartition("\n")[2][-_LINE_CHARS:]
            self._after_mark = bool(mark)
        return out

    def _sources(self) -> str:
        sources = {citation.number: citation for _, _, citation in reversed(self._placed)}
        head = f"\n\n{SOURCES}\n\n"
        out = []
        for number, citation in sorted(sources.items()):
            out.append(self._bounds.feed(f"{head}[{number}] {_source(citation)}", whole=True))
            head = "  \n"  # Markdown's line break: a list would have its own numbers
        return "".join(out)


def place_of(citation: events.Citation) -> str:
    """Title of the page and the headings above what is cited."""
    return " › ".join([citation.title or citation.uri, *citation.heading_path])


def without_citations(text: str) -> str:
    """An answer as it was before marks and sources were added; code stays as it is.

    >>> without_citations("Use `a [1]` [1].\\n\\n**Sources**\\n\\n[1] [Retry](https://example.com/)")
    'Use `a [1]`.'
    """
    text = _without_sources(text.replace("\r\n", "\n"))
    return _CODE_OR_MARK.sub(lambda found: found["code"] or "", text)


def _without_sources(text: str) -> str:
    lines = text.rstrip().split("\n")
    end = len(lines)
    while end and (not lines[end - 1].strip() or _SOURCE_LINE.fullmatch(lines[end - 1].strip())):
        end -= 1
    if end in (0, len(lines)) or lines[end - 1].strip() != SOURCES:
        return text
    return "\n".join(lines[: end - 1]).rstrip()


def _source(citation: events.Citation) -> str:
    title = _SPECIAL.sub(lambda special: "\\" + special.group(), " ".join(place_of(citation).split()))
    if not citation.uri.startswith(("https://", "http://")):
        return title
    address = _UNSAFE_IN_ADDRESS.sub(lambda unsafe: f"%{ord(unsafe.group()):02X}", citation.uri)
    return f"[{title}]({address})"


def _link(citation: events.Citation) -> dict[str, str]:
    return {"url": citation.uri, "title": place_of(citation)}
