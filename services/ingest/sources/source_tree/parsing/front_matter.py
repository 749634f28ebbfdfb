"""Front matter as Docusaurus reads it: gray-matter to cut it, js-yaml 4 to read it."""

import json
from dataclasses import dataclass
from typing import Any

from services.ingest.sources.source_tree.js_yaml import YamlInvalid, js_string, load_yaml, one_line


class FrontMatterError(Exception):
    """The front matter cannot be read; Docusaurus would refuse the file too."""


@dataclass(frozen=True, slots=True)
class FrontMatter:
    """What stands above the text of a page."""

    values: dict[str, Any]
    body: str
    """Text below it as gray-matter cuts it; the Markdown parser cuts more strictly (`without_front_matter`)."""

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


def _read_values(language: str, content: str) -> dict[str, Any]:
    if language in {"", "yaml", "yml"}:
        values = _load_yaml(content)
    elif language == "json":
        values = _load_json(content)
    else:
        raise FrontMatterError(f"its language is {language!r}, of which only yaml and json can be read")
    return values if isinstance(values, dict) else {}


def _load_yaml(content: str) -> Any:
    try:
        return load_yaml(content)
    except YamlInvalid as error:
        raise FrontMatterError(str(error)) from error


def _load_json(content: str) -> Any:
    try:
        return json.loads(content)
    except (ValueError, RecursionError) as error:
        raise FrontMatterError(f"its JSON is invalid: {one_line(error)}") from error
