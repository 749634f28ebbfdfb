"""From the literals of a Docusaurus config to settings, with a problem for every part that is computed."""

from collections.abc import Iterator
from typing import Any

from services.ingest.document import Problem, Severity
from services.ingest.docusaurus.config.javascript_tokens import Imported, LiteralObject, Unknown
from services.runtime.errors import shown

ADVICE = "Write it into docs-chat.site.yaml."
_KINDS = ("docs", "blog", "pages")
_OPTION_KEYS = frozenset(
    [
        "id",
        "path",
        "routeBasePath",
        "include",
        "exclude",
        "admonitions",
        "numberPrefixParser",
        "versions",
        "lastVersion",
        "onlyIncludeVersions",
        "includeCurrentVersion",
        "disableVersioning",
    ]
)
_TOP_KEYS = ("title", "url", "baseUrl", "trailingSlash", "i18n", "markdown", "future", "staticDirectories")
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
        for spread in export.unknown_spreads:
            self._undetermined("A part of the config", spread)
        for key in _TOP_KEYS:
            if key in export.values:
                self._take(self.values, key, export.values[key], key)
        markdown = self.values.get("markdown")
        if isinstance(markdown, dict) and any(key in markdown for key in ("preprocessor", "parseFrontMatter")):
            message = "markdown.preprocessor and markdown.parseFrontMatter are programs; their effect is not seen."
            self.problems.append(Problem(Severity.WARNING, "config-undetermined", message, self._source_path))
        self._read_magic_comments(export)
        instances: dict[str, list[dict[str, Any]]] = {kind: [] for kind in _KINDS}
        for preset in self._plugged(export, "presets"):
            self._read_preset(preset, instances)
        for name, options in self._plugged(export, "plugins"):
            kind = next((kind for kind in _KINDS if name.endswith(f"content-{kind}")), None)
            if kind is not None:
                instances[kind].append(self._options(options, f"{kind} plugin"))
        self.values |= instances

    def _plugged(self, export: LiteralObject, key: str) -> Iterator[tuple[str, Any]]:
        """Names and options of the presets or plugins that are switched on."""
        entries = export.values.get(key)
        if isinstance(entries, Unknown):
            self._undetermined(f"`{key}`", entries)
        for entry in entries if isinstance(entries, list) else []:
            pair = entry if isinstance(entry, list) else [entry]
            name = pair[0].module if pair and isinstance(pair[0], Imported) else (pair[0] if pair else None)
            if isinstance(name, str):
                yield name, pair[1] if len(pair) > 1 else LiteralObject()
            elif isinstance(name, Unknown) and (key == "presets" or "function" not in name.reason):
                self._undetermined(f"An entry of `{key}`", name)

    def _read_preset(self, preset: tuple[str, Any], instances: dict[str, list[dict[str, Any]]]) -> None:
        name, options = preset
        if not (name == "classic" or name.endswith(("/classic", "preset-classic"))):
            message = f"What the preset {shown(name)} adds is not known; only classic is read. {ADVICE}"
            self.problems.append(Problem(Severity.WARNING, "config-undetermined", message, self._source_path))
            return
        if isinstance(options, Unknown):
            self._undetermined("Options of the classic preset", options)
        given = options if isinstance(options, LiteralObject) else LiteralObject()
        for spread in given.unknown_spreads:
            self._undetermined("Options of the classic preset", spread)
        for kind in _KINDS:
            chosen = given.values.get(kind)
            if chosen is not False:
                instances[kind].append(self._options(chosen, kind))

    def _options(self, options: Any, what: str) -> dict[str, Any]:
        """Options of one plugin instance; those that are computed are reported and left at their default."""
        if isinstance(options, Unknown):
            self._undetermined(f"Options of {what}", options)
        if not isinstance(options, LiteralObject):
            return {}
        for spread in options.unknown_spreads:
            self._undetermined(f"Options of {what}", spread)
        found: dict[str, Any] = {}
        plugins = []
        for key, value in options.values.items():
            if key in {"remarkPlugins", "beforeDefaultRemarkPlugins"}:
                plugins += self._remark_plugins(value, f"{what}.{key}")
            elif key in _OPTION_KEYS:
                self._take(found, key, value, f"{what}.{key}")
        return found | ({"remarkPlugins": plugins} if plugins else {})

    def _remark_plugins(self, plugins: Any, what: str) -> list[Any]:
        """Names of the plugins, each with its options where it has some that are literals."""
        found: list[Any] = []
        for entry in plugins if isinstance(plugins, list) else []:
            first, *options = entry if isinstance(entry, list) and entry else [entry]
            name = first.module if isinstance(first, Imported) else first
            if not isinstance(name, str):
                continue
            given: dict[str, Any] = {}
            if options and "npm2yarn" in name:  # the one plugin whose options change what is shown
                self._take(given, "options", options[0], what)
            found.append([name, given["options"]] if given else name)
        return found

    def _take(self, target: dict[str, Any], key: str, value: Any, what: str) -> None:
        if isinstance(value, Unknown):
            if key not in _IGNORED_MARKDOWN:
                self._undetermined(f"`{what}`", value)
            elif key != "hooks":
                target[key] = "unknown"
            return
        if isinstance(value, LiteralObject):
            inner: dict[str, Any] = {}
            for spread in value.unknown_spreads:
                self._undetermined(f"A part of `{what}`", spread)
            for name, entry in value.values.items():
                self._take(inner, name, entry, f"{what}.{name}")
            target[key] = inner
        elif isinstance(value, list):
            kept = [entry for entry in value if not isinstance(entry, Unknown | Imported)]
            for entry in value:
                if isinstance(entry, Unknown):
                    self._undetermined(f"An entry of `{what}`", entry)
            target[key] = [entry.values if isinstance(entry, LiteralObject) else entry for entry in kept]
        elif value is not None and not isinstance(value, Imported):
            target[key] = value

    def _read_magic_comments(self, export: LiteralObject) -> None:
        theme = export.values.get("themeConfig")
        prism = theme.values.get("prism") if isinstance(theme, LiteralObject) else None
        comments = prism.values.get("magicComments") if isinstance(prism, LiteralObject) else None
        words = []
        for entry in comments if isinstance(comments, list) else []:
            if isinstance(entry, LiteralObject):
                block = entry.values.get("block")
                ends = [block.values.get("start"), block.values.get("end")] if isinstance(block, LiteralObject) else []
                words += [word for word in (entry.values.get("line"), *ends) if isinstance(word, str) and word]
        if words:
            self.values["magicComments"] = words
