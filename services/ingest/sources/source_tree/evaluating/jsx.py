"""JSX in an expression as nodes of a page."""

import html
from collections.abc import Callable, Iterator, Sequence
from typing import Any

from tree_sitter import Node as SyntaxNode

from services.ingest.sources.source_tree.evaluating.names import Names
from services.ingest.sources.source_tree.evaluating.values import (
    UNKNOWN,
    FileText,
    Function,
    ThemeComponent,
    json_text,
    shown_text,
)
from services.ingest.sources.source_tree.parsing.mdx.nodes import Kind, Node
from services.ingest.sources.source_tree.parsing.mdx.tags import Expression
from services.ingest.sources.source_tree.settings.javascript_tree import children, first_child, text_of

_UNKNOWN_SOURCE = "unknown()"


class JsxReader:
    """Turns the JSX of an expression into nodes.

    Args:
        value: Gives the value of an expression in it.
        call: Gives what a component of the site returns.
        names: What the names of tags stand for.
    """

    def __init__(
        self, value: Callable[[SyntaxNode], Any], call: Callable[[Function, Sequence[Any]], Any], names: Names
    ) -> None:
        self._value = value
        self._call = call
        self._names = names

    def read(self, node: SyntaxNode) -> Node:
        """The element, or what the component of the site that it names shows."""
        opening = node if node.type == "jsx_self_closing_element" else first_child(node) or node
        name = text_of(opening.child_by_field_name("name"))
        attributes = self._attributes(opening)
        between = [] if opening is node else node.named_children
        inner = [part for child in between for part in self._inner(child)]
        if not inner and "children" in attributes:
            inner = list(nodes_of(attributes["children"]))
        component = self._names.value(name) if name[:1].isupper() and "." not in name else None
        if isinstance(component, Function):
            shown = self._call(component, [attributes | {"children": fragment(inner) if inner else None}])
            if isinstance(shown, Node):
                return shown
        name = component.name if isinstance(component, ThemeComponent) else name
        attributes.pop("children", None)
        written = {key: as_attribute(value) for key, value in attributes.items()}
        known = {key: value for key, value in written.items() if value is not None}
        return Node(Kind.ELEMENT, children=inner, name=name, attributes=known)

    def _attributes(self, opening: SyntaxNode) -> dict[str, Any]:
        found: dict[str, Any] = {}
        for child in children(opening):
            if child.type == "jsx_attribute":
                parts = children(child)
                found[text_of(parts[0])] = self._attribute_value(parts[1]) if len(parts) > 1 else True
            elif child.type == "jsx_expression":
                spread = first_child(child)
                given = self._value(inner) if spread is not None and (inner := first_child(spread)) else None
                found |= given if isinstance(given, dict) else {}
        return found

    def _attribute_value(self, node: SyntaxNode) -> Any:
        return html.unescape(text_of(node)[1:-1]) if node.type == "string" else self._value(node)

    def _inner(self, node: SyntaxNode) -> Iterator[Node]:
        match node.type:
            case "jsx_text":
                if text := _jsx_text(text_of(node)):
                    yield Node(Kind.TEXT, text=text)
            case "html_character_reference":
                yield Node(Kind.TEXT, text=html.unescape(text_of(node)))
            case "jsx_expression":
                yield from nodes_of(self._value(node))
            case "jsx_element" | "jsx_self_closing_element" | "jsx_fragment":
                yield self.read(node)


def nodes_of(value: Any) -> Iterator[Node]:
    """What a value shows, as nodes."""
    match value:
        case Node():
            yield value
        case FileText():
            yield Node(Kind.CODE, text=value, info=value.ending)
        case list():
            for entry in value:
                yield from nodes_of(entry)
        case _:
            text = shown_text(value)
            if text is None:
                yield Node(Kind.EXPRESSION, text=_UNKNOWN_SOURCE)
            elif text:
                yield Node(Kind.TEXT, text=text)


def fragment(nodes: Sequence[Node]) -> Node:
    """Nodes as one value."""
    return Node(Kind.ELEMENT, children=list(nodes))


def as_attribute(value: Any) -> "str | Expression | bool | None":
    """A value as the attribute of a tag; None when it is not known or shows nothing."""
    if isinstance(value, str | bool):
        return value
    if isinstance(value, Node):
        return shown_text(value)
    text = json_text(value) if value is not UNKNOWN and value is not None else None
    return Expression(text) if text is not None else None


def _jsx_text(text: str) -> str:
    """Text between tags as JSX takes it: lines are trimmed and joined by a space, empty ones vanish."""
    lines = text.split("\n")
    if len(lines) == 1:
        return text
    trimmed = [line.lstrip() if index else line for index, line in enumerate(lines)]
    trimmed = [line.rstrip() if index < len(lines) - 1 else line for index, line in enumerate(trimmed)]
    return " ".join(line for line in trimmed if line)
