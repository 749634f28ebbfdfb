"""What has come of an answer and is undecided, what has gone out, and where in the text we stand."""

from collections.abc import Iterable
from dataclasses import dataclass, field

from services.language.markdown import list_item


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
class OutputBuffer:
    """The model's text at one end, the reader's at the other."""

    raw: str = ""
    """What is undecided."""
    text: str = ""
    """What the reader has got so far."""
    line_start: bool = True
    """Whether only blanks stand before us on this line."""
    before: str = "\n"
    """The character before us."""
    line: str = ""
    """What was read of this line."""
    in_list: bool = False
    _pending: str = ""
    _out: list[Text | Mark] = field(default_factory=list)

    @property
    def tail(self) -> str:
        """The end of what the reader has got, as far as it can matter to what follows."""
        return (self.text[-40:] + self._pending)[-40:]

    def take(self) -> list[Text | Mark]:
        """What has gone out since the last time."""
        self.flush()
        out, self._out = self._out, []
        return out

    def pass_on(self, count: int) -> bool:
        """Let the next `count` characters through."""
        self.emit(self.raw[:count])
        self.consume(count)
        return True

    def replace(self, count: int, text: str) -> bool:
        """Write something else for the next `count` characters."""
        self.emit(text)
        self.consume(count)
        return True

    def emit(self, text: str) -> None:
        """Write; what was read for it is consumed apart."""
        self._pending += text

    def mark(self, numbers: Iterable[int]) -> None:
        """Citation marks at this place."""
        self.flush()
        self._out.extend(Mark(number, len(self.text)) for number in numbers)

    def consume(self, count: int) -> None:
        """Have read the next `count` characters."""
        taken, self.raw = self.raw[:count], self.raw[count:]
        if taken:
            self.before = taken[-1]
            self._note_lists(taken)
            self.line_start = taken.endswith("\n") or (self.line_start and not taken.strip(" \t>"))

    def flush(self) -> None:
        """Close the piece that was being written."""
        if self._pending:
            self._out.append(Text(self._pending))
            self.text += self._pending
            self._pending = ""

    def _note_lists(self, taken: str) -> None:
        *ended, rest = (self.line + taken).split("\n")
        for line in ended:
            if line.strip():
                self.in_list = list_item(line) is not None or (self.in_list and line[0] in " \t")
        self.line = rest
