"""Inline rules of MDX: tags, expressions, text directives, comments, footnote references, math."""

import re

from markdown_it import MarkdownIt
from markdown_it.rules_inline import StateInline

from services.ingest.sources.source_tree.parsing.mdx.budget import spend
from services.ingest.sources.source_tree.parsing.mdx.container_rules import DIRECTIVE_NAME
from services.ingest.sources.source_tree.parsing.mdx.javascript import INCOMPLETE, end_of_braces
from services.ingest.sources.source_tree.parsing.mdx.tags import Expression, NoTag, scan_jsx_tag

_DIRECTIVE = re.compile(rf":(?P<name>{DIRECTIVE_NAME})(?!:)", re.ASCII)
_LABEL = re.compile(r"\[((?:\\.|[^\\\[\]]|\[[^\[\]]*\])*)\]")
_ATTRIBUTES = re.compile(r"\{[^{}\n]*\}")
_FOOTNOTE_REFERENCE = re.compile(r"\[\^([^\]\s]+)\]")
_MATH = re.compile(r"(\$+)(?!\$)(.*?[^$])\1(?!\$)", re.DOTALL)

_BRACKET_COST = 5
"""Characters of the budget that a bracket costs: markdown-it looks for a link behind each."""


def add_inline_rules(md: MarkdownIt, *, is_mdx: bool, has_comments: bool, has_math: bool) -> None:
    """Teach a parser the inline constructs of a format."""
    ruler = md.inline.ruler
    if has_comments:
        ruler.before("autolink", "comment", _comment)
    if is_mdx:
        ruler.before("autolink", "mdx_tag", _tag)
        ruler.before("autolink", "mdx_expression", _expression)
    if has_math:
        ruler.before("escape", "math", _math)
    ruler.before("link", "footnote_reference", _footnote_reference)
    ruler.before("entity", "text_directive", _directive)


def _tag(state: StateInline, silent: bool) -> bool:
    if state.src[state.pos] != "<":
        return False
    try:
        tag, end = scan_jsx_tag(state.src, state.pos)
    except NoTag:
        spend(state, min(200, len(state.src) - state.pos))
        return False
    if end > state.posMax:
        return False
    if not silent:
        state.push("mdx_tag", "", 0).meta = {"item": tag}
    state.pos = end
    return True


def _expression(state: StateInline, silent: bool) -> bool:
    if state.src[state.pos] != "{":
        return False
    end = end_of_braces(state.src, state.pos)
    if end == INCOMPLETE or end > state.posMax:
        spend(state, len(state.src) - state.pos)
        return False
    if not silent:
        state.push("mdx_expression", "", 0).meta = {"item": Expression(state.src[state.pos + 1 : end - 1])}
    state.pos = end
    return True


def _comment(state: StateInline, silent: bool) -> bool:
    if not state.src.startswith("<!--", state.pos):
        return False
    end = state.src.find("-->", state.pos + 4)
    if end < 0 or end + 3 > state.posMax:
        spend(state, len(state.src) - state.pos)
        return False
    if not silent:
        state.push("comment", "", 0)
    state.pos = end + 3
    return True


def _directive(state: StateInline, silent: bool) -> bool:
    """`:name[label]{attributes}`; not after another colon."""
    start = state.pos
    if state.src[start] != ":" or state.src[start - 1 : start] == ":":
        return False
    match = _DIRECTIVE.match(state.src, start, state.posMax)
    if match is None:
        return False
    label = _LABEL.match(state.src, match.end(), min(state.posMax, match.end() + 1000))
    end = label.end() if label else match.end()
    attributes = _ATTRIBUTES.match(state.src, end, min(state.posMax, end + 1000))
    end = attributes.end() if attributes else end
    if not silent:
        is_simple = not (label and label[1]) and not (attributes and attributes.group().strip("{} "))
        token = state.push("text_directive", "", 0)
        token.meta = {"name": match["name"], "is_simple": is_simple}
        token.children = state.md.inline.parse(label[1], state.md, state.env, []) if label else []
    state.pos = end
    return True


def _footnote_reference(state: StateInline, silent: bool) -> bool:
    if state.src[state.pos] != "[":
        return False
    if not state.src.startswith("[^", state.pos):
        spend(state, _BRACKET_COST)
        return False
    match = _FOOTNOTE_REFERENCE.match(state.src, state.pos, state.posMax)
    if match is None or match[1] not in state.env.get("footnotes", ()):
        return False
    if not silent:
        state.push("footnote_reference", "", 0).meta = {"name": match[1]}
    state.pos = match.end()
    return True


def _math(state: StateInline, silent: bool) -> bool:
    if state.src[state.pos] != "$":
        return False
    match = _MATH.match(state.src, state.pos, min(state.posMax, state.pos + 5_000))
    if match is None:
        return False
    if not silent:
        state.push("math", "", 0).content = match[2].strip()
    state.pos = match.end()
    return True
