"""The tree a page is parsed into. A node has one of a few kinds, which decides what else it has."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import StrEnum

from services.ingest.sources.source_tree.parsing.mdx.tags import Expression


class Kind(StrEnum):
    """What a node is."""

    ROOT = "root"
    PARAGRAPH = "paragraph"
    HEADING = "heading"  # level, id
    LIST = "list"  # level 0: bullets; else ordered, starting there
    ITEM = "item"
    QUOTE = "quote"
    CODE = "code"  # text, info
    TABLE = "table"
    ROW = "row"
    CELL = "cell"
    RULE = "rule"
    DIRECTIVE = "directive"  # name, attributes; the first child is a LABEL if it has one
    LABEL = "label"
    FOOTNOTE = "footnote"  # name
    ELEMENT = "element"  # name, attributes
    ESM = "esm"  # text
    EXPRESSION = "expression"  # text
    TEXT = "text"  # text
    STRONG = "strong"
    EMPHASIS = "emphasis"
    STRIKE = "strike"
    INLINE_CODE = "inline_code"  # text
    LINK = "link"  # href
    IMAGE = "image"  # text (alt), href
    BREAK = "break"
    TEXT_DIRECTIVE = "text_directive"  # name
    FOOTNOTE_REFERENCE = "footnote_reference"  # name
    MATH = "math"  # text
    COMMENT = "comment"  # text; an HTML comment


INLINE_KINDS = frozenset(
    {
        Kind.TEXT,
        Kind.STRONG,
        Kind.EMPHASIS,
        Kind.STRIKE,
        Kind.INLINE_CODE,
        Kind.LINK,
        Kind.IMAGE,
        Kind.BREAK,
        Kind.TEXT_DIRECTIVE,
        Kind.FOOTNOTE_REFERENCE,
        Kind.MATH,
        Kind.COMMENT,
    }
)


@dataclass(slots=True)
class Node:
    """One node of the tree."""

    kind: Kind
    children: list["Node"] = field(default_factory=list)
    text: str = ""
    name: str = ""
    level: int = 0
    info: str = ""
    href: str = ""
    id: str = ""
    line: int = 0
    """Line in the file, from 1; 0 for inline nodes."""
    attributes: dict[str, str | Expression | bool] = field(default_factory=dict)

    def walk(self) -> Iterator["Node"]:
        """This node and all below it, in the order of the text."""
        waiting = [self]
        while waiting:
            node = waiting.pop()
            yield node
            waiting += reversed(node.children)

    def literal(self, name: str) -> str:
        """An attribute that is a string, else an empty one."""
        value = self.attributes.get(name)
        return value if isinstance(value, str) else ""
