"""From the literals of a Docusaurus config to settings, with a problem for every part that is computed."""

from collections.abc import Iterator
from typing import Any

from services.ingest.document import Problem, Severity
from services.ingest.sources.source_tree.settings.known_plugins import has_options, makes_pages
from services.ingest.sources.source_tree.settings.literals import Imported, LiteralObject, Unknown
from services.runtime.errors import shown

ADVICE = "Write it into docs-chat.site.yaml."
_KINDS = ("docs", "blog", "pages")
_OPTION_KEYS = frozenset(
    (
        *("id", "path", "routeBasePath", "include", "exclude", "admonitions", "numberPrefixParser"),
        *("versions", "lastVersion", "onlyIncludeVersions", "includeCurrentVersion", "disableVersioning"),
    )
)
_TOP_KEYS = ("title", "url", "baseUrl", "trailingSlash", "i18n", "markdown", "future")
MAX_SETTINGS = 20_000
"""Objects that hold others twice over grow without end."""
_IGNORED_MARKDOWN = frozenset({"preprocessor", "parseFrontMatter", "remarkRehypeOptions", "hooks"})


class ConfigLiterals:
    """Settings read from a config's default export.

    Args:
        export: What `read_default_export` found.
        source_path: Name of the config file, for the problems.
    """

    def __init__(self, export: Any, source_path: str) -> None:
        self._source_path = source_path
        self.problems: list[Problem] = []
        self.values: dict[str, Any] = {}
        self._taken = 0
        if isinstance(export, LiteralObject):
            self._read(export)
        else:
            self._undetermined("The config", export)

    def _undetermined(self, what: str, value: Any) -> None:
        reason = value.reason if isinstance(value, Unknown) else "it is not an object"
        line = value.line if isinstance(value, Unknown) else 0
        reason = "it depends on the environment" if reason == "process.env" else reason
        message = f"{what} could not be read without running the config: {reason}. {ADVICE}"
        self.problems.append(Problem(Severity.WARNING, "config-undetermined", message, self._source_path, line))

    def _read(self, export: LiteralObject) -> None:
        self._literal(export, "A part of the config")
        for key in _TOP_KEYS:
            if key in export.values:
                self._take(self.values, key, export.values[key], key)
        self._report_programs()
        self._read_magic_comments(export)
        self.values |= self._instances(export)

    def _literal(self, value: Any, what: str) -> LiteralObject:
        """The value if it is a literal, else an empty one; what is unknown of it is reported."""
        if isinstance(value, Unknown):
            self._undetermined(what, value)
        literal = value if isinstance(value, LiteralObject) else LiteralObject()
        for spread in literal.unknown_spreads:
            self._undetermined(what, spread)
        return literal

    def _report_programs(self) -> None:
        markdown = self.values.get("markdown")
        if isinstance(markdown, dict) and any(key in markdown for key in ("preprocessor", "parseFrontMatter")):
            message = (
                "markdown.preprocessor and markdown.parseFrontMatter are programs: they may change what pages say. "
                "Index the build."
            )
            self.problems.append(Problem(Severity.WARNING, "config-undetermined", message, self._source_path))

    def _instances(self, export: LiteralObject) -> dict[str, list[dict[str, Any]]]:
        """Instances of the content plugins: those of the presets, then those of `plugins`."""
        instances: dict[str, list[dict[str, Any]]] = {kind: [] for kind in _KINDS}
        for preset in self._plugged(export, "presets"):
            self._read_preset(preset, instances)
        for name, options in self._plugged(export, "plugins"):
            kind = next((kind for kind in _KINDS if name.endswith(f"content-{kind}")), None)
            if kind is not None:
                instances[kind].append(self._options(options, f"{kind} plugin"))
        return instances

    def _plugged(self, export: LiteralObject, key: str) -> Iterator[tuple[str, Any]]:
        """Names and options of the presets or plugins that are switched on."""
        entries = export.values.get(key)
        if isinstance(entries, Unknown):
            self._undetermined(f"`{key}`", entries)
        for name, options in map(_named, entries if isinstance(entries, list) else []):
            if isinstance(name, str):
                yield name, options[0] if options else LiteralObject()
            elif isinstance(name, Unknown) and (key == "presets" or "function" not in name.reason):
                self._undetermined(f"An entry of `{key}`", name)

    def _read_preset(self, preset: tuple[str, Any], instances: dict[str, list[dict[str, Any]]]) -> None:
        name, options = preset
        if not (name == "classic" or name.endswith(("/classic", "preset-classic"))):
            if makes_pages(name):  # told by `plugin_notes`
                return
            message = f"What the preset {shown(name)} adds is not known; only classic is read. {ADVICE}"
            self.problems.append(Problem(Severity.WARNING, "config-undetermined", message, self._source_path))
            return
        given = self._literal(options, "Options of the classic preset")
        for kind in _KINDS:
            chosen = given.values.get(kind)
            if chosen is not False:
                instances[kind].append(self._options(chosen, kind))

    def _options(self, options: Any, what: str) -> dict[str, Any]:
        """Options of one plugin instance; computed ones are reported and keep their default."""
        found: dict[str, Any] = {}
        plugins = []
        for key, value in self._literal(options, f"Options of {what}").values.items():
            if key in {"remarkPlugins", "beforeDefaultRemarkPlugins"}:
                plugins += self._remark_plugins(value, f"{what}.{key}")
            elif key in _OPTION_KEYS:
                self._take(found, key, value, f"{what}.{key}")
        return found | ({"remarkPlugins": plugins} if plugins else {})

    def _remark_plugins(self, plugins: Any, what: str) -> list[Any]:
        """Names of the plugins, each with its options where it has some that are literals."""
        found: list[Any] = []
        for name, options in map(_named, plugins if isinstance(plugins, list) else []):
            given: dict[str, Any] = {}
            if isinstance(name, str) and has_options(name) and options:
                self._take(given, "options", options[0], what)
            if isinstance(name, str):
                found.append([name, given["options"]] if given else name)
        return found

    def _take(self, target: dict[str, Any], key: str, value: Any, what: str) -> None:
        self._taken += 1
        if self._taken == MAX_SETTINGS:
            self._undetermined("The whole of the config", Unknown("it is too large", 0))
        if self._taken >= MAX_SETTINGS:
            return
        match value:
            case Unknown():
                if key not in _IGNORED_MARKDOWN:
                    self._undetermined(f"`{what}`", value)
                elif key != "hooks":
                    target[key] = "unknown"
            case LiteralObject():
                target[key] = self._object(value, what)
            case list():
                target[key] = self._list(value, what)
            case None | Imported():
                pass
            case _:
                target[key] = value

    def _object(self, literal: LiteralObject, what: str) -> dict[str, Any]:
        inner: dict[str, Any] = {}
        for name, entry in self._literal(literal, f"A part of `{what}`").values.items():
            self._take(inner, name, entry, f"{what}.{name}")
        return inner

    def _list(self, entries: list[Any], what: str) -> list[Any]:
        for entry in entries:
            if isinstance(entry, Unknown):
                self._undetermined(f"An entry of `{what}`", entry)
        known = (entry for entry in entries if not isinstance(entry, Unknown | Imported))
        return [entry.values if isinstance(entry, LiteralObject) else entry for entry in known]

    def _read_magic_comments(self, export: LiteralObject) -> None:
        comments = _inner(export, "themeConfig", "prism").values.get("magicComments")
        words: list[Any] = []
        for entry in comments if isinstance(comments, list) else []:
            if isinstance(entry, LiteralObject):
                block = _inner(entry, "block").values
                words += [entry.values.get("line"), block.get("start"), block.get("end")]
        if kept := [word for word in words if isinstance(word, str) and word]:
            self.values["magicComments"] = kept


def _named(entry: Any) -> tuple[Any, list[Any]]:
    """Name of a plugin and its options; Docusaurus takes a name alone, or a list of both."""
    first, *options = entry if isinstance(entry, list) and entry else [entry]
    return (first.module if isinstance(first, Imported) else first), options


def _inner(literal: LiteralObject, *keys: str) -> LiteralObject:
    """The literal at a path of keys; an empty one when there is none."""
    for key in keys:
        value = literal.values.get(key)
        literal = value if isinstance(value, LiteralObject) else LiteralObject()
    return literal
