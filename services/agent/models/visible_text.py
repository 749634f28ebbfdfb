"""What a model says to the reader, without what belongs to its machinery.

Small models and wrong templates leak: tokens that end a turn (what follows is an invented conversation), thoughts in
tags, the delimiters of our own prompt. Code is left alone: docs may be about just these tokens.
"""

import re
from dataclasses import dataclass, field

_END = re.compile(
    r"<\|(?:im_end|im_start|endoftext|end_of_text|eot_id|eom_id|end|start_header_id|user|assistant|system)\|>"
    r"|<(?:start|end)_of_turn>|<｜end▁of▁sentence｜>|\[/?INST\]"
)
_THOUGHT = re.compile(r"<(think|thinking|thought|reasoning)>", re.IGNORECASE)
_DROPPED = re.compile(
    r"</?(?:passage|selected_text|reader_page)\b[^<>]*>|</(?:think|thinking|thought|reasoning)>", re.IGNORECASE
)
_LONGEST_TAG = 300
_BEGINNINGS_TEXT = """
<| <｜ <start_of_turn <end_of_turn [inst] [/inst] <passage </passage <selected_text </selected_text <reader_page
</reader_page <think </think <thought </thought <reasoning </reasoning
"""
_BEGINNINGS = tuple(_BEGINNINGS_TEXT.split())


@dataclass(slots=True)
class _Code:
    """Whether a place in Markdown is inside code, roughly: fences by lines, spans by backticks of a line."""

    _fence: str = ""
    _line: str = ""

    @property
    def is_open(self) -> bool:
        return bool(self._fence) or self._line.count("`") % 2 == 1

    def read(self, text: str) -> None:
        *ended, rest = (self._line + text).split("\n")
        for line in ended:
            mark = re.match(r"\s*(`{3,}|~{3,})", line)
            if mark and (not self._fence or mark[1].startswith(self._fence)):
                self._fence = "" if self._fence else mark[1]
        self._line = rest


@dataclass(slots=True)
class VisibleText:
    """Reads a model's text as it comes; what comes out does not depend on how it was cut into pieces."""

    ended: bool = False
    """The model has ended its turn; nothing that follows is for the reader."""
    _held: str = ""
    _thought: str = ""
    """Name of the tag that is being thought in."""
    _code: _Code = field(default_factory=_Code)

    def feed(self, delta: str) -> str:
        """What the reader may get now that `delta` has come."""
        self._held += delta
        return self._read(final=False)

    def finish(self) -> str:
        """What was still held back."""
        return self._read(final=True)

    def _read(self, *, final: bool) -> str:
        shown = ""
        while self._held and not self.ended:
            if self._thought:
                if not self._skip_thought():
                    break
                continue
            place = self._next_bracket()
            shown += self._pass(place)
            if not self._held:
                break
            if not final and self._undecided():
                break
            shown += self._decide()
        if self.ended or (final and self._thought):
            self._held = ""
        return shown

    def _next_bracket(self) -> int:
        found = re.search(r"[<\[]", self._held)
        return found.start() if found else len(self._held)

    def _pass(self, count: int) -> str:
        taken, self._held = self._held[:count], self._held[count:]
        self._code.read(taken)
        return taken

    def _undecided(self) -> bool:
        """Whether the held text may become something that is not for the reader."""
        if self._code.is_open:
            return False
        lowered = self._held[:_LONGEST_TAG].lower()
        if any(beginning.startswith(lowered) for beginning in _BEGINNINGS):
            return True
        unclosed = not re.search(r"[>\]]", lowered) and len(lowered) < _LONGEST_TAG
        return unclosed and lowered.startswith(_BEGINNINGS)

    def _decide(self) -> str:
        """Drop what stands at the beginning of the held text, or pass its bracket on."""
        if self._code.is_open:
            return self._pass(1)
        if _END.match(self._held):
            self.ended = True
            return ""
        if thought := _THOUGHT.match(self._held):
            self._thought, self._held = thought[1], self._held[thought.end() :]
            return ""
        if dropped := _DROPPED.match(self._held):
            self._held = self._held[dropped.end() :]
            return ""
        return self._pass(1)

    def _skip_thought(self) -> bool:
        """Leave the thought if it ends here."""
        closing = re.search(rf"</{self._thought}>", self._held, re.IGNORECASE)
        if closing is None:
            self._held = self._held[-(len(self._thought) + 3) :]
            return False
        self._held, self._thought = self._held[closing.end() :], ""
        return True
