"""Values of JavaScript in Python: str, int, float, bool, None, list, dict, and what is defined here.

`null` and `undefined` are both None, as a page shows neither.
"""

import json
import math
from dataclasses import dataclass, field
from typing import Any, Final

from tree_sitter import Node as SyntaxNode

from services.ingest.sources.source_tree.evaluating.names import Names
from services.ingest.sources.source_tree.parsing.mdx.nodes import Kind, Node


class _Unknown:
    """A value that only running the site would tell."""

    def __repr__(self) -> str:
        return "UNKNOWN"


UNKNOWN: Final = _Unknown()


class FileText(str):
    """Text of a file that a page imports as it is; shown as code wherever it is handed to."""

    ending: str
    """Ending of the file's name without the dot, such as `py`."""
    __slots__ = ("ending",)

    def __new__(cls, text: str, ending: str) -> "FileText":
        """The text of a file with that ending."""
        made = super().__new__(cls, text)
        made.ending = ending
        return made


@dataclass(frozen=True, slots=True)
class Function:
    """A function of the site, with the names around it."""

    node: SyntaxNode
    names: Names = field(repr=False)


@dataclass(frozen=True, slots=True)
class ThemeComponent:
    """A component of Docusaurus, under whatever name a module imports it."""

    name: str


def shown_text(value: Any) -> str | None:
    """What React shows of a value as text; None when that is not known."""
    match value:
        case None | bool() | Function():
            return ""
        case str():
            return str(value)
        case int() | float():
            return number_text(value)
        case list():
            parts = [shown_text(entry) for entry in value]
            return None if None in parts else "".join(part or "" for part in parts)
        case Node():
            return _node_text(value)
        case _:
            return None


def _node_text(node: Node) -> str | None:
    if node.kind is Kind.EXPRESSION:
        return None
    if not node.children:
        return node.text
    parts = [_node_text(child) for child in node.children]
    return None if None in parts else "".join(part or "" for part in parts)


def string_of(value: Any) -> str | None:
    """A value as JavaScript makes a string of it; None when it is not known."""
    match value:
        case None:
            return "undefined"
        case bool():
            return "true" if value else "false"
        case str():
            return str(value)
        case int() | float():
            return number_text(value)
        case list():
            parts = ["" if entry is None else string_of(entry) for entry in value]
            return None if None in parts else ",".join(part or "" for part in parts)
        case _:
            return None


def number_text(number: float) -> str:
    """A number as JavaScript prints it."""
    if isinstance(number, float) and math.isfinite(number) and number.is_integer() and abs(number) < 1e21:
        return str(int(number))
    if isinstance(number, float) and not math.isfinite(number):
        return "NaN" if math.isnan(number) else ("Infinity" if number > 0 else "-Infinity")
    return str(number)


def is_true(value: Any) -> bool:
    """Whether a known value counts as true."""
    return not (value is None or value is False or value == "" or (isinstance(value, int | float) and value == 0))


def json_text(value: Any, indent: int | None = None) -> str | None:
    """A value as `JSON.stringify` prints it; None when it is not known."""
    try:
        separators = (",", ": ") if indent else (",", ":")
        return json.dumps(value, indent=indent, separators=separators, ensure_ascii=False, allow_nan=False)
    except (TypeError, ValueError, RecursionError):
        return None
