"""Titles of admonitions that have none of their own, in the words of the theme or of the site.

The table is that of `@docusaurus/theme-translations` 3.10; `make_tables.cjs` beside the tests prints it.
"""

import json
from collections.abc import Iterator, Mapping
from functools import cache
from importlib.resources import files
from pathlib import Path

from services.ingest.sources.source_tree.files import FileUnreadable, SiteFiles
from services.language.locales import primary_language

_PREFIX = "theme.admonition."
_LIKELY = {
    "pt": "pt-BR",
    "zh": "zh-Hans",
    "zh-cn": "zh-Hans",
    "zh-sg": "zh-Hans",
    "zh-tw": "zh-Hant",
    "zh-hk": "zh-Hant",
}
"""Of a language with several forms, the one that is meant when none is named."""


def admonition_titles(locale: str, translations: Path | None, files: SiteFiles) -> dict[str, str]:
    """Default title by kind; kinds that are not in it are shown by their own name.

    Args:
        locale: Name of the locale, such as `pt-BR`.
        translations: Folder of the locale's translations, whose `code.json` overrides the theme.
        files: The files of the site.
    """
    return _of_theme(locale) | (dict(_of_site(translations, files)) if translations is not None else {})


def _of_theme(locale: str) -> dict[str, str]:
    language = primary_language(locale)
    likely = (_LIKELY.get(locale.lower()), _LIKELY.get(language))
    names = (name for name in (locale, *likely, language) if name in _table())
    return dict(_table()[next(names, "base")])


def _of_site(translations: Path, files: SiteFiles) -> Iterator[tuple[str, str]]:
    path = translations / "code.json"
    try:
        texts = json.loads(files.read_text(path)) if files.is_file(path) else {}
    except (FileUnreadable, ValueError, RecursionError):
        return
    for key, entry in texts.items() if isinstance(texts, dict) else ():
        message = entry.get("message") if isinstance(entry, Mapping) else entry
        if key.startswith(_PREFIX) and isinstance(message, str) and message.strip():
            yield key.removeprefix(_PREFIX), message.strip()


@cache
def _table() -> dict[str, dict[str, str]]:
    text = files(__package__).joinpath("admonition_titles.json").read_text(encoding="utf-8")
    table: dict[str, dict[str, str]] = json.loads(text)
    return table
