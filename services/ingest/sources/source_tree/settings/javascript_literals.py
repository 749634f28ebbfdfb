"""Reads the literals of a config program without running it; everything else is Unknown."""

from ast import literal_eval
from collections.abc import Callable
from posixpath import normpath
from typing import Any

from tree_sitter import Node

from services.ingest.sources.source_tree.js_strings import unescape
from services.ingest.sources.source_tree.settings.javascript_tree import (
    children,
    first_child,
    line_of,
    parse,
    text_of,
    walk,
)
from services.ingest.sources.source_tree.settings.literals import Imported, LiteralObject, Unknown

MAX_CHARS = 500_000
MAX_DEPTH = 120
MAX_SIZE = 100_000
"""Most characters of a text and entries of a list: each line of a program can double them."""
_CONSTANTS = {"true": True, "false": False, "null": None, "undefined": None, "__dirname": "."}
_FUNCTIONS = frozenset({"arrow_function", "function_expression", "function_declaration", "class", "new_expression"})
_TRANSPARENT = frozenset(
    {"parenthesized_expression", "as_expression", "satisfies_expression", "non_null_expression", "await_expression"}
)


def read_default_export(source: str, read_json: Callable[[str], Any]) -> Any:
    """Value of `export default` or `module.exports`, with Unknown for what is computed.

    Args:
        source: The program, JavaScript or TypeScript.
        read_json: Gives the content of a JSON file next to it, by its relative path; raises ValueError.
    """
    if len(source) > MAX_CHARS:
        return Unknown("the config is too long", 1)
    return _Program(parse(source), read_json).default_export()


class _Program:
    def __init__(self, root: Node, read_json: Callable[[str], Any]) -> None:
        self._read_json = read_json
        self._exported: Node | None = None
        self._definitions: dict[str, Node] = {}
        self._imports: dict[str, str] = {}
        for node in walk(root):
            self._note(node)
        self._known: dict[str, Any] = {}
        self._depth = 0
        self._readers: dict[str, Callable[[Node], Any]] = {
            **dict.fromkeys(("true", "false", "null", "undefined"), lambda node: _CONSTANTS[text_of(node)]),
            **dict.fromkeys(("identifier", "shorthand_property_identifier"), self._identifier),
            **dict.fromkeys(_TRANSPARENT, lambda node: self._value(first_child(node))),
            **dict.fromkeys(_FUNCTIONS, lambda node: Unknown("it is a function", line_of(node))),
            "string": lambda node: unescape(text_of(node)[1:-1]),
            "number": self._number,
            "template_string": self._template,
            "array": self._list,
            "object": self._object,
            "unary_expression": self._unary,
            "binary_expression": self._binary,
            "member_expression": lambda node: self._member(node, text_of(node.child_by_field_name("property"))),
            "subscript_expression": lambda node: self._member(node, self._part(node, "index")),
            "call_expression": self._call,
        }

    def _note(self, node: Node) -> None:
        """Remember what a statement exports, defines or imports; the first one of a name counts."""
        name = text_of(node.child_by_field_name("name"))
        match node.type:
            case "export_statement" if any(child.type == "default" for child in node.children):
                found = node.child_by_field_name("value") or node.child_by_field_name("declaration")
                self._exported = self._exported or found
            case "assignment_expression" if text_of(node.child_by_field_name("left")) == "module.exports":
                self._exported = self._exported or node.child_by_field_name("right")
            case "variable_declarator" if (value := node.child_by_field_name("value")) is not None:
                self._definitions.setdefault(name, value)
            case "function_declaration":
                self._definitions.setdefault(name, node)
            case "import_statement":
                names = [text_of(inner) for inner in walk(node) if inner.type == "identifier"]
                self._imports |= dict.fromkeys(names, text_of(node.child_by_field_name("source"))[1:-1])

    def default_export(self) -> Any:
        """The exported value; of a function, what it returns."""
        if self._exported is None:
            return Unknown("the config has no default export", 1)
        value = self._value(self._exported)
        if not isinstance(value, Unknown):
            return value
        returned = self._returned(self._definitions.get(text_of(self._exported), self._exported))
        return value if returned is None else returned

    def _returned(self, function: Node) -> Any:
        """What the last `return {…}` in a function gives, or its `=> ({…})`."""
        found = None
        for node in walk(function):
            if node.type == "return_statement":
                value = self._value(first_child(node))
                found = value if isinstance(value, LiteralObject) and "url" in value.values else found
            elif node.type == "arrow_function" and found is None:
                value = self._part(node, "body")
                found = value if isinstance(value, LiteralObject) else None
        return found

    def _value(self, node: Node | None) -> Any:
        if node is None:
            return None
        if self._depth > MAX_DEPTH:
            return Unknown("it is nested too deeply", line_of(node))
        self._depth += 1
        try:
            read = self._readers.get(node.type)
            value = read(node) if read is not None else Unknown("it is computed", line_of(node))
            is_too_large = isinstance(value, str | list) and len(value) > MAX_SIZE
            return Unknown("it is too large", line_of(node)) if is_too_large else value
        finally:
            self._depth -= 1

    def _part(self, node: Node, field: str) -> Any:
        return self._value(node.child_by_field_name(field))

    def _identifier(self, node: Node) -> Any:
        name = text_of(node)
        if name in _CONSTANTS:
            return _CONSTANTS[name]
        if name in self._imports:
            return self._import(self._imports[name], node)
        if name in {"require", "process", "path", "Object"}:
            return Unknown(name, line_of(node))
        if name not in self._known:
            self._known[name] = Unknown(f"{name} refers to itself", line_of(node))
            definition = self._definitions.get(name)
            missing = Unknown(f"{name} is not defined here", line_of(node))
            self._known[name] = missing if definition is None else self._value(definition)
        return self._known[name]

    def _number(self, node: Node) -> Any:
        try:
            return literal_eval(text_of(node))  # numbers are written alike in Python
        except (SyntaxError, ValueError):
            return Unknown("it is computed", line_of(node))

    def _template(self, node: Node) -> Any:
        text = ""
        for child in node.named_children:
            is_hole = child.type == "template_substitution"
            value = self._value(first_child(child)) if is_hole else unescape(text_of(child))
            if isinstance(value, Unknown) and value.reason == "process.env":
                return Unknown(value.reason, line_of(node))
            if isinstance(value, bool) or not isinstance(value, str | int) or len(text) > MAX_SIZE:
                return Unknown("it is computed", line_of(node))
            text += str(value)
        return text

    def _list(self, node: Node) -> list[Any]:
        found: list[Any] = []
        for child in children(node):
            if len(found) > MAX_SIZE:
                break
            if child.type == "spread_element":
                value = self._value(first_child(child))
                found += value if isinstance(value, list) else [Unknown("a spread is computed", line_of(child))]
            else:
                found.append(self._value(child))
        return found

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
                    found.values[key] = Unknown("it is a function", line_of(child))
                case "spread_element":
                    _spread(found, self._value(first_child(child)), line_of(child))
        return found

    def _key(self, node: Node | None) -> str:
        if node is None or node.type not in {"string", "computed_property_name"}:
            return text_of(node)
        key = self._value(node if node.type == "string" else first_child(node))
        return key if isinstance(key, str) else f"[{line_of(node)}]"

    def _unary(self, node: Node) -> Any:
        operator, value = text_of(node.child_by_field_name("operator")), self._part(node, "argument")
        if operator in {"!", "-"} and isinstance(value, int | float):
            return (not value) if operator == "!" else -value
        return Unknown("it is computed", line_of(node))

    def _binary(self, node: Node) -> Any:
        operator = text_of(node.child_by_field_name("operator"))
        left, right = self._part(node, "left"), self._part(node, "right")
        if operator in {"||", "??"}:
            is_environment = isinstance(left, Unknown) and left.reason == "process.env"
            return right if is_environment or left in ("", None, False) else left
        if operator == "+" and isinstance(left, str) and isinstance(right, str):
            return left + right
        return Unknown("it is computed", line_of(node))

    def _member(self, node: Node, name: Any) -> Any:
        if text_of(node).startswith("process.env"):
            return Unknown("process.env", line_of(node))
        value = self._part(node, "object")
        if isinstance(value, LiteralObject) and isinstance(name, str):
            return value.values.get(name, next(iter(value.unknown_spreads), None))
        if isinstance(value, list) and isinstance(name, int) and 0 <= name < len(value):
            return value[name]
        return value if isinstance(value, Imported) else Unknown(f"{text_of(node)} is computed", line_of(node))

    def _call(self, node: Node) -> Any:
        function = text_of(node.child_by_field_name("function"))
        given = node.child_by_field_name("arguments")
        arguments = self._list(given) if given is not None else []
        match function, arguments:
            case "require.resolve", [str(module), *_]:
                return module
            case "require", [str(module), *_]:
                return self._import(module, node)
            case "path.join" | "path.resolve", [*parts] if all(isinstance(part, str) for part in parts):
                return normpath("/".join(parts))
            case "Object.freeze", [value, *_]:
                return value
        return Unknown(f"{function}() is called", line_of(node))

    def _import(self, module: str, node: Node) -> Any:
        if not (module.endswith(".json") and module.startswith(".")):
            return Imported(module)
        try:
            return _as_literal(self._read_json(normpath(module)))
        except ValueError:
            return Unknown(f"{module} cannot be read", line_of(node))


def _spread(target: LiteralObject, value: Any, line: int) -> None:
    if isinstance(value, LiteralObject):
        target.values |= value.values
        target.unknown_spreads += value.unknown_spreads
    elif value is not None and value is not False:
        target.unknown_spreads.append(Unknown(value.reason if isinstance(value, Unknown) else "it is computed", line))


def _as_literal(value: Any) -> Any:
    if isinstance(value, dict):
        return LiteralObject({str(key): _as_literal(inner) for key, inner in value.items()})
    return [_as_literal(inner) for inner in value] if isinstance(value, list) else value
