"""How blocks of Markdown begin, line by line: fences, list items, headings, tables, admonitions.

For texts that are read a line at a time, or as they come. Whole pages are parsed by a parser.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

_FENCE = re.compile(r"(?P<indent>[ \t>]*)(?P<marks>`{3,}|~{3,})(?P<info>[^\n]*)\n?")
_ITEM = re.compile(r"(?P<indent>[ \t]*)(?:[-*+]|\d{1,9}[.)])(?:[ \t]+|$)")
_HEADING = re.compile(r"#{1,6}[ \t]")
_TABLE_RULE = re.compile(r"\s*\|?\s*:?-+:?\s*(\|\s*:?-+:?\s*)*\|?\s*$")


@dataclass(frozen=True, slots=True)
class Fence:
    """The line that opens a block of code."""

    indent: str
    """Blanks and marks of quotes before it."""
    marks: str
    info: str
    end: int
    """Length of the line, its end included."""

    def is_closed_by(self, line: str) -> bool:
        """Whether a later line closes the block: marks of the same kind, as many or more, and nothing else."""
        bare = line.strip(" \t>\r\n")
        return len(bare) >= len(self.marks) and set(bare) == {self.marks[0]}


@dataclass(frozen=True, slots=True)
class ListItem:
    """The mark that begins an item of a list."""

    indent: int
    """Characters before it."""
    text: str
    """What follows it on its line."""


def opening_fence(line: str) -> Fence | None:
    """The fence that a line opens, if it does; backticks behind backticks make it a code span.

    >>> opening_fence("~~~~js title=a.js").marks
    '~~~~'
    """
    found = _FENCE.match(line)
    if found is None or (found["marks"][0] == "`" and "`" in found["info"]):
        return None
    return Fence(found["indent"], found["marks"], found["info"].rstrip("\r"), found.end())


def list_item(line: str) -> ListItem | None:
    """The item that a line begins, if it does.

    >>> list_item("  2) Wait")
    ListItem(indent=2, text='Wait')
    """
    found = _ITEM.match(line.rstrip("\r\n"))
    return None if found is None else ListItem(len(found["indent"]), line[found.end() :])


def is_heading(line: str) -> bool:
    """Whether a line is a heading with `#`."""
    return _HEADING.match(line) is not None


def is_table_row(line: str) -> bool:
    """Whether a line is a row of a table that begins with a bar, as all that we write do."""
    return line.lstrip().startswith("|")


def is_table_rule(line: str) -> bool:
    """Whether a line is the rule between the head of a table and its rows."""
    return _TABLE_RULE.match(line) is not None


def is_admonition(line: str) -> bool:
    """Whether a line opens or closes an admonition of Docusaurus."""
    return line.lstrip().startswith(":::")


def with_fences(lines: Iterable[str]) -> Iterator[tuple[str, Fence | None, bool]]:
    """Each line with the fence of the block of code it is part of, if any, and whether that block goes on after it."""
    fence: Fence | None = None
    for line in lines:
        if fence is None:
            fence = opening_fence(line)
            yield line, fence, fence is not None
        elif fence.is_closed_by(line):
            yield line, fence, False
            fence = None
        else:
            yield line, fence, True


def code_parts(text: str) -> Iterator[tuple[str, bool]]:
    """The text in parts, nothing lost, each with whether it is a fenced block of code."""
    part: list[str] = []
    is_code = False
    for line, fence, goes_on in with_fences(text.splitlines(keepends=True)):
        if part and is_code is not (fence is not None):
            yield "".join(part), is_code
            part = []
        is_code = fence is not None
        part.append(line)
        if is_code and not goes_on:
            yield "".join(part), True
            part = []
    if part:
        yield "".join(part), is_code


def code_in(block: str) -> str:
    """The lines of a fenced block without its fences."""
    lines = block.splitlines()
    fence = opening_fence(lines[0])
    closed = fence is not None and len(lines) > 1 and fence.is_closed_by(lines[-1])
    return "\n".join(lines[1:-1] if closed else lines[1:])
