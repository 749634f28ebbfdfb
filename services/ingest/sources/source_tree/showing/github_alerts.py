"""Quotes that are alerts on GitHub, `> [!NOTE]`, where a remark plugin of the site makes admonitions of them."""

import re
from dataclasses import replace

from services.ingest.sources.source_tree.parsing.mdx.nodes import Kind, Node

_MARK = re.compile(r"\s*\[!(NOTE|TIP|IMPORTANT|WARNING|CAUTION)\][ \t]*(?:\n|\Z)", re.IGNORECASE)
_AS_DIRECTIVES = {"important": "info", "caution": "danger"}
"""Kinds that remark-github-admonitions-to-directives takes for others."""


def alert_of(quote: Node, *, as_directives: bool) -> tuple[str, list[Node]] | None:
    """Kind and content of a quote that is an alert.

    Args:
        quote: The quote.
        as_directives: Whether the plugin makes admonitions of Docusaurus, which has fewer kinds.
    """
    first = quote.children[0] if quote.children else None
    if first is None or first.kind is not Kind.PARAGRAPH:
        return None
    head = ""
    for count, node in enumerate(first.children, start=1):
        if node.kind not in {Kind.TEXT, Kind.BREAK}:
            break
        head += "\n" if node.kind is Kind.BREAK else node.text
        match = _MARK.match(head)
        if match and (head.endswith("\n") or count == len(first.children)):
            kind = match[1].lower()
            rest = first.children[count:]
            content = [replace(first, children=rest), *quote.children[1:]] if rest else quote.children[1:]
            return _AS_DIRECTIVES.get(kind, kind) if as_directives else kind, content
    return None
