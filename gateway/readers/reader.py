"""A reader, once identified, and where a browser shows the token that proves it."""

from dataclasses import dataclass
from enum import StrEnum

COOKIE = "docs_chat_reader"
TOKEN_HEADER = "x-docs-chat-reader"  # noqa: S105  # a header's name
TOKEN_MAX_AGE_S = 400 * 86_400  # browsers keep no cookie for longer
PROGRAM_PREFIX = "program:"
"""How the ids of programs with an API key begin."""


class ReaderKind(StrEnum):
    """How a reader made themselves known."""

    ANONYMOUS = "anonymous"
    LOGIN = "login"
    PROGRAM = "program"
    """A program that showed an API key."""
    ADDRESS = "address"
    """A program that showed nothing: its address stands for it."""


@dataclass(frozen=True, slots=True)
class Reader:
    """A reader.

    Args:
        id: Owns threads, counts in limits, and is the same on every asker; never a key or an address.
        kind: How they made themselves known.
        name: Name of a program's API key, for logs and limits; may be empty.
    """

    id: str
    kind: ReaderKind
    name: str = ""
