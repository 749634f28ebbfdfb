"""The few JavaScript expressions whose value is known without running the site."""

import re
from collections.abc import Mapping

from services.ingest.sources.source_tree.js_strings import unescape
from services.ingest.sources.source_tree.parsing.mdx.javascript import is_only_comments
from services.ingest.sources.source_tree.parsing.mdx.tags import Expression

_STRING = re.compile(r"\A(?:'((?:\\.|[^'\\\n])*)'|\"((?:\\.|[^\"\\\n])*)\"|`((?:\\.|[^`\\])*)`)\Z", re.DOTALL)
_NUMBER = re.compile(r"\A-?\d+(?:\.\d+)?\Z")
_NAME = re.compile(r"\A[A-Za-z_$][\w$]*(?:\.[A-Za-z_$][\w$]*)*\Z")
_TRANSLATE = re.compile(r"\Atranslate\(\s*\{.*?\bmessage:\s*('(?:\\.|[^'\\])*'|\"(?:\\.|[^\"\\])*\")", re.DOTALL)
_FALLBACK = re.compile(r"\A(?P<name>[\w$.]+)\s*(?:\?\?|\|\|)\s*(?P<otherwise>['\"`].*)\Z", re.DOTALL)
_PROPERTY = re.compile(r"\Aprops\.[\w$]+\Z")
_HOLE = re.compile(r"\$\{([^{}]*)\}")
MAX_SOURCE_CHARS = 200_000


def evaluate(source: str, names: Mapping[str, str]) -> str | None:
    """Text an expression shows; None when only the running site knows it.

    Args:
        source: The expression without its braces.
        names: Values of known names, as `value` or `props.value`.
    """
    source = source.strip()
    if len(source) > MAX_SOURCE_CHARS:
        return None
    if is_only_comments(source) or source in {"null", "undefined", "true", "false"}:
        return ""
    string = _STRING.match(source)
    if string:
        return _string_value(string, names)
    if _NUMBER.match(source):
        return source
    if _NAME.match(source):
        return names.get(source, "" if _PROPERTY.match(source) else None)
    fallback = _FALLBACK.match(source)
    if fallback:
        return evaluate(fallback["name"], names) or evaluate(fallback["otherwise"], names)
    translated = _TRANSLATE.match(source)
    return evaluate(translated[1], names) if translated else None


def attribute_text(value: str | Expression | bool | None, names: Mapping[str, str]) -> str:
    """Text of a tag's attribute; empty when it has none or only the running site knows it."""
    if isinstance(value, Expression):
        return evaluate(value.source, names) or ""
    return value if isinstance(value, str) else ""


def _string_value(match: re.Match[str], names: Mapping[str, str]) -> str | None:
    single, double, template = match.groups()
    if template is None:
        return unescape(single if single is not None else double)
    values = {hole: evaluate(hole, names) for hole in _HOLE.findall(template)}
    if "${" in _HOLE.sub("", template) or None in values.values():
        return None
    parts = _HOLE.split(template)
    return "".join(values[part] or "" if index % 2 else unescape(part) for index, part in enumerate(parts))
