"""JSX and HTML tags: scanning one tag with its attributes."""

import html
import re
from dataclasses import dataclass, field
from typing import Any

from services.ingest.sources.source_tree.parsing.mdx.javascript import INCOMPLETE, end_of_braces

_SPACE = r"(?:\s|/\*.*?\*/|//[^\n]*(?:\n|\Z))*+"
_OPENING = re.compile(rf"<(?P<close>/)?{_SPACE}(?P<name>[^\W\d][\w$-]*(?:[.:][^\W\d][\w$-]*)*)?", re.DOTALL)
_PART = re.compile(
    rf"""{_SPACE}(?:
    (?P<end>/?{_SPACE}>)
    |(?P<spread>\{{)
    |(?P<name>[^\W\d][\w$:.-]*)(?:{_SPACE}={_SPACE}(?:"(?P<double>[^"]*)"|'(?P<single>[^']*)'|(?P<brace>\{{)|(?P<more>\Z)))?
    |(?P<more2>/?\Z)
    )""",
    re.DOTALL | re.VERBOSE,
)
_HTML = re.compile(
    r"<!--.*?(?:-->|\Z)|<(?P<close>/)?(?P<name>[A-Za-z][\w:.-]*)"
    r"(?P<attributes>(?:\s+[^\s\"'=<>/]+(?:\s*=\s*(?:\"[^\"]*\"|'[^']*'|[^\s\"'=<>`]+))?|\s*/(?!>))*+)\s*(?P<self>/)?>"
    r"|<[!?][^>]*>",
    re.DOTALL,
)
_HTML_ATTRIBUTE = re.compile(r"([^\s\"'=<>/]+)(?:\s*=\s*(?:\"([^\"]*)\"|'([^']*)'|([^\s\"'=<>`]+)))?")

SPREAD = "..."
"""What the names of attributes begin with that stand for those of an object: `{...props}`."""
VOID_TAGS = frozenset(
    ["area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr"]
)


@dataclass(slots=True)
class Tag:
    """One tag. Attribute values: str for a literal, Expression for `{…}`, True when there is no value."""

    name: str
    is_closing: bool = False
    is_self_closing: bool = False
    attributes: dict[str, "str | Expression | bool"] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Expression:
    """Source of a `{…}`, without the braces."""

    source: str


@dataclass(frozen=True, slots=True)
class Known(Expression):
    """A `{…}` whose value has been worked out."""

    value: Any = None


class NoTag(Exception):
    """There is no tag here; `is_incomplete` when more text could make one."""

    def __init__(self, *, is_incomplete: bool) -> None:
        super().__init__()
        self.is_incomplete = is_incomplete


def scan_jsx_tag(text: str, start: int) -> tuple[Tag, int]:
    """Scan the JSX tag that begins at a `<`.

    Returns:
        The tag and the index just after it.

    Raises:
        NoTag: If it is not a tag.
    """
    if text[start + 1 : start + 2].isspace():
        raise NoTag(is_incomplete=False)
    opening = _OPENING.match(text, start)
    if opening is None:
        raise NoTag(is_incomplete=False)
    tag = Tag(opening["name"] or "", is_closing=opening["close"] is not None)
    position = opening.end()
    while True:
        part = _PART.match(text, position)
        if part is None:
            raise NoTag(is_incomplete=False)
        if part["end"] is not None:
            tag.is_self_closing = part["end"].startswith("/")
            return tag, part.end()
        if part["more"] is not None or part["more2"] is not None:
            raise NoTag(is_incomplete=True)
        if not tag.name:
            raise NoTag(is_incomplete=False)
        position = _take_part(text, part, tag)


def _take_part(text: str, part: re.Match[str], tag: Tag) -> int:
    """Add an attribute to the tag; the index just after it."""
    if part["spread"] is None and part["brace"] is None:
        value = part["double"] if part["double"] is not None else part["single"]
        tag.attributes[part["name"]] = True if value is None else html.unescape(value)
        if value is None and text[part.end() : part.end() + 1] not in {"", " ", "\t", "\n", "/", ">", "{"}:
            rest = text[part.end() :].lstrip()
            raise NoTag(is_incomplete=rest[:1] == "=" and rest[1:].lstrip()[:1] in {'"', "'"})
        return part.end()
    brace = part.start("spread") if part["spread"] is not None else part.start("brace")
    end = end_of_braces(text, brace)
    if end == INCOMPLETE:
        raise NoTag(is_incomplete=True)
    source = text[brace + 1 : end - 1]
    if part["brace"] is not None:
        tag.attributes[part["name"]] = Expression(source)
    elif source.lstrip().startswith("..."):
        tag.attributes[f"{SPREAD}{len(tag.attributes)}"] = Expression(source.lstrip()[3:])
    return end


def split_html(text: str) -> list[Tag | str]:
    """Cut raw HTML into tags and the text between them; comments and declarations vanish."""
    parts: list[Tag | str] = []
    position = 0
    for match in _HTML.finditer(text):
        if match.start() > position:
            parts.append(html.unescape(text[position : match.start()]))
        position = match.end()
        if match["name"]:
            parts.append(_html_tag(match))
    if position < len(text):
        parts.append(html.unescape(text[position:]))
    return parts


def _html_tag(match: re.Match[str]) -> Tag:
    name = match["name"].lower()
    tag = Tag(name, is_closing=match["close"] is not None)
    tag.is_self_closing = not tag.is_closing and name in VOID_TAGS
    for attribute in _HTML_ATTRIBUTE.finditer(match["attributes"] or ""):
        values = [value for value in attribute.groups()[1:] if value is not None]
        tag.attributes[attribute[1].lower()] = html.unescape(values[0]) if values else True
    return tag
