"""The settings of a site, from the most trusted origin that has them: its owner, Node, the literals of its config."""

import json
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from pydantic import BaseModel, ValidationError

from services.ingest.document import Problem, Severity
from services.ingest.sources.source_tree.files import FileUnreadable, SiteFiles
from services.ingest.sources.source_tree.js_yaml import YamlInvalid, load_yaml
from services.ingest.sources.source_tree.settings import site_settings as models
from services.ingest.sources.source_tree.settings.config_literals import ADVICE, ConfigLiterals
from services.ingest.sources.source_tree.settings.javascript_literals import read_default_export
from services.ingest.sources.source_tree.settings.literals import LiteralObject
from services.ingest.sources.source_tree.settings.node_config import NodeConfigFailed, run_config
from services.ingest.sources.source_tree.settings.plugin_notes import plugin_notes
from services.ingest.sources.source_tree.settings.site_settings import SiteSettings
from services.ingest.sources.source_tree.settings.unknown_settings import unknown_settings
from services.runtime.errors import InvalidSource, shown

SETTINGS_FILE = "docs-chat.site.yaml"
CONFIG_FILES = tuple(f"docusaurus.config.{ending}" for ending in ("ts", "mts", "cts", "js", "mjs", "cjs"))
_INSTANCES = ("docs", "blog", "pages")
_MODELS = [model for model in vars(models).values() if isinstance(model, type) and issubclass(model, BaseModel)]
_CAMEL = {name: field.alias for model in _MODELS for name, field in model.model_fields.items() if field.alias}


@dataclass(frozen=True, slots=True)
class SiteConfig:
    """Settings of a site, with what was found on the way."""

    settings: SiteSettings
    roots: tuple[Path, ...] = ()
    """Folders outside the site folder that may be read, because a trusted person named them (`../docs`)."""
    problems: tuple[Problem, ...] = ()
    """What could not be determined."""


def is_site(folder: Path) -> bool:
    """Whether a folder has a Docusaurus config, or a site file."""
    return any((folder / name).is_file() for name in (*CONFIG_FILES, SETTINGS_FILE))


def read_site_config(
    folder: Path,
    *,
    explicit: Mapping[str, Any] | None = None,
    base_url: str = "",
    runs_config: bool = False,
    readable_root: Path | None = None,
    stop: threading.Event | None = None,
) -> SiteConfig:
    """Read the settings of a site.

    Args:
        folder: Site folder.
        explicit: Settings in the schema of `docs-chat.site.yaml`; they win field by field over what is read. None: the
            file of that name in the folder, if there is one.
        base_url: Address of the site's root; wins over `url` and `base_url`.
        runs_config: Let Node compute the config. Runs the site's code.
        readable_root: Widest folder from which content may be read. None: the git repository around the site folder,
            and the content folders that `explicit` names, as its writer is trusted.
        stop: Ends a config that runs when it is set.

    Raises:
        InvalidSource: If the settings are wrong, or too little is known to make addresses.
    """
    files = SiteFiles(folder)
    problems: list[Problem] = []
    root = readable_root or _repository(folder)
    runner = (lambda: run_config(files.folder, root=root, stop=stop)) if runs_config else None
    written = _settings_file(files) if explicit is None else _camel(dict(explicit))
    values = _merged(_from_config(files, problems, runner), written)
    if base_url:
        values |= _split_base_url(base_url)
    settings = _validated(values, files)
    told = (*unknown_settings(written), *_relevant(problems, written, base_url))
    return SiteConfig(settings, _roots(folder, settings, explicit, readable_root), told)


def _settings_file(files: SiteFiles) -> dict[str, Any]:
    path = files.folder / SETTINGS_FILE
    if not path.is_file():
        return {}
    try:
        values = load_yaml(files.read_text(path))
    except (FileUnreadable, YamlInvalid) as error:
        raise InvalidSource(f"{SETTINGS_FILE} cannot be read: {error}") from error
    if not isinstance(values, dict):
        raise InvalidSource(f"{SETTINGS_FILE} must hold a mapping, such as `url: https://docs.example.org`")
    camel: dict[str, Any] = _camel(values)
    return camel


def _from_config(
    files: SiteFiles, problems: list[Problem], runner: Callable[[], LiteralObject] | None
) -> dict[str, Any]:
    path = next((files.folder / name for name in CONFIG_FILES if files.is_file(files.folder / name)), None)
    if path is None:
        return {}
    export: Any = None
    if runner is not None:
        try:
            export = runner()
        except NodeConfigFailed as error:
            message = f"The config could not be run: {error}. Its literals were read instead."
            problems.append(Problem(Severity.WARNING, "config-not-run", message, path.name))
    if export is None:
        export = read_default_export(_text(files, path), lambda name: _json(files, path.parent / name))
    literals = ConfigLiterals(export, path.name)
    problems += [*literals.problems, *plugin_notes(export, files, path.name)]
    return literals.values


def _text(files: SiteFiles, path: Path) -> str:
    try:
        return files.read_text(path)
    except FileUnreadable as error:
        raise InvalidSource(f"{path.name} cannot be read: {error}") from error


def _json(files: SiteFiles, path: Path) -> Any:
    try:
        return json.loads(files.read_text(path))
    except (FileUnreadable, RecursionError) as error:
        raise ValueError(f"{path.name} cannot be read") from error


def _camel(value: Any) -> Any:
    """Settings with the names of fields spelled as Docusaurus spells them; other keys are the site's own names."""
    if isinstance(value, dict):
        return {_CAMEL.get(str(key), str(key)): _camel(inner) for key, inner in value.items()}
    return [_camel(inner) for inner in value] if isinstance(value, list) else value


def _merged(read: dict[str, Any], written: dict[str, Any]) -> dict[str, Any]:
    merged = dict(read)
    for key, value in written.items():
        old = merged.get(key)
        if key in _INSTANCES:
            merged[key] = _merged_instances(old if isinstance(old, list) else [], value)
        elif isinstance(old, dict) and isinstance(value, dict):
            merged[key] = _merged(old, value)
        else:
            merged[key] = value
    return merged


def _merged_instances(read: list[dict[str, Any]], written: Any) -> list[Any]:
    """Plugin instances by their ids; an empty list or false switches the plugin off."""
    entries = written if isinstance(written, list) else [written] if isinstance(written, dict) else []
    if not entries:
        return []
    merged = list(read)
    ids = [instance.get("id", "default") for instance in read]
    for entry in entries:
        entry_id = entry.get("id", "default") if isinstance(entry, dict) else None
        if entry_id in ids:
            index = ids.index(entry_id)
            merged[index] = _merged(merged[index], entry)
        else:
            merged.append(entry)
    return merged


def _split_base_url(base_url: str) -> dict[str, Any]:
    parts = urlsplit(base_url)
    if parts.scheme not in {"http", "https"} or not parts.netloc:
        raise InvalidSource(f"base_url must be an address such as https://docs.example.org/, not {shown(base_url)}")
    return {"url": f"{parts.scheme}://{parts.netloc}", "baseUrl": parts.path or "/"}


def _validated(values: dict[str, Any], files: SiteFiles) -> SiteSettings:
    if "url" not in values:
        if not is_site(files.folder):
            raise InvalidSource("this is no Docusaurus site: it has no docusaurus.config.* (nor docs-chat.site.yaml)")
        raise InvalidSource(f"the site's url could not be read from its config; give the base url, or: {ADVICE}")
    try:
        return SiteSettings.model_validate(values)
    except ValidationError as error:
        wrong = "; ".join(
            f"{'.'.join(str(part) for part in item['loc']) or 'settings'}: {item['msg']}" for item in error.errors()[:5]
        )
        raise InvalidSource(f"the site's settings are wrong: {wrong}") from error


def _roots(
    folder: Path, settings: SiteSettings, explicit: Mapping[str, Any] | None, readable_root: Path | None
) -> tuple[Path, ...]:
    if readable_root is not None:
        return (readable_root,)
    repository = _repository(folder)
    roots = [repository] if repository is not None else []
    if explicit is not None:
        named = [instance for key in _INSTANCES for instance in explicit.get(key) or () if isinstance(instance, dict)]
        roots += [folder / str(instance["path"]) for instance in named if "path" in instance]
    return tuple(roots)


def _repository(folder: Path) -> Path | None:
    return next((above for above in [folder, *folder.absolute().parents] if (above / ".git").exists()), None)


def _relevant(problems: list[Problem], written: dict[str, Any], base_url: str) -> tuple[Problem, ...]:
    """Problems about settings that were not given in writing either."""
    settled = {key for key, value in written.items() if not isinstance(value, dict | list)}
    settled |= {"url", "baseUrl"} if base_url else set()
    return tuple(problem for problem in problems if not any(f"`{key}`" in problem.message for key in settled))
