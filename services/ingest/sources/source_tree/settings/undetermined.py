"""Settings that only running the config would tell: where they are computed, and what to write instead."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias

from services.ingest.document import Problem, Severity
from services.ingest.sources.source_tree.settings.literals import ENVIRONMENT, Unknown
from services.runtime.errors import shown

Path: TypeAlias = tuple[str, ...]
"""Keys down to a setting; of a plugin instance: its kind, its id, then the option."""

SETTINGS_FILE = "docs-chat.site.yaml"
_INSTANCES = ("docs", "blog", "pages")
_EXAMPLES = {
    "url": "https://docs.example.com",
    "baseUrl": "/",
    "title": "My docs",
    "trailingSlash": "false",
    "defaultLocale": "en",
    "locales": "[en, fr]",
    "localeConfigs": "{fr: {baseUrl: /fr/}}",
    "path": "docs",
    "routeBasePath": "/",
    "include": "['**/*.md', '**/*.mdx']",
    "exclude": "['**/_*.mdx']",
    "versions": "{'1.0': {label: '1.x', path: 1.x}}",
    "lastVersion": "'2.0'",
    "onlyIncludeVersions": "[current, '2.0', '1.0']",
    "includeCurrentVersion": "true",
    "disableVersioning": "false",
    "numberPrefixParser": "false",
    "admonitions": "{keywords: [note, tip]}",
}
_WHOLE = {
    "i18n": "{defaultLocale: en, locales: [en, fr]}",
    "docs": "[{path: docs, routeBasePath: docs}]",
    "blog": "[{path: blog, routeBasePath: blog}]",
    "pages": "[{path: src/pages, routeBasePath: /}]",
    "markdown": "{format: mdx}",
    "future": "{v4: false}",
}


@dataclass(frozen=True, slots=True)
class Undetermined:
    """One setting that is not known, and the problem that says so."""

    path: Path
    problem: Problem

    @classmethod
    def of(cls, path: Path, unknown: Unknown, config: str, what: str = "") -> "Undetermined":
        """From what is unknown; `config` is the config file, `what` names the setting where its path does not."""
        reason = unknown.reason
        if reason.startswith(ENVIRONMENT):
            variable = reason.removeprefix(ENVIRONMENT).lstrip(".")
            reason = f"it depends on the environment{f' variable {shown(variable)}' if variable else ''}"
        named = what or (f"`{spelled(path)}`" if path else "The config")
        message = (
            f"{named} could not be read without running the config: {reason}. "
            f"Write into {SETTINGS_FILE}: `{yaml_for(path)}`"
        )
        problem = Problem(Severity.WARNING, "config-undetermined", message, unknown.file or config, unknown.line)
        return cls(path, problem)

    def is_settled_by(self, written: Mapping[str, Any]) -> bool:
        """Whether what the site's owner wrote says it."""
        if not self.path:
            return "url" in written
        if self.path[0] in {"presets", "plugins"}:
            return any(key in written for key in _INSTANCES)
        return _says(written, self.path)

    @property
    def part(self) -> str:
        """What it concerns, for the account: `docs default onlyIncludeVersions`."""
        return " ".join(filter(None, self.path)) or "the config"


def yaml_for(path: Path) -> str:
    """The line of the site file that settles a setting, with an example as its value."""
    if not path:
        return "url: https://docs.example.com"
    kind, *rest = path
    if kind in {"presets", "plugins"}:
        return f"docs: {_WHOLE['docs']}"
    if kind in _INSTANCES and len(rest) > 1:
        option = rest[1]
        inner = f"{option}: {_EXAMPLES.get(option, '…')}"
        return f"{kind}: [{{{inner}}}]" if rest[0] == "default" else f"{kind}: [{{id: {rest[0]}, {inner}}}]"
    if kind in _WHOLE and not (rest and rest[0] in _EXAMPLES):
        return f"{kind}: {_WHOLE[kind]}"
    if rest:
        return f"{kind}: {{{rest[0]}: {_EXAMPLES[rest[0]]}}}"
    return f"{kind}: {_EXAMPLES.get(kind, '…')}"


def spelled(path: Path) -> str:
    """A path as people write it: `docs.lastVersion`, `docs.api.lastVersion`."""
    if path[0] in _INSTANCES and len(path) > 1:
        path = (path[0], *path[1 if path[1] != "default" else 2 :])
    return ".".join(path)


def _says(written: Any, path: Path) -> bool:
    if not path:
        return True
    key, *rest = path
    if isinstance(written, list):  # instances, told apart by their ids
        entries = [entry for entry in written if isinstance(entry, dict) and entry.get("id", "default") == key]
        return not written or any(_says(entry, tuple(rest)) for entry in entries)
    if not isinstance(written, Mapping):
        return True
    if key in _INSTANCES and isinstance(written.get(key), Mapping):
        return _says([written[key]], tuple(rest))
    return key in written and _says(written[key], tuple(rest))
