"""Values of expressions: literals, and what a few operators and functions make of them; everything else is Unknown."""

from abc import ABC, abstractmethod
from ast import literal_eval
from collections.abc import Callable
from posixpath import normpath
from typing import Any

from tree_sitter import Node

from services.ingest.sources.source_tree.js_strings import unescape
from services.ingest.sources.source_tree.settings.javascript_operations import apply_operator, call_method, member_of
from services.ingest.sources.source_tree.settings.javascript_program import ImportedName
from services.ingest.sources.source_tree.settings.javascript_tree import children, first_child, line_of, text_of
from services.ingest.sources.source_tree.settings.literals import ENVIRONMENT, Imported, LiteralObject, Unknown

MAX_DEPTH = 120
MAX_SIZE = 100_000
"""Most characters of a text and entries of a list: each line of a program can double them."""
CONSTANTS = {"true": True, "false": False, "null": None, "undefined": None, "__dirname": "."}
_FUNCTIONS = frozenset({"arrow_function", "function_expression", "function_declaration", "class", "new_expression"})
_FUNCTIONS |= {"class_declaration"}
_TRANSPARENT = frozenset(
    {"parenthesized_expression", "as_expression", "satisfies_expression", "non_null_expression", "await_expression"}
)


class Values(ABC):
    """Reads the expressions of one module.

    Args:
        file: The module, for what is not known; empty for the config itself.
    """

    def __init__(self, file: str) -> None:
        self._file = file
        self._depth = 0
        self._readers: dict[str, Callable[[Node], Any]] = {
            **dict.fromkeys(("true", "false", "null", "undefined"), lambda node: CONSTANTS[text_of(node)]),
            **dict.fromkeys(("identifier", "shorthand_property_identifier"), self._identifier),
            **dict.fromkeys(_TRANSPARENT, lambda node: self._value(first_child(node))),
            **dict.fromkeys(_FUNCTIONS, lambda node: self._unknown("it is a function", node)),
            "string": lambda node: unescape(text_of(node)[1:-1]),
            "number": self._number,
            "template_string": self._template,
            "array": self._list,
            "object": self._object,
            "unary_expression": self._unary,
            "binary_expression": self._binary,
            "ternary_expression": self._ternary,
            "member_expression": lambda node: self._member(node, text_of(node.child_by_field_name("property"))),
            "subscript_expression": lambda node: self._member(node, self._part(node, "index")),
            "call_expression": self._call,
        }

    @abstractmethod
    def _named(self, name: str, node: Node | None) -> Any:
        """Value of a name; `node` is where it is used."""

    @abstractmethod
    def _import(self, wanted: ImportedName, node: Node | None) -> Any:
        """Value of what another module exports."""

    @abstractmethod
    def _json(self, module: str, node: Node | None) -> Any:
        """Value of a JSON file."""

    def _unknown(self, reason: str, node: Node | None) -> Unknown:
        return Unknown(reason, line_of(node) if node is not None else 0, self._file)

    def _value(self, node: Node | None) -> Any:
        if node is None:
            return None
        if self._depth > MAX_DEPTH:
            return self._unknown("it is nested too deeply", node)
        self._depth += 1
        try:
            read = self._readers.get(node.type)
            value = read(node) if read is not None else self._unknown("it is computed", node)
            is_too_large = isinstance(value, str | list) and len(value) > MAX_SIZE
            return self._unknown("it is too large", node) if is_too_large else value
        finally:
            self._depth -= 1

    def _part(self, node: Node, field: str) -> Any:
        return self._value(node.child_by_field_name(field))

    def _identifier(self, node: Node) -> Any:
        return self._named(text_of(node), node)

    def _number(self, node: Node) -> Any:
        try:
            return literal_eval(text_of(node))  # numbers are written alike in Python
        except (SyntaxError, ValueError):
            return self._unknown("it is computed", node)

    def _template(self, node: Node) -> Any:
        text = ""
        for child in node.named_children:
            is_hole = child.type == "template_substitution"
            value = self._value(first_child(child)) if is_hole else unescape(text_of(child))
            if isinstance(value, Unknown) and value.is_environment:
                return self._unknown(value.reason, node)
            if isinstance(value, bool) or not isinstance(value, str | int) or len(text) > MAX_SIZE:
                return self._unknown("it is computed", node)
            text += str(value)
        return text

    def _list(self, node: Node) -> list[Any]:
        found: list[Any] = []
        for child in children(node):
            if len(found) > MAX_SIZE:
                break
            if child.type == "spread_element":
                value = self._value(first_child(child))
                found += value if isinstance(value, list) else [self._not_spread(value, child)]
            else:
                found.append(self._value(child))
        return found

    def _not_spread(self, value: Any, node: Node) -> Unknown:
        unknown = value.as_unknown() if isinstance(value, Imported) else value
        return unknown if isinstance(unknown, Unknown) else self._unknown("a spread is computed", node)

    def _object(self, node: Node) -> LiteralObject:
        found = LiteralObject()
        for child in children(node):
            match child.type:
                case "pair":
                    found.values[self._key(child.child_by_field_name("key"))] = self._part(child, "value")
                case "shorthand_property_identifier":
                    found.values[text_of(child)] = self._value(child)
                case "method_definition":
                    key = self._key(child.child_by_field_name("name"))
                    found.values[key] = self._unknown("it is a function", child)
                case "spread_element":
                    spread(found, self._value(first_child(child)), line_of(child))
        return found

    def _key(self, node: Node | None) -> str:
        if node is None or node.type not in {"string", "computed_property_name"}:
            return text_of(node)
        key = self._value(node if node.type == "string" else first_child(node))
        return key if isinstance(key, str) else f"[{line_of(node)}]"

    def _unary(self, node: Node) -> Any:
        operator, value = text_of(node.child_by_field_name("operator")), self._part(node, "argument")
        if operator == "!" and not isinstance(value, Unknown | Imported):
            return not value
        if operator == "-" and isinstance(value, int | float):
            return -value
        return self._unknown(value.reason if isinstance(value, Unknown) else "it is computed", node)

    def _binary(self, node: Node) -> Any:
        operator = text_of(node.child_by_field_name("operator"))
        value = apply_operator(operator, self._part(node, "left"), self._part(node, "right"))
        return self._unknown(value.reason, node) if isinstance(value, Unknown) and not value.line else value

    def _ternary(self, node: Node) -> Any:
        condition = self._part(node, "condition")
        chosen, other = self._part(node, "consequence"), self._part(node, "alternative")
        if chosen == other:
            return chosen
        if isinstance(condition, Unknown):
            return self._unknown(condition.reason, node)
        return (
            self._unknown("it is computed", node) if isinstance(condition, Imported) else chosen if condition else other
        )

    def _member(self, node: Node, name: Any) -> Any:
        text = text_of(node)
        if text.startswith(ENVIRONMENT):
            return "production" if text == f"{ENVIRONMENT}.NODE_ENV" else self._unknown(text, node)
        value = member_of(self._part(node, "object"), name)
        return self._unknown(f"{text} is computed", node) if isinstance(value, Unknown) and not value.line else value

    def _call(self, node: Node) -> Any:
        called = node.child_by_field_name("function")
        function = text_of(called)
        given = node.child_by_field_name("arguments")
        arguments = self._list(given) if given is not None else []
        match function, arguments:
            case "require.resolve", [str(module), *_]:
                return module
            case "require", [str(module), *_]:
                return self._import(ImportedName(module, "require"), node)
            case "import", [str(module), *_]:
                return self._import(ImportedName(module, "*"), node)
            case "path.join" | "path.resolve", [*parts] if all(isinstance(part, str) for part in parts):
                return normpath("/".join(parts))
            case "Object.freeze" | "structuredClone", [value, *_]:
                return value
            case "JSON.parse", [Imported(module), *_] if module.endswith(".json"):
                return self._json(module, node)
            case _, [str(file), *_] if function.split(".")[-1] == "readFileSync":
                return Imported(f"./{file}" if not file.startswith((".", "/")) else file)
        value = call_method(function, arguments)
        if value is None and called is not None and called.type == "member_expression":
            name = text_of(called.child_by_field_name("property"))
            value = call_method(name, [self._part(called, "object"), *arguments], is_method=True)
        return self._unknown(f"{function}() is called", node) if value is None else value


def spread(target: LiteralObject, value: Any, line: int) -> None:
    """Put a value into an object as `...value` does."""
    if isinstance(value, LiteralObject):
        target.values |= value.values
        target.unknown_spreads += value.unknown_spreads
        return
    unknown = value.as_unknown() if isinstance(value, Imported) else value
    if isinstance(unknown, Unknown):
        target.unknown_spreads.append(Unknown(unknown.reason, unknown.line or line, unknown.file))
    elif unknown is not None and unknown is not False:
        target.unknown_spreads.append(Unknown("it is computed", line))
