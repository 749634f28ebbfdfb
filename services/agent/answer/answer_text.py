"""From what a model writes to what a reader gets, piece by piece.

Citation marks become citations with their place in the text. Links lead to pages of the index or are plain text. Images
and HTML do not pass. Code passes untouched. What comes out does not depend on how the text was cut into pieces: each
construct is decided once it is whole, and never by how much of it has arrived.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from services.agent.answer.brackets import Undecided, read_bracketed
from services.agent.answer.code_reader import CodeReader
from services.agent.answer.escaped_marks import ESCAPED_STARTS, read_escaped_mark
from services.agent.answer.marks import MARK_STARTS, SQUARE_LABEL, numbers_around, numbers_of, read_mark
from services.agent.answer.markup import (
    HARMLESS_TAGS,
    HTML_TAGS,
    LONGEST_LINE,
    LONGEST_TAG,
    LONGEST_URL,
    PLAIN,
    TAG,
    URL,
    URL_PREFIXES,
    URL_START,
    without_trailing_punctuation,
)
from services.agent.answer.output_buffer import Mark, OutputBuffer, Text
from services.agent.evidence import Evidence


@dataclass(slots=True)
class AnswerText:
    """Reads a model's text as it comes.

    Args:
        evidence: Which numbers exist and which addresses may be linked to.
    """

    evidence: Evidence
    _buffer: OutputBuffer = field(default_factory=OutputBuffer)
    _code: CodeReader = field(init=False)
    _cited_around: Sequence[int] = ()
    """Numbers of a tag that is open around what it cites."""

    def __post_init__(self) -> None:
        self._code = CodeReader(self._buffer)

    @property
    def text(self) -> str:
        """What the reader has got so far."""
        return self._buffer.text

    def feed(self, delta: str) -> list[Text | Mark]:
        """What the reader gets now that `delta` has come."""
        self._buffer.raw += delta.replace("\r\n", "\n").replace("\0", "")
        return self._read(final=False)

    def finish(self) -> list[Text | Mark]:
        """What was still held back; a fence that was left open is closed, or what follows the answer would be code."""
        out = self._read(final=True)
        self._code.close_fence()
        return [*out, *self._buffer.take()]

    def _read(self, *, final: bool) -> list[Text | Mark]:
        while self._buffer.raw and self._step(final):
            pass
        return self._buffer.take()

    def _step(self, final: bool) -> bool:
        """Consume one construct; False when more text is needed to tell what it is."""
        if self._code.fence:
            return self._code.in_fence(final)
        if self._buffer.line_start:
            opened = self._code.fence_opening(final)
            if opened is not None:
                return opened
        return self._inline(final)

    def _inline(self, final: bool) -> bool:
        blanks = len(self._buffer.raw) - len(self._buffer.raw.lstrip(" \t"))
        if blanks == len(self._buffer.raw) and not final:
            return False
        following = self._buffer.raw[blanks : blanks + 1]
        if following == "[":
            return self._bracket(blanks, final)
        if following and (following in MARK_STARTS or following in ESCAPED_STARTS or following.isdecimal()):
            try:
                if self._foreign_mark(blanks, final):
                    return True
            except Undecided:
                return False
        if blanks:
            return self._buffer.pass_on(blanks)
        return self._by_first_character(final)

    def _by_first_character(self, final: bool) -> bool:
        match self._buffer.raw[0]:
            case "\n":
                return self._buffer.pass_on(1)
            case "`":
                return self._code.code_span(final)
            case "\\":
                return self._buffer.pass_on(2) if len(self._buffer.raw) > 1 or final else False
            case "!":
                return self._exclamation(final)
            case "<":
                return self._angle(final)
            case "h" | "H" | "w" | "W":
                return self._maybe_url(final)
        plain = PLAIN.match(self._buffer.raw)
        return self._buffer.pass_on(plain.end() if plain else 1)

    def _exclamation(self, final: bool) -> bool:
        """An image is dropped whole; its alternative text stays."""
        if len(self._buffer.raw) == 1 and not final:
            return False
        if not self._buffer.raw.startswith("!["):
            return self._buffer.pass_on(1)
        return self._bracket(1, final, image=True)

    def _bracket(self, blanks: int, final: bool, *, image: bool = False) -> bool:
        """`[…]` with what follows: a mark, a link, an image, a definition, or just a bracket."""
        try:
            found = read_bracketed(self._buffer.raw, blanks, final=final)
        except Undecided:
            return False
        if found is None:
            return self._escape_bracket(blanks, image=image)
        if image:
            return self._buffer.replace(found.end, self._plain(found.label))
        if self._buffer.line_start and self._buffer.raw[found.end : found.end + 1] == ":" and found.target is None:
            return self._definition(final)
        # `[[1]](…)` happens
        inner = found.label[1:-1] if found.label.startswith("[") and found.label.endswith("]") else found.label
        if (mark := SQUARE_LABEL.fullmatch(inner.strip())) and self._is_mark(mark[1], blanks):
            self._cite(numbers_of(mark[1]), found.end)
            return True
        if found.target is not None:
            self._buffer.emit(self._buffer.raw[:blanks])
            self._link(found.label, found.target)
            self._buffer.consume(found.end)
            return True
        return self._buffer.pass_on(blanks + 1)

    def _is_mark(self, numbers: str, start: int) -> bool:
        """`array[0]` outside code is an index, not a mark."""
        touches_word = start == 0 and (self._buffer.before.isalnum() or self._buffer.before in ")]_")
        return not (touches_word and numbers == "0")

    def _cite(self, numbers: Sequence[int], end: int) -> None:
        """The mark goes, and with it the blanks before it; invented numbers go without a trace."""
        known = [number for number in numbers if self.evidence.passage(number) is not None]
        self._buffer.mark(known)
        was_line_start = self._buffer.line_start
        self._buffer.consume(end)
        self._buffer.line_start = was_line_start

    def _foreign_mark(self, blanks: int, final: bool) -> bool:
        """A mark in another spelling than the one that was asked for; a number that no passage has is not one."""
        raw, before = self._buffer.raw, self._buffer.tail + self._buffer.raw[:blanks]
        read = read_escaped_mark if raw[blanks] in ESCAPED_STARTS else read_mark
        mark = read(raw[blanks:], tail=before, final=final)
        if mark is None or (raw[blanks] not in "［【〔⟦<" and not any(map(self.evidence.passage, mark.numbers))):
            return False
        self._cite(mark.numbers, blanks + mark.length)
        return True

    def _definition(self, final: bool) -> bool:
        """`[label]: address` is invisible and would give an address to `[label]` elsewhere."""
        line, newline, _ = self._buffer.raw[:LONGEST_LINE].partition("\n")
        if not newline and not final and len(line) < LONGEST_LINE:
            return False
        self._buffer.consume(len(line) + len(newline))
        self._buffer.line_start = True
        return True

    def _escape_bracket(self, start: int, *, image: bool) -> bool:
        """No link can be read here, so no renderer shall read one either."""
        self._buffer.emit(self._buffer.raw[: start - 1 if image else start] + ("\\!\\[" if image else "\\["))
        self._buffer.consume(start + 1)
        return True

    def _link(self, label: str, target: str) -> None:
        destination = re.match(r"\s*<?([^\s<>]*)", target)
        address = self.evidence.linkable(destination[1]) if destination else None
        shown = self._plain(label)
        if address is None:
            self._buffer.emit(shown)
        else:
            self._buffer.emit(f"[{shown}]({address})")

    def _plain(self, label: str) -> str:
        """A label without marks, links and images of its own."""
        inner = AnswerText(self.evidence, _buffer=OutputBuffer(line_start=False, before=" "))
        pieces = inner.feed(label.replace("\n", " ")) + inner.finish()
        text = "".join(piece.text for piece in pieces if isinstance(piece, Text))
        return re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", text)

    def _angle(self, final: bool) -> bool:
        following = self._buffer.raw[1:2]
        if not following and not final:
            return False
        if self._buffer.raw.startswith("<!") or self._buffer.raw.startswith("<?"):
            return self._comment(final)
        if not (following.isalpha() or following == "/"):
            return self._buffer.pass_on(1)
        paragraph = self._buffer.raw[:LONGEST_TAG].partition("\n\n")[0]
        end = paragraph.find(">")
        if end < 0:
            if not final and len(paragraph) == len(self._buffer.raw) < LONGEST_TAG:
                return False
            return self._buffer.replace(1, "\\<")
        inside = self._buffer.raw[1:end]
        if URL_START.match(inside):
            self._url(inside)
            self._buffer.consume(end + 1)
            return True
        return self._tag(end)

    def _tag(self, end: int) -> bool:
        tag = TAG.match(self._buffer.raw)
        name = tag[1].lower() if tag else ""
        if tag and name in HARMLESS_TAGS and tag[2].strip() in ("", "/"):
            return self._buffer.pass_on(tag.end())
        if tag and (around := numbers_around(tag.group())) is not None:
            return self._cite_around(around, tag.end(), closes=tag.group().startswith("</"))
        if tag and (name in HTML_TAGS or name in HARMLESS_TAGS):
            return self._buffer.replace(tag.end(), "")
        return self._buffer.replace(1, "\\<")  # `Array<string>`, `<Tabs>`: text, and it must stay text

    def _cite_around(self, numbers: Sequence[int], end: int, *, closes: bool) -> bool:
        """A tag around what is cited goes; the mark stands where it closes."""
        if closes:
            self._cite(self._cited_around, end)
            self._cited_around = ()
            return True
        self._cited_around = numbers
        return self._buffer.replace(end, "")

    def _comment(self, final: bool) -> bool:
        if not final and len(self._buffer.raw) < 4:
            return False
        ending = "-->" if self._buffer.raw.startswith("<!--") else ">"
        end = self._buffer.raw.find(ending, 0, LONGEST_LINE)
        if end < 0:
            if not final and len(self._buffer.raw) < LONGEST_LINE:
                return False
            return self._buffer.replace(1, "\\<")
        return self._buffer.replace(end + len(ending), "")

    def _maybe_url(self, final: bool) -> bool:
        if self._buffer.before.isalnum():
            return self._buffer.pass_on(1)
        lowered = self._buffer.raw[:8].lower()
        if not final and any(len(lowered) < len(prefix) and prefix.startswith(lowered) for prefix in URL_PREFIXES):
            return False
        found = URL.match(self._buffer.raw[:LONGEST_URL])
        if found is None:
            return self._buffer.pass_on(1)
        if found.end() == len(self._buffer.raw) < LONGEST_URL and not final:
            return False
        address = without_trailing_punctuation(found.group())
        self._url(address)
        self._buffer.consume(len(address))
        return True

    def _url(self, address: str) -> None:
        """A bare address: a link if it is ours, named without a link if a passage names it, else gone."""
        if known := self.evidence.linkable(address):
            self._buffer.emit(f"<{known}>" if known.startswith(("http://", "https://")) else known)
        elif self.evidence.mentions(address):
            self._buffer.emit(f"`{address}`")
