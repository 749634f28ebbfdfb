"""Reads the literals of a config program without running it; everything else is Unknown."""

from collections.abc import Callable
from typing import Any

from tree_sitter import Node

from services.ingest.sources.source_tree.settings.config_modules import MAX_CHARS, ConfigModules, ModuleUnreadable
from services.ingest.sources.source_tree.settings.javascript_changes import changed_value
from services.ingest.sources.source_tree.settings.javascript_operations import (
    member_of,
)
from services.ingest.sources.source_tree.settings.javascript_program import Definition, ImportedName, Names, read_names
from services.ingest.sources.source_tree.settings.javascript_tree import (
    first_child,
    line_of,
    parse,
    text_of,
    walk,
)
from services.ingest.sources.source_tree.settings.javascript_values import CONSTANTS, Values, spread
from services.ingest.sources.source_tree.settings.literals import ENVIRONMENT, Imported, LiteralObject, Unknown

MAX_MODULE_DEPTH = 12


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


class _Program(Values):
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
        super().__init__(file)
        self._names: Names = read_names(root)
        self._known: dict[str, Any] = {}

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
            spread(found, self._import(ImportedName(module, "*"), None), 0)
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

    def _named(self, name: str, node: Node | None) -> Any:
        if name in CONSTANTS:
            return CONSTANTS[name]
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
