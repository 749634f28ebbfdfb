"""The names of a JavaScript module: what it defines, imports, exports, and changes after defining it."""

from dataclasses import dataclass, field

from tree_sitter import Node

from services.ingest.sources.source_tree.settings.javascript_tree import children, text_of, walk

_CHANGING_METHODS = frozenset(("push", "unshift", "splice", "pop", "shift", "sort", "reverse", "fill"))
_MEMBERS = frozenset(("member_expression", "subscript_expression"))
_ASSIGNMENTS = frozenset(("assignment_expression", "augmented_assignment_expression"))


@dataclass(frozen=True, slots=True)
class Definition:
    """Where the value of a name stands; `key` is the part of it when the name was destructured."""

    node: Node | None
    key: str | int | None = None
    block: int = 0
    """Id of the node whose statement it is."""


@dataclass(frozen=True, slots=True)
class ImportedName:
    """A name of another module: `default`, `*`, or the name of an export."""

    module: str
    name: str


@dataclass(slots=True)
class Names:
    """What `read_names` found; the first definition of a name counts."""

    definitions: dict[str, Definition] = field(default_factory=dict)
    imports: dict[str, ImportedName] = field(default_factory=dict)
    exports: dict[str, Node | ImportedName | str] = field(default_factory=dict)
    """By exported name: its value, where it comes from, or its name in this module."""
    everything_of: list[str] = field(default_factory=list)
    """Modules of `export * from`."""
    changes: dict[str, list[Node]] = field(default_factory=dict)
    """Expressions that change the value of a name, in the order of the text."""
    module_exports: Node | None = None


def read_names(root: Node) -> Names:
    """The names of a whole module, those inside functions too."""
    names = Names()
    for node in walk(root):
        _note(node, names)
    return names


def block_of(node: Node) -> int:
    """Id of the node that a statement stands in directly; what is exported stands where the `export` stands."""
    above = node.parent
    while above is not None and above.type in {
        "expression_statement",
        "lexical_declaration",
        "variable_declaration",
        "export_statement",
        "variable_declarator",
    }:
        above = above.parent
    return above.id if above is not None else 0


def root_of(node: Node | None) -> str:
    """The name that a chain such as `a.b[0].c` begins with; empty when it begins with none."""
    while node is not None and node.type in _MEMBERS:
        node = node.child_by_field_name("object")
    return text_of(node) if node is not None and node.type == "identifier" else ""


def _note(node: Node, names: Names) -> None:
    match node.type:
        case "export_statement":
            _note_export(node, names)
        case "variable_declarator":
            _note_definition(node, names)
        case "function_declaration" | "class_declaration":
            definition = Definition(node, None, block_of(node))
            names.definitions.setdefault(text_of(node.child_by_field_name("name")), definition)
        case "import_statement":
            names.imports |= _imported(node)
        case "assignment_expression" | "augmented_assignment_expression":
            _note_assignment(node, names)
        case "call_expression":
            _note_call(node, names)


def _note_definition(node: Node, names: Names) -> None:
    target, value, block = node.child_by_field_name("name"), node.child_by_field_name("value"), block_of(node)
    if target is None:
        return
    if target.type == "identifier":
        names.definitions.setdefault(text_of(target), Definition(value, None, block))
    for place, entry in enumerate(children(target)):
        key: str | int = place if target.type == "array_pattern" else text_of(entry)
        part = entry
        if entry.type == "pair_pattern":
            key = text_of(entry.child_by_field_name("key")).strip("'\"")
            part = entry.child_by_field_name("value") or entry
        if part.type in {"identifier", "shorthand_property_identifier_pattern"}:
            names.definitions.setdefault(text_of(part), Definition(value, key, block))


def _imported(node: Node) -> dict[str, ImportedName]:
    module = _unquoted(node.child_by_field_name("source"))
    found: dict[str, ImportedName] = {}
    for clause in (child for child in children(node) if child.type == "import_clause"):
        for part in children(clause):
            if part.type == "identifier":
                found[text_of(part)] = ImportedName(module, "default")
            elif part.type == "namespace_import":
                found |= {text_of(name): ImportedName(module, "*") for name in children(part)}
            elif part.type == "named_imports":
                found |= {local: ImportedName(module, name) for name, local in _specifiers(part)}
    return found


def _note_export(node: Node, names: Names) -> None:
    source = node.child_by_field_name("source")
    value = node.child_by_field_name("value") or node.child_by_field_name("declaration")
    if any(child.type == "default" for child in node.children) and value is not None:
        names.exports.setdefault("default", value)
        return
    if source is not None and any(child.type == "*" for child in node.children):
        names.everything_of.append(_unquoted(source))
    for part in children(node):
        if part.type == "namespace_export" and source is not None:
            names.exports |= {text_of(name): ImportedName(_unquoted(source), "*") for name in children(part)}
        elif part.type == "export_clause":
            for name, exported in _specifiers(part):
                names.exports[exported] = ImportedName(_unquoted(source), name) if source is not None else name
    for declared in walk(value) if value is not None else ():
        if declared.type == "variable_declarator" and block_of(declared) == block_of(node):
            names.exports |= {name: name for name in _declared_names(declared)}
    if value is not None and value.type == "function_declaration":
        name = text_of(value.child_by_field_name("name"))
        names.exports[name] = name


def _declared_names(declarator: Node) -> list[str]:
    target = declarator.child_by_field_name("name")
    wanted = {"identifier", "shorthand_property_identifier_pattern"}
    return [text_of(node) for node in walk(target) if node.type in wanted] if target is not None else []


def _specifiers(clause: Node) -> list[tuple[str, str]]:
    """Pairs of what is named in the other place and what it is called here."""
    found = []
    for part in children(clause):
        name = text_of(part.child_by_field_name("name")).strip("'\"")
        found.append((name, text_of(part.child_by_field_name("alias")).strip("'\"") or name))
    return found


def _note_assignment(node: Node, names: Names) -> None:
    left, right = node.child_by_field_name("left"), node.child_by_field_name("right")
    target = text_of(left)
    prefix, _, name = target.rpartition(".")
    if target == "module.exports":
        names.module_exports = names.module_exports or right
    elif prefix in {"module.exports", "exports"} and right is not None:
        names.exports.setdefault(name, right)
    elif (root := root_of(left)) and not _is_parameter(node, root):
        names.changes.setdefault(root, []).append(node)


def _note_call(node: Node, names: Names) -> None:
    function, arguments = node.child_by_field_name("function"), node.child_by_field_name("arguments")
    given = children(arguments) if arguments is not None else []
    changed: list[Node | None] = []
    if function is not None and function.type == "member_expression":
        if text_of(function.child_by_field_name("property")) in _CHANGING_METHODS:
            changed = [function.child_by_field_name("object")]
        elif text_of(function) == "Object.assign":
            changed = list(given[:1])
    elif node.parent is not None and node.parent.type == "expression_statement":
        changed = list(given)  # a call for its effect: the effect is on what it is given
    for root in filter(None, map(root_of, changed)):
        if not _is_parameter(node, root):
            names.changes.setdefault(root, []).append(node)


def _is_parameter(node: Node, name: str) -> bool:
    """Whether the name means what a function around the node is given, not what the module defines."""
    above = node.parent
    while above is not None:
        parameters = above.child_by_field_name("parameters") or above.child_by_field_name("parameter")
        if parameters is not None and any(text_of(inner) == name for inner in walk(parameters)):
            return True
        above = above.parent
    return False


def _unquoted(node: Node | None) -> str:
    return text_of(node)[1:-1]
