"""Where a page that is too long to be parsed at once can be cut: before headings that stand in nothing else."""

import re
from collections.abc import Iterator

PART_CHARS = 400_000
"""From this length on the next heading begins a new part."""
MAX_PART_CHARS = 2_000_000

_FENCE = re.compile(r" {0,3}(?:> ?)*(`{3,}|~{3,})")
_HEADING = re.compile(r"#{1,6} ")
_DIRECTIVE = re.compile(r":{3,}[ \t]*([A-Za-z]?)")
_INLINE_CODE = re.compile(r"(`+)(?!`).*?(?<!`)\1(?!`)")
_OPENED = re.compile(r"<(?!(?:br|hr|img|input|wbr|col|source)\b)[A-Za-z][\w.]*(?=[\s/>]|\Z)")
_VOID = re.compile(r"<(?:br|hr|img|input|wbr|col|source)\b[^<>]*/?>")
_DEFINITION = re.compile(r" {0,3}\[[^\]\n]{1,999}\]:[ \t]*\S")


class Uncuttable(Exception):
    """A part without a heading is too long."""


def parts_of(text: str) -> Iterator[tuple[str, int]]:
    """Parts of a text, each with the number of lines above it; together they are the text.

    Raises:
        Uncuttable: If there is no place to cut for too long.
    """
    state = _Nesting()
    part: list[str] = []
    size = first_line = 0
    was_blank = True
    for number, line in enumerate(text.splitlines(keepends=True)):
        if size >= PART_CHARS and was_blank and not state.is_inside and _HEADING.match(line):
            yield "".join(part), first_line
            part, size, first_line = [], 0, number
        state.read(line)
        part.append(line)
        size += len(line)
        if size > MAX_PART_CHARS:
            raise Uncuttable(f"more than {MAX_PART_CHARS:,} characters of it have no heading at which it can be cut")
        was_blank = not line.strip()
    yield "".join(part), first_line


def definitions_of(text: str) -> str:
    """The lines that define what `[text][name]` links to, for all parts; those in code do no harm."""
    return "".join(line + "\n" for line in text.split("\n") if _DEFINITION.match(line) and "[^" not in line)


class _Nesting:
    """What a line stands in: code, a comment, an admonition, an element, braces. Errs on the side of standing in it."""

    def __init__(self) -> None:
        self._fence = ""
        self._in_comment = False
        self._directives = 0
        self._elements = 0
        self._braces = 0

    @property
    def is_inside(self) -> bool:
        return bool(self._fence or self._in_comment or self._directives or self._elements or self._braces)

    def read(self, line: str) -> None:
        fence = _FENCE.match(line)
        if self._fence:
            if fence and fence[1].startswith(self._fence) and not line[fence.end() :].strip():
                self._fence = ""
            return
        if fence and not self._in_comment:
            self._fence = fence[1]
            return
        opened, closed = line.rfind("<!--"), line.rfind("-->")
        if self._in_comment or opened >= 0:
            self._in_comment = closed < opened or (self._in_comment and closed < 0)
            return
        if directive := _DIRECTIVE.match(line):
            self._directives = max(0, self._directives + (1 if directive[1] else -1))
            return
        plain = _VOID.sub("", _INLINE_CODE.sub("", line))
        self._elements = max(0, self._elements + len(_OPENED.findall(plain)) - _closings(plain))
        self._braces = max(0, self._braces + plain.count("{") - plain.count("}"))


def _closings(line: str) -> int:
    return line.count("</") + line.count("/>")
