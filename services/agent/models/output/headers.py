"""Headers of turns: whose turn it is, on which channel, and to which tool it is addressed."""

import re
from dataclasses import dataclass
from enum import Enum, auto

LONGEST_HEADER = 120
_HEADER = re.compile(
    r"\s*[\w./-]*(?:\s+(?:to=\S+|\w+=\S+|<?->?\s*\S+|analysis|final|commentary|json|code|python))*\s*", re.IGNORECASE
)
"""What a header may say: a role or a channel, a recipient, a kind of content."""
_RECIPIENT = re.compile(r"to=(?:functions?[.:])?([\w.]+)")
_CHANNELS_OF_THOUGHT = re.compile(
    r"\s*(?:\w+/)?(?:analysis|thought|thinking|think|reasoning|commentary|comment|justify|scratchpad)\b", re.IGNORECASE
)
_FOREIGN_ROLE = re.compile(
    r"\s*(?:user|human|system|developer|tool|observation|environment|functions?)\b", re.IGNORECASE
)


class HeaderKind(Enum):
    """What follows a header."""

    ANSWER = auto()
    THOUGHT = auto()
    FOREIGN = auto()
    CALL = auto()


@dataclass(frozen=True, slots=True)
class Header:
    """What a header says."""

    kind: HeaderKind
    recipient: str = ""


def header_end(line: str) -> int:
    """Where the header ends on its line; what stands behind it is text, as in `assistant Run it`."""
    said = _HEADER.match(line)
    return said.end() if said else 0


def read_header(text: str, *, recipient: str) -> Header:
    """What a header says.

    Args:
        text: The header without its tokens.
        recipient: The tool that an earlier header of the same turn addressed; empty if none did.
    """
    if named := _RECIPIENT.search(text):
        recipient = named[1]
    if recipient:
        return Header(HeaderKind.CALL, recipient)
    if _CHANNELS_OF_THOUGHT.match(text):
        return Header(HeaderKind.THOUGHT)
    return Header(HeaderKind.FOREIGN if _FOREIGN_ROLE.match(text) else HeaderKind.ANSWER)
