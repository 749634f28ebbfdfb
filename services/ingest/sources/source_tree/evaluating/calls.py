"""The functions and methods of JavaScript that are known."""

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from services.ingest.sources.source_tree.evaluating.operators import bounded
from services.ingest.sources.source_tree.evaluating.values import UNKNOWN, Function, is_true, json_text, string_of

Call = Callable[[Function, Sequence[Any]], Any]
_PLACEHOLDER = re.compile(r"\{(\w+)\}")


def method(value: Any, name: str, arguments: Sequence[Any], call: Call) -> Any:
    """What a method of a value returns."""
    if isinstance(value, list):
        return _method_of_list(value, name, arguments, call)
    if isinstance(value, str) and name in _OF_TEXT and all(isinstance(one, str | int) for one in arguments):
        try:
            return _OF_TEXT[name](value, *arguments)
        except (TypeError, ValueError):
            return UNKNOWN
    if name == "toString" and (text := string_of(value)) is not None:
        return text
    return UNKNOWN


def _method_of_list(entries: list[Any], name: str, arguments: Sequence[Any], call: Call) -> Any:
    function = arguments[0] if arguments and isinstance(arguments[0], Function) else None
    if name in {"map", "flatMap", "filter", "find", "some", "every"} and function is not None:
        results = [call(function, [entry, index]) for index, entry in enumerate(entries)]
        return _ENTRIES[name](entries, results)
    if name == "join":
        return _join(entries, arguments)
    if name == "slice" and all(isinstance(one, int) for one in arguments):
        return entries[slice(*[*arguments, None][:2])] if arguments else list(entries)
    if name == "concat":
        return bounded([*entries, *(part for one in arguments for part in (one if isinstance(one, list) else [one]))])
    if name == "includes" and arguments:
        return UNKNOWN if UNKNOWN in entries else arguments[0] in entries
    if name == "reverse":
        return entries[::-1]
    if name == "sort" and not arguments and all(isinstance(entry, str) for entry in entries):
        return sorted(entries)
    return UNKNOWN


def _filtered(entries: list[Any], results: list[Any]) -> Any:
    if UNKNOWN in results:
        return UNKNOWN
    return [entry for entry, result in zip(entries, results, strict=True) if is_true(result)]


def _first(entries: list[Any], results: list[Any]) -> Any:
    kept = _filtered(entries, results)
    return UNKNOWN if kept is UNKNOWN else next(iter(kept), None)


_ENTRIES: dict[str, Callable[[list[Any], list[Any]], Any]] = {
    "map": lambda _, results: results,
    "flatMap": lambda _, results: [one for part in results for one in (part if isinstance(part, list) else [part])],
    "filter": _filtered,
    "find": _first,
    "some": lambda _, results: UNKNOWN if UNKNOWN in results else any(map(is_true, results)),
    "every": lambda _, results: UNKNOWN if UNKNOWN in results else all(map(is_true, results)),
}


def _join(entries: list[Any], arguments: Sequence[Any]) -> Any:
    separator = string_of(arguments[0]) if arguments else ","
    texts = ["" if entry is None else string_of(entry) for entry in entries]
    if separator is None or None in texts:
        return UNKNOWN
    return bounded(separator.join(text or "" for text in texts))


def _replaced(text: str, old: str, new: str) -> str:
    return text.replace(old, new, 1)


_OF_TEXT: dict[str, Callable[..., Any]] = {
    "trim": str.strip,
    "trimStart": str.lstrip,
    "trimEnd": str.rstrip,
    "toUpperCase": str.upper,
    "toLowerCase": str.lower,
    "toString": str,
    "replace": _replaced,
    "replaceAll": lambda text, old, new: bounded(text.replace(old, new)) if old else UNKNOWN,
    "split": lambda text, separator: text.split(separator) if separator else list(text),
    "slice": lambda text, *ends: text[slice(*[*ends, None][:2])],
    "includes": lambda text, part: part in text,
    "startsWith": lambda text, part: text.startswith(part),
    "endsWith": lambda text, part: text.endswith(part),
    "concat": lambda text, *more: bounded(text + "".join(map(str, more))),
}


def _translate(arguments: Sequence[Any]) -> Any:
    """`translate({message: 'Hello {name}'}, {name: 'Ann'})`."""
    given = arguments[0] if arguments else None
    message = given.get("message", given.get("id")) if isinstance(given, dict) else None
    values = arguments[1] if len(arguments) > 1 and isinstance(arguments[1], dict) else {}
    if not isinstance(message, str):
        return UNKNOWN
    return _PLACEHOLDER.sub(lambda match: string_of(values.get(match[1])) or match[0], message)


def _stringify(arguments: Sequence[Any]) -> Any:
    indent = arguments[2] if len(arguments) > 2 and isinstance(arguments[2], int) else None
    text = json_text(arguments[0], indent) if arguments else None
    return UNKNOWN if text is None else text


def _of_object(take: Callable[[Mapping[str, Any]], list[Any]]) -> Callable[[Sequence[Any]], Any]:
    return lambda arguments: take(arguments[0]) if arguments and isinstance(arguments[0], dict) else UNKNOWN


def _as_string(arguments: Sequence[Any]) -> Any:
    text = string_of(arguments[0]) if arguments else ""
    return UNKNOWN if text is None else text


FUNCTIONS: dict[str, Callable[[Sequence[Any]], Any]] = {
    "translate": _translate,
    "JSON.stringify": _stringify,
    "String": _as_string,
    "Object.keys": _of_object(list),
    "Object.values": _of_object(lambda given: list(given.values())),
    "Object.entries": _of_object(lambda given: [[key, value] for key, value in given.items()]),
    "Boolean": lambda arguments: UNKNOWN if UNKNOWN in arguments else bool(arguments and is_true(arguments[0])),
}
"""Functions by their names; each takes the list of its arguments."""
