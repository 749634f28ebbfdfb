"""Cutting a block that is longer than the window, where a person would: lines, rows, items, sentences.

Nothing is lost: apart from repeated fences and table headers, the pieces in a row are the block.
"""

import re
from collections.abc import Callable, Iterator

from services.ingest.chunking.tokens import TokenCounter
from services.ingest.document import Block, BlockKind
from services.language.markdown import code_parts, is_table_rule, list_item, opening_fence, with_fences
from services.language.sentences import cut_sentences

_WORD_END = re.compile(r"\s(?=\S*$)")


class Cutter:
    """Cuts blocks to a number of tokens.

    Args:
        counter: How tokens are counted.
    """

    def __init__(self, counter: TokenCounter) -> None:
        self._counter = counter

    def cut(self, block: Block, limit: int, *, taken: int = 0) -> list[str]:
        """Pieces of the block as Markdown, each of at most `limit` tokens; the whole block when it fits.

        `taken` tokens are left free in the first piece of a block that is cut, if its first line or item allows.
        """
        if self._counter.fits(block.markdown, limit):
            return [block.markdown]
        match block.kind:
            case BlockKind.CODE:
                return self._cut_code(block.markdown, limit, taken)
            case BlockKind.TABLE:
                return self._cut_table(block.markdown, limit, taken)
            case BlockKind.LIST:
                return self._pack(self._list_units(block.markdown, limit), limit, taken=taken)
            case BlockKind.PROSE:
                return self._pack(self._mixed_units(block.markdown, limit), limit, taken=taken)

    def cut_words(self, text: str, limit: int) -> list[str]:
        """Pieces of plain text, cut between words where possible and through a word where not."""
        pieces = []
        while not self._counter.fits(text, limit):
            length = self._counter.fitting_prefix(text, limit)
            blank = _WORD_END.search(text, length // 2, length)
            length = blank.end() if blank else length
            pieces.append(text[:length])
            text = text[length:]
        return [*pieces, text] if text else pieces

    def _cut_code(self, markdown: str, limit: int, taken: int = 0) -> list[str]:
        lines = markdown.split("\n")
        opening = opening_fence(lines[0])
        if opening is None:
            return self._pack(self._small(_with_ends(markdown), limit), limit, taken=taken)
        closing = f"{opening.indent}{opening.marks}"
        body = lines[1:-1] if len(lines) > 1 and opening.is_closed_by(lines[-1]) else lines[1:]
        head = lines[0]
        if self._counter.count(f"{head}\n{closing}") > limit // 2:  # an info line this long is not worth repeating
            head = closing
        room = limit - self._counter.count(f"{head}\n{closing}")
        units = self._small([f"{line}\n" for line in body], room)
        groups = self._pack(units, room, _last_blank_line, taken=taken)
        return [f"{head}\n{group}\n{closing}" for group in groups]

    def _cut_table(self, markdown: str, limit: int, taken: int) -> list[str]:
        lines = markdown.split("\n")
        has_header = len(lines) > 2 and is_table_rule(lines[1])
        header = "\n".join(lines[:2]) if has_header else ""
        if not header or self._counter.count(header) > limit // 2:
            return self._pack(self._small(_with_ends(markdown), limit), limit, taken=taken)
        room = limit - self._counter.count(header)
        groups = self._pack(self._small([f"{row}\n" for row in lines[2:]], room), room, taken=taken)
        return [f"{header}\n{group}" for group in groups]

    def _list_units(self, markdown: str, limit: int) -> list[str]:
        units: list[str] = []
        for item in _items(markdown):
            if self._counter.fits(item, limit):
                units.append(item)
            else:
                units.extend(self._mixed_units(item, limit))
        return units

    def _mixed_units(self, text: str, limit: int) -> list[str]:
        """Units of a text that may hold fenced code: code stays fenced, the rest is cut at items and sentences."""
        units: list[str] = []
        for part, is_code in code_parts(text):
            if is_code:
                whole = part.rstrip("\n")
                pieces = [whole] if self._counter.fits(whole, limit) else self._cut_code(whole, limit)
                units.extend(f"{piece}\n" for piece in pieces)
            else:
                units.extend(self._small(cut_sentences(part), limit))
        return units

    def _small(self, units: list[str], limit: int) -> list[str]:
        small: list[str] = []
        for unit in units:
            small.extend([unit] if self._counter.fits(unit, limit) else self.cut_words(unit, limit))
        return small

    def _pack(
        self, units: list[str], limit: int, break_at: Callable[[list[str]], int] = len, *, taken: int = 0
    ) -> list[str]:
        """Join units in order into texts of at most `limit` tokens; `break_at` may prefer an earlier cut.

        Tokens are summed, which is exact for word-piece tokenizers; for others `_settle` checks what came out.
        """
        sizes = [self._counter.count(unit) for unit in units]
        groups = _packed(units, sizes, limit, break_at, taken)
        even = (sum(sizes) + taken) // max(1, len(groups)) + max(sizes, default=0) // 2
        if even < limit:  # the same number of parts, but of about one size rather than full ones and a crumb
            evenly = _packed(units, sizes, even, break_at, taken)
            groups = evenly if len(evenly) <= len(groups) else groups
        return [text for group in groups for text in self._settle(group, limit)]

    def _settle(self, group: list[str], limit: int) -> list[str]:
        text = "".join(group).rstrip().strip("\n")
        if not text:
            return []
        if self._counter.fits(text, limit):
            return [text]
        if len(group) == 1:
            return [piece.rstrip() for piece in self.cut_words(text, limit)]
        middle = len(group) // 2
        return self._settle(group[:middle], limit) + self._settle(group[middle:], limit)


def _packed(
    units: list[str], sizes: list[int], limit: int, break_at: Callable[[list[str]], int], taken: int
) -> list[list[str]]:
    groups: list[list[str]] = []
    group: list[str] = []
    group_sizes: list[int] = []
    for unit, size in zip(units, sizes, strict=True):
        while group and taken + sum(group_sizes) + size > limit:
            kept = break_at(group)
            groups.append(group[:kept])
            group, group_sizes, taken = group[kept:], group_sizes[kept:], 0
        group.append(unit)
        group_sizes.append(size)
    return [*groups, group]


def _with_ends(text: str) -> list[str]:
    return text.splitlines(keepends=True)


def _last_blank_line(group: list[str]) -> int:
    """Number of lines up to the last blank one in the second half, so that code is cut between its paragraphs."""
    for index in range(len(group) - 1, len(group) // 2, -1):
        if not group[index].strip():
            return index + 1
    return len(group)


def _items(markdown: str) -> Iterator[str]:
    """Outermost items of a list, each with what is nested in it."""
    outermost: int | None = None
    current: list[str] = []
    for line, fence, _ in with_fences(_with_ends(markdown)):
        item = None if fence else list_item(line)
        if item and (outermost is None or item.indent <= outermost):
            outermost = item.indent
            if current:
                yield "".join(current)
            current = []
        current.append(line)
    if current:
        yield "".join(current)
