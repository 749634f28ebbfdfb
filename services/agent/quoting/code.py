"""Whether a block of code is whole: what was cut for the index is joined again, or recognised as a piece."""

from services.agent.quoting.blocks import Block, BlockKind
from services.language.brackets import is_balanced
from services.language.markdown import code_in, opening_fence

_DEEP_MARGIN = 8
"""Blanks before the first line from which a block is the inside of a larger one."""


def whole_code(blocks: list[Block]) -> list[Block]:
    """The blocks, with pieces of one block of code that follow each other joined."""
    joined: list[Block] = []
    for block in blocks:
        before = joined[-1] if joined else None
        if before is not None and _continues(before, block):
            joined[-1] = _joined(before, block)
        else:
            joined.append(block)
    return joined


def is_whole(block: Block) -> bool:
    """Whether a block of code begins at its margin, and every bracket is closed in it that it opens, and no other."""
    if block.kind is not BlockKind.CODE:
        return True
    fence, code = opening_fence(block.text), code_in(block.text)
    margin = len(code) - len(code.lstrip(" \t")) - len(fence.indent if fence else "")
    return margin < (1 if code.startswith("\t") else _DEEP_MARGIN) and is_balanced(code)


def _continues(before: Block, block: Block) -> bool:
    if before.kind is not BlockKind.CODE or block.kind is not BlockKind.CODE or is_whole(before):
        return False
    first, second = opening_fence(before.text), opening_fence(block.text)
    return first is not None and second is not None and first.info.split(" ")[0] == second.info.split(" ")[0]


def _joined(before: Block, block: Block) -> Block:
    lines = before.text.splitlines()
    return Block(BlockKind.CODE, "\n".join([*lines[:-1], code_in(block.text), lines[-1]]))
