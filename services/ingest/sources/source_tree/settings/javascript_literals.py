"""Reads the literals of a config program without running it, and says of everything else that it is unknown."""

import re
from collections.abc import Callable
from posixpath import normpath
from typing import Any

from services.ingest.sources.source_tree.settings.javascript_tokens import (
    CLOSING,
    OPENING,
    Imported,
    LiteralObject,
    Token,
    Unknown,
    number,
    tokens,
    unescaped,
)

MAX_CHARS = 500_000
MAX_DEPTH = 60


def read_default_export(source: str, read_json: Callable[[str], Any]) -> Any:
    """Value of `export default` or `module.exports`, with Unknown for what is computed.

    Args:
        source: The program, JavaScript or TypeScript.
        read_json: Gives the content of a JSON file next to it, by its relative path; raises ValueError or OSError.
    """
    if len(source) > MAX_CHARS:
        return Unknown("the config is too long", 1)
    program = _Program(tokens(source), read_json)
    return program.default_export()


class _Program:
    def __init__(self, tokens: list[Token], read_json: Callable[[str], Any]) -> None:
        self._tokens = [*tokens, Token("end", "", tokens[-1].line if tokens else 1)]
        self._read_json = read_json
        self._definitions = self._find_definitions()
        self._known: dict[str, Any] = {}
        self._at = 0
        self._depth = 0

    def default_export(self) -> Any:
        for index, token in enumerate(self._tokens[:-2]):
            following = self._tokens[index + 1].text
            if token.text == "export" and following == "default":
                return self._exported(index + 2)
            if token.text == "module" and [t.text for t in self._tokens[index + 1 : index + 4]] == [
                ".",
                "exports",
                "=",
            ]:
                return self._exported(index + 4)
        return Unknown("the config has no default export", 1)

    def _exported(self, start: int) -> Any:
        """The exported expression; of a function, what it returns."""
        value = self._value_at(start)
        name = self._tokens[start]
        if isinstance(value, Unknown) and name.kind == "name":
            returned = self._returned(self._definitions.get(name.text, start))
            return value if returned is None else returned
        if isinstance(value, Unknown):
            returned = self._returned(start)
            return value if returned is None else returned
        return value

    def _returned(self, start: int) -> Any:
        """What the last `return {…}` below a function's head gives, or its `=> ({…})`."""
        found = None
        for index in range(start, len(self._tokens) - 1):
            text = self._tokens[index].text
            if text == "return" and self._tokens[index + 1].text not in {";", "}"}:
                value = self._value_at(index + 1)
                found = value if isinstance(value, LiteralObject) and "url" in value.values else found
            elif text == "=>" and self._tokens[index + 1].text == "(" and found is None:
                value = self._value_at(index + 1)
                found = value if isinstance(value, LiteralObject) else None
        return found

    def _find_definitions(self) -> dict[str, int]:
        """Token after the `=` of each constant; index of the name for imports, as a negative number."""
        found: dict[str, int] = {}
        tokens = self._tokens
        self._imports: dict[str, str] = {}
        for index, token in enumerate(tokens[:-2]):
            if token.text in {"const", "let", "var"} and tokens[index + 1].kind == "name":
                equals = next((i for i in range(index + 2, min(index + 40, len(tokens))) if tokens[i].text in "=;"), 0)
                if equals and tokens[equals].text == "=":
                    found.setdefault(tokens[index + 1].text, equals + 1)
            elif token.text == "function" and tokens[index + 1].kind == "name":
                found.setdefault(tokens[index + 1].text, index)
            elif token.text == "import":
                self._note_import(index + 1)
        return found

    def _note_import(self, start: int) -> None:
        names: list[str] = []
        for token in self._tokens[start : start + 200]:
            if token.kind == "string":
                self._imports |= dict.fromkeys(names, token.text[1:-1])
                return
            if token.kind == "name" and token.text not in {"from", "as", "type"}:
                names.append(token.text)

    def _value_at(self, start: int) -> Any:
        saved, self._at = self._at, start
        value = self._expression()
        self._at = saved
        return value

    def _peek(self) -> Token:
        return self._tokens[min(self._at, len(self._tokens) - 1)]

    def _next(self) -> Token:
        token = self._peek()
        self._at += 1
        return token

    def _unknown(self, reason: str) -> Unknown:
        return Unknown(reason, self._peek().line)

    def _expression(self) -> Any:
        """One expression up to `,`, `;` or a closing bracket; afterwards the cursor stands on that token."""
        self._depth += 1
        try:
            if self._depth > MAX_DEPTH:
                self._skip()
                return self._unknown("it is nested too deeply")
            return self._alternatives()
        finally:
            self._depth -= 1

    def _alternatives(self) -> Any:
        line = self._peek().line
        value = self._operand()
        while True:
            text = self._peek().text
            if text in {"as", "satisfies"}:
                self._skip(stops={",", ";"})
            elif text in {"||", "??"}:
                self._next()
                other = self._operand()
                is_environment = isinstance(value, Unknown) and value.reason == "process.env"
                value = other if is_environment or value in ("", None, False) else value
            elif text == "+" and isinstance(value, str):
                self._next()
                other = self._operand()
                value = value + other if isinstance(other, str) else Unknown("it is computed", line)
            elif text in {",", ";", "", ")", "]", "}", ":"} or self._begins_statement():
                return value
            else:
                self._skip()
                return Unknown("it is computed", line)

    def _begins_statement(self) -> bool:
        before, here = self._tokens[self._at - 1], self._peek()
        return here.line > before.line and here.kind == "name"

    def _operand(self) -> Any:
        token = self._next()
        value: Any
        if token.kind == "string":
            value = unescaped(token.text[1:-1])
        elif token.kind == "template":
            value = self._template(token)
        elif token.kind == "number":
            value = number(token.text)
        elif token.text == "{":
            value = self._object()
        elif token.text == "[":
            value = self._list()
        elif token.text == "(":
            value = self._parenthesised(token)
        elif token.text == "!":
            inner = self._operand()
            return (not inner) if isinstance(inner, bool | int) else Unknown("it is computed", token.line)
        elif token.kind == "name":
            value = self._named(token)
        else:
            value = Unknown("it is computed", token.line)
        return self._members(value, token)

    def _named(self, token: Token) -> Any:
        constants = {"true": True, "false": False, "null": None, "undefined": None, "__dirname": "."}
        if token.text in constants:
            return constants[token.text]
        if token.text in {"async", "function", "class", "new"} or self._peek().text == "=>":
            self._skip()
            return Unknown("it is a function", token.line)
        if token.text in {"await", "typeof"}:
            return self._operand()
        if token.text in {"require", "process", "path", "Object"}:
            return Unknown(token.text, token.line)
        if token.text in self._imports:
            return self._import(self._imports[token.text])
        return self._constant(token)

    def _constant(self, token: Token) -> Any:
        if token.text not in self._known:
            start = self._definitions.get(token.text)
            self._known[token.text] = Unknown(f"{token.text} refers to itself", token.line)
            self._known[token.text] = (
                self._value_at(start) if start is not None else Unknown(f"{token.text} is not defined here", token.line)
            )
        return self._known[token.text]

    def _import(self, module: str) -> Any:
        if module.endswith(".json") and module.startswith("."):
            try:
                return _as_literal(self._read_json(normpath(module)))
            except (OSError, ValueError):
                return self._unknown(f"{module} cannot be read")
        return Imported(module)

    def _members(self, value: Any, token: Token) -> Any:
        """`.name`, `[0]` and calls that follow an operand."""
        chain = token.text
        while self._peek().text in {".", "?.", "[", "(", "!"}:
            mark = self._next().text
            if mark in {".", "?."}:
                name = self._next().text
                chain = f"{chain}.{name}"
                value = self._member(value, name, token.line, chain)
            elif mark == "[":
                key = self._expression()
                self._next()
                value = self._member(value, key, token.line, chain)
            elif mark == "(":
                value = self._call(chain, self._arguments(), token.line)
        return value

    def _member(self, value: Any, name: Any, line: int, chain: str) -> Any:
        if chain.startswith("process.env"):
            return Unknown("process.env", line)
        if isinstance(value, LiteralObject) and isinstance(name, str):
            unknown = value.unknown_spreads[0] if value.unknown_spreads else None
            return value.values.get(name, unknown)
        if isinstance(value, list) and isinstance(name, int) and 0 <= name < len(value):
            return value[name]
        return value if isinstance(value, Imported) else Unknown(f"{chain} is computed", line)

    def _arguments(self) -> list[Any]:
        arguments = self._list(closing=")")
        return arguments if isinstance(arguments, list) else []

    def _call(self, function: str, arguments: list[Any], line: int) -> Any:
        first = arguments[0] if arguments else None
        if function == "require.resolve" and isinstance(first, str):
            return first
        if function == "require" and isinstance(first, str):
            return self._import(first)
        if function in {"path.join", "path.resolve"} and all(isinstance(part, str) for part in arguments):
            return normpath("/".join(arguments))
        if function == "Object.freeze":
            return first
        return Unknown(f"{function}() is called", line)

    def _parenthesised(self, token: Token) -> Any:
        depth_start = self._at
        value = self._expression()
        if self._peek().text != ")":
            self._at = depth_start
            self._skip_to_closing()
            value = Unknown("it is computed", token.line)
        self._next()
        if self._peek().text == "=>" or (self._peek().text == ":" and isinstance(value, Unknown)):
            self._skip()
            return Unknown("it is a function", token.line)
        return value

    def _object(self) -> Any:
        found = LiteralObject()
        while self._peek().text not in {"}", ""}:
            self._property(found)
            if self._peek().text == ",":
                self._next()
            elif self._peek().text != "}":
                self._skip()
                if self._peek().text in {")", "]", ";"}:
                    self._next()
        self._next()
        return found

    def _property(self, found: LiteralObject) -> None:
        token = self._next()
        if token.text == "...":
            self._spread(found, self._expression(), token.line)
            return
        key = token.text
        if token.kind == "string":
            key = unescaped(token.text[1:-1])
        elif token.text == "[":
            computed = self._expression()
            self._next()
            key = computed if isinstance(computed, str) else f"[{token.line}]"
        if self._peek().text == ":":
            self._next()
            found.values[key] = self._expression()
        elif self._peek().text in {",", "}"}:
            found.values[key] = self._named(token)
        else:  # a method, a getter, `async name() {}`
            self._skip()
            found.values[key] = Unknown("it is a function", token.line)

    def _spread(self, found: LiteralObject, value: Any, line: int) -> None:
        if isinstance(value, LiteralObject):
            found.values |= value.values
            found.unknown_spreads += value.unknown_spreads
        elif value is not None and value is not False:
            reason = value.reason if isinstance(value, Unknown) else "it is computed"
            found.unknown_spreads.append(Unknown(reason, line))

    def _list(self, closing: str = "]") -> list[Any]:
        found: list[Any] = []
        while self._peek().text not in {closing, ""}:
            if self._peek().text == "...":
                line = self._next().line
                value = self._expression()
                found += value if isinstance(value, list) else [Unknown("a spread is computed", line)]
            elif self._peek().text == ",":
                self._next()
            else:
                before = self._at
                found.append(self._expression())
                if self._at == before or self._peek().text in {":", ";", "}", "]", ")"} - {closing}:
                    self._next()
        self._next()
        return found

    def _template(self, token: Token) -> Any:
        text = token.text[1:-1]
        parts = re.split(r"\$\{\s*([\w$.]+)\s*\}", text)
        if "${" in "".join(parts[::2]):
            return Unknown("it is computed", token.line)
        for index in range(1, len(parts), 2):
            name = parts[index]
            value = self._constant(Token("name", name, token.line)) if name in self._definitions else None
            if not isinstance(value, str | int):
                reason = "process.env" if name.startswith("process.env") else "it is computed"
                return Unknown(reason, token.line)
            parts[index] = str(value)
        return unescaped("".join(parts))

    def _skip(self, stops: set[str] | None = None) -> None:
        """Move on to the `,`, `;` or closing bracket that ends this expression."""
        depth = 0
        while self._peek().kind != "end":
            text = self._peek().text
            if depth == 0 and (text in (stops or {",", ";"}) or text in CLOSING):
                return
            depth += (text in OPENING) - (text in CLOSING)
            self._at += 1

    def _skip_to_closing(self) -> None:
        depth = 0
        while self._peek().kind != "end":
            text = self._peek().text
            if depth == 0 and text in CLOSING:
                return
            depth += (text in OPENING) - (text in CLOSING)
            self._at += 1


def _as_literal(value: Any) -> Any:
    if isinstance(value, dict):
        return LiteralObject({str(key): _as_literal(inner) for key, inner in value.items()})
    return [_as_literal(inner) for inner in value] if isinstance(value, list) else value
