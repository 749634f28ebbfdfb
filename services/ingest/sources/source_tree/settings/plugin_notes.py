"""What an owner should know about the plugins of a site: which may change what pages say, and which make pages."""

from collections.abc import Iterator, Set
from typing import Any

from services.ingest.document import Problem, Severity
from services.ingest.sources.source_tree.files import FileUnreadable, SiteFiles
from services.ingest.sources.source_tree.settings.known_plugins import is_text_known, makes_pages
from services.ingest.sources.source_tree.settings.literals import Imported, LiteralObject, Unknown
from services.runtime.errors import shown

_TEXT_PLUGINS = (
    *("beforeDefaultRemarkPlugins", "remarkPlugins", "beforeDefaultRehypePlugins", "rehypePlugins", "recmaPlugins"),
)
_CONTENT = ("docs", "blog", "pages")
_ENDINGS = ("", ".js", ".cjs", ".mjs", ".ts", ".cts", ".mts", "/index.js", "/index.cjs", "/index.mjs", "/index.ts")
_SIGNS_OF_PAGES = ("addRoute", "plugin-content-", "pluginContent", "writeFile")
"""Words in a plugin of the site that tell that it adds pages or writes files."""


def plugin_notes(export: Any, files: SiteFiles, source_path: str) -> list[Problem]:
    """A problem for each plugin that is not known.

    Args:
        export: What the config exports.
        files: The files of the site, to see what plugins have written.
        source_path: Name of the config file.
    """
    if not isinstance(export, LiteralObject):
        return []
    notes = [*_text_notes(export), *_page_notes(export, files)]
    return list(dict.fromkeys(Problem(severity, code, text, source_path, line) for severity, code, text, line in notes))


_Note = tuple[Severity, str, str, int]


def _text_notes(export: LiteralObject) -> Iterator[_Note]:
    for place, options in _content_options(export):
        for key in _TEXT_PLUGINS:
            for entry in _entries(options.values.get(key)):
                name, line = _name(entry)
                if name and is_text_known(name):
                    continue
                who = shown(name) if name else "A plugin that the config defines or computes itself"
                text = f"{who} in {place}.{key} may change what pages say, and is not followed: index the build."
                yield Severity.WARNING, "text-plugin-unknown", text, line


def _content_options(export: LiteralObject) -> Iterator[tuple[str, LiteralObject]]:
    """Options of the content plugins, each with a word for where they stand."""
    for entry in _entries(export.values.get("presets")):
        given = _options(entry)
        yield from ((kind, part) for kind in _CONTENT if isinstance(part := given.values.get(kind), LiteralObject))
    for entry in _entries(export.values.get("plugins")):
        name, _ = _name(entry)
        kind = next((kind for kind in _CONTENT if name.endswith(f"content-{kind}")), None)
        if kind is not None:
            yield f"{kind} plugin", _options(entry)


def _page_notes(export: LiteralObject, files: SiteFiles) -> Iterator[_Note]:
    for key in ("presets", "plugins"):
        for entry in _entries(export.values.get(key)):
            name, line = _name(entry)
            if not name or name.endswith(tuple(f"docusaurus/plugin-content-{kind}" for kind in _CONTENT)):
                continue
            if name.removeprefix("@docusaurus/plugin-") in {f"content-{kind}" for kind in _CONTENT}:
                continue
            if makes_pages(name) or (name.startswith(".") and _looks_like_pages(name, files)):
                yield from _notes_on_pages(name, _options(entry), files, line)


def _notes_on_pages(name: str, options: LiteralObject, files: SiteFiles, line: int) -> Iterator[_Note]:
    """A note for each folder that a plugin writes to, or one for the plugin when it names none."""
    folders = list(dict.fromkeys(_output_folders(name, options)))
    for folder in folders:
        count = sum(path.endswith((".md", ".mdx")) for path in files.walk(files.absolute(folder)))
        if count:
            text = f"{shown(name)} writes pages into {shown(folder)}: {count} are there, as old as its last run."
            yield Severity.INFO, "pages-generated", text, line
        else:
            state = "empty" if files.is_folder(files.absolute(folder)) else "not there"
            text = (
                f"{shown(name)} writes pages into {shown(folder)}, which is {state}, so they are missing here: "
                "run its generator first, or index the build."
            )
            yield Severity.WARNING, "pages-not-generated", text, line
    if not folders:
        routes = ", ".join(map(shown, dict.fromkeys(_values(options, {"route", "routeBasePath"}))))
        at = f" at {routes}" if routes else ""
        text = f"{shown(name)} may add pages{at}, which only a build has: index the build, or run its generator first."
        yield Severity.WARNING, "pages-not-generated", text, line


def _output_folders(name: str, options: LiteralObject) -> Iterator[str]:
    """Folders a plugin is told to write to."""
    for folder in _values(options, {"outputDir", "outDir", "out", "outputFolder", "rootPath"}):
        yield folder.removeprefix("./").rstrip("/") or "."
    if "typedoc" in name and "typedoc-api" not in name and "out" not in options.values:
        yield "docs/api"


def _values(options: LiteralObject, keys: Set[str]) -> Iterator[str]:
    """Texts that stand under these keys, however deep in the options."""
    waiting: list[Any] = [options]
    while waiting:
        value = waiting.pop(0)
        if isinstance(value, LiteralObject):
            yield from (one for key, one in value.values.items() if key in keys and isinstance(one, str))
            waiting += value.values.values()
        elif isinstance(value, list):
            waiting += value


def _looks_like_pages(name: str, files: SiteFiles) -> bool:
    """Whether a plugin that lies in the site adds pages, going by its program."""
    for ending in _ENDINGS:
        path = files.absolute(name + ending)
        if files.is_file(path):
            try:
                text = files.read_text(path)
            except FileUnreadable:
                return False
            return any(sign in text for sign in _SIGNS_OF_PAGES)
    return False


def _entries(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []


def _name(entry: Any) -> tuple[str, int]:
    """Name of a plugin and the line it is known to stand on; empty when it is a program of the config."""
    first = entry[0] if isinstance(entry, list) and entry else entry
    if isinstance(first, Unknown):
        return "", first.line
    name = first.module if isinstance(first, Imported) else first
    return (name, 0) if isinstance(name, str) else ("", 0)


def _options(entry: Any) -> LiteralObject:
    given = entry[1] if isinstance(entry, list) and len(entry) > 1 else None
    return given if isinstance(given, LiteralObject) else LiteralObject()
