"""Walks through what a model writes and lets out what is its answer.

What comes out does not depend on how the text was cut into pieces: a token is decided once it is whole or cannot become
one, and each decision rests on the text alone. Code is left untouched: docs may be about just these tokens.
"""

import re
from dataclasses import dataclass, field
from enum import Enum, auto

from services.agent.models.output.code_places import CodePlaces
from services.agent.models.output.headers import LONGEST_HEADER, HeaderKind, header_end, read_header
from services.agent.models.output.lines import LineKind, read_line
from services.agent.models.output.opening import Opening, call_after_announcement, judge_opening, may_be_shown
from services.agent.models.output.tokens import TOKEN_START, MoreNeeded, Token, TokenKind, read_token
from services.agent.models.output.wrapping import answer_heading, inside

LONGEST_CALL = 8000
"""Characters of a tool call that are kept."""
_STRIPPED_FINAL = re.compile(r"assistant\s*final\s*(?:message)?\s*|here(?:'s|’s| is) my response:", re.IGNORECASE)
_PASSAGE_MARK = re.compile(r"<passage\s[^<>]*?number=[\"']?(\d{1,2})[\"']?[^<>]*/>", re.IGNORECASE)
"""A citation in the form in which passages are quoted."""


class Segment(Enum):
    """What is being read."""

    ANSWER = auto()
    THOUGHT = auto()
    CALL = auto()
    HEADER = auto()
    FOREIGN = auto()
    """Somebody else's turn, which the model made up or repeats from its prompt."""


@dataclass(slots=True)
class ModelOutput:
    """Reads a model's text as it comes.

    Args:
        thinks_first: The model is known to open its thoughts in the prompt: text is held back until they close.
    """

    thinks_first: bool = False
    ended: bool = False
    """The model has ended its turn; nothing that follows is for the reader."""
    closed_unopened_thought: bool = False
    """A thought was closed that had never been opened, so it was opened in the prompt."""
    call: str | None = None
    """A tool call that was written as text; nothing follows it."""
    recipient: str = ""
    """The tool that a header addresses."""
    _segment: Segment = Segment.ANSWER
    _raw: str = ""
    _before: str = "\n\n"
    """The two characters before `_raw`."""
    _header: str = ""
    _stripped_thought: bool = False
    """The thoughts were opened by words, and are closed by words."""
    _opening: Opening = Opening.UNKNOWN
    _held: str = ""
    """Text of the answer that is not shown yet."""
    _said: bool = False
    """Whether the answer has a visible character."""
    _last: str = ""
    """Its last one."""
    _unwrapped: bool = False
    """Whether the beginning has been looked at for what may be wrapped around the answer."""
    _wrapper: str = ""
    """Marks of the fence that stands around the whole answer."""
    _code: CodePlaces = field(default_factory=CodePlaces)

    @property
    def has_text(self) -> bool:
        """Whether the answer has begun, shown or not."""
        return self._said

    def feed(self, delta: str) -> str:
        """What the reader may get now that `delta` has come."""
        self._raw += delta
        return self._read(final=False)

    def finish(self, *, cut_off: bool = False) -> str:
        """What was still held back.

        Args:
            cut_off: The model was stopped: what sounds like thinking has not come to its answer.
        """
        shown = self._read(final=True)
        is_unfinished = cut_off and self._opening is Opening.MONOLOGUE
        announces_nothing = self._opening is Opening.ANNOUNCEMENT and self._held.rstrip().endswith((":", "："))
        if self.call is None and not is_unfinished and not announces_nothing:
            shown += self._held
        self._held = ""
        return shown

    def _read(self, *, final: bool) -> str:
        shown = self._read_on(final=final)
        while final and self._held:
            shown += self._let_out(final=True)
            if not self._raw:
                break
            shown += self._read_on(final=True)  # what was held back turned out to be something to read again
        return shown

    def _read_on(self, *, final: bool) -> str:
        shown = ""
        while self._raw and not self.ended:
            try:
                shown += self._step(final=final)
            except MoreNeeded:
                break
        if self.ended:
            self._raw = ""
        return shown

    def _step(self, *, final: bool) -> str:
        match self._segment:
            case Segment.CALL:
                self.call = ((self.call or "") + self._take(len(self._raw)))[:LONGEST_CALL]
                return ""
            case Segment.HEADER:
                self._read_header(final=final)
                return ""
            case Segment.THOUGHT | Segment.FOREIGN:
                self._skip(final=final)
                return ""
        return self._read_answer(final=final)

    def _read_answer(self, *, final: bool) -> str:
        if self._said and self._before.endswith("\n") and not self._code.is_open and self._ends_at_line(final=final):
            return ""
        end = self._raw.find("\n") + 1 or len(self._raw)
        found = TOKEN_START.search(self._raw, 0, end)
        if found is None:
            return self._say(end)
        if found.start():
            return self._say(found.start())
        if self._code.is_open:
            return self._say(1)
        token = read_token(self._raw, 0, before=self._before, final=final)
        if token is None:
            return self._say(1)
        self._take(token.length)
        if mark := _PASSAGE_MARK.fullmatch(token.text):
            self._raw = f"[{mark[1]}]{self._raw}"
        self._apply(token)
        return ""

    def _ends_at_line(self, *, final: bool) -> bool:
        """Whether the line that begins here belongs to no answer, which is seen to."""
        kind = read_line(
            self._raw,
            after_blank=self._before == "\n\n",
            introduced=self._last in ":：",
            wrapper=self._wrapper,
            final=final,
        )
        match kind:
            case LineKind.PLAIN:
                return False
            case LineKind.CALL:
                self._open_call("")
            case LineKind.FOREIGN:
                self._turn_to_others()
            case LineKind.WRAPPER_ENDS:
                self._take(self._raw.find("\n") + 1 or len(self._raw))
                self._wrapper = ""
        return True

    def _skip(self, *, final: bool) -> None:
        """Go on to the next token in text that nobody is to see."""
        if self._stripped_thought and (closing := _STRIPPED_FINAL.search(self._raw)):
            self._take(closing.end())
            self._stripped_thought, self._segment = False, Segment.ANSWER
            return
        found = TOKEN_START.search(self._raw)
        keep = 40 if self._stripped_thought and not final else 0  # words that close a thought come in pieces, too
        if found is None or (keep and found.start() > len(self._raw) - keep):
            if len(self._raw) <= keep:
                raise MoreNeeded
            self._take(len(self._raw) - keep)
            return
        self._take(found.start())
        token = read_token(self._raw, 0, before="\n\n", final=final, mentions=False)
        self._take(token.length if token else 1)
        if token:
            self._apply(token)

    def _read_header(self, *, final: bool) -> None:
        """A role or a channel, up to the next token or the end of the line."""
        end = next((at for at, char in enumerate(self._raw) if char in "<\n"), None)
        if end is None and not final and len(self._header) + len(self._raw) < LONGEST_HEADER:
            raise MoreNeeded
        end = len(self._raw) if end is None else end
        if self._raw[end : end + 1] == "<":
            token = read_token(self._raw, end, before="\n\n", final=final, mentions=False)
            self._header += self._take(end)
            if token is None:
                self._header += self._take(1)
                return
            if token.kind is not TokenKind.HEADER_CLOSES and self._give_back_text():
                return
            self._take(token.length)
            self._end_header()
            if token.kind is not TokenKind.HEADER_CLOSES or self._segment is Segment.HEADER:
                self._apply(token)
            return
        self._header += self._take(end)
        if self._give_back_text():
            return
        self._take(1)
        self._end_header()

    def _give_back_text(self) -> bool:
        """Whether the line of a header goes on with text, which is read as such."""
        at = header_end(self._header)
        if at == len(self._header):
            return False
        text, self._header = self._header[at:], self._header[:at]
        self._raw, self._before = text + self._raw, "\n\n"
        self._end_header()
        return True

    def _end_header(self) -> None:
        header, self._header = read_header(self._header, recipient=self.recipient), ""
        self.recipient = header.recipient
        match header.kind:
            case HeaderKind.CALL:
                self._open_call("")
            case HeaderKind.THOUGHT:
                self._segment = Segment.THOUGHT
            case HeaderKind.FOREIGN:
                self._turn_to_others()
            case HeaderKind.ANSWER:
                self._segment = Segment.ANSWER

    def _apply(self, token: Token) -> None:
        match token.kind:
            case TokenKind.THOUGHT_OPENS:
                self._segment = Segment.THOUGHT
            case TokenKind.THOUGHT_CLOSES if self._segment is Segment.ANSWER:
                self._forget_thought()
            case TokenKind.THOUGHT_CLOSES | TokenKind.CHANNEL_CLOSES:
                self._segment = Segment.ANSWER
            case TokenKind.ANSWER_OPENS:
                self._drop_what_is_held()
                self._segment = Segment.ANSWER
            case TokenKind.CALL_OPENS:
                self._open_call(token.text)
            case TokenKind.HEADER_OPENS:
                self._segment = Segment.HEADER
            case TokenKind.OWN_TURN if self._said and self._segment is not Segment.THOUGHT:
                self.ended = True
            case TokenKind.OWN_TURN:
                self._segment = Segment.ANSWER
            case TokenKind.FOREIGN_TURN:
                self._turn_to_others()
            case TokenKind.TURN_ENDS if self._segment is Segment.ANSWER and self._said:
                self.ended = True
            case TokenKind.TURN_ENDS if self._segment is Segment.THOUGHT:
                self._segment = Segment.ANSWER

    def _open_call(self, text: str) -> None:
        self._segment, self.call = Segment.CALL, text

    def _turn_to_others(self) -> None:
        if self._said:
            self.ended = True
        else:
            self._segment = Segment.FOREIGN

    def _forget_thought(self) -> None:
        """A closing tag without its opening one: what stands before it is thought, as far as nobody has seen it."""
        self.closed_unopened_thought = True
        self._drop_what_is_held()

    def _drop_what_is_held(self) -> None:
        if self._opening is Opening.ANSWER:
            return
        self._begin_again("")
        self.thinks_first = self._unwrapped = False

    def _begin_again(self, text: str) -> None:
        """Go on with this as if nothing had been read of the answer."""
        self._raw, self._held, self._said, self._before = text + self._raw, "", False, "\n\n"
        self._opening, self._code = Opening.UNKNOWN, CodePlaces()

    def _take(self, count: int) -> str:
        taken, self._raw = self._raw[:count], self._raw[count:]
        self._before = (self._before + taken)[-2:]
        return taken

    def _say(self, count: int) -> str:
        text = self._take(count)
        self._code.read(text)
        if visible := text.rstrip():
            self._said, self._last = True, visible[-1]
        if self._opening is Opening.ANSWER:
            return text
        self._held += text
        return self._let_out(final=False)

    def _let_out(self, *, final: bool) -> str:
        """What was held back, once its beginning has told that it is an answer."""
        if self._opening is Opening.ANSWER or not self._held.strip():
            return ""
        if self.thinks_first and not final:
            return ""
        if not self._unwrapped and self._unwraps(final=final):
            return ""
        if self._opening is Opening.UNKNOWN:
            self._opening = judge_opening(self._held, final=final)
        match self._opening:
            case Opening.UNKNOWN:
                return ""
            case Opening.CALL:
                self._open_call(self._held)
                self._held = ""
                return ""
            case Opening.THOUGHT:
                self._begin_again(self._held)
                self._segment, self._stripped_thought = Segment.THOUGHT, True
                return ""
            case Opening.MONOLOGUE if (place := answer_heading(self._held, final=final)) is not None:
                self._begin_again(self._held[place:])
                return ""
            case Opening.ANNOUNCEMENT if (place := call_after_announcement(self._held)) is not None:
                self._open_call(self._held[place:])
                self._held = ""
                return ""
            case Opening.ANNOUNCEMENT | Opening.MONOLOGUE if not may_be_shown(self._held, self._opening):
                return ""
        self._opening = Opening.ANSWER
        shown, self._held = self._held, ""
        return shown

    def _unwraps(self, *, final: bool) -> bool:
        """Whether the answer is wrapped, or may be; what it is wrapped in goes."""
        try:
            found = inside(self._held, final=final)
        except MoreNeeded:
            return True
        self._unwrapped = found is None
        if found is None:
            return False
        self._wrapper = found.fence or self._wrapper
        self._begin_again(found.text)
        return True
