"""What operators, members and a few methods give when what they work on is known."""

from typing import Any

from services.ingest.sources.source_tree.settings.literals import Imported, LiteralObject, Unknown

COMPUTED = Unknown("it is computed", 0)
_NOT_KNOWN = (Unknown, Imported)


def apply_operator(operator: str, left: Any, right: Any) -> Any:
    """Value of a binary expression; line 0 where the expression itself is what is not known."""
    if operator in {"||", "??"}:
        is_environment = isinstance(left, Unknown) and left.is_environment
        return right if is_environment or left in ("", None, False) else left
    if isinstance(left, Unknown) and left.is_environment:
        return Unknown(left.reason, 0)
    if isinstance(left, _NOT_KNOWN) or isinstance(right, _NOT_KNOWN):
        return COMPUTED
    if operator == "&&":
        return right if left not in ("", None, False, 0) else left
    if operator in {"===", "!=="} and not isinstance(left, list | LiteralObject):
        return (left == right and type(left) is type(right)) is (operator == "===")
    if operator == "+" and isinstance(left, str) and isinstance(right, str):
        return left + right
    return COMPUTED


def member_of(value: Any, name: Any) -> Any:
    """Value of `value.name` or `value[name]`."""
    if isinstance(value, LiteralObject) and isinstance(name, str):
        return value.values.get(name, next(iter(value.unknown_spreads), None))
    if isinstance(value, list):
        if isinstance(name, int) and 0 <= name < len(value):
            return value[name]
        return len(value) if name == "length" else COMPUTED
    return value if isinstance(value, Imported) else COMPUTED


def call_method(name: str, arguments: list[Any], *, is_method: bool = False) -> Any:
    """Value of a call whose arguments are known; None where it is not one of the few that are followed.

    Args:
        name: Whole name of the function, or of the method.
        arguments: What it is given; of a method, what it is called on first.
        is_method: Whether it is a method.
    """
    match name, arguments:
        case "Object.keys", [LiteralObject(values=values, unknown_spreads=[])] if not is_method:
            return list(values)
        case "Object.values", [LiteralObject(values=values, unknown_spreads=[])] if not is_method:
            return list(values.values())
        case "slice", [list() as entries, int() as start] if is_method and start >= 0:
            return entries[start:]
        case "slice", [list() as entries, int() as start, int() as end] if is_method and start >= 0:
            return entries[start:end]
        case "concat", [list() as entries, *others] if is_method and all(isinstance(other, list) for other in others):
            return [*entries, *(entry for other in others for entry in other)]
    return None
