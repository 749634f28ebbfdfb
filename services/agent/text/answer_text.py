"""From what a model writes to what a reader gets, piece by piece.

Citation marks become citations with their place in the text. Links lead to pages of the index or are plain text. Images
and HTML do not pass. Code passes untouched. What comes out does not depend on how the text was cut into pieces: each
construct is decided once it is whole, and never by how much of it has arrived.
"""

import re
from dataclasses import dataclass, field

from services.agent.evidence import Evidence
from services.agent.text.code_reader import CodeReader
from services.agent.text.markup import (
    HARMLESS_TAGS,
    HTML_TAGS,
    LENTICULAR,
    LONGEST_LABEL,
    LONGEST_LINE,
    LONGEST_TAG,
    LONGEST_URL,
    MARK,
    PLAIN,
    TAG,
    URL,
    URL_PREFIXES,
    URL_START,
    closing_place,
    may_still_close,
    numbers_of,
    without_trailing_punctuation,
)
from services.agent.text.tape import Mark, Tape, Text


@dataclass(slots=True)
class AnswerText:
    """Reads a model's text as it comes.

    Args:
        evidence: Which numbers exist and which addresses may be linked to.
    """

    evidence: Evidence
    invented_marks: int = 0
    removed_links: int = 0
    _tape: Tape = field(default_factory=Tape)
    _code: CodeReader = field(init=False)

    def __post_init__(self) -> None:
        self._code = CodeReader(self._tape)

    @property
    def text(self) -> str:
        """What the reader has got so far."""
        return self._tape.text

    def feed(self, delta: str) -> list[Text | Mark]:
        """What the reader gets now that `delta` has come."""
        self._tape.raw += delta.replace("\r\n", "\n").replace("\0", "")
        return self._read(final=False)

    def finish(self) -> list[Text | Mark]:
        """What was still held back; a fence that was left open is closed, or what follows the answer would be code."""
        out = self._read(final=True)
        self._code.close_fence()
        return [*out, *self._tape.take()]

    def _read(self, *, final: bool) -> list[Text | Mark]:
        while self._tape.raw and self._step(final):
            pass
        return self._tape.take()

    def _step(self, final: bool) -> bool:
        """Consume one construct; False when more text is needed to tell what it is."""
        if self._code.fence:
            return self._code.in_fence(final)
        if self._tape.line_start:
            opened = self._code.fence_opening(final)
            if opened is not None:
                return opened
        return self._inline(final)

    def _inline(self, final: bool) -> bool:
        blanks = len(self._tape.raw) - len(self._tape.raw.lstrip(" \t"))
        if blanks == len(self._tape.raw) and not final:
            return False
        match self._tape.raw[blanks : blanks + 1]:
            case "[":
                return self._bracket(blanks, final)
            case "【":
                return self._lenticular(blanks, final)
        if blanks:
            return self._tape.pass_on(blanks)
        match self._tape.raw[0]:
            case "\n":
                return self._tape.pass_on(1)
            case "`":
                return self._code.code_span(final)
            case "\\":
                return self._tape.pass_on(2) if len(self._tape.raw) > 1 or final else False
            case "!":
                return self._exclamation(final)
            case "<":
                return self._angle(final)
            case "h" | "H" | "w" | "W":
                return self._maybe_url(final)
        plain = PLAIN.match(self._tape.raw)
        return self._tape.pass_on(plain.end() if plain else 1)

    def _exclamation(self, final: bool) -> bool:
        """An image is dropped whole; its alternative text stays."""
        if len(self._tape.raw) == 1 and not final:
            return False
        if not self._tape.raw.startswith("!["):
            return self._tape.pass_on(1)
        return self._bracket(1, final, image=True)

    def _bracket(self, blanks: int, final: bool, *, image: bool = False) -> bool:
        """`[…]` with what follows: a mark, a link, an image, a definition, or just a bracket."""
        start = blanks
        close = closing_place(self._tape.raw, start, "[", "]", LONGEST_LABEL)
        if close is None:
            if not final and may_still_close(self._tape.raw[start:], LONGEST_LABEL):
                return False
            return self._escape_bracket(start, image=image)
        after = close + 1
        if after == len(self._tape.raw) and not final:
            return False
        label, target_end, target = self._tape.raw[start + 1 : close], after, None
        if self._tape.raw[after : after + 1] == "(":
            end = closing_place(self._tape.raw, after, "(", ")", LONGEST_URL)
            if end is None and not final and may_still_close(self._tape.raw[after:], LONGEST_URL):
                return False
            if end is None:
                return self._escape_bracket(start, image=image)
            target, target_end = self._tape.raw[after + 1 : end], end + 1
        inner = label[1:-1] if label.startswith("[") and label.endswith("]") else label  # `[[1]](…)` happens
        if image:
            self.removed_links += 1
            self._tape.emit(self._plain(label))
            self._tape.consume(target_end)
            return True
        if (mark := MARK.fullmatch(inner.strip())) and self._is_mark(mark[1], start):
            self._cite(numbers_of(mark[1]), target_end)
            return True
        if target is not None:
            self._tape.emit(self._tape.raw[:start])
            self._link(label, target)
            self._tape.consume(target_end)
            return True
        if self._tape.line_start and self._tape.raw[after : after + 1] == ":" and not self._tape.before.strip():
            return self._definition(final)
        self._tape.emit(self._tape.raw[: start + 1])
        self._tape.consume(start + 1)
        return True

    def _is_mark(self, numbers: str, start: int) -> bool:
        """`array[0]` outside code is an index, not a mark."""
        touches_word = start == 0 and (self._tape.before.isalnum() or self._tape.before in ")]_")
        return not (touches_word and numbers == "0")

    def _cite(self, numbers: list[int], end: int) -> None:
        """The mark goes, and with it the blanks before it; invented numbers go without a trace."""
        known = [number for number in numbers if self.evidence.passage(number) is not None]
        self.invented_marks += len(numbers) - len(known)
        self._tape.mark(known)
        was_line_start = self._tape.line_start
        self._tape.consume(end)
        self._tape.line_start = was_line_start

    def _lenticular(self, blanks: int, final: bool) -> bool:
        mark = LENTICULAR.match(self._tape.raw, blanks)
        if mark:
            self._cite([int(mark[1])], mark.end())
            return True
        if (
            not final
            and len(self._tape.raw) - blanks < 45
            and "】" not in self._tape.raw
            and "\n" not in self._tape.raw
        ):
            return False
        return self._tape.pass_on(blanks + 1)

    def _definition(self, final: bool) -> bool:
        """`[label]: address` is invisible and would give an address to `[label]` elsewhere."""
        line, newline, _ = self._tape.raw[:LONGEST_LINE].partition("\n")
        if not newline and not final and len(line) < LONGEST_LINE:
            return False
        self.removed_links += 1
        self._tape.consume(len(line) + len(newline))
        self._tape.line_start = True
        return True

    def _escape_bracket(self, start: int, *, image: bool) -> bool:
        """No link can be read here, so no renderer shall read one either."""
        self._tape.emit(self._tape.raw[: start - 1 if image else start] + ("\\!\\[" if image else "\\["))
        self._tape.consume(start + 1)
        return True

    def _link(self, label: str, target: str) -> None:
        destination = re.match(r"\s*<?([^\s<>]*)", target)
        address = self.evidence.linkable(destination[1]) if destination else None
        shown = self._plain(label)
        if address is None:
            self.removed_links += 1
            self._tape.emit(shown)
        else:
            self._tape.emit(f"[{shown}]({address})")

    def _plain(self, label: str) -> str:
        """A label without marks, links and images of its own."""
        inner = AnswerText(self.evidence, _tape=Tape(line_start=False, before=" "))
        pieces = inner.feed(label.replace("\n", " ")) + inner.finish()
        self.removed_links += inner.removed_links
        text = "".join(piece.text for piece in pieces if isinstance(piece, Text))
        return re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", text)

    def _angle(self, final: bool) -> bool:
        following = self._tape.raw[1:2]
        if not following and not final:
            return False
        if self._tape.raw.startswith("<!") or self._tape.raw.startswith("<?"):
            return self._comment(final)
        if not (following.isalpha() or following == "/"):
            return self._tape.pass_on(1)
        paragraph = self._tape.raw[:LONGEST_TAG].partition("\n\n")[0]
        end = paragraph.find(">")
        if end < 0:
            if not final and len(paragraph) == len(self._tape.raw) < LONGEST_TAG:
                return False
            return self._tape.replace(1, "\\<")
        inside = self._tape.raw[1:end]
        if URL_START.match(inside):
            self._url(inside)
            self._tape.consume(end + 1)
            return True
        return self._tag(end)

    def _tag(self, end: int) -> bool:
        tag = TAG.match(self._tape.raw)
        name = tag[1].lower() if tag else ""
        if tag and name in HARMLESS_TAGS and tag[2].strip() in ("", "/"):
            return self._tape.pass_on(tag.end())
        if tag and (name in HTML_TAGS or name in HARMLESS_TAGS):
            self.removed_links += 1
            return self._tape.replace(tag.end(), "")
        return self._tape.replace(1, "\\<")  # `Array<string>`, `<Tabs>`: text, and it must stay text

    def _comment(self, final: bool) -> bool:
        if not final and len(self._tape.raw) < 4:
            return False
        ending = "-->" if self._tape.raw.startswith("<!--") else ">"
        end = self._tape.raw.find(ending, 0, LONGEST_LINE)
        if end < 0:
            if not final and len(self._tape.raw) < LONGEST_LINE:
                return False
            return self._tape.replace(1, "\\<")
        return self._tape.replace(end + len(ending), "")

    def _maybe_url(self, final: bool) -> bool:
        if self._tape.before.isalnum():
            return self._tape.pass_on(1)
        lowered = self._tape.raw[:8].lower()
        if not final and any(len(lowered) < len(prefix) and prefix.startswith(lowered) for prefix in URL_PREFIXES):
            return False
        found = URL.match(self._tape.raw[:LONGEST_URL])
        if found is None:
            return self._tape.pass_on(1)
        if found.end() == len(self._tape.raw) < LONGEST_URL and not final:
            return False
        address = without_trailing_punctuation(found.group())
        self._url(address)
        self._tape.consume(len(address))
        return True

    def _url(self, address: str) -> None:
        """A bare address: a link if it is ours, named without a link if a passage names it, else gone."""
        if known := self.evidence.linkable(address):
            self._tape.emit(f"<{known}>" if known.startswith(("http://", "https://")) else known)
        elif self.evidence.mentions(address):
            self._tape.emit(f"`{address}`")
        else:
            self.removed_links += 1
