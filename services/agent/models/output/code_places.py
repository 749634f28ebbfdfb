"""Tells whether a place in a model's Markdown is inside code, where nothing is taken for machinery."""

import re
from dataclasses import dataclass


@dataclass(slots=True)
class CodePlaces:
    """Reads Markdown as it comes, roughly: fences by lines, spans by backticks of a line.

    >>> places = CodePlaces()
    >>> places.read("Use `<think"), places.is_open
    (None, True)
    """

    _fence: str = ""
    _line: str = ""

    @property
    def is_open(self) -> bool:
        """Whether what follows is code."""
        return bool(self._fence) or self._line.count("`") % 2 == 1

    def read(self, text: str) -> None:
        """Go on by the next piece of text."""
        *ended, rest = (self._line + text).split("\n")
        for line in ended:
            mark = re.match(r"\s*(`{3,}|~{3,})", line)
            if mark and (not self._fence or mark[1].startswith(self._fence)):
                self._fence = "" if self._fence else mark[1]
        self._line = rest
