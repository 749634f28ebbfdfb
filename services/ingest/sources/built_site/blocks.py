"""Blocks of HTML as Markdown: code, lists, tables, quotations."""

from collections.abc import Iterator

from selectolax.lexbor import LexborNode

from services.ingest.document import Block, BlockKind
from services.ingest.sources.built_site.dom import (
    attribute,
    children,
    classes,
    contains,
    has_class_like,
    is_text,
    raw_text,
)
from services.ingest.sources.built_site.inline import inline_markdown, inline_node

_ROWS, _CELLS = frozenset(("tr",)), frozenset(("th", "td"))
_LISTS = frozenset(("ul", "ol"))
_BREAKERS = frozenset(("p", "div", "pre", "ul", "ol", "table", "blockquote", "details", "summary", "section", "dl"))


def code_block(node: LexborNode, tabs: tuple[str, ...]) -> Block:
    """A code block with its language, its title and its lines."""
    language = _language(node)
    title_node = next((each for each in node.css("div") if has_class_like(each, "codeBlockTitle")), None)
    title = f' title="{raw_text(title_node).strip()}"' if title_node is not None else ""
    code = _code_text(node)
    mark = "```"
    while mark in code:
        mark += "`"
    return Block(BlockKind.CODE, f"{mark}{language}{title}\n{code}\n{mark}", language, tabs)


def list_block(node: LexborNode, page_uri: str, tabs: tuple[str, ...]) -> Block:
    """A list with everything that is nested in its items."""
    return Block(BlockKind.LIST, "\n".join(_list_lines(node, page_uri)), tabs=tabs)


def table_block(node: LexborNode, page_uri: str, tabs: tuple[str, ...]) -> Block:
    """A table, one row a line; a table without a head gets an empty one, which Markdown needs."""
    rows = [[_cell(cell, page_uri) for cell in _own(row, _CELLS)] for row in _own(node, _ROWS)]
    rows = [row for row in rows if row]
    if not rows:
        return Block(BlockKind.PROSE, inline_markdown(node, page_uri), tabs=tabs)
    width = max(len(row) for row in rows)
    if node.css_first("thead") is None and node.css_first("tr > th") is None:
        rows.insert(0, [""] * width)
    lines = [_row(row, width) for row in rows]
    lines.insert(1, "|" + " --- |" * width)
    return Block(BlockKind.TABLE, "\n".join(lines), tabs=tabs)


def quote_block(node: LexborNode, page_uri: str, tabs: tuple[str, ...]) -> Block:
    """A quotation."""
    return Block(BlockKind.PROSE, "\n".join(f"> {line}".rstrip() for line in _flow(node, page_uri)), tabs=tabs)


def _language(node: LexborNode) -> str:
    named = [node, *node.css("pre, code")]
    names = (name for each in named for name in classes(each))
    language = next((name.removeprefix("language-") for name in names if name.startswith("language-")), "")
    return "" if language in {"text", "undefined"} else language.lower()


def _code_text(node: LexborNode) -> str:
    lines = node.css(".token-line")
    if lines:
        return "\n".join(raw_text(line).strip("\n") for line in lines).strip("\n")
    pre = node if node.tag == "pre" else node.css_first("pre")
    return raw_text(pre if pre is not None else node).strip("\n")


def _list_lines(node: LexborNode, page_uri: str) -> Iterator[str]:
    number = int(attribute(node, "start")) if attribute(node, "start").isdecimal() else 1
    for item in node.iter():
        if item.tag != "li":
            continue
        marker = f"{number}. " if node.tag == "ol" else "- "
        number += 1
        for index, line in enumerate(_flow(item, page_uri)):
            yield (marker + line if index == 0 else " " * len(marker) + line).rstrip()


def _flow(node: LexborNode, page_uri: str) -> Iterator[str]:
    """Lines of mixed content: paragraphs, code and lists in an item or a quotation."""
    loose: list[str] = []
    for child in children(node):
        if is_text(child) or (child.tag not in _BREAKERS and not contains(child, _BREAKERS)):
            loose.append(inline_node(child, page_uri))
            continue
        yield from _paragraph(loose)
        loose = []
        yield from _flow_block(child, page_uri)
    yield from _paragraph(loose)


def _flow_block(node: LexborNode, page_uri: str) -> Iterator[str]:
    if node.tag in _LISTS:
        yield from _list_lines(node, page_uri)
    elif node.tag == "pre" or "theme-code-block" in classes(node):
        yield from code_block(node, ()).markdown.split("\n")
    elif node.tag == "table":
        yield from table_block(node, page_uri, ()).markdown.split("\n")
    else:
        yield from _flow(node, page_uri)


def _paragraph(parts: list[str]) -> Iterator[str]:
    text = "".join(parts).replace("\u200b", "").strip()
    for line in text.split("\n") if text else ():
        yield " ".join(line.split())


def _own(node: LexborNode, tags: frozenset[str]) -> Iterator[LexborNode]:
    """Elements of these tags in a table or a row, without those of tables inside it."""
    for child in node.iter():
        if child.tag in tags:
            yield child
        elif child.tag != "table":
            yield from _own(child, tags)


def _cell(node: LexborNode, page_uri: str) -> str:
    return "<br>".join(line for line in _flow(node, page_uri) if line).replace("|", "\\|")


def _row(cells: list[str], width: int) -> str:
    return "| " + " | ".join([*cells, *[""] * (width - len(cells))]) + " |"
