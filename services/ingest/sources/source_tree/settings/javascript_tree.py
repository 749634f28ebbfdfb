"""A JavaScript or TypeScript program as tree-sitter parses it, and small questions about its nodes."""

from collections.abc import Iterator

import tree_sitter_typescript
from tree_sitter import Language, Node, Parser

_TYPESCRIPT = Language(tree_sitter_typescript.language_typescript())
_TSX = Language(tree_sitter_typescript.language_tsx())


def parse(source: str, *, jsx: bool = False) -> Node:
    """The root of a program; what is not TypeScript becomes nodes of type `ERROR`."""
    return Parser(_TSX if jsx else _TYPESCRIPT).parse(source.encode("utf-8", "replace")).root_node


def walk(node: Node) -> Iterator[Node]:
    """A node and all below it, in the order of the text."""
    waiting = [node]
    while waiting:
        node = waiting.pop()
        yield node
        waiting += reversed(node.named_children)


def children(node: Node) -> list[Node]:
    """What a node consists of, without punctuation and comments."""
    return [child for child in node.named_children if child.type != "comment"]


def first_child(node: Node) -> Node | None:
    """The first of them, if there is one."""
    return next(iter(children(node)), None)


def text_of(node: Node | None) -> str:
    """Source of a node; empty when there is none."""
    return node.text.decode() if node is not None and node.text is not None else ""


def line_of(node: Node) -> int:
    """Its first line, from 1."""
    return node.start_point.row + 1
