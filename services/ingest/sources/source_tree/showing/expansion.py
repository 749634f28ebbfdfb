"""Puts what is known of expressions and components into their place, before anything is written.

`{rows.map(…)}` becomes its elements, `{Code}` the imported file, `<Card/>` what that component of the site returns,
`children={…}` what stands between the tags. What is not known stays as it is, for the writers to report.
"""

from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import Any

from services.ingest.sources.source_tree.evaluating.evaluator import result_of, value_of_name
from services.ingest.sources.source_tree.evaluating.jsx import as_attribute, fragment, nodes_of
from services.ingest.sources.source_tree.evaluating.values import FileText, Function, ThemeComponent
from services.ingest.sources.source_tree.parsing.mdx.nodes import Kind, Node
from services.ingest.sources.source_tree.parsing.mdx.tags import SPREAD, Expression
from services.ingest.sources.source_tree.showing.api.names import api_component
from services.ingest.sources.source_tree.showing.context import Context
from services.ingest.sources.source_tree.showing.expressions import attribute_text, attribute_value, expression_value

CHILDREN = frozenset({"props.children", "children"})
MAX_DEPTH = 120
_TEXT_KINDS = frozenset({Kind.TEXT, Kind.CODE, Kind.BREAK})


def expanded(nodes: Iterable[Node], context: Context, depth: int = 0) -> list[Node]:
    """Nodes with what is known in its place; trees are shared between pages, so what changes is copied."""
    found: list[Node] = []
    for node in nodes:
        if depth > MAX_DEPTH or node is context.removed:
            found.append(node)
        elif node.kind is Kind.EXPRESSION:
            found += _expression(node, context)
        elif node.kind is Kind.ELEMENT:
            found += _element(node, context, depth)
        else:
            found.append(_with_children(node, expanded(node.children, context, depth + 1)))
    return found


def _with_children(node: Node, children: list[Node]) -> Node:
    is_same = len(children) == len(node.children) and all(map(lambda old, new: old is new, node.children, children))
    return node if is_same else replace(node, children=children)


def _expression(node: Node, context: Context) -> list[Node]:
    """The nodes that an expression shows; itself when it shows text, or is not known."""
    if node.text.strip() in CHILDREN:
        return [node]
    value = expression_value(node.text, context.names)
    if not isinstance(value, Node | FileText | list):
        return [node]
    shown = list(_flat(nodes_of(value)))
    return list(_apart(shown)) if isinstance(value, list) and node.line else shown


def _flat(nodes: Iterable[Node]) -> Iterator[Node]:
    """Nodes without fragments around them."""
    for node in nodes:
        if node.kind is Kind.ELEMENT and not node.name:
            yield from _flat(node.children)
        else:
            yield node


def _apart(nodes: Iterable[Node]) -> Iterator[Node]:
    """Elements of a list, each in a paragraph of its own if it is a component of the site."""
    for node in nodes:
        is_component = node.kind is Kind.ELEMENT and node.name[:1].isupper()
        yield Node(Kind.PARAGRAPH, children=[node]) if is_component else node


def _element(node: Node, context: Context, depth: int) -> list[Node]:
    attributes = dict(_attributes(node, context))
    children = expanded(node.children, context, depth + 1)
    given = attributes.pop("children", None)
    if given is not None and not any(child.kind is not Kind.TEXT or child.text.strip() for child in children):
        children = list(_flat(nodes_of(attribute_value(given, context.names))))
    made = node if attributes == node.attributes else replace(node, attributes=attributes)
    made = _with_children(made, children)
    if not node.name[:1].isupper():
        return [made]
    return _of_component(made, context) or [_as_code(made, context)]


def _attributes(node: Node, context: Context) -> Iterator[tuple[str, str | Expression | bool]]:
    """Attributes with spread objects opened and imported files read."""
    for name, written in node.attributes.items():
        is_spread = name.startswith(SPREAD)
        is_name = isinstance(written, Expression) and written.source.strip() in context.module.imports
        if not is_spread and not is_name:
            yield name, written
            continue
        value = attribute_value(written, context.names)
        if is_spread and isinstance(value, dict):
            parts = ((str(key), as_attribute(part)) for key, part in value.items())
            yield from ((key, part) for key, part in parts if part is not None)
        elif not is_spread:
            yield name, value if isinstance(value, FileText) else written


def _of_component(node: Node, context: Context) -> list[Node]:
    """What a component of the site shows, given its attributes; nothing when it is not understood as a whole."""
    function = value_of_name(node.name, context.names)
    if isinstance(function, ThemeComponent) and function.name != node.name and not api_component(node, context):
        return [replace(node, name=function.name)]
    if not isinstance(function, Function):
        return []
    children = fragment(node.children) if node.children else None
    passed: dict[str, Any] = {name: attribute_value(value, context.names) for name, value in node.attributes.items()}
    value = result_of(function, [passed | {"children": children}])
    shown = list(_flat(nodes_of(value))) if isinstance(value, Node | list) else []
    own = {id(inner) for child in node.children for inner in child.walk()}
    is_whole = all(inner.kind is not Kind.EXPRESSION or id(inner) in own for one in shown for inner in one.walk())
    keeps = children is None or _holds(shown, node.children)
    return shown if is_whole and keeps and any(_shows(one) for one in shown) else []


def _holds(shown: list[Node], children: list[Node]) -> bool:
    """Whether what stands between the tags of a component is in what it shows."""
    inside = {id(inner) for one in shown for inner in one.walk()}
    return all(id(child) in inside for child in children if child.kind is not Kind.TEXT or child.text.strip())


def _shows(node: Node) -> bool:
    """Whether a node has any text, or may have some that only its writer knows."""
    inner = list(node.walk())
    return any(one.text.strip() or (one.kind is Kind.ELEMENT and one.name[:1].isupper()) for one in inner)


def _as_code(node: Node, context: Context) -> Node:
    """A component of the site with a language and only text between its tags: that is code."""
    language = code_language(node, context)
    texts = [child for child in node.children if child.kind not in _TEXT_KINDS or child.text.strip()]
    is_text = bool(texts) and all(child.kind in {Kind.CODE, Kind.EXPRESSION} for child in texts)
    if not language or not is_text or node.name in {"CodeBlock", "Tabs", "TabItem"}:
        return node
    parts = [child.text if child.kind is Kind.CODE else expression_value(child.text, context.names) for child in texts]
    if not all(isinstance(part, str) for part in parts):
        return node
    return replace(node, children=[Node(Kind.CODE, text="".join(parts), info=language)])


def code_language(node: Node, context: Context) -> str:
    """Language of the code in an element, from `language="ts"` or `className="language-ts"`."""
    language = attribute_text(node.attributes.get("language"), context.names)
    class_name = attribute_text(node.attributes.get("className"), context.names)
    return language or (class_name.partition("language-")[2].split() or [""])[0]
