"""Ids of Markdown headings: explicit ones in all syntaxes, else the slug of the text."""

import re

from services.ingest.sources.source_tree.parsing.heading_slugs import Slugger
from services.ingest.sources.source_tree.parsing.mdx.nodes import Kind, Node

_CLASSIC_ID = re.compile(r"\{#((?:.(?!\{#|\}))*.)\}\Z")
_SINGLE_COMMENT = re.compile(r"\s*(?:/\*((?:[^*]|\*(?!/))*)\*/|//([^\n]*)\n?)\s*\Z")


def find_content_title(tree: Node) -> Node | None:
    """The first heading, if it is of level 1 and above any thematic break."""
    for node in tree.walk():
        if node.kind is Kind.RULE:
            return None
        if node.kind is Kind.HEADING:
            return node if node.level == 1 else None
    return None


def assign_heading_ids(tree: Node, slugger: Slugger, *, without: Node | None) -> None:
    """Set the `id` of every heading of a module, or of its next part, and remove the text that names it.

    `without` is a heading that Docusaurus removes first (the title of a blog post), which therefore takes no slug.
    """
    for node in tree.walk():
        if node.kind is Kind.HEADING and node is not without:
            node.id = _take_comment_id(node) or _take_classic_id(node) or slugger.slug(slug_text(node.children))


def slug_text(nodes: list[Node]) -> str:
    """Text a slug is made of: sources of expressions, alts of images, no names of directives, no footnote marks."""
    parts = []
    for node in nodes:
        match node.kind:
            case Kind.EXPRESSION | Kind.TEXT | Kind.INLINE_CODE | Kind.IMAGE | Kind.MATH:
                parts.append(node.text)
            case Kind.FOOTNOTE_REFERENCE | Kind.COMMENT | Kind.BREAK:
                pass
            case _:
                parts.append(slug_text(node.children))
    return "".join(parts)


def _take_comment_id(heading: Node) -> str:
    """`## Title {/* #id */}`, and `<!-- #id -->` where the format keeps HTML comments."""
    last = heading.children[-1] if heading.children else None
    if last is None or last.kind not in {Kind.EXPRESSION, Kind.COMMENT}:
        return ""
    comment = last.text
    if last.kind is Kind.EXPRESSION:
        match = _SINGLE_COMMENT.match(last.text)
        comment = (match[1] or match[2] or "") if match else ""
    first_word = comment.strip().split(" ")[0]
    if not first_word.startswith("#") or len(first_word) < 2:
        return ""
    heading.children.pop()
    if heading.children and heading.children[-1].kind is Kind.TEXT:
        heading.children[-1].text = heading.children[-1].text.rstrip()
    return first_word[1:]


def _take_classic_id(heading: Node) -> str:
    """`## Title {#id}`, unescaped by the parser."""
    text = slug_text(heading.children)
    match = _CLASSIC_ID.search(text, max(0, text.rfind("{#"))) if text.endswith("}") and "{#" in text else None
    if match is None:
        return ""
    last = heading.children[-1]
    kept = last.text[: last.text.rfind("{#")].rstrip() if "{#" in last.text else ""
    if kept:
        last.text = kept
    else:
        heading.children.pop()
    return match[1].strip()
