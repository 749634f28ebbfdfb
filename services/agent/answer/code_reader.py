"""Code in a model's Markdown passes untouched: fenced blocks and spans, decided once they are whole."""

import re
from dataclasses import dataclass

from services.agent.answer.markup import LONGEST_CODE_SPAN, LONGEST_LINE
from services.agent.answer.output_buffer import OutputBuffer
from services.language.markdown import Fence, opening_fence


@dataclass(slots=True)
class CodeReader:
    """Reads code from the undecided text.

    Args:
        buffer: What comes and what goes out.
    """

    buffer: OutputBuffer
    fence: Fence | None = None
    """The fence of the block we are in; None outside."""

    def in_fence(self, final: bool) -> bool:
        """The next line of a block; False when it has not come whole."""
        line, newline, _ = self.buffer.raw.partition("\n")
        if not newline and not final:
            return False
        if self.fence and self.fence.is_closed_by(line):
            self.fence = None
        return self.buffer.pass_on(len(line) + len(newline))

    def fence_opening(self, final: bool) -> bool | None:
        """At the start of a line: True when a fence was read, False when more is needed, None when it is not one."""
        stripped = self.buffer.raw.lstrip(" \t>")
        if not stripped:
            return None if final or "\n" in self.buffer.raw else False
        if stripped[0] not in "`~":
            return None
        line, newline, _ = self.buffer.raw[:LONGEST_LINE].partition("\n")
        run = re.match(r"`+|~+", stripped)
        assert run is not None
        undecided = len(stripped) == run.end() or (run.end() >= 3 and not newline)
        if undecided and not final and len(line) < LONGEST_LINE:
            return False
        opening = opening_fence(line + newline)
        if opening is None or self._too_deep(self.buffer.line + opening.indent):
            return None
        self.fence = opening
        return self.buffer.pass_on(opening.end)

    def close_fence(self) -> None:
        """Close the block that the text ended in, if any."""
        if self.fence:
            self.buffer.emit(("" if self.buffer.text.endswith("\n") else "\n") + self.fence.marks)
            self.fence = None

    def _too_deep(self, indentation: str) -> bool:
        """Outside lists four blanks make no fence, and what follows would be text to a renderer."""
        return len(indentation.rpartition(">")[2].expandtabs(4)) > 3 and not self.buffer.in_list

    def code_span(self, final: bool) -> bool:
        """At a backtick: a span, or backticks that open none; False when more is needed."""
        run = re.match(r"`+", self.buffer.raw)
        assert run is not None
        if run.end() == len(self.buffer.raw) and not final:
            return False
        closing = re.compile(rf"(?<!`){run.group()}(?!`)")
        paragraph = re.split(r"\n[ \t]*\n", self.buffer.raw[: LONGEST_CODE_SPAN + 1], maxsplit=1)[0]
        found = closing.search(paragraph, run.end())
        at_border = found is not None and found.end() == len(self.buffer.raw)
        if found is not None and found.end() <= LONGEST_CODE_SPAN and (not at_border or final):
            return self.buffer.pass_on(found.end())
        if not final and len(paragraph) == len(self.buffer.raw) and len(self.buffer.raw) <= LONGEST_CODE_SPAN:
            return False
        # Never closed: to a renderer this is text, so links after it would live. It must be text to us too.
        return self.buffer.replace(run.end(), "\\`" * run.end())
