"""Lists as Markdown. Code, tables and headings in an item become blocks of their own."""

import re
from collections.abc import Iterator

from services.ingest.document import Block, BlockKind
from services.ingest.sources.source_tree.parsing.mdx.nodes import Kind, Node
from services.ingest.sources.source_tree.showing.context import Context, Flow, HeadingShown, Shown

_LIST_LINE = re.compile(r"\s*(?:[-*]|\d+\.) ")


def write_list(node: Node, context: Context, flow: Flow) -> Iterator[Shown]:
    """A Markdown or HTML list."""
    is_ordered = node.level > 0 or node.name == "ol"
    number = int(node.info) if node.info.isdigit() else 1
    texts: list[str] = []
    for item in _items(node):
        marker = f"{number}. " if is_ordered else "- "
        number += 1
        shown = list(flow(item, context))
        if _is_simple(shown, context):
            blocks = [block for block in shown if isinstance(block, Block)]
            yield from (extra for extra in shown if not isinstance(extra, Block))
            texts.append(item_text(marker, _joined(blocks)))
            continue
        first = shown[0]
        if isinstance(first, Block) and first.kind is BlockKind.PROSE:
            texts.append(item_text(marker, first.markdown))
            shown = shown[1:]
        yield from _flush(texts, context)
        texts = []
        yield from shown
    yield from _flush(texts, context)


def _items(node: Node) -> Iterator[list[Node]]:
    """Contents of the items; white space between the `<li>` of an HTML list is skipped."""
    for child in node.children:
        if child.kind is Kind.ITEM or (child.kind is Kind.ELEMENT and child.name == "li"):
            yield child.children
        elif child.kind is Kind.PARAGRAPH:
            yield from _items(child)
        elif child.kind is not Kind.TEXT or child.text.strip():
            yield [child]


def _is_simple(shown: list[Shown], context: Context) -> bool:
    """Whether an item is text and nested lists only."""
    return all(
        isinstance(one, Block) and one.kind in {BlockKind.PROSE, BlockKind.LIST} and one.tabs == context.tabs
        for one in shown
        if isinstance(one, Block | HeadingShown)
    )


def _joined(blocks: list[Block]) -> str:
    """The blocks of an item; nested lists follow their text directly."""
    parts: list[str] = []
    for block in blocks:
        if parts:
            parts.append("\n" if block.kind is BlockKind.LIST else "\n\n")
        parts.append(block.markdown)
    return "".join(parts)


def item_text(marker: str, markdown: str) -> str:
    """An item with its continuation lines indented."""
    indent = " " * len(marker)
    lines = markdown.split("\n")
    return marker + "\n".join([lines[0], *(f"{indent}{line}" if line else "" for line in lines[1:])])


def _flush(texts: list[str], context: Context) -> Iterator[Shown]:
    kept = [text for text in texts if _LIST_LINE.sub("", text, count=1).strip()]
    if kept:
        yield Block(BlockKind.LIST, "\n".join(kept), tabs=context.tabs)
