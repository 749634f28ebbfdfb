"""Reads the literals of a config program without running it; everything else is Unknown."""

from ast import literal_eval
from collections.abc import Callable
from posixpath import normpath
from typing import Any

from tree_sitter import Node

from services.ingest.sources.source_tree.js_strings import unescape
from services.ingest.sources.source_tree.settings.config_modules import MAX_CHARS, ConfigModules, ModuleUnreadable
from services.ingest.sources.source_tree.settings.javascript_changes import changed_value
from services.ingest.sources.source_tree.settings.javascript_operations import (
    apply_operator,
    call_method,
    member_of,
)
from services.ingest.sources.source_tree.settings.javascript_program import Definition, ImportedName, Names, read_names
from services.ingest.sources.source_tree.settings.javascript_tree import (
    children,
    first_child,
    line_of,
    parse,
    text_of,
    walk,
)
from services.ingest.sources.source_tree.settings.literals import ENVIRONMENT, Imported, LiteralObject, Unknown

MAX_DEPTH = 120
MAX_SIZE = 100_000
"""Most characters of a text and entries of a list: each line of a program can double them."""
MAX_MODULE_DEPTH = 12
_CONSTANTS = {"true": True, "false": False, "null": None, "undefined": None, "__dirname": "."}
_FUNCTIONS = frozenset({"arrow_function", "function_expression", "function_declaration", "class", "new_expression"})
_FUNCTIONS |= {"class_declaration"}
_TRANSPARENT = frozenset(
    {"parenthesized_expression", "as_expression", "satisfies_expression", "non_null_expression", "await_expression"}
)


def read_default_export(source: str, read_text: Callable[[str], str], path: str = "") -> Any:
    """Value of `export default` or `module.exports`, with Unknown for what is computed.

    Args:
        source: The program, JavaScript or TypeScript.
        read_text: Gives the text of a file by its path relative to the site folder; raises ValueError.
        path: Where the program lies, relative to the site folder.
    """
    if len(source) > MAX_CHARS:
        return Unknown("the config is too long", 1)
    return _Program(parse(source), _Modules(ConfigModules(read_text)), path, "").default_export()


class _Modules:
    """The modules that were read, each once."""

    def __init__(self, files: ConfigModules) -> None:
        self.files = files
        self.depth = 0
        self._programs: dict[str, _Program] = {}

    def program(self, module: str, importer: str) -> "_Program":
        path, text = self.files.find(module, importer)
        if path not in self._programs:
            self._programs[path] = _Program(parse(text), self, path, path)
        return self._programs[path]


class _Program:
    """One module.

    Args:
        root: Its tree.
        modules: Those it may import.
        path: Where it lies.
        file: The same for problems; empty for the config itself.
    """

    def __init__(self, root: Node, modules: _Modules, path: str, file: str) -> None:
        self._modules = modules
        self._path = path
        self._file = file
        self._names: Names = read_names(root)
        self._known: dict[str, Any] = {}
        self._depth = 0
        self._readers: dict[str, Callable[[Node], Any]] = {
            **dict.fromkeys(("true", "false", "null", "undefined"), lambda node: _CONSTANTS[text_of(node)]),
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

    def _unknown(self, reason: str, node: Node | None) -> Unknown:
        return Unknown(reason, line_of(node) if node is not None else 0, self._file)

    def default_export(self) -> Any:
        """The exported value; of a function, what it returns."""
        exported = self._default_node()
        if exported is None:
            return Unknown("the config has no default export", 1)
        value = self._value(exported)
        if not isinstance(value, Unknown):
            return value
        definition = self._names.definitions.get(text_of(exported))
        returned = self._returned((definition and definition.node) or exported)
        return value if returned is None else returned

    def _default_node(self) -> Node | None:
        exported = self._names.exports.get("default")
        return exported if isinstance(exported, Node) else self._names.module_exports

    def exported(self, name: str) -> Any:
        """What another module gets: one export by its name, the default one, or `*` for all."""
        if name == "default":
            return self._default()
        if name == "*":
            return self._everything()
        found = self._names.exports.get(name)
        if found is not None:
            return self._resolved(found)
        if self._names.module_exports is not None:
            return member_of(self._value(self._names.module_exports), name) or None
        for module in self._names.everything_of:
            value = self._import(ImportedName(module, name), None)
            if not isinstance(value, Imported | Unknown | None):
                return value
        return self._unknown(f"{name} is not exported", None)

    def _default(self) -> Any:
        default = self._names.exports.get("default")
        if default is not None:
            return self._resolved(default)
        if self._names.module_exports is not None:
            return self._value(self._names.module_exports)
        return self._everything()

    def _everything(self) -> Any:
        if self._names.module_exports is not None:
            return self._value(self._names.module_exports)
        found = LiteralObject()
        for module in self._names.everything_of:
            _spread(found, self._import(ImportedName(module, "*"), None), 0)
        found.values |= {name: self._resolved(value) for name, value in self._names.exports.items()}
        return found if found.values or found.unknown_spreads else self._unknown("nothing is exported", None)

    def _resolved(self, exported: Node | ImportedName | str) -> Any:
        if isinstance(exported, Node):
            return self._value(exported)
        return self._import(exported, None) if isinstance(exported, ImportedName) else self._named(exported, None)

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

    def _named(self, name: str, node: Node | None) -> Any:
        if name in _CONSTANTS:
            return _CONSTANTS[name]
        if name in self._names.imports and name not in self._names.definitions:
            return self._import(self._names.imports[name], node)
        if name in {"require", "process", "path", "Object"}:
            return self._unknown(name, node)
        if name not in self._known:
            self._known[name] = self._unknown(f"{name} refers to itself", node)
            self._known[name] = self._defined(name, node)
        return self._known[name]

    def _defined(self, name: str, node: Node | None) -> Any:
        definition = self._names.definitions.get(name)
        if definition is None:
            return self._unknown(f"{name} is not defined here", node)
        value = self._definition(definition)
        for change in self._names.changes.get(name, ()):
            value = changed_value(name, value, change, self._value, block=definition.block, file=self._file)
        return value

    def _definition(self, definition: Definition) -> Any:
        if definition.key is not None and text_of(definition.node) == ENVIRONMENT:
            return self._unknown(f"{ENVIRONMENT}.{definition.key}", definition.node)
        value = self._value(definition.node)
        return value if definition.key is None else member_of(value, definition.key)

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
                    _spread(found, self._value(first_child(child)), line_of(child))
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

    def _import(self, wanted: ImportedName, node: Node | None) -> Any:
        line = line_of(node) if node is not None else 0
        if wanted.module.split("?")[0].endswith(".json"):
            value = self._json(wanted.module, node)
            return value if wanted.name in {"default", "require", "*"} else member_of(value, wanted.name)
        if self._modules.depth >= MAX_MODULE_DEPTH:
            return Imported(wanted.module, "modules import each other too deeply", line, self._file)
        self._modules.depth += 1
        try:
            program = self._modules.program(wanted.module, self._path)
            value = program.exported("*" if wanted.name == "require" else wanted.name)
        except ModuleUnreadable as error:
            return Imported(wanted.module, str(error), line, self._file)
        finally:
            self._modules.depth -= 1
        if isinstance(value, Unknown):  # a program, such as a plugin, is known by the name of its module
            return Imported(wanted.module, value.reason, value.line, value.file)
        return value

    def _json(self, module: str, node: Node | None) -> Any:
        try:
            return self._modules.files.json(module, self._path)
        except ModuleUnreadable as error:
            return self._unknown(f"{module} cannot be read: {error}", node)


def _spread(target: LiteralObject, value: Any, line: int) -> None:
    if isinstance(value, LiteralObject):
        target.values |= value.values
        target.unknown_spreads += value.unknown_spreads
        return
    unknown = value.as_unknown() if isinstance(value, Imported) else value
    if isinstance(unknown, Unknown):
        target.unknown_spreads.append(Unknown(unknown.reason, unknown.line or line, unknown.file))
    elif unknown is not None and unknown is not False:
        target.unknown_spreads.append(Unknown("it is computed", line))
