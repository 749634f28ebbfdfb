"""Works out the value of an expression, as far as it is known without running the site."""

import json
from collections.abc import Callable, Sequence
from typing import Any

from tree_sitter import Node as SyntaxNode

from services.ingest.sources.source_tree.evaluating import calls, operators
from services.ingest.sources.source_tree.evaluating.bindings import bind
from services.ingest.sources.source_tree.evaluating.jsx import JsxReader
from services.ingest.sources.source_tree.evaluating.names import Names, TooMuchToEvaluate
from services.ingest.sources.source_tree.evaluating.values import UNKNOWN, Function, is_true, string_of
from services.ingest.sources.source_tree.js_strings import unescape
from services.ingest.sources.source_tree.parsing.tsx import parse_expression
from services.ingest.sources.source_tree.settings.javascript_tree import children, first_child, text_of

_FUNCTIONS = ("arrow_function", "function_expression", "function_declaration", "function")
_TRANSPARENT = (
    *("parenthesized_expression", "as_expression", "satisfies_expression", "non_null_expression"),
    *("await_expression", "jsx_expression", "template_substitution", "expression_statement"),
)
_JSX = ("jsx_element", "jsx_self_closing_element", "jsx_fragment")
_LONGEST_NAME = 200


def value_of(source: str, names: Names) -> Any:
    """Value of an expression; UNKNOWN when only the running site knows it."""
    source = source.strip()
    if source[:1] in {"{", "[", '"'}:
        try:
            return json.loads(source)
        except (ValueError, RecursionError):
            pass
    try:
        node = parse_expression(source)
        return UNKNOWN if node is None else Evaluator(names).value(node)
    except (TooMuchToEvaluate, RecursionError):
        return UNKNOWN


def result_of(function: Function, arguments: Sequence[Any]) -> Any:
    """What a function of the site returns; UNKNOWN when only the running site knows it."""
    try:
        return Evaluator(function.names).call(function, arguments)
    except (TooMuchToEvaluate, RecursionError):
        return UNKNOWN


class Evaluator:
    """Walks the tree of an expression.

    Args:
        names: What the names in it stand for.
    """

    def __init__(self, names: Names) -> None:
        self._names = names
        self._readers: dict[str, Callable[[SyntaxNode], Any]] = {
            **dict.fromkeys(("null", "undefined"), lambda _: None),
            **dict.fromkeys(("true", "false"), lambda node: node.type == "true"),
            **dict.fromkeys(("identifier", "shorthand_property_identifier"), self._identifier),
            **dict.fromkeys(_TRANSPARENT, lambda node: self._of(first_child(node))),
            **dict.fromkeys(_FUNCTIONS, lambda node: Function(node, self._names)),
            **dict.fromkeys(_JSX, lambda node: JsxReader(self.value, self.call, self._names).read(node)),
            "string": lambda node: unescape(text_of(node)[1:-1]),
            "number": operators.number,
            "template_string": self._template,
            "array": self._list,
            "object": self._object,
            "unary_expression": self._unary,
            "binary_expression": self._binary,
            "ternary_expression": self._ternary,
            "member_expression": self._member,
            "subscript_expression": self._subscript,
            "call_expression": self._call,
        }

    def value(self, node: SyntaxNode) -> Any:
        """Value of a node.

        Raises:
            TooMuchToEvaluate: If the page has used up its budget.
        """
        read = self._readers.get(node.type)
        if read is None:
            return UNKNOWN
        budget = self._names.budget
        budget.spend()
        budget.depth += 1
        try:
            return read(node)
        finally:
            budget.depth -= 1

    def call(self, function: Function, arguments: Sequence[Any]) -> Any:
        """What a function returns for these arguments."""
        parameters = function.node.child_by_field_name("parameters")
        single = function.node.child_by_field_name("parameter")
        patterns = [single] if single is not None else children(parameters) if parameters is not None else []
        bound: dict[str, Any] = {}
        inner = Evaluator(function.names.with_values(bound))
        for index, pattern in enumerate(patterns):
            if not bind(pattern, arguments[index] if index < len(arguments) else None, bound, inner.value):
                return UNKNOWN
        body = function.node.child_by_field_name("body")
        if body is None:
            return UNKNOWN
        return inner._run(body, bound) if body.type == "statement_block" else inner.value(body)

    def _run(self, block: SyntaxNode, bound: dict[str, Any]) -> Any:
        """What a block returns: definitions, conditions that are known, and a return; UNKNOWN with anything else."""
        for statement in children(block):
            match statement.type:
                case "return_statement":
                    return self._of(first_child(statement))
                case "lexical_declaration" | "variable_declaration":
                    for declarator in children(statement):
                        self._define(declarator, bound)
                case "if_statement":
                    condition = self._of(statement.child_by_field_name("condition"))
                    branch = statement.child_by_field_name("consequence")
                    if condition is UNKNOWN or statement.child_by_field_name("alternative") or branch is None:
                        return UNKNOWN
                    if is_true(condition):
                        return self._branch(branch, bound)
                case "expression_statement" | "function_declaration" | "empty_statement":
                    if statement.type == "function_declaration":
                        bound[text_of(statement.child_by_field_name("name"))] = Function(statement, self._names)
                case _:
                    return UNKNOWN
        return None

    def _branch(self, branch: SyntaxNode, bound: dict[str, Any]) -> Any:
        """What `return x` or `{ … }` after a condition returns; a block that returns nothing is not understood."""
        if branch.type == "return_statement":
            return self._of(first_child(branch))
        returns = branch.type == "statement_block" and any(one.type == "return_statement" for one in children(branch))
        return self._run(branch, bound) if returns else UNKNOWN

    def _define(self, declarator: SyntaxNode, bound: dict[str, Any]) -> None:
        pattern = declarator.child_by_field_name("name")
        if pattern is not None:
            bind(pattern, self._of(declarator.child_by_field_name("value")), bound, self.value)

    def _of(self, node: SyntaxNode | None) -> Any:
        return None if node is None else self.value(node)

    def _identifier(self, node: SyntaxNode) -> Any:
        name = text_of(node)
        return None if name == "undefined" else self._names.value(name[:_LONGEST_NAME])

    def _template(self, node: SyntaxNode) -> Any:
        parts = []
        for child in node.named_children:
            is_hole = child.type == "template_substitution"
            part = string_of(self.value(child)) if is_hole else unescape(text_of(child))
            if part is None:
                return UNKNOWN
            parts.append(part)
        return operators.bounded("".join(parts))

    def _list(self, node: SyntaxNode) -> Any:
        found: list[Any] = []
        for child in children(node):
            if child.type == "spread_element":
                spread = self._of(first_child(child))
                if not isinstance(spread, list):
                    return UNKNOWN
                found += spread
            else:
                found.append(self.value(child))
        return operators.bounded(found)

    def _object(self, node: SyntaxNode) -> Any:
        found: dict[str, Any] = {}
        for child in children(node):
            match child.type:
                case "pair":
                    key = self._key(child.child_by_field_name("key"))
                    if key is None:
                        return UNKNOWN
                    found[key] = self._of(child.child_by_field_name("value"))
                case "shorthand_property_identifier":
                    found[text_of(child)] = self.value(child)
                case "method_definition":
                    found[text_of(child.child_by_field_name("name"))] = Function(child, self._names)
                case "spread_element":
                    spread = self._of(first_child(child))
                    if spread is not None and not isinstance(spread, dict):
                        return UNKNOWN
                    found |= spread or {}
        return found

    def _key(self, node: SyntaxNode | None) -> str | None:
        if node is None or node.type == "property_identifier":
            return text_of(node)
        return string_of(self._of(first_child(node) if node.type == "computed_property_name" else node))

    def _unary(self, node: SyntaxNode) -> Any:
        value = self._of(node.child_by_field_name("argument"))
        return operators.unary(text_of(node.child_by_field_name("operator")), value)

    def _binary(self, node: SyntaxNode) -> Any:
        operator = text_of(node.child_by_field_name("operator"))
        left = self._of(node.child_by_field_name("left"))
        right = node.child_by_field_name("right")
        if operator in {"&&", "||", "??"}:
            if left is UNKNOWN:
                return UNKNOWN
            keeps = {"&&": not is_true(left), "||": is_true(left), "??": left is not None}[operator]
            return left if keeps else self._of(right)
        return operators.binary(operator, left, self._of(right))

    def _ternary(self, node: SyntaxNode) -> Any:
        condition = self._of(node.child_by_field_name("condition"))
        if condition is UNKNOWN:
            return UNKNOWN
        return self._of(node.child_by_field_name("consequence" if is_true(condition) else "alternative"))

    def _member(self, node: SyntaxNode) -> Any:
        value = self._of(node.child_by_field_name("object"))
        return operators.property_of(value, text_of(node.child_by_field_name("property")))

    def _subscript(self, node: SyntaxNode) -> Any:
        value, index = (self._of(node.child_by_field_name(field)) for field in ("object", "index"))
        return operators.property_of(value, index)

    def _call(self, node: SyntaxNode) -> Any:
        function, given = node.child_by_field_name("function"), node.child_by_field_name("arguments")
        if function is None or given is None or given.type != "arguments":
            return UNKNOWN
        arguments = self._list(given)
        if arguments is UNKNOWN:
            return UNKNOWN
        name = text_of(function)[:_LONGEST_NAME]
        if function.type == "identifier":
            own = self._names.value(name)
            if isinstance(own, Function):
                return self.call(own, arguments)
        if name in {"require", "useBaseUrl"} and arguments and isinstance(arguments[0], str):
            return self._names.value(f"require({arguments[0]})") if name == "require" else UNKNOWN
        if name in calls.FUNCTIONS:
            return calls.FUNCTIONS[name](arguments)
        if function.type == "member_expression":
            value = self._of(function.child_by_field_name("object"))
            method = text_of(function.child_by_field_name("property"))
            return calls.method(value, method, arguments, self.call)
        return UNKNOWN
