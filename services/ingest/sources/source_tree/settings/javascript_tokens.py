"""Tokens of a JavaScript program, and the values its literals become."""

import json
import re
from dataclasses import dataclass, field
from typing import Any

_TOKEN = re.compile(
    r"""(?P<space>\s+|//[^\n]*|/\*.*?\*/)
    |(?P<string>"(?:\\.|[^"\\\n])*"|'(?:\\.|[^'\\\n])*')
    |(?P<template>`(?:\\.|[^`\\])*`)
    |(?P<number>-?(?:0x[0-9a-fA-F]+|\d[\d_]*(?:\.\d+)?(?:[eE][+-]?\d+)?)\b)
    |(?P<name>[A-Za-z_$][\w$]*)
    |(?P<mark>\.\.\.|=>|\?\.(?!\d)|\?\?|\|\||&&|===|!==|[-+*/%<>=!?:;,.(){}\[\]@#&|^~\\])
    |(?P<other>.)""",
    re.DOTALL | re.VERBOSE,
)
OPENING, CLOSING = "([{", ")]}"
_ESCAPE = re.compile(r"\\(.)", re.DOTALL)
_CONTROL = {"n": "\n", "t": "\t", "\n": ""}


@dataclass(frozen=True, slots=True)
class Unknown:
    """A value that only running the config would tell."""

    reason: str
    line: int


@dataclass(frozen=True, slots=True)
class Imported:
    """Something that comes from another module."""

    module: str


@dataclass(frozen=True, slots=True)
class Token:
    kind: str
    text: str
    line: int


@dataclass(slots=True)
class LiteralObject:
    """An object literal; `unknown_spreads` are parts of it that may hold further keys."""

    values: dict[str, Any] = field(default_factory=dict)
    unknown_spreads: list[Unknown] = field(default_factory=list)


def tokens(source: str) -> list[Token]:
    found = []
    line = 1
    for match in _TOKEN.finditer(source):
        kind, text = match.lastgroup or "other", match.group()
        if kind != "space":
            found.append(Token(kind, text, line))
        line += text.count("\n")
    return found


def unescaped(text: str) -> str:
    return _ESCAPE.sub(lambda match: _CONTROL.get(match[1], match[1]), text) if "\\" in text else text


def number(text: str) -> int | float:
    try:
        return json.loads(text.replace("_", "")) if not text.lower().startswith("0x") else int(text, 16)
    except ValueError:
        return 0
