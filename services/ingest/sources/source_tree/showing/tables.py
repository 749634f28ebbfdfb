"""Tables as Markdown, from pipes or from HTML."""

from collections.abc import Iterator, Set

from services.ingest.document import Block, BlockKind
from services.ingest.sources.source_tree.parsing.mdx.nodes import Node
from services.ingest.sources.source_tree.showing.context import Context, Flow, HeadingShown, Shown
from services.ingest.sources.source_tree.showing.inline import markdown


def write_table(node: Node, context: Context) -> Iterator[Shown]:
    """A Markdown table."""
    rows = [[markdown(cell.children, context) for cell in row.children] for row in node.children]
    yield from _block(rows, context)


def write_html_table(node: Node, context: Context, flow: Flow) -> Iterator[Shown]:
    """A `<table>`; its cells may hold blocks, which become one line each. Headings in cells stay headings."""
    rows = []
    for row in _own(node, {"tr"}):
        texts = []
        for cell in _own(row, {"td", "th"}):
            shown = list(flow(cell.children, context))
            yield from (one for one in shown if isinstance(one, HeadingShown))
            texts.append(" ".join(_cell_text(one) for one in shown if isinstance(one, Block)))
        rows.append(texts)
    for caption in _own(node, {"caption"}):
        yield from flow(caption.children, context)
    yield from _block(rows, context)


def _own(node: Node, names: Set[str]) -> Iterator[Node]:
    """Elements with these names in a table or a row, but not in tables inside it."""
    for child in node.children:
        if child.name in names:
            yield child
        elif child.name != "table":
            yield from _own(child, names)


def _cell_text(block: Block) -> str:
    if block.kind is not BlockKind.CODE:
        return block.markdown
    lines = block.markdown.split("\n")[1:-1]
    return " ".join(f"`{line.strip()}`" for line in lines if line.strip())


def _block(rows: list[list[str]], context: Context) -> Iterator[Shown]:
    width = max((len(row) for row in rows), default=0)
    if not any(any(row) for row in rows):
        return
    lines = [_line([*row, *[""] * (width - len(row))]) for row in rows]
    lines.insert(1, _line(["---"] * width))
    yield Block(BlockKind.TABLE, "\n".join(lines), tabs=context.tabs)


def _line(cells: list[str]) -> str:
    return f"| {' | '.join(' '.join(cell.split()).replace('|', chr(92) + '|') for cell in cells)} |"
