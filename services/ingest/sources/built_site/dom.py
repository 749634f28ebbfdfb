"""Small questions about an HTML element, and which parts of a Docusaurus page are not its text."""

from collections.abc import Iterator
from functools import cache

from selectolax.lexbor import LexborNode

HEADINGS = {f"h{level}": level for level in range(1, 7)}
_FURNITURE = ", ".join(
    (
        *("script", "style", "svg", "button", "noscript", "template", "iframe", "nav", "head"),
        *(".hash-link", ".katex-html", "[data-footnote-backref]", ".data-footnote-backref"),
        *(".theme-doc-toc-mobile", ".theme-doc-breadcrumbs", ".theme-doc-footer"),
        *(".theme-doc-version-badge", ".theme-doc-version-banner"),
        # Parts of a live code block; its source stays.
        *("[class^=playgroundHeader]", "[class*=' playgroundHeader']"),
        *("[class^=playgroundPreview]", "[class*=' playgroundPreview']"),
    )
)
_COMMENTS = frozenset(("-comment", "!--", "!doctype"))


def clear_furniture(node: LexborNode) -> None:
    """Remove what is not part of the text: navigation, icons, copy buttons, the second copy of a formula."""
    for furniture in reversed(node.css(_FURNITURE)):  # innermost first: removing an element frees everything in it
        if furniture.mem_id != node.mem_id:  # `==` compares their HTML
            furniture.decompose()


def attribute(node: LexborNode, name: str) -> str:
    """Value of an attribute; empty when it is not there."""
    return node.attributes.get(name) or ""


def classes(node: LexborNode) -> list[str]:
    """Classes of an element."""
    return attribute(node, "class").split()


def has_class_like(node: LexborNode, start: str) -> bool:
    """Whether a class begins like this: the theme's own classes end in a hash (`codeBlockTitle_L5qy`)."""
    return any(name.startswith(start) for name in classes(node))


def is_text(node: LexborNode) -> bool:
    """Whether this is a text and not an element."""
    return node.tag == "-text"


def children(node: LexborNode) -> Iterator[LexborNode]:
    """Child elements and texts, without comments."""
    return (child for child in node.iter(include_text=True) if child.tag not in _COMMENTS)


def contains(node: LexborNode, tags: frozenset[str]) -> bool:
    """Whether an element with one of these tags is inside."""
    selector = _selector(tags)
    first = node.css_first(selector)
    if first is None:
        return False
    return first.mem_id != node.mem_id or len(node.css(selector)) > 1


@cache
def _selector(tags: frozenset[str]) -> str:
    return ", ".join(sorted(tags))


def raw_text(node: LexborNode) -> str:
    """The text inside, as it stands."""
    return node.text(deep=not is_text(node))


def plain_text(node: LexborNode) -> str:
    """The text inside, white space squeezed; alt texts of images are not part of it."""
    return " ".join(raw_text(node).replace("\u200b", "").split())
