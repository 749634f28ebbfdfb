"""Brackets of code: whether a piece of it opens and closes the same ones."""

import re

_PAIRS = {")": "(", "]": "[", "}": "{"}
_NOT_CODE = re.compile(
    r"\"(?:\\.|[^\"\\\n])*\"|'(?:\\.|[^'\\\n])*'|`(?:\\.|[^`\\])*`|//[^\n]*|/\*.*?\*/|#[^\n]*", re.DOTALL
)
"""Texts and comments, in the spellings of most languages."""


def is_balanced(code: str) -> bool:
    """Whether every bracket that the code opens is closed in it, and no other.

    >>> is_balanced("f(a[0]) // (see"), is_balanced("if (a) {"), is_balanced("})")
    (True, False, False)
    """
    waiting: list[str] = []
    for character in _NOT_CODE.sub("", code):
        if character in "([{":
            waiting.append(character)
        elif character in _PAIRS and (not waiting or waiting.pop() != _PAIRS[character]):
            return False
    return not waiting
