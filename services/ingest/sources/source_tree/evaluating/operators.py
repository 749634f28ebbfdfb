"""Operators and properties of JavaScript on known values."""

import operator
from ast import literal_eval
from collections.abc import Callable
from typing import Any

from tree_sitter import Node as SyntaxNode

from services.ingest.sources.source_tree.evaluating.values import UNKNOWN, Function, is_true, string_of
from services.ingest.sources.source_tree.parsing.mdx.nodes import Node
from services.ingest.sources.source_tree.settings.javascript_tree import text_of

MAX_SIZE = 500_000
"""Most characters of a text and entries of a list."""
_ARITHMETIC: dict[str, Callable[[Any, Any], Any]] = {
    "-": operator.sub,
    "*": operator.mul,
    "/": operator.truediv,
    "%": lambda left, right: left - right * int(left / right),
}
_COMPARISONS: dict[str, Callable[[Any, Any], bool]] = {
    "<": operator.lt,
    ">": operator.gt,
    "<=": operator.le,
    ">=": operator.ge,
}


def bounded(value: Any) -> Any:
    """A text or list, unless it is too large for any page."""
    return UNKNOWN if len(value) > MAX_SIZE else value


def number(node: SyntaxNode) -> Any:
    """Value of a number as it is written."""
    try:
        return literal_eval(text_of(node)[:40])  # numbers are written alike in Python
    except (SyntaxError, ValueError):
        return UNKNOWN


def unary(sign: str, value: Any) -> Any:
    """Value of `!value`, `-value` or `+value`."""
    if value is UNKNOWN:
        return UNKNOWN
    if sign == "!":
        return not is_true(value)
    if sign in {"-", "+"} and _is_number(value):
        return -value if sign == "-" else value
    return UNKNOWN


def binary(sign: str, left: Any, right: Any) -> Any:
    """Value of a calculation or a comparison."""
    if left is UNKNOWN or right is UNKNOWN:
        return UNKNOWN
    if sign in {"===", "==", "!==", "!="}:
        return _equals(sign, left, right)
    if sign == "+":
        return _sum(left, right)
    are_texts = isinstance(left, str) and isinstance(right, str)
    are_numbers = _is_number(left) and _is_number(right)
    if sign in _COMPARISONS and (are_texts or are_numbers):
        return _COMPARISONS[sign](left, right)
    if sign in _ARITHMETIC and are_numbers:
        try:
            return _plain(_ARITHMETIC[sign](left, right))
        except (ArithmeticError, ValueError):
            return UNKNOWN
    return UNKNOWN


def _equals(sign: str, left: Any, right: Any) -> Any:
    if isinstance(left, dict | list | Node | Function) or isinstance(right, dict | list | Node | Function):
        return UNKNOWN
    is_same = left == right and isinstance(left, bool) is isinstance(right, bool)
    return is_same is (sign in {"===", "=="})


def _sum(left: Any, right: Any) -> Any:
    if _is_number(left) and _is_number(right):
        return _plain(left + right)
    if not (isinstance(left, str) or isinstance(right, str)):
        return UNKNOWN
    texts = string_of(left), string_of(right)
    return UNKNOWN if texts[0] is None or texts[1] is None else bounded(texts[0] + texts[1])


def _plain(value: Any) -> Any:
    if isinstance(value, float) and value.is_integer() and abs(value) < 2**53:
        return int(value)
    return UNKNOWN if isinstance(value, int) and abs(value) >= 2**53 else value


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def property_of(value: Any, key: Any) -> Any:
    """A property, an entry of a list, or a length."""
    if isinstance(value, list | str) and not isinstance(value, Node):
        if key == "length":
            return len(value)
        if isinstance(key, int) and not isinstance(key, bool):
            return value[key] if 0 <= key < len(value) else None
        return UNKNOWN
    if isinstance(value, dict) and (name := string_of(key)) is not None:
        return value.get(name)
    return UNKNOWN
