"""Markdown passages cut into blocks, for quoting them without breaking anything."""

from dataclasses import dataclass
from enum import StrEnum

from services.language.markdown import is_admonition, is_heading, is_table_row, list_item, opening_fence


class BlockKind(StrEnum):
    """What a block is."""

    PROSE = "prose"
    LIST = "list"
    CODE = "code"
    TABLE = "table"
    HEADING = "heading"


@dataclass(frozen=True, slots=True)
class Block:
    """One block, exactly as it stands."""

    kind: BlockKind
    text: str


def split_blocks(markdown: str) -> list[Block]:
    """The blocks of a passage in order; code fences, lists and tables stay whole."""
    blocks: list[Block] = []
    lines = markdown.splitlines()
    start = 0
    while start < len(lines):
        end = _block_end(lines, start)
        text = "\n".join(lines[start:end]).strip("\n")
        if text.strip() and text.strip().split(" ")[0] != ":::":
            blocks.append(Block(_kind(lines[start]), text))
        start = end
    return blocks


def _kind(line: str) -> BlockKind:
    if opening_fence(line):
        return BlockKind.CODE
    if is_heading(line):
        return BlockKind.HEADING
    if list_item(line):
        return BlockKind.LIST
    if is_table_row(line):
        return BlockKind.TABLE
    return BlockKind.PROSE


def _block_end(lines: list[str], start: int) -> int:
    """One past the last line of the block that begins at `start`."""
    kind = _kind(lines[start])
    if kind is BlockKind.CODE:
        return _fence_end(lines, start)
    if kind is BlockKind.HEADING or not lines[start].strip() or is_admonition(lines[start]):
        return start + 1
    end = start + 1
    while end < len(lines):
        line = lines[end]
        if kind is BlockKind.LIST and opening_fence(line) and line.startswith(" "):
            end = _fence_end(lines, end)
        elif not line.strip():
            if kind is not BlockKind.LIST or not _list_goes_on(lines, end):
                return end
            end += 1
        elif (
            (kind is not BlockKind.LIST and _kind(line) is not kind)
            or is_heading(line)
            or is_admonition(line)
            or (kind is BlockKind.LIST and opening_fence(line))
        ):
            return end
        else:
            end += 1
    return end


def _fence_end(lines: list[str], start: int) -> int:
    fence = opening_fence(lines[start])
    assert fence is not None
    for position in range(start + 1, len(lines)):
        if fence.is_closed_by(lines[position]):
            return position + 1
    return len(lines)


def _list_goes_on(lines: list[str], blank: int) -> bool:
    following = next((line for line in lines[blank + 1 :] if line.strip()), "")
    return list_item(following) is not None or following.startswith(("  ", "\t"))
