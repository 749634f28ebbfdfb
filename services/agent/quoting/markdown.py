"""Markdown passages cut into blocks and sentences, for quoting them without breaking anything."""

import re
from dataclasses import dataclass
from enum import StrEnum


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


_FENCE = re.compile(r"^\s{0,12}(`{3,}|~{3,})")
_LIST_ITEM = re.compile(r"^\s{0,12}(?:[-*+]|\d{1,9}[.)])\s+")
_HEADING = re.compile(r"^#{1,6}\s+")
_ADMONITION = re.compile(r"^\s*:::")
# A sentence ends at a full stop and a blank, unless the stop belongs to a short form or a number.
_SENTENCE_END = re.compile(
    r"(?<=[.!?…])(?<!\be\.g\.)(?<!\bi\.e\.)(?<!\bvs\.)(?<!\betc\.)\s+(?=[A-Z0-9`*_\"'(\[À-ÖØ-Þ])|(?<=[。！？])"
)


def split_blocks(markdown: str) -> list[Block]:
    """The blocks of a passage in order; code fences, lists and tables stay whole."""
    blocks: list[Block] = []
    lines = markdown.splitlines()
    start = 0
    while start < len(lines):
        end = _block_end(lines, start)
        text = "\n".join(lines[start:end]).strip("\n")
        if text.strip() and not _ADMONITION.fullmatch(text.strip().split(" ")[0]):
            blocks.append(Block(_kind(lines[start]), text))
        start = end
    return blocks


def split_sentences(prose: str) -> list[str]:
    """The sentences of a block of prose, lines joined."""
    joined = re.sub(r"\s*\n\s*", " ", prose).strip()
    return [sentence.strip() for sentence in _SENTENCE_END.split(joined) if sentence and sentence.strip()]


def _kind(line: str) -> BlockKind:
    if _FENCE.match(line):
        return BlockKind.CODE
    if _HEADING.match(line):
        return BlockKind.HEADING
    if _LIST_ITEM.match(line):
        return BlockKind.LIST
    if line.lstrip().startswith("|"):
        return BlockKind.TABLE
    return BlockKind.PROSE


def _block_end(lines: list[str], start: int) -> int:
    """One past the last line of the block that begins at `start`."""
    kind = _kind(lines[start])
    if kind is BlockKind.CODE:
        return _fence_end(lines, start)
    if kind is BlockKind.HEADING or not lines[start].strip() or _ADMONITION.match(lines[start]):
        return start + 1
    end = start + 1
    while end < len(lines):
        line = lines[end]
        if kind is BlockKind.LIST and _FENCE.match(line) and line.startswith(" "):
            end = _fence_end(lines, end)
        elif not line.strip():
            if kind is not BlockKind.LIST or not _list_goes_on(lines, end):
                return end
            end += 1
        elif (
            (kind is not BlockKind.LIST and _kind(line) is not kind)
            or _HEADING.match(line)
            or _ADMONITION.match(line)
            or (kind is BlockKind.LIST and _FENCE.match(line))
        ):
            return end
        else:
            end += 1
    return end


def _fence_end(lines: list[str], start: int) -> int:
    opening = _FENCE.match(lines[start])
    assert opening is not None
    closing = re.compile(rf"^\s*{re.escape(opening[1][0])}{{{len(opening[1])},}}\s*$")
    for position in range(start + 1, len(lines)):
        if closing.match(lines[position]):
            return position + 1
    return len(lines)


def _list_goes_on(lines: list[str], blank: int) -> bool:
    following = next((line for line in lines[blank + 1 :] if line.strip()), "")
    return bool(_LIST_ITEM.match(following)) or following.startswith(("  ", "\t"))
