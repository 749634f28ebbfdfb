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


def value_of_name(name: str, names: Names) -> Any:
    """What a name stands for; UNKNOWN when only the running site knows it."""
    try:
        return names.value(name)
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
        self.names = names

    def value(self, node: SyntaxNode) -> Any:
        """Value of a node.

        Raises:
            TooMuchToEvaluate: If the page has used up its budget.
        """
        read = _READERS.get(node.type)
        if read is None:
            return UNKNOWN
        budget = self.names.budget
        budget.spend()
        budget.depth += 1
        try:
            return read(self, node)
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
                    return self.part(first_child(statement))
                case "lexical_declaration" | "variable_declaration":
                    for declarator in children(statement):
                        self._define(declarator, bound)
                case "if_statement":
                    condition = self.part(statement.child_by_field_name("condition"))
                    branch = statement.child_by_field_name("consequence")
                    if condition is UNKNOWN or statement.child_by_field_name("alternative") or branch is None:
                        return UNKNOWN
                    if is_true(condition):
                        return self._branch(branch, bound)
                case "expression_statement" | "function_declaration" | "empty_statement":
                    if statement.type == "function_declaration":
                        bound[text_of(statement.child_by_field_name("name"))] = Function(statement, self.names)
                case _:
                    return UNKNOWN
        return None

    def _branch(self, branch: SyntaxNode, bound: dict[str, Any]) -> Any:
        """What `return x` or `{ … }` after a condition returns; a block that returns nothing is not understood."""
        if branch.type == "return_statement":
            return self.part(first_child(branch))
        returns = branch.type == "statement_block" and any(one.type == "return_statement" for one in children(branch))
        return self._run(branch, bound) if returns else UNKNOWN

    def _define(self, declarator: SyntaxNode, bound: dict[str, Any]) -> None:
        pattern = declarator.child_by_field_name("name")
        if pattern is not None:
            bind(pattern, self.part(declarator.child_by_field_name("value")), bound, self.value)

    def part(self, node: SyntaxNode | None) -> Any:
        """Value of a part of a node; None when there is none."""
        return None if node is None else self.value(node)

    def identifier(self, node: SyntaxNode) -> Any:
        """Value of a name."""
        name = text_of(node)
        return None if name == "undefined" else self.names.value(name[:_LONGEST_NAME])

    def template(self, node: SyntaxNode) -> Any:
        """A template with its holes filled."""
        parts = []
        for child in node.named_children:
            is_hole = child.type == "template_substitution"
            part = string_of(self.value(child)) if is_hole else unescape(text_of(child))
            if part is None:
                return UNKNOWN
            parts.append(part)
        return operators.bounded("".join(parts))

    def array(self, node: SyntaxNode) -> Any:
        """A list; UNKNOWN when a part that is spread into it is."""
        found: list[Any] = []
        for child in children(node):
            if child.type == "spread_element":
                spread = self.part(first_child(child))
                if not isinstance(spread, list):
                    return UNKNOWN
                found += spread
            else:
                found.append(self.value(child))
        return operators.bounded(found)

    def object(self, node: SyntaxNode) -> Any:
        """An object; UNKNOWN when a part that is spread into it is."""
        found: dict[str, Any] = {}
        for child in children(node):
            match child.type:
                case "pair":
                    key = self._key(child.child_by_field_name("key"))
                    if key is None:
                        return UNKNOWN
                    found[key] = self.part(child.child_by_field_name("value"))
                case "shorthand_property_identifier":
                    found[text_of(child)] = self.value(child)
                case "method_definition":
                    found[text_of(child.child_by_field_name("name"))] = Function(child, self.names)
                case "spread_element":
                    spread = self.part(first_child(child))
                    if spread is not None and not isinstance(spread, dict):
                        return UNKNOWN
                    found |= spread or {}
        return found

    def _key(self, node: SyntaxNode | None) -> str | None:
        if node is None or node.type == "property_identifier":
            return text_of(node)
        return string_of(self.part(first_child(node) if node.type == "computed_property_name" else node))

    def unary(self, node: SyntaxNode) -> Any:
        """Value of an operator before an operand."""
        value = self.part(node.child_by_field_name("argument"))
        return operators.unary(text_of(node.child_by_field_name("operator")), value)

    def binary(self, node: SyntaxNode) -> Any:
        """Value of an operator between two operands."""
        operator = text_of(node.child_by_field_name("operator"))
        left = self.part(node.child_by_field_name("left"))
        right = node.child_by_field_name("right")
        if operator in {"&&", "||", "??"}:
            if left is UNKNOWN:
                return UNKNOWN
            keeps = {"&&": not is_true(left), "||": is_true(left), "??": left is not None}[operator]
            return left if keeps else self.part(right)
        return operators.binary(operator, left, self.part(right))

    def ternary(self, node: SyntaxNode) -> Any:
        """The branch that the condition chooses."""
        condition = self.part(node.child_by_field_name("condition"))
        if condition is UNKNOWN:
            return UNKNOWN
        return self.part(node.child_by_field_name("consequence" if is_true(condition) else "alternative"))

    def member(self, node: SyntaxNode) -> Any:
        """A property by its name."""
        value = self.part(node.child_by_field_name("object"))
        return operators.property_of(value, text_of(node.child_by_field_name("property")))

    def subscript(self, node: SyntaxNode) -> Any:
        """A property or an entry by an expression."""
        value, index = (self.part(node.child_by_field_name(field)) for field in ("object", "index"))
        return operators.property_of(value, index)

    def function_call(self, node: SyntaxNode) -> Any:
        """What a known function returns."""
        function, given = node.child_by_field_name("function"), node.child_by_field_name("arguments")
        if function is None or given is None or given.type != "arguments":
            return UNKNOWN
        arguments = self.array(given)
        if arguments is UNKNOWN:
            return UNKNOWN
        name = text_of(function)[:_LONGEST_NAME]
        if function.type == "identifier":
            own = self.names.value(name)
            if isinstance(own, Function):
                return self.call(own, arguments)
        if name in {"require", "useBaseUrl"} and arguments and isinstance(arguments[0], str):
            return self.names.value(f"require({arguments[0]})") if name == "require" else UNKNOWN
        if name in calls.FUNCTIONS:
            return calls.FUNCTIONS[name](arguments)
        if function.type == "member_expression":
            value = self.part(function.child_by_field_name("object"))
            method = text_of(function.child_by_field_name("property"))
            return calls.method(value, method, arguments, self.call)
        return UNKNOWN


_READERS: dict[str, Callable[[Evaluator, SyntaxNode], Any]] = {
    **dict.fromkeys(("null", "undefined"), lambda *_: None),
    **dict.fromkeys(("true", "false"), lambda _, node: node.type == "true"),
    **dict.fromkeys(("identifier", "shorthand_property_identifier"), Evaluator.identifier),
    **dict.fromkeys(_TRANSPARENT, lambda one, node: one.part(first_child(node))),
    **dict.fromkeys(_FUNCTIONS, lambda one, node: Function(node, one.names)),
    **dict.fromkeys(_JSX, lambda one, node: JsxReader(one.value, one.call, one.names).read(node)),
    "string": lambda _, node: unescape(text_of(node)[1:-1]),
    "number": lambda _, node: operators.number(node),
    "template_string": Evaluator.template,
    "array": Evaluator.array,
    "object": Evaluator.object,
    "unary_expression": Evaluator.unary,
    "binary_expression": Evaluator.binary,
    "ternary_expression": Evaluator.ternary,
    "member_expression": Evaluator.member,
    "subscript_expression": Evaluator.subscript,
    "call_expression": Evaluator.function_call,
}
"""How each kind of node is read; of any other kind the value is not known."""
