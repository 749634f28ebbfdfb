"""Small questions to a parsed HTML element, and what in a Docusaurus page is furniture."""

from collections.abc import Iterator

from selectolax.lexbor import LexborNode

HEADINGS = {f"h{level}": level for level in range(1, 7)}
_FURNITURE_TAGS = frozenset(["script", "style", "svg", "button", "noscript", "template", "iframe", "nav", "head"])
_FURNITURE_CLASSES = frozenset(
    (
        "hash-link",
        "katex-html",
        "theme-doc-toc-mobile",
        "theme-doc-breadcrumbs",
        "theme-doc-footer",
        "theme-doc-version-badge",
        "theme-doc-version-banner",
        "data-footnote-backref",
    )
)
_FURNITURE_CLASS_STARTS = ("playgroundHeader", "playgroundPreview")  # of a live code block; its source stays


def attribute(node: LexborNode, name: str) -> str:
    """Value of an attribute; empty when it is not there."""
    return node.attributes.get(name) or ""


def classes(node: LexborNode) -> list[str]:
    """Classes of an element."""
    return attribute(node, "class").split()


def has_class_like(node: LexborNode, start: str) -> bool:
    """Whether a class begins so: the theme's own classes end in a hash (`codeBlockTitle_L5qy`)."""
    return any(name.startswith(start) for name in classes(node))


def is_text(node: LexborNode) -> bool:
    """Whether this is a text and not an element."""
    return node.tag == "-text"


def is_furniture(node: LexborNode) -> bool:
    """Whether this is no part of the text: navigation, icons, copy buttons, the second copy of a formula."""
    if is_text(node):
        return False
    if node.tag in _FURNITURE_TAGS or node.tag in {"-comment", "!--"} or "data-footnote-backref" in node.attributes:
        return True
    names = classes(node)
    return not _FURNITURE_CLASSES.isdisjoint(names) or any(name.startswith(_FURNITURE_CLASS_STARTS) for name in names)


def children(node: LexborNode) -> Iterator[LexborNode]:
    """Elements and texts right below, without furniture."""
    return (child for child in node.iter(include_text=True) if not is_furniture(child))


def descendants(node: LexborNode) -> Iterator[LexborNode]:
    """Everything below, in document order, without furniture."""
    for child in children(node):
        yield child
        if not is_text(child):
            yield from descendants(child)


def contains(node: LexborNode, tags: frozenset[str]) -> bool:
    """Whether an element of these tags is below."""
    return any(child.tag in tags for child in descendants(node))


def raw_text(node: LexborNode) -> str:
    """Text below as it stands."""
    if is_text(node):
        return node.text(deep=False)
    return "".join(raw_text(child) for child in children(node))


def plain_text(node: LexborNode) -> str:
    """Text below with white space squeezed; images are their alt texts to a reader, but no part of a heading."""
    return " ".join(raw_text(node).replace("\u200b", "").split())
