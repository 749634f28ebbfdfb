"""Front matter as Docusaurus reads it: gray-matter to cut it, js-yaml 4 to read it."""

import json
import re
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import yaml

from services.runtime.errors import shown

MAX_FRONT_MATTER_CHARS = 100_000
_NESTED = re.compile(r"(?:[-?][ \t]+){50}")
_MAX_BRACKETS = 1_000
_MARKDOWN_FENCE = re.compile(r"\A---[ \t]*\n(?:.*?\n)?---[ \t]*(?:\n|\Z)", re.DOTALL)
_TIMESTAMP = re.compile(r"\A(\d{4})-(\d{1,2})-(\d{1,2})(?:(?:[Tt]|[ \t]+)(\d{1,2}):(\d{2}):(\d{2}).*)?\Z")


class FrontMatterError(Exception):
    """The front matter cannot be read; Docusaurus would refuse the file too."""


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


@dataclass(frozen=True, slots=True)
class FrontMatter:
    """What stands above the text of a page."""

    values: dict[str, Any]
    body: str
    """Text below it as gray-matter cuts it; the Markdown parser cuts more strictly (`markdown_body`)."""

    def text(self, key: str) -> str | None:
        """A value as JavaScript would print it, None when it is missing or null."""
        return js_string(self.values.get(key))

    def flag(self, key: str) -> bool:
        """Whether a boolean key is switched on."""
        return self.values.get(key) is True


def normalised(text: str) -> str:
    """Text without byte order mark and with `\\n` as the only line ending."""
    return text.removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n")


def read_front_matter(text: str) -> FrontMatter:
    """Cut and read the front matter of a normalised text.

    Raises:
        FrontMatterError: If it is there and cannot be read.
    """
    if not text.startswith("---") or text[3:4] == "-":
        return FrontMatter({}, text)
    end = text.find("\n---", 3)
    raw, body = (text[3:], "") if end < 0 else (text[3:end], text[end + 4 :].removeprefix("\n"))
    language, _, content = raw.partition("\n")
    return FrontMatter(_read_values(language.strip().lower(), content), body)


def markdown_body(text: str) -> tuple[str, int]:
    """The text the Markdown parser sees, and the number of lines cut off above it."""
    match = _MARKDOWN_FENCE.match(text) if text.startswith("---") else None
    if match is None:
        return text, 0
    return text[match.end() :], match.group().count("\n")


def load_yaml(text: str) -> Any:
    """Read YAML as js-yaml does.

    Raises:
        FrontMatterError: If it is no YAML, or too large or nested for a file a person wrote.
    """
    too_deep = text.count("[") + text.count("{") > _MAX_BRACKETS or _NESTED.search(text)
    if too_deep or len(text) > MAX_FRONT_MATTER_CHARS:
        raise FrontMatterError("its YAML is too large or too deeply nested")
    try:
        return yaml.load(text, Loader=_JsYamlLoader)  # noqa: S506 - a SafeLoader
    except (yaml.YAMLError, ValueError, RecursionError) as first_error:
        if "\t" not in text:
            raise FrontMatterError(f"its YAML is invalid: {_one_line(first_error)}") from first_error
    try:  # js-yaml takes a tab between a key and its value, libyaml does not
        return yaml.load(text.replace("\t", "  "), Loader=_JsYamlLoader)  # noqa: S506 - a SafeLoader
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        raise FrontMatterError(f"its YAML is invalid: {_one_line(error)}") from error


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


def _read_values(language: str, content: str) -> dict[str, Any]:
    if language in {"", "yaml", "yml"}:
        values = load_yaml(content)
    elif language == "json":
        values = _load_json(content)
    else:
        raise FrontMatterError(f"its language is {shown(language)}, of which only yaml and json can be read")
    return values if isinstance(values, dict) else {}


def _load_json(content: str) -> Any:
    try:
        return json.loads(content)
    except (ValueError, RecursionError) as error:
        raise FrontMatterError(f"its JSON is invalid: {_one_line(error)}") from error


def _one_line(error: BaseException) -> str:
    return " ".join(str(error).split())[:200]
