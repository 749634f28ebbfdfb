"""From markdown-it's flat tokens to a tree, with the tags of JSX and HTML paired."""

from collections.abc import Callable, Sequence

from markdown_it.token import Token

from services.ingest.sources.source_tree.parsing.mdx.nodes import Kind, Node
from services.ingest.sources.source_tree.parsing.mdx.tags import Expression, Tag, split_html

_CONTAINERS = {
    "paragraph_open": Kind.PARAGRAPH,
    "heading_open": Kind.HEADING,
    "bullet_list_open": Kind.LIST,
    "ordered_list_open": Kind.LIST,
    "list_item_open": Kind.ITEM,
    "blockquote_open": Kind.QUOTE,
    "table_open": Kind.TABLE,
    "tr_open": Kind.ROW,
    "th_open": Kind.CELL,
    "td_open": Kind.CELL,
    "directive_open": Kind.DIRECTIVE,
    "label_open": Kind.LABEL,
    "footnote_open": Kind.FOOTNOTE,
    "strong_open": Kind.STRONG,
    "em_open": Kind.EMPHASIS,
    "s_open": Kind.STRIKE,
    "link_open": Kind.LINK,
}
_TRANSPARENT = frozenset({"thead_open", "thead_close", "tbody_open", "tbody_close"})
MAX_ELEMENT_DEPTH = 100


def build_tree(tokens: Sequence[Token], lines_above: int) -> Node:
    """Tree of a page; `lines_above` is how many lines of the file were cut off before parsing."""
    builder = _Builder(lines_above)
    builder.add(tokens)
    return builder.root


class _Builder:
    """Keeps the open nodes. Elements close with their container at the latest, as in MDX."""

    def __init__(self, lines_above: int) -> None:
        self.root = Node(Kind.ROOT)
        self._open = [self.root]
        self._lines_above = lines_above

    def add(self, tokens: Sequence[Token]) -> None:
        for token in tokens:
            if token.type in _TRANSPARENT:
                continue
            if token.type == "inline":
                depth = len(self._open)
                self.add(token.children or ())
                del self._open[depth:]
            elif token.nesting > 0:
                self._push(self._container(token))
            elif token.nesting < 0:
                self._close_container()
            else:
                self._add_leaf(token)

    def _push(self, node: Node) -> None:
        self._open[-1].children.append(node)
        self._open.append(node)

    def _container(self, token: Token) -> Node:
        kind = _CONTAINERS.get(token.type, Kind.PARAGRAPH)
        node = Node(kind, line=token.map[0] + 1 + self._lines_above if token.map else 0)
        if kind is Kind.HEADING:
            node.level = int(token.tag[1])
        elif token.type == "ordered_list_open":
            node.level = 1
            node.info = str(token.attrs.get("start", 1))
        elif kind is Kind.LINK:
            node.href = str(token.attrs.get("href", ""))
        elif kind in {Kind.DIRECTIVE, Kind.FOOTNOTE}:
            node.name = token.meta["name"]
            node.attributes = dict(token.meta.get("attributes", {}))
        return node

    def _close_container(self) -> None:
        while self._open[-1].kind is Kind.ELEMENT:
            self._open.pop()
        if len(self._open) > 1:
            self._open.pop()

    def _add_leaf(self, token: Token) -> None:
        match token.type:
            case "mdx_flow":
                line = (token.map or [0])[0] + 1 + self._lines_above
                for item in token.meta["items"]:
                    self._add_item(item, line)
            case "mdx_tag" | "mdx_expression":
                self._add_item(token.meta["item"], 0)
            case "html_block" | "html_inline":
                self._add_html(token)
            case "text" if not token.content:
                pass
            case leaf if leaf in _LEAVES:
                node = _LEAVES[leaf](token)
                node.line = token.map[0] + 1 + self._lines_above if token.map else 0
                self._open[-1].children.append(node)

    def _add_item(self, item: Tag | Expression, line: int) -> None:
        if isinstance(item, Expression):
            self._open[-1].children.append(Node(Kind.EXPRESSION, text=item.source, line=line))
        elif item.is_closing:
            self._close_element(item.name)
        else:
            node = Node(Kind.ELEMENT, name=item.name, attributes=item.attributes, line=line)
            self._open[-1].children.append(node)
            if not item.is_self_closing and len(self._open) < MAX_ELEMENT_DEPTH:
                self._open.append(node)

    def _close_element(self, name: str) -> None:
        """Close the innermost open element of that name in this container; a tag that closes nothing is ignored."""
        for depth in range(len(self._open) - 1, 0, -1):
            node = self._open[depth]
            if node.kind is not Kind.ELEMENT:
                return
            if node.name == name:
                del self._open[depth:]
                return

    def _add_html(self, token: Token) -> None:
        line = token.map[0] + 1 + self._lines_above if token.map else 0
        text = token.content
        if token.type == "html_inline" and text.startswith("<!--"):
            self._open[-1].children.append(Node(Kind.COMMENT, text=text[4:].removesuffix("-->")))
            return
        for part in split_html(text):
            if isinstance(part, Tag):
                self._add_item(part, line)
            elif part.strip():
                self._open[-1].children.append(Node(Kind.TEXT, text=part))


def _image(token: Token) -> Node:
    alt = "".join(child.content for child in token.children or ())
    return Node(Kind.IMAGE, text=alt, href=str(token.attrs.get("src", "")))


def _code(token: Token) -> Node:
    return Node(Kind.CODE, text=token.content, info=token.info.strip())


def _text_directive(token: Token) -> Node:
    label = _Builder(0)
    label.add(token.children or ())
    info = "simple" if token.meta["is_simple"] else ""
    return Node(Kind.TEXT_DIRECTIVE, name=token.meta["name"], info=info, children=label.root.children)


_LEAVES: dict[str, Callable[[Token], Node]] = {
    "text": lambda token: Node(Kind.TEXT, text=token.content),
    "softbreak": lambda _: Node(Kind.TEXT, text="\n"),
    "hardbreak": lambda _: Node(Kind.BREAK),
    "code_inline": lambda token: Node(Kind.INLINE_CODE, text=token.content),
    "fence": _code,
    "code_block": _code,
    "image": _image,
    "hr": lambda _: Node(Kind.RULE),
    "mdx_esm": lambda token: Node(Kind.ESM, text=token.content),
    "comment": lambda _: Node(Kind.COMMENT),
    "math": lambda token: Node(Kind.MATH, text=token.content),
    "footnote_reference": lambda token: Node(Kind.FOOTNOTE_REFERENCE, name=token.meta["name"]),
    "text_directive": _text_directive,
}
"""Nodes of the tokens that hold no others."""
