"""The article of a built page as headings and sections."""

from selectolax.lexbor import LexborNode

from services.ingest.document import Block, BlockKind, Heading, Section
from services.ingest.sources.built_site.blocks import code_block, list_block, quote_block, table_block
from services.ingest.sources.built_site.dom import (
    HEADINGS,
    attribute,
    children,
    classes,
    contains,
    has_class_like,
    is_text,
    plain_text,
)
from services.ingest.sources.built_site.inline import inline_markdown, inline_node

_HEADING_TAGS = frozenset(HEADINGS)
_HEADINGS = ", ".join(HEADINGS)
_BLOCK_TAGS = _HEADING_TAGS | frozenset(
    (
        *("p", "pre", "ul", "ol", "li", "dl", "dt", "dd", "table", "blockquote", "details", "summary", "hr"),
        *("div", "section", "article", "header", "footer", "main", "aside", "figure", "figcaption"),
        *("form", "fieldset", "address"),
    )
)


def read_article(
    container: LexborNode, page_uri: str, headings: list[Heading], *, title_inside: bool
) -> tuple[Section, ...]:
    """Cut the text of a container at its headings.

    Args:
        container: Element that holds only the text.
        page_uri: Address of the page, for links.
        headings: All headings of the page, to know which ids are unique.
        title_inside: Whether the first heading of level 1 is the page's title, which stays out of heading paths.
    """
    reader = _Reader(page_uri, headings, title_inside=title_inside)
    reader.read(container, ())
    return reader.finished()


def headings_of(scope: LexborNode) -> list[Heading]:
    """All headings of an element in document order."""
    return [Heading(HEADINGS[node.tag or ""], attribute(node, "id"), plain_text(node)) for node in scope.css(_HEADINGS)]


class _Reader:
    def __init__(self, page_uri: str, headings: list[Heading], *, title_inside: bool) -> None:
        ids = [heading.id for heading in headings if heading.id]
        self._unique = {each for each in ids if ids.count(each) == 1}
        self._page_uri = page_uri
        self._sections: list[Section] = []
        self._anchor = ""
        self._path: list[tuple[int, str, str]] = []
        self._seen_title = not title_inside
        self._blocks: list[Block] = []
        self._loose: list[str] = []  # inline text that stands between blocks
        self._loose_tabs: tuple[str, ...] = ()

    def finished(self) -> tuple[Section, ...]:
        """The sections that have text."""
        self._end_section()
        return tuple(self._sections)

    def read(self, node: LexborNode, tabs: tuple[str, ...]) -> None:
        """Read what is below an element."""
        for child in children(node):
            self._read_node(child, tabs)
        self._end_paragraph()

    def _read_node(self, node: LexborNode, tabs: tuple[str, ...]) -> None:
        if is_text(node) or (node.tag not in _BLOCK_TAGS and not contains(node, _BLOCK_TAGS)):
            self._loose.append(inline_node(node, self._page_uri))
            self._loose_tabs = tabs
            return
        self._end_paragraph()
        if node.tag in HEADINGS:
            self._begin_section(node)
        elif "theme-admonition" in classes(node):
            self._read_admonition(node, tabs)
        elif (tab_list := _tab_list(node)) is not None:
            self._read_tabs(tab_list, _panels(node), tabs)
        else:
            self._read_block(node, tabs)

    def _read_block(self, node: LexborNode, tabs: tuple[str, ...]) -> None:
        has_headings = contains(node, _HEADING_TAGS)
        match node.tag:
            case "pre":
                self._add(code_block(node, tabs))
            case "div" if "theme-code-block" in classes(node):
                self._add(code_block(node, tabs))
            case "ul" | "ol" if not has_headings:
                self._add(list_block(node, self._page_uri, tabs))
            case "table" if not has_headings:
                self._add(table_block(node, self._page_uri, tabs))
            case "blockquote" if not has_headings:
                self._add(quote_block(node, self._page_uri, tabs))
            case "summary" if not has_headings:
                self._add_prose(f"**{plain_text(node)}**", tabs)
            case "p" if not contains(node, _BLOCK_TAGS):
                self._add_prose(inline_markdown(node, self._page_uri), tabs)
            case "dt":
                self._add_prose(f"**{inline_markdown(node, self._page_uri)}**", tabs)
            case _:
                self.read(node, tabs)

    def _read_admonition(self, node: LexborNode, tabs: tuple[str, ...]) -> None:
        prefix = "theme-admonition-"
        kind = next((name.removeprefix(prefix) for name in classes(node) if name.startswith(prefix)), "note")
        for child in children(node):
            if has_class_like(child, "admonitionHeading"):
                title = plain_text(child)
                label = title if title.lower() == kind else f"{kind.capitalize()}: {title}"
                self._add_prose(f"**{label[:1].upper()}{label[1:]}**", tabs)
            else:
                self._read_node(child, tabs)
        self._end_paragraph()

    def _read_tabs(self, tab_list: LexborNode, panels: list[LexborNode], tabs: tuple[str, ...]) -> None:
        labels = [plain_text(tab) for tab in children(tab_list) if attribute(tab, "role") == "tab"]
        for index, panel in enumerate(panels):
            label = labels[index] if index < len(labels) else ""
            if label:
                self._add_prose(f"**{label}:**", (*tabs, f"tab={label}"))
            self.read(panel, (*tabs, f"tab={label}"))

    def _begin_section(self, node: LexborNode) -> None:
        self._end_section()
        level, text = HEADINGS[node.tag or ""], plain_text(node)
        heading_id = attribute(node, "id")
        if level == 1 and not self._seen_title:
            self._seen_title, self._path, self._anchor = True, [], ""
            return
        if heading_id in self._unique:
            self._anchor = heading_id
        while self._path and self._path[-1][0] >= level:
            self._path.pop()
        self._path.append((level, text, self._anchor))

    def _end_section(self) -> None:
        self._end_paragraph()
        if self._blocks:
            path = tuple(text for _, text, _ in self._path if text)
            anchors = tuple(anchor for _, text, anchor in self._path if text)
            self._sections.append(Section(self._anchor, path, tuple(self._blocks), anchors))
        self._blocks = []

    def _end_paragraph(self) -> None:
        text = "\n".join(" ".join(line.split()) for line in "".join(self._loose).replace("\u200b", "").split("\n"))
        self._loose = []
        self._add_prose(text.strip(), self._loose_tabs)

    def _add_prose(self, markdown: str, tabs: tuple[str, ...]) -> None:
        if markdown.strip("* "):
            self._add(Block(BlockKind.PROSE, markdown, tabs=tabs))

    def _add(self, block: Block) -> None:
        if block.markdown.strip():
            self._blocks.append(block)


def _tab_list(node: LexborNode) -> LexborNode | None:
    return next((child for child in node.iter() if attribute(child, "role") == "tablist"), None)


def _panels(node: LexborNode) -> list[LexborNode]:
    """The tab panels below, without those inside panels."""
    found: list[LexborNode] = []
    for child in node.iter():
        found.extend([child] if attribute(child, "role") == "tabpanel" else _panels(child))
    return found
