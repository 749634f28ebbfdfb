"""What becomes of a value that a program changes after defining it: followed where it is plain, else not known."""

from collections.abc import Callable
from typing import Any

from tree_sitter import Node

from services.ingest.sources.source_tree.settings.javascript_program import block_of
from services.ingest.sources.source_tree.settings.javascript_tree import children, line_of, text_of
from services.ingest.sources.source_tree.settings.literals import LiteralObject, Unknown


def changed_value(
    name: str, value: Any, change: Node, evaluate: Callable[[Node | None], Any], *, block: int, file: str
) -> Any:
    """The value of a name after one change.

    Args:
        name: The name.
        value: Its value before.
        change: An assignment or a call.
        evaluate: Gives the value of an expression.
        block: Id of the node in which the name is defined; only what stands there directly happens for sure, and once.
        file: For what is not known.
    """
    unknown = Unknown(f"the program fills {name} step by step", line_of(change), file)
    happens = block_of(change) == block
    if change.type == "call_expression":
        function = change.child_by_field_name("function")
        is_push = text_of(function) == f"{name}.push"
        if isinstance(value, list) and happens and is_push:
            arguments = change.child_by_field_name("arguments")
            return [*value, *(evaluate(argument) for argument in children(arguments))] if arguments else value
        path = _path(function.child_by_field_name("object")) if function is not None else None
        is_inner = path and isinstance(value, LiteralObject) and not text_of(function).startswith("Object.")
        return _with(value, path, unknown) if path and is_inner else _doubted(value, unknown)
    left, right = change.child_by_field_name("left"), change.child_by_field_name("right")
    known = happens and change.type == "assignment_expression"
    path = _path(left)
    if path == []:
        return evaluate(right) if known else unknown
    return _with(value, path, evaluate(right) if known else unknown) if path else _doubted(value, unknown)


def _doubted(value: Any, unknown: Unknown) -> Any:
    """The value when it is not known what of it changes: what an object holds stays, but there may be more."""
    if isinstance(value, LiteralObject):
        return LiteralObject(dict(value.values), [*value.unknown_spreads, unknown])
    return unknown


def _with(value: Any, path: list[str], new: Any) -> Any:
    """The value with another one at a path of keys."""
    if not isinstance(value, LiteralObject):
        return value if isinstance(value, Unknown) else _doubted(value, new) if isinstance(new, Unknown) else value
    key, *rest = path
    inner = value.values.get(key)
    new = _with(inner if inner is not None else LiteralObject(), rest, new) if rest else new
    return LiteralObject(value.values | {key: new}, value.unknown_spreads)


def _path(node: Node | None) -> list[str] | None:
    """Keys of a chain `name.a.b`; None when one of them is computed."""
    path: list[str] = []
    while node is not None and node.type in {"member_expression", "subscript_expression"}:
        key = node.child_by_field_name("property") or node.child_by_field_name("index")
        if key is None or key.type not in {"property_identifier", "string"}:
            return None
        path.append(text_of(key).strip("'\""))
        node = node.child_by_field_name("object")
    return path[::-1]
