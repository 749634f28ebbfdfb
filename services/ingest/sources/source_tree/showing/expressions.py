"""Texts and values of expressions and attributes, as far as they are known without running the site."""

import re
from typing import Any

from services.ingest.sources.source_tree.evaluating.evaluator import value_of
from services.ingest.sources.source_tree.evaluating.names import Names
from services.ingest.sources.source_tree.evaluating.values import UNKNOWN, shown_text
from services.ingest.sources.source_tree.js_strings import unescape
from services.ingest.sources.source_tree.parsing.mdx.javascript import is_only_comments
from services.ingest.sources.source_tree.parsing.mdx.tags import Expression, Known

_STRING = re.compile(r"\A(?:'((?:\\.|[^'\\\n])*)'|\"((?:\\.|[^\"\\\n])*)\"|`((?:\\.|[^`\\$])*)`)\Z", re.DOTALL)
MAX_SOURCE_CHARS = 2_000_000


def evaluate(source: str, names: Names) -> str | None:
    """Text an expression shows; None when only the running site knows it.

    Args:
        source: The expression without its braces.
        names: What the names in it stand for.
    """
    value = expression_value(source, names)
    return None if value is UNKNOWN else shown_text(value)


def expression_value(source: str, names: Names) -> Any:
    """Value of an expression; UNKNOWN when only the running site knows it."""
    source = source.strip()
    if len(source) > MAX_SOURCE_CHARS:
        return UNKNOWN
    if is_only_comments(source):
        return None
    if string := _STRING.match(source):
        return unescape(next(part for part in string.groups() if part is not None))
    return value_of(source, names)


def attribute_value(value: str | Expression | bool | None, names: Names) -> Any:
    """Value of a tag's attribute; None when it has none, UNKNOWN when only the running site knows it."""
    if isinstance(value, Known):
        return value.value
    return expression_value(value.source, names) if isinstance(value, Expression) else value


def attribute_text(value: str | Expression | bool | None, names: Names) -> str:
    """Text of a tag's attribute; empty when it has none or only the running site knows it."""
    if isinstance(value, Expression):
        known = attribute_value(value, names)
        return "" if known is UNKNOWN else shown_text(known) or ""
    return value if isinstance(value, str) else ""
