"""Names that the pattern of a parameter or a definition binds: `a`, `{a, b: c = 1, ...rest}`, `[a, b]`."""

from collections.abc import Callable
from typing import Any

from tree_sitter import Node as SyntaxNode

from services.ingest.sources.source_tree.evaluating.values import UNKNOWN
from services.ingest.sources.source_tree.settings.javascript_tree import children, text_of

Evaluate = Callable[[SyntaxNode], Any]


def bind(pattern: SyntaxNode, value: Any, bound: dict[str, Any], evaluate: Evaluate) -> bool:
    """Add the names of a pattern with their parts of a value; False for a pattern that is not understood."""
    match pattern.type:
        case "identifier" | "shorthand_property_identifier_pattern":
            bound[text_of(pattern)] = value
        case "required_parameter" | "optional_parameter":
            inner, default = pattern.child_by_field_name("pattern"), pattern.child_by_field_name("value")
            value = _or_default(value, default, evaluate)
            return inner is not None and (inner.type == "this" or bind(inner, value, bound, evaluate))
        case "assignment_pattern" | "object_assignment_pattern":
            left, default = pattern.child_by_field_name("left"), pattern.child_by_field_name("right")
            return left is not None and bind(left, _or_default(value, default, evaluate), bound, evaluate)
        case "object_pattern":
            return _bind_object(pattern, value, bound, evaluate)
        case "array_pattern":
            return _bind_list(pattern, value, bound, evaluate)
        case _:
            return False
    return True


def _or_default(value: Any, default: SyntaxNode | None, evaluate: Evaluate) -> Any:
    return evaluate(default) if value is None and default is not None else value


def _bind_object(pattern: SyntaxNode, value: Any, bound: dict[str, Any], evaluate: Evaluate) -> bool:
    is_known = isinstance(value, dict)
    taken = set()
    for part in children(pattern):
        if part.type == "rest_pattern":
            rest = {key: entry for key, entry in value.items() if key not in taken} if is_known else UNKNOWN
            bound[text_of(children(part)[0])] = rest
            continue
        key = part.child_by_field_name("key") or part.child_by_field_name("left") or part
        name = text_of(key)
        taken.add(name)
        target = (part.child_by_field_name("value") or part) if part.type == "pair_pattern" else part
        if not bind(target, value.get(name) if is_known else UNKNOWN, bound, evaluate):
            return False
    return True


def _bind_list(pattern: SyntaxNode, value: Any, bound: dict[str, Any], evaluate: Evaluate) -> bool:
    for index, part in enumerate(children(pattern)):
        known = value[index] if isinstance(value, list) and index < len(value) else None
        if not bind(part, known if isinstance(value, list) else UNKNOWN, bound, evaluate):
            return False
    return True
