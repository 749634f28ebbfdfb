"""Inline HTML as Markdown: what a reader sees, with code, emphasis and the targets of links."""

import re
from urllib.parse import urljoin

from selectolax.lexbor import LexborNode

from services.ingest.sources.built_site.dom import attribute, children, classes, is_text, plain_text

_SPACE = re.compile(r"\s+")
_EMPHASIS = {"strong": "**", "b": "**", "em": "*", "i": "*", "del": "~~", "s": "~~"}


def inline_markdown(node: LexborNode, page_uri: str) -> str:
    """The content of an element as one Markdown paragraph; links become absolute."""
    lines = _inline(node, page_uri).replace("\u200b", "").split("\n")
    return "\n".join(_SPACE.sub(" ", line).strip() for line in lines).strip()


def _inline(node: LexborNode, page_uri: str) -> str:
    return "".join(inline_node(child, page_uri) for child in children(node))


def inline_node(node: LexborNode, page_uri: str) -> str:
    """One inline element or text as Markdown, its outer white space kept."""
    if is_text(node):
        return _SPACE.sub(" ", node.text(deep=False))
    if "katex" in classes(node) or node.tag == "math":
        return _formula(node)
    match node.tag:
        case "br":
            return "\n"
        case "code":
            return _code(node)
        case "img":
            alt = attribute(node, "alt").strip()
            return f"*{alt}*" if alt else ""
        case "a" if "data-footnote-ref" in node.attributes:
            return f"[^{plain_text(node)}]"
        case "a":
            return _link(node, page_uri)
        case "input":
            return "[x] " if "checked" in node.attributes else "[ ] "
        case tag if tag in _EMPHASIS:
            return _wrapped(_inline(node, page_uri), _EMPHASIS[tag])
    return _inline(node, page_uri)


def _wrapped(text: str, mark: str) -> str:
    """Marks around the words, not around the white space."""
    before, words, after = _parted(text)
    return f"{before}{mark}{words}{mark}{after}" if words else text


def _parted(text: str) -> tuple[str, str, str]:
    """White space before, the words, white space after."""
    words = text.strip()
    start = len(text) - len(text.lstrip()) if words else len(text)
    return text[:start], words, text[start + len(words) :]


def _code(node: LexborNode) -> str:
    text = _SPACE.sub(" ", "".join(_texts(node)))
    if not text.strip():
        return text
    mark = "`"
    while mark in text:
        mark += "`"
    padding = " " if text.startswith("`") or text.endswith("`") else ""
    return f"{mark}{padding}{text}{padding}{mark}"


def _texts(node: LexborNode) -> list[str]:
    return [node.text(deep=False)] if is_text(node) else [text for child in children(node) for text in _texts(child)]


def _link(node: LexborNode, page_uri: str) -> str:
    text = _inline(node, page_uri)
    href = attribute(node, "href")
    if not text.strip() or not href or "\n" in text:
        return text
    try:
        target = urljoin(page_uri, href).replace(" ", "%20")  # a blank would end the target in Markdown
    except ValueError:  # an address no browser could open either
        return text
    before, label, after = _parted(text)
    return text if target == label else f"{before}[{label}]({target}){after}"


def _formula(node: LexborNode) -> str:
    source = node.css_first("annotation[encoding='application/x-tex']")
    if source is None:
        return " ".join("".join(_texts(node)).split())
    mark = "$$" if "katex-display" in attribute(node, "class") or attribute(node, "display") == "block" else "$"
    return f"{mark}{source.text().strip()}{mark}"
