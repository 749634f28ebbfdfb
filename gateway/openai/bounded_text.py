"""Text that ends where a program asked it to: at a stop sequence, or at a number of tokens.

Tokens are estimated, because every model splits text differently: four characters make one token, but a character from
U+2E80 on (Chinese, Japanese, Korean, and emoji) is one by itself.
"""

from collections.abc import Sequence
from typing import Literal

_QUARTERS_PER_TOKEN = 4
_FIRST_WIDE = "\u2e80"


class BoundedText:
    """Passes text on until its end is reached.

    What may be the beginning of a stop sequence is held back until the next piece decides, so the result does not
    depend on how the text was cut into pieces.

    Args:
        stops: Sequences before which the text ends; none of them empty.
        max_tokens: Most tokens, as estimated here; None sets no limit.
    """

    def __init__(self, *, stops: Sequence[str] = (), max_tokens: int | None = None) -> None:
        self._stops = stops
        self._quarters = None if max_tokens is None else max_tokens * _QUARTERS_PER_TOKEN
        self._held = ""
        self._passed = 0
        self.cut: Literal["stop", "length"] | None = None

    @property
    def length(self) -> int:
        """Code points passed on or held back so far."""
        return self._passed + len(self._held)

    def feed(self, text: str, *, whole: bool = False) -> str:
        """Take the next piece; returns what can be passed on.

        Args:
            text: The next piece.
            whole: Take all of it or nothing: half a mark or half a link is useless.
        """
        if self.cut:
            return ""
        fitting = self._fitting(text)
        if whole and len(fitting) < len(text):
            fitting = ""
        self._held += fitting
        if (stop_at := self._stop_at()) is not None:
            self.cut = "stop"
            self._held = self._held[:stop_at]
        elif len(fitting) < len(text):
            self.cut = "length"
        return self._pass_on(0 if self.cut else self._undecided())

    def finish(self) -> str:
        """What was still held back."""
        return self._pass_on(0)

    def _pass_on(self, keep: int) -> str:
        at = len(self._held) - keep
        passed, self._held = self._held[:at], self._held[at:]
        self._passed += len(passed)
        return passed

    def _fitting(self, text: str) -> str:
        if self._quarters is None:
            return text
        for at, character in enumerate(text):
            cost = _QUARTERS_PER_TOKEN if character >= _FIRST_WIDE else 1
            if cost > self._quarters:
                return text[:at]
            self._quarters -= cost
        return text

    def _stop_at(self) -> int | None:
        """Where the stop sequence that is complete first begins."""
        found = [(at + len(stop), at) for stop in self._stops if (at := self._held.find(stop)) >= 0]
        return min(found)[1] if found else None

    def _undecided(self) -> int:
        """Length of the longest end of the held text that may begin a stop sequence."""
        return max((_overlap(self._held, stop) for stop in self._stops), default=0)


def _overlap(text: str, stop: str) -> int:
    longest = min(len(text), len(stop) - 1)
    return next((length for length in range(longest, 0, -1) if text.endswith(stop[:length])), 0)
