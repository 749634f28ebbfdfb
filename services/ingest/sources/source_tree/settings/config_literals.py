"""From the literals of a Docusaurus config to settings, with a problem for every part that is computed."""

from collections.abc import Iterator
from typing import Any

from services.ingest.document import Problem, Severity
from services.ingest.sources.source_tree.settings.known_plugins import has_options, makes_pages
from services.ingest.sources.source_tree.settings.literals import Imported, LiteralObject, Unknown
from services.ingest.sources.source_tree.settings.undetermined import Path, Undetermined, spelled
from services.runtime.errors import shown

_KINDS = ("docs", "blog", "pages")
_OPTION_KEYS = frozenset(
    (
        *("id", "path", "routeBasePath", "include", "exclude", "admonitions", "numberPrefixParser"),
        *("versions", "lastVersion", "onlyIncludeVersions", "includeCurrentVersion", "disableVersioning"),
        "sidebarPath",
    )
)
_TOP_KEYS = ("title", "url", "baseUrl", "trailingSlash", "i18n", "markdown", "future")
MAX_SETTINGS = 20_000
"""Objects that hold others twice over grow without end."""
_PROGRAMS = frozenset({"preprocessor", "parseFrontMatter"})
_IGNORED = _PROGRAMS | {"remarkRehypeOptions", "hooks", "sidebarPath"}
"""What may be computed without any page being missed: it is not reported, or in one sentence of its own."""


class ConfigLiterals:
    """Settings read from a config's default export.

    Args:
        export: What `read_default_export` found.
        source_path: Name of the config file, for the problems.
    """

    def __init__(self, export: Any, source_path: str) -> None:
        self._source_path = source_path
        self.undetermined: list[Undetermined] = []
        self.values: dict[str, Any] = {}
        self._taken = 0
        if isinstance(export, LiteralObject):
            self._read(export)
        else:
            self._report((), export)

    @property
    def problems(self) -> list[Problem]:
        """What could not be determined, as problems."""
        return [unknown.problem for unknown in self.undetermined]

    def _report(self, path: Path, value: Any, what: str = "") -> None:
        value = value.as_unknown() if isinstance(value, Imported) else value
        unknown = value if isinstance(value, Unknown) else Unknown("it is not an object", 0)
        self.undetermined.append(Undetermined.of(path, unknown, self._source_path, what))

    def _warn(self, path: Path, message: str) -> None:
        problem = Problem(Severity.WARNING, "config-undetermined", message, self._source_path)
        self.undetermined.append(Undetermined(path, problem))

    def _read(self, export: LiteralObject) -> None:
        self._literal(export, (), "A part of the config")
        for key in _TOP_KEYS:
            if key in export.values:
                self._take(self.values, key, export.values[key], (key,))
        self._report_programs()
        self._read_magic_comments(export)
        self.values |= self._instances(export)

    def _literal(self, value: Any, path: Path, what: str = "") -> LiteralObject:
        """The value if it is a literal, else an empty one; what is unknown of it is reported."""
        if isinstance(value, Unknown | Imported):
            self._report(path, value, what)
        literal = value if isinstance(value, LiteralObject) else LiteralObject()
        for spread in literal.unknown_spreads:
            self._report(path, spread, what or f"A part of `{spelled(path)}`")
        return literal

    def _report_programs(self) -> None:
        markdown = self.values.get("markdown")
        if isinstance(markdown, dict) and any(key in markdown for key in ("preprocessor", "parseFrontMatter")):
            message = (
                "markdown.preprocessor and markdown.parseFrontMatter are programs: they may change what pages say. "
                "Index the build."
            )
            self._warn(("markdown", "preprocessor"), message)

    def _instances(self, export: LiteralObject) -> dict[str, list[dict[str, Any]]]:
        """Instances of the content plugins: those of the presets, then those of `plugins`."""
        instances: dict[str, list[dict[str, Any]]] = {kind: [] for kind in _KINDS}
        for preset in self._plugged(export, "presets"):
            self._read_preset(preset, instances)
        for name, options in self._plugged(export, "plugins"):
            kind = next((kind for kind in _KINDS if name.endswith(f"content-{kind}")), None)
            if kind is not None:
                instances[kind].append(self._options(options, kind))
        return instances

    def _plugged(self, export: LiteralObject, key: str) -> Iterator[tuple[str, Any]]:
        """Names and options of the presets or plugins that are switched on."""
        entries = export.values.get(key)
        if isinstance(entries, Unknown | Imported):
            self._report((key,), entries)
        for name, options in map(_named, entries if isinstance(entries, list) else []):
            if isinstance(name, str):
                yield name, options[0] if options else LiteralObject()
            elif isinstance(name, Unknown) and (key == "presets" or "function" not in name.reason):
                self._report((key, ""), name, f"An entry of `{key}`")

    def _read_preset(self, preset: tuple[str, Any], instances: dict[str, list[dict[str, Any]]]) -> None:
        name, options = preset
        if not (name == "classic" or name.endswith(("/classic", "preset-classic"))):
            if makes_pages(name):  # told by `plugin_notes`
                return
            message = (
                f"What the preset {shown(name)} adds is not known; only classic is read. If it serves docs, write into "
                "docs-chat.site.yaml: `docs: [{path: docs, routeBasePath: docs}]`"
            )
            self._warn(("presets", name), message)
            return
        given = self._literal(options, ("presets", "classic"), "Options of the classic preset")
        for kind in _KINDS:
            chosen = given.values.get(kind)
            if chosen is not False:
                instances[kind].append(self._options(chosen, kind))

    def _options(self, options: Any, kind: str) -> dict[str, Any]:
        """Options of one plugin instance; computed ones are reported and keep their default."""
        found: dict[str, Any] = {}
        plugins = []
        given_id = options.values.get("id") if isinstance(options, LiteralObject) else None
        where = (kind, given_id if isinstance(given_id, str) else "default")
        for key, value in self._literal(options, where, f"Options of {kind}").values.items():
            if key in {"remarkPlugins", "beforeDefaultRemarkPlugins"}:
                plugins += self._remark_plugins(value, (*where, key))
            elif key in _OPTION_KEYS:
                self._take(found, key, value, (*where, key))
        return found | ({"remarkPlugins": plugins} if plugins else {})

    def _remark_plugins(self, plugins: Any, path: Path) -> list[Any]:
        """Names of the plugins, each with its options where it has some that are literals."""
        found: list[Any] = []
        for name, options in map(_named, plugins if isinstance(plugins, list) else []):
            given: dict[str, Any] = {}
            if isinstance(name, str) and has_options(name) and options:
                self._take(given, "options", options[0], path)
            if isinstance(name, str):
                found.append([name, given["options"]] if given else name)
        return found

    def _take(self, target: dict[str, Any], key: str, value: Any, path: Path) -> None:
        self._taken += 1
        if self._taken == MAX_SETTINGS:
            self._report((), Unknown("it is too large", 0), "The whole of the config")
        if self._taken >= MAX_SETTINGS:
            return
        match value:
            case Unknown() | Imported():
                if key not in _IGNORED:
                    self._report(path, value)
                elif key in _PROGRAMS:
                    target[key] = "unknown"
            case LiteralObject():
                target[key] = self._object(value, path)
            case list():
                target[key] = self._list(value, path)
            case None:
                pass
            case _:
                target[key] = value

    def _object(self, literal: LiteralObject, path: Path) -> dict[str, Any]:
        inner: dict[str, Any] = {}
        for name, entry in self._literal(literal, path).values.items():
            self._take(inner, name, entry, (*path, name))
        return inner

    def _list(self, entries: list[Any], path: Path) -> list[Any]:
        for entry in entries:
            is_program = isinstance(entry, Imported) and "options" in path  # of npm2yarn: its own converters
            if isinstance(entry, Unknown | Imported) and not is_program:
                self._report(path, entry, f"An entry of `{spelled(path)}`")
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
