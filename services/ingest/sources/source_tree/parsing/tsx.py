"""JavaScript and TypeScript with JSX, as tree-sitter parses it."""

from functools import lru_cache

from tree_sitter import Node

from services.ingest.sources.source_tree.settings.javascript_tree import children, parse, text_of

MAX_CHARS = 200_000
"""Longest program that is looked at."""


@lru_cache(maxsize=512)
def parse_expression(source: str) -> Node | None:
    """The tree of one expression; None when it is not one, or too long."""
    if len(source) > MAX_CHARS:
        return None
    root = parse(f"({source}\n)", jsx=True)
    statements = children(root)
    if root.has_error or len(statements) != 1 or statements[0].type != "expression_statement":
        return None
    inner = children(statements[0])
    return inner[0] if len(inner) == 1 else None


@lru_cache(maxsize=128)
def parse_program(source: str) -> Node | None:
    """The tree of a module; None when it is too long. What is not TypeScript becomes nodes of type `ERROR`."""
    return parse(source, jsx=True) if len(source) <= MAX_CHARS else None


def definitions(source: str) -> dict[str, Node]:
    """What a module defines at its top level by name; `default` is what it exports so."""
    root = parse_program(source)
    found: dict[str, Node] = {}
    for statement in children(root) if root is not None else ():
        exported = statement
        if statement.type == "export_statement":
            value = statement.child_by_field_name("value")
            exported = statement.child_by_field_name("declaration") or value or statement
            if any(child.type == "default" for child in statement.children):
                found["default"] = exported
        for name, node in _defined(exported):
            found.setdefault(name, node)
    return found


def _defined(statement: Node) -> list[tuple[str, Node]]:
    if statement.type in {"function_declaration", "function_expression", "function"}:
        name = text_of(statement.child_by_field_name("name"))
        return [(name, statement)] if name else []
    if statement.type not in {"lexical_declaration", "variable_declaration"}:
        return []
    found = []
    for declarator in children(statement):
        pattern, value = declarator.child_by_field_name("name"), declarator.child_by_field_name("value")
        if pattern is not None and pattern.type == "identifier" and value is not None:
            found.append((text_of(pattern), value))
    return found
