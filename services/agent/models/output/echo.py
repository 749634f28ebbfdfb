"""Notices a model that writes its instructions down instead of an answer."""

import re
from dataclasses import dataclass

_TAG = re.compile(r"</?\w[^<>]{0,40}>")
_LEAST_SHARED = 40
"""Letters and digits in common with the rules from which text in the middle of an answer is held back."""
_ECHO = 100
"""Letters and digits that nobody shares with the rules by chance."""


@dataclass(slots=True)
class Echo:
    """Lets an answer through as far as it does not repeat the rules.

    Args:
        rules: The model's instructions.

    >>> echo = Echo("Answer from the numbered passages and from nothing else. " * 3)
    >>> echo.take("Answer from the numbered passages and from nothing else. " * 3), echo.found
    ('', True)
    """

    rules: str
    found: bool = False
    """The model repeats its rules; nothing that follows is let through."""
    _held: str = ""
    _said: str = ""
    """Letters and digits of what was let through, its end."""

    def __post_init__(self) -> None:
        self.rules = _letters(self.rules)

    def take(self, text: str) -> str:
        """What may go on to the reader."""
        if self.found or not self.rules:
            return "" if self.found else text
        self._held += text
        held = _letters(self._held)
        shared = self._shared(held)
        if shared >= _ECHO:
            self.found, self._held = True, ""
            return ""
        if shared and (shared >= _LEAST_SHARED or not self._said):
            return ""
        return self.finish()

    def finish(self) -> str:
        """What was held back and is no echo."""
        text, self._held = self._held, ""
        self._said = (self._said + _letters(text))[-_ECHO:]
        return text

    def _shared(self, held: str) -> int:
        """Letters at the end of the answer that stand so in the rules."""
        said = self._said + held
        if not self._said:
            return len(held) if held and held in self.rules else self._longest(said)
        return self._longest(said)

    def _longest(self, said: str) -> int:
        if said[-_LEAST_SHARED:] not in self.rules or len(said) < _LEAST_SHARED:
            return 0
        count = _LEAST_SHARED
        while count < min(_ECHO, len(said)) and said[-count - 1 :] in self.rules:
            count += 1
        return count


def _letters(text: str) -> str:
    return "".join(filter(str.isalnum, _TAG.sub("", text).lower()))
