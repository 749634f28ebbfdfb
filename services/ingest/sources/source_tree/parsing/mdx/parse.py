"""From the text of a file to its tree."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Literal

from markdown_it import MarkdownIt
from markdown_it.rules_core import StateCore
from markdown_it.token import Token

from services.ingest.sources.source_tree.parsing.large_pages import definitions_of, parts_of
from services.ingest.sources.source_tree.parsing.mdx.block_rules import add_block_rules
from services.ingest.sources.source_tree.parsing.mdx.inline_rules import add_inline_rules
from services.ingest.sources.source_tree.parsing.mdx.nodes import Node
from services.ingest.sources.source_tree.parsing.mdx.preprocess import preprocess, without_front_matter
from services.ingest.sources.source_tree.parsing.mdx.tree import build_tree
from services.ingest.sources.source_tree.settings.site_settings import Mdx1Compat

MAX_NESTING = 60
MAX_PARAGRAPH_CHARS = 100_000
_DATA_ADDRESS = re.compile(r"data:[\w/+.;=-]+,[A-Za-z0-9+/=%]*")
_FOOTNOTE_NAME = re.compile(r"^[ \t>]*\[\^([^\]\s]+)\]:", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Dialect:
    """Everything about the settings that changes how a text is parsed."""

    format: Literal["mdx", "md"]
    compat: Mdx1Compat
    admonition_keywords: tuple[str, ...] | None
    has_math: bool


def parse_tree(text: str, dialect: Dialect) -> Node:
    """Parse a normalised text, front matter included.

    Raises:
        ParserOverwhelmed: If it has too many tags or braces that are never closed.
    """
    body, lines_above = without_front_matter(preprocess(text, dialect.compat, dialect.admonition_keywords))
    return _parse_body(body, lines_above, dialect, {"footnotes": _footnotes(body)})


def parse_parts(text: str, dialect: Dialect) -> Iterator[Node]:
    """Parse a long text part by part, as trees that follow each other; only one has to be held at a time.

    Raises:
        ParserOverwhelmed: If it has too many tags or braces that are never closed.
        Uncuttable: If it cannot be cut.
    """
    body, lines_above = without_front_matter(preprocess(text, dialect.compat, dialect.admonition_keywords))
    footnotes = _footnotes(body)
    definitions: dict[str, Any] = {}
    MarkdownIt("commonmark").parse(definitions_of(body), definitions)
    for part, lines_before in parts_of(body):
        env = {"footnotes": footnotes, "references": dict(definitions.get("references", {}))}
        yield _parse_body(part, lines_above + lines_before, dialect, env)


def _footnotes(body: str) -> frozenset[str]:
    return frozenset(_FOOTNOTE_NAME.findall(body)) if "[^" in body else frozenset()


def _parse_body(body: str, lines_above: int, dialect: Dialect, env: dict[str, Any]) -> Node:
    is_mdx = dialect.format == "mdx"
    has_comments = dialect.compat.comments
    md = _parser(is_mdx=is_mdx, has_comments=has_comments, has_math=dialect.has_math)
    tokens: list[Token] = md.parse(body, env)
    return build_tree(tokens, lines_above)


def _cut_long_paragraphs(state: StateCore) -> None:
    """No person writes a paragraph of 100,000 characters: keep its start, so that its links do not take minutes."""
    for token in state.tokens:
        if token.type == "inline" and len(token.content) > MAX_PARAGRAPH_CHARS:
            token.content = _DATA_ADDRESS.sub("", token.content)[:MAX_PARAGRAPH_CHARS]


@lru_cache(maxsize=8)
def _parser(*, is_mdx: bool, has_comments: bool, has_math: bool) -> MarkdownIt:
    md = MarkdownIt("commonmark", {"html": not is_mdx, "maxNesting": MAX_NESTING})
    md.enable(["table", "strikethrough"])
    add_block_rules(md, is_mdx=is_mdx, has_comments=has_comments, has_math=has_math)
    md.core.ruler.before("inline", "cut_long_paragraphs", _cut_long_paragraphs)
    add_inline_rules(md, is_mdx=is_mdx, has_comments=has_comments, has_math=has_math)
    if is_mdx:
        md.disable(["code", "html_block", "html_inline", "autolink", "lheading"])
    return md
