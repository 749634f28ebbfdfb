"""From what a model writes to what a reader gets, piece by piece.

Citation marks become citations with their place in the text. Links lead to pages of the index or are plain text. Images
and HTML do not pass. Code passes untouched. What comes out does not depend on how the text was cut into pieces: each
construct is decided once it is whole, and never by how much of it has arrived.
"""

import re
from dataclasses import dataclass, field

from services.agent.evidence import Evidence
from services.agent.text.markup import (
    FENCE_LINE,
    HARMLESS_TAGS,
    HTML_TAGS,
    LENTICULAR,
    LIST_ITEM,
    LONGEST_CODE_SPAN,
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


@dataclass(frozen=True, slots=True)
class Text:
    """A piece of the answer."""

    text: str


@dataclass(frozen=True, slots=True)
class Mark:
    """A citation mark that stood here; `index` counts code points of the text so far."""

    number: int
    index: int


@dataclass(slots=True)
class AnswerText:
    """Reads a model's text as it comes.

    Args:
        evidence: Which numbers exist and which addresses may be linked to.
    """

    evidence: Evidence
    text: str = ""
    """What the reader has got so far."""
    invented_marks: int = 0
    removed_links: int = 0
    _raw: str = ""
    _pending: str = ""
    _line_start: bool = True
    _fence: str = ""
    _before: str = "\n"
    _line: str = ""
    _in_list: bool = False
    _out: list[Text | Mark] = field(default_factory=list)

    def feed(self, delta: str) -> list[Text | Mark]:
        """What the reader gets now that `delta` has come."""
        self._raw += delta.replace("\r\n", "\n").replace("\0", "")
        return self._read(final=False)

    def finish(self) -> list[Text | Mark]:
        """What was still held back; a fence that was left open is closed, or what follows the answer would be code."""
        out = self._read(final=True)
        if self._fence:
            self._emit(("" if self.text.endswith("\n") else "\n") + self._fence)
            self._fence = ""
            out += self._read(final=True)
        return out

    def _read(self, *, final: bool) -> list[Text | Mark]:
        while self._raw and self._step(final):
            pass
        self._flush()
        out, self._out = self._out, []
        return out

    def _step(self, final: bool) -> bool:
        """Consume one construct; False when more text is needed to tell what it is."""
        if self._fence:
            return self._in_fence(final)
        if self._line_start:
            opened = self._fence_opening(final)
            if opened is not None:
                return opened
        return self._inline(final)

    # --- code -------------------------------------------------------------------------------------------------------

    def _in_fence(self, final: bool) -> bool:
        line, newline, _ = self._raw.partition("\n")
        if not newline and not final:
            return False
        bare = line.strip(" \t>")
        closes = len(bare) >= len(self._fence) and set(bare) == {self._fence[0]}
        self._emit(line + newline)
        if closes:
            self._fence = ""
        self._consume(len(line) + len(newline))
        return True

    def _fence_opening(self, final: bool) -> bool | None:
        """At the start of a line: True when a fence was read, False when more is needed, None when it is none."""
        stripped = self._raw.lstrip(" \t>")
        if not stripped:
            return None if final or "\n" in self._raw else False
        if stripped[0] not in "`~":
            return None
        line, newline, _ = self._raw[:LONGEST_LINE].partition("\n")
        run = re.match(r"`+|~+", stripped)
        assert run is not None
        undecided = len(stripped) == run.end() or (run.end() >= 3 and not newline)
        if undecided and not final and len(line) < LONGEST_LINE:
            return False
        opening = FENCE_LINE.match(line + newline)
        if opening is None or (opening[2][0] == "`" and "`" in opening[3]) or self._too_deep(self._line + opening[1]):
            return None
        self._fence = opening[2]
        self._emit(opening.group())
        self._consume(opening.end())
        return True

    def _too_deep(self, indentation: str) -> bool:
        """Outside lists four blanks make no fence, and what follows would be text to a renderer."""
        return len(indentation.rpartition(">")[2].expandtabs(4)) > 3 and not self._in_list

    def _code_span(self, final: bool) -> bool:
        run = re.match(r"`+", self._raw)
        assert run is not None
        if run.end() == len(self._raw) and not final:
            return False
        closing = re.compile(rf"(?<!`){run.group()}(?!`)")
        paragraph = re.split(r"\n[ \t]*\n", self._raw[: LONGEST_CODE_SPAN + 1], maxsplit=1)[0]
        found = closing.search(paragraph, run.end())
        at_border = found is not None and found.end() == len(self._raw)
        if found is not None and found.end() <= LONGEST_CODE_SPAN and (not at_border or final):
            self._emit(self._raw[: found.end()])
            self._consume(found.end())
            return True
        if not final and len(paragraph) == len(self._raw) and len(self._raw) <= LONGEST_CODE_SPAN:
            return False
        # Never closed: to a renderer this is text, so links after it would live. It must be text to us too.
        self._emit("\\`" * run.end())
        self._consume(run.end())
        return True

    # --- text -------------------------------------------------------------------------------------------------------

    def _inline(self, final: bool) -> bool:
        blanks = len(self._raw) - len(self._raw.lstrip(" \t"))
        if blanks == len(self._raw) and not final:
            return False
        match self._raw[blanks : blanks + 1]:
            case "[":
                return self._bracket(blanks, final)
            case "【":
                return self._lenticular(blanks, final)
        if blanks:
            return self._pass(blanks)
        match self._raw[0]:
            case "\n":
                return self._pass(1)
            case "`":
                return self._code_span(final)
            case "\\":
                return self._pass(2) if len(self._raw) > 1 or final else False
            case "!":
                return self._exclamation(final)
            case "<":
                return self._angle(final)
            case "h" | "H" | "w" | "W":
                return self._maybe_url(final)
        plain = PLAIN.match(self._raw)
        return self._pass(plain.end() if plain else 1)

    def _exclamation(self, final: bool) -> bool:
        """An image is dropped whole; its alternative text stays."""
        if len(self._raw) == 1 and not final:
            return False
        if not self._raw.startswith("!["):
            return self._pass(1)
        return self._bracket(1, final, image=True)

    def _bracket(self, blanks: int, final: bool, *, image: bool = False) -> bool:
        """`[…]` with what follows: a mark, a link, an image, a definition, or just a bracket."""
        start = blanks
        close = closing_place(self._raw, start, "[", "]", LONGEST_LABEL)
        if close is None:
            if not final and may_still_close(self._raw[start:], LONGEST_LABEL):
                return False
            return self._escape_bracket(start, image=image)
        after = close + 1
        if after == len(self._raw) and not final:
            return False
        label, target_end, target = self._raw[start + 1 : close], after, None
        if self._raw[after : after + 1] == "(":
            end = closing_place(self._raw, after, "(", ")", LONGEST_URL)
            if end is None and not final and may_still_close(self._raw[after:], LONGEST_URL):
                return False
            if end is None:
                return self._escape_bracket(start, image=image)
            target, target_end = self._raw[after + 1 : end], end + 1
        inner = label[1:-1] if label.startswith("[") and label.endswith("]") else label  # `[[1]](…)` happens
        if image:
            self.removed_links += 1
            self._emit(self._plain(label))
            self._consume(target_end)
            return True
        if (mark := MARK.fullmatch(inner.strip())) and self._is_mark(mark[1], start):
            self._cite(numbers_of(mark[1]), target_end)
            return True
        if target is not None:
            self._emit(self._raw[:start])
            self._link(label, target)
            self._consume(target_end)
            return True
        if self._line_start and self._raw[after : after + 1] == ":" and not self._before.strip():
            return self._definition(final)
        self._emit(self._raw[: start + 1])
        self._consume(start + 1)
        return True

    def _is_mark(self, numbers: str, start: int) -> bool:
        """`array[0]` outside code is an index, not a mark."""
        touches_word = start == 0 and (self._before.isalnum() or self._before in ")]_")
        return not (touches_word and numbers == "0")

    def _cite(self, numbers: list[int], end: int) -> None:
        """The mark goes, and with it the blanks before it; invented numbers go without a trace."""
        known = [number for number in numbers if self.evidence.passage(number) is not None]
        self.invented_marks += len(numbers) - len(known)
        self._flush()
        self._out.extend(Mark(number, len(self.text)) for number in known)
        was_line_start = self._line_start
        self._consume(end)
        self._line_start = was_line_start

    def _lenticular(self, blanks: int, final: bool) -> bool:
        mark = LENTICULAR.match(self._raw, blanks)
        if mark:
            self._cite([int(mark[1])], mark.end())
            return True
        if not final and len(self._raw) - blanks < 45 and "】" not in self._raw and "\n" not in self._raw:
            return False
        return self._pass(blanks + 1)

    def _definition(self, final: bool) -> bool:
        """`[label]: address` is invisible and would give an address to `[label]` elsewhere."""
        line, newline, _ = self._raw[:LONGEST_LINE].partition("\n")
        if not newline and not final and len(line) < LONGEST_LINE:
            return False
        self.removed_links += 1
        self._consume(len(line) + len(newline))
        self._line_start = True
        return True

    def _escape_bracket(self, start: int, *, image: bool) -> bool:
        """No link can be read here, so no renderer shall read one either."""
        self._emit(self._raw[: start - 1 if image else start] + ("\\!\\[" if image else "\\["))
        self._consume(start + 1)
        return True

    def _link(self, label: str, target: str) -> None:
        destination = re.match(r"\s*<?([^\s<>]*)", target)
        address = self.evidence.linkable(destination[1]) if destination else None
        shown = self._plain(label)
        if address is None:
            self.removed_links += 1
            self._emit(shown)
        else:
            self._emit(f"[{shown}]({address})")

    def _plain(self, label: str) -> str:
        """A label without marks, links and images of its own."""
        inner = AnswerText(self.evidence, _line_start=False, _before=" ")
        pieces = inner.feed(label.replace("\n", " ")) + inner.finish()
        self.removed_links += inner.removed_links
        text = "".join(piece.text for piece in pieces if isinstance(piece, Text))
        return re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", text)

    def _angle(self, final: bool) -> bool:
        following = self._raw[1:2]
        if not following and not final:
            return False
        if self._raw.startswith("<!") or self._raw.startswith("<?"):
            return self._comment(final)
        if not (following.isalpha() or following == "/"):
            return self._pass(1)
        paragraph = self._raw[:LONGEST_TAG].partition("\n\n")[0]
        end = paragraph.find(">")
        if end < 0:
            if not final and len(paragraph) == len(self._raw) < LONGEST_TAG:
                return False
            return self._replace(1, "\\<")
        inside = self._raw[1:end]
        if URL_START.match(inside):
            self._url(inside)
            self._consume(end + 1)
            return True
        return self._tag(end)

    def _tag(self, end: int) -> bool:
        tag = TAG.match(self._raw)
        name = tag[1].lower() if tag else ""
        if tag and name in HARMLESS_TAGS and tag[2].strip() in ("", "/"):
            return self._pass(tag.end())
        if tag and (name in HTML_TAGS or name in HARMLESS_TAGS):
            self.removed_links += 1
            return self._replace(tag.end(), "")
        return self._replace(1, "\\<")  # `Array<string>`, `<Tabs>`: text, and it must stay text

    def _comment(self, final: bool) -> bool:
        if not final and len(self._raw) < 4:
            return False
        ending = "-->" if self._raw.startswith("<!--") else ">"
        end = self._raw.find(ending, 0, LONGEST_LINE)
        if end < 0:
            if not final and len(self._raw) < LONGEST_LINE:
                return False
            return self._replace(1, "\\<")
        return self._replace(end + len(ending), "")

    def _maybe_url(self, final: bool) -> bool:
        if self._before.isalnum():
            return self._pass(1)
        lowered = self._raw[:8].lower()
        if not final and any(len(lowered) < len(prefix) and prefix.startswith(lowered) for prefix in URL_PREFIXES):
            return False
        found = URL.match(self._raw[:LONGEST_URL])
        if found is None:
            return self._pass(1)
        if found.end() == len(self._raw) < LONGEST_URL and not final:
            return False
        address = without_trailing_punctuation(found.group())
        self._url(address)
        self._consume(len(address))
        return True

    def _url(self, address: str) -> None:
        """A bare address: a link if it is ours, named without a link if a passage names it, else gone."""
        if known := self.evidence.linkable(address):
            self._emit(f"<{known}>" if known.startswith(("http://", "https://")) else known)
        elif self.evidence.mentions(address):
            self._emit(f"`{address}`")
        else:
            self.removed_links += 1

    # --- out --------------------------------------------------------------------------------------------------------

    def _pass(self, count: int) -> bool:
        self._emit(self._raw[:count])
        self._consume(count)
        return True

    def _replace(self, count: int, text: str) -> bool:
        self._emit(text)
        self._consume(count)
        return True

    def _consume(self, count: int) -> None:
        taken, self._raw = self._raw[:count], self._raw[count:]
        if taken:
            self._before = taken[-1]
            self._note_lists(taken)
            self._line_start = taken.endswith("\n") or (self._line_start and not taken.strip(" \t>"))

    def _note_lists(self, taken: str) -> None:
        *ended, rest = (self._line + taken).split("\n")
        for line in ended:
            if line.strip():
                self._in_list = bool(LIST_ITEM.match(line)) or (self._in_list and line[0] in " \t")
        self._line = rest

    def _emit(self, text: str) -> None:
        self._pending += text

    def _flush(self) -> None:
        if self._pending:
            self._out.append(Text(self._pending))
            self.text += self._pending
            self._pending = ""
