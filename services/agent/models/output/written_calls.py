"""A tool call that a model wrote as text: its name and arguments, in whichever notation."""

import json
import re
from collections.abc import Collection

from services.agent.models.reply import ToolCall

_TAGGED_ARGUMENT = re.compile(
    r"<[^<>]*?(?:parameter|param|arg)(?:=|\s+name=)[\"']?(\w+)[\"']?[^<>]*>\s*(.*?)\s*<?/?[^<>]*(?:parameter|param|arg)>?",
    re.DOTALL,
)
_KEY_AND_VALUE = re.compile(r"<arg_key>\s*(\w+)\s*</arg_key>\s*<arg_value>\s*(.*?)\s*</arg_value>", re.DOTALL)
_GEMMA_ARGUMENT = re.compile(r"(\w+)\s*:\s*(?:<\|\"\|>(.*?)<\|\"\|>|(\d+))", re.DOTALL)
_KEYWORD_ARGUMENT = re.compile(r"(\w+)\s*=\s*(?:\"((?:[^\"\\]|\\.)*)\"|'((?:[^'\\]|\\.)*)'|(\d+))")
_ARGUMENT_FIELDS = ("arguments", "parameters", "args", "input")


def read_written_call(text: str, tools: Collection[str], *, recipient: str = "") -> ToolCall | None:
    """The call of one of these tools; None when it calls none of them, or its arguments cannot be read.

    Args:
        text: The call as it was written.
        tools: Names of the tools that may be called.
        recipient: Tool that the call's header addressed; empty if it had none.
    """
    name = recipient.rsplit(".", maxsplit=1)[-1]
    at = 0
    if name not in tools:
        named = re.search(rf"\b({'|'.join(map(re.escape, tools))})\b", text) if tools else None
        if named is None:
            return None
        name, at = named[1], named.end()
    arguments = _json_arguments(text, at) or _other_arguments(text[at:])
    return ToolCall(name, json.dumps(arguments, ensure_ascii=False)) if arguments else None


def _json_arguments(text: str, at: int) -> dict[str, object]:
    """Arguments in JSON: an object of their own, or a field of the object that names the tool."""
    decoder = json.JSONDecoder()
    for opening in re.finditer(r"\{", text):
        try:
            found, end = decoder.raw_decode(text, opening.start())
        except ValueError:
            continue
        if end < at or not isinstance(found, dict):
            continue
        function = found.get("function")
        fields = function if isinstance(function, dict) else found
        for name in _ARGUMENT_FIELDS:
            inner = fields.get(name)
            if isinstance(inner, str):
                inner = _parsed(inner)
            if isinstance(inner, dict):
                return inner
        if "name" not in fields:
            return fields
    return {}


def _parsed(text: str) -> object:
    try:
        return json.loads(text)
    except ValueError:
        return None


def _other_arguments(text: str) -> dict[str, object]:
    for notation in (_KEY_AND_VALUE, _TAGGED_ARGUMENT):
        if pairs := notation.findall(text):
            return {key: _value(value) for key, value in pairs}
    for notation in (_GEMMA_ARGUMENT, _KEYWORD_ARGUMENT):
        if found := list(notation.finditer(text)):
            return {
                match[1]: _value(next(group for group in match.groups()[1:] if group is not None)) for match in found
            }
    return {}


def _value(written: str) -> object:
    return int(written) if written.isdigit() else written
