"""YAML as js-yaml 4 reads it, and its scalars as JavaScript prints them."""

import re
from datetime import UTC, datetime
from typing import Any

import yaml

MAX_YAML_CHARS = 100_000
_NESTED = re.compile(r"(?:[-?][ \t]+){50}")
_MAX_BRACKETS = 1_000
_TIMESTAMP = re.compile(r"\A(\d{4})-(\d{1,2})-(\d{1,2})(?:(?:[Tt]|[ \t]+)(\d{1,2}):(\d{2}):(\d{2}).*)?\Z")


class YamlInvalid(Exception):
    """The text cannot be read as YAML; the message says why."""


class _JsYamlLoader(yaml.CSafeLoader):
    """PyYAML with the scalars of js-yaml 4: `yes` and dates stay strings, no base 60, `0o17` is octal, `010` is ten.

    Merge keys are not followed, so that no small text can grow without bound.
    """


class Timestamp(str):
    """An unquoted date, as written; js-yaml makes a Date of it."""

    __slots__ = ()


def _reduced_resolvers() -> None:
    _JsYamlLoader.yaml_implicit_resolvers = {}
    scalars = (
        ("null", r"\A(?:~|null|Null|NULL|)\Z", ["~", "n", "N", ""]),
        ("bool", r"\A(?:true|True|TRUE|false|False|FALSE)\Z", list("tTfF")),
        ("int", r"\A[-+]?(?:0b[01_]+|0x[0-9a-fA-F_]+|0o[0-7_]+|[0-9][0-9_]*)\Z", list("-+0123456789")),
        (
            "float",
            (
                r"\A(?:[-+]?(?:[0-9][0-9_]*)(?:\.[0-9_]*)?(?:[eE][-+]?[0-9]+)?|\.[0-9_]+(?:[eE][-+]?[0-9]+)?"
                r"|[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN))\Z"
            ),
            list("-+.0123456789"),
        ),
        ("timestamp", _TIMESTAMP.pattern, list("0123456789")),
    )
    for name, pattern, first in scalars:
        _JsYamlLoader.add_implicit_resolver(f"tag:yaml.org,2002:{name}", re.compile(pattern), first)


def _construct_int(loader: _JsYamlLoader, node: yaml.ScalarNode) -> int:
    text = str(node.value).replace("_", "")
    digits = text.lstrip("+-")
    base = {"0b": 2, "0x": 16, "0o": 8}.get(digits[:2], 10)
    value = int(digits[2:] if base != 10 else digits, base)
    return -value if text.startswith("-") else value


_reduced_resolvers()
_JsYamlLoader.add_constructor("tag:yaml.org,2002:int", _construct_int)
_JsYamlLoader.add_constructor("tag:yaml.org,2002:timestamp", lambda _, node: Timestamp(node.value))


def load_yaml(text: str) -> Any:
    """Read YAML as js-yaml does.

    Raises:
        YamlInvalid: If it is not YAML, or larger or deeper than anything a person would write.
    """
    too_deep = text.count("[") + text.count("{") > _MAX_BRACKETS or _NESTED.search(text)
    if too_deep or len(text) > MAX_YAML_CHARS:
        raise YamlInvalid("its YAML is too large or too deeply nested")
    try:
        return yaml.load(text, Loader=_JsYamlLoader)  # noqa: S506 - a SafeLoader
    except (yaml.YAMLError, ValueError, RecursionError) as first_error:
        if "\t" not in text:
            raise YamlInvalid(f"its YAML is invalid: {one_line(first_error)}") from first_error
    try:  # js-yaml takes a tab between a key and its value, libyaml does not
        return yaml.load(text.replace("\t", "  "), Loader=_JsYamlLoader)  # noqa: S506 - a SafeLoader
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        raise YamlInvalid(f"its YAML is invalid: {one_line(error)}") from error


def js_string(value: object) -> str | None:
    """A scalar as JavaScript's String() prints it; None for null and for what is not a scalar.

    >>> js_string(1.10), js_string(1.0), js_string(True)
    ('1.1', '1', 'true')
    """
    match value:
        case bool():
            return str(value).lower()
        case float() if value.is_integer() and abs(value) < 1e21:
            return str(int(value))
        case int() | float():
            return str(value)
        case Timestamp():
            return _js_date(value) or str(value)
        case str():
            return value
        case _:
            return None


def _js_date(text: str) -> str | None:
    """Date.toString() of a YAML timestamp, in the UTC of a build server; js-yaml makes dates of such scalars."""
    match = _TIMESTAMP.match(text)
    if match is None:
        return None
    try:
        year, month, day, hour, minute, second = (int(part or 0) for part in match.groups())
        moment = datetime(year, month, day, hour, minute, second, tzinfo=UTC)
    except ValueError:
        return None
    return moment.strftime("%a %b %d %Y %H:%M:%S GMT+0000 (Coordinated Universal Time)")


def one_line(error: BaseException) -> str:
    """What a parser complains about, in one line of at most 200 characters."""
    return " ".join(str(error).split())[:200]
