"""Markdown as a reader sees it, on one line: for lists of results, which have no room for its blocks."""

import re
from dataclasses import dataclass, field

from services.language.markdown import is_admonition, is_table_row, is_table_rule, list_item, with_fences

_COMMENT = re.compile(r"<!--.*?-->|\{/\*.*?\*/\}", re.DOTALL)
_ID = re.compile(r"\s*\{#[^{}\s]+\}\s*$")
_QUOTE = re.compile(r"[ \t]*(?:>[ \t]?)+")
_HEADING = re.compile(r"[ \t]*#{1,6}[ \t]+")
_TASK = re.compile(r"\[[ xX]\][ \t]+")
_INLINE = re.compile(
    r"""
    \\(?P<escaped>[!-/:-@\[-`{-~])
    | (?P<ticks>`+)(?P<code>.+?)(?P=ticks)
    | !?\[(?P<label>(?:[^\[\]]|!?\[[^\[\]]*\](?:\([^()\s]*\))?)*)\]            # a link or image; an image in a link
      (?:\([^()\s]*(?:\([^()]*\)[^()\s]*)*(?:\s+"[^"]*")?\)|\[[^\[\]]*\])      # and its target
    | (?P<tag></?[A-Za-z][^<>]*>)
    | (?P<pair>\*{2,3}|~~)(?=\S)(?P<strong>.+?)(?<=\S)(?P=pair)
    | (?<![\w*])\*(?=[^\s*])(?P<stressed>[^*]*?[^\s*])\*(?![\w*])
    | (?<!\w)(?P<lows>_{1,3})(?=\S)(?P<underlined>.+?)(?<=\S)(?P=lows)(?!\w)
    """,
    re.VERBOSE,
)
_BLANK = re.compile(r"\s")


@dataclass(slots=True)
class PlainText:
    """A line of text and where it comes from."""

    text: str = ""
    places: list[int] = field(default_factory=list)
    """For each character of `text` its place in the Markdown, never falling."""


def plain_text(markdown: str) -> str:
    """The words of a text in Markdown without its marks, on one line. Code keeps every character but line ends.

    >>> plain_text("**Run** [it](/x) with `a_b_c`:\\n\\n```bash title=x\\nnpm i *\\n```\\n| a | b |\\n|---|---|")
    'Run it with a_b_c: npm i * a b'
    """
    return placed_text(markdown).text


def placed_text(markdown: str, *, ticks: bool = False, bar: str = "") -> PlainText:
    """As `plain_text`, with places.

    Args:
        markdown: The text.
        ticks: Leave code between backticks, a block line by line.
        bar: What stands between the cells of a table besides a blank.
    """
    writer = _Writer(ticks=ticks, bar=bar)
    hidden = _COMMENT.sub(lambda found: " " * len(found[0]), markdown)
    at = 0
    for line, fence, goes_on in with_fences(hidden.splitlines(keepends=True)):
        if fence is None:
            writer.prose(line.rstrip("\r\n"), at)
        elif goes_on and not line.lstrip(" \t>").startswith(fence.marks):
            writer.code(line.strip(), at)
        at += len(line)
        writer.add(" ", at, at)
    return writer.written()


class _Writer:
    def __init__(self, *, ticks: bool, bar: str) -> None:
        self._line = PlainText()
        self._ticks = ticks
        self._bar = bar

    def written(self) -> PlainText:
        text = self._line.text.rstrip()
        return PlainText(text, self._line.places[: len(text)])

    def prose(self, line: str, at: int) -> None:
        bare = line.strip()
        if is_admonition(line):
            title = line.lstrip(": \t").partition(" ")[2].strip("[]{} ")
            self.inline(title, at + line.rfind(title))
        elif not (is_table_rule(bare) and "-" in bare):
            self._line_of_text(line, at)

    def _line_of_text(self, line: str, at: int) -> None:
        start = self._start(line)
        text = _ID.sub("", line[start:])
        row = is_table_row(line)
        if row:
            start, text = start + text.index("|") + 1, text.strip().strip("|")
        self.inline(text, at + start, row=row)

    def _start(self, line: str) -> int:
        """Where the words of a line begin, behind the marks of its blocks."""
        start = 0
        if quote := _QUOTE.match(line):
            start = quote.end()
        if heading := _HEADING.match(line, start):
            return heading.end()
        if item := list_item(line[start:]):
            start = len(line) - len(item.text)
            task = _TASK.match(line, start)
            return task.end() if task else start
        return start

    def code(self, line: str, at: int) -> None:
        if line:
            self._code(line, at, at + len(line))

    def inline(self, text: str, at: int, *, row: bool = False) -> None:
        done = 0
        for found in _INLINE.finditer(text):
            self._words(text[done : found.start()], at + done, row=row)
            done = found.end()
            match found.lastgroup:
                case "escaped":
                    self.add(found["escaped"], at + found.start(), at + done)
                case "code":
                    self._code(found["code"].strip(), at + found.start(), at + done)
                case "label" | "strong" | "stressed" | "underlined" as inner:
                    self.inline(found[inner], at + found.start(inner), row=row)
                case _:
                    pass  # a tag shows nothing
        self._words(text[done:], at + done, row=row)

    def _words(self, text: str, at: int, *, row: bool) -> None:
        for number, cell in enumerate(text.split("|") if row else [text]):
            if number:
                self.add(f" {self._bar} " if self._bar else " ", at - 1, at)
            self.add(cell, at, at + len(cell))
            at += len(cell) + 1

    def _code(self, code: str, at: int, end: int) -> None:
        marked = self._ticks and "`" not in code
        self.add(f"`{code}`" if marked else code, at, end)

    def add(self, text: str, at: int, end: int) -> None:
        """Text that comes from the Markdown between two places; blanks that follow each other become one."""
        line = self._line
        for offset, character in enumerate(_BLANK.sub(" ", text)):
            if character != " " or (line.text and not line.text.endswith(" ")):
                line.text += character
                line.places.append(min(at + offset, end))
