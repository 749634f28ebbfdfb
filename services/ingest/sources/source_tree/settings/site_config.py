"""The settings of a site, from the most trusted origin that has them: its owner, Node, the literals of its config."""

import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from pydantic import BaseModel, ValidationError

from services.ingest.document import Problem, Severity
from services.ingest.sources.source_tree.files import FileUnreadable, SiteFiles
from services.ingest.sources.source_tree.js_yaml import YamlInvalid, load_yaml
from services.ingest.sources.source_tree.settings import site_settings as models
from services.ingest.sources.source_tree.settings.config_literals import ConfigLiterals
from services.ingest.sources.source_tree.settings.javascript_literals import read_default_export
from services.ingest.sources.source_tree.settings.literals import LiteralObject
from services.ingest.sources.source_tree.settings.node_config import NodeConfigFailed, run_config
from services.ingest.sources.source_tree.settings.permission import is_near, named_folders
from services.ingest.sources.source_tree.settings.plugin_notes import plugin_notes
from services.ingest.sources.source_tree.settings.site_settings import SiteSettings
from services.ingest.sources.source_tree.settings.undetermined import SETTINGS_FILE, Undetermined
from services.ingest.sources.source_tree.settings.unknown_settings import unknown_settings
from services.runtime.errors import InvalidSource, shown

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
    undetermined: tuple[Undetermined, ...] = ()
    """Those of the problems that are about settings nobody has given."""
    outside_advice: str = ""
    """What helps when content lies where nothing may be read."""


def is_site(folder: Path) -> bool:
    """Whether a folder has a Docusaurus config, or a site file."""
    return any((folder / name).is_file() for name in (*CONFIG_FILES, SETTINGS_FILE))


def read_site_config(
    folder: Path,
    *,
    explicit: Mapping[str, Any] | None = None,
    base_url: str = "",
    runs_config: bool = False,
    named_folder: Path | None = None,
    readable_root: Path | None = None,
    outside_advice: str = "",
    stop: threading.Event | None = None,
) -> SiteConfig:
    """Read the settings of a site.

    Args:
        folder: Site folder.
        explicit: Settings in the schema of `docs-chat.site.yaml`; they win field by field over what is read. None: the
            file of that name in the folder, if there is one.
        base_url: Address of the site's root; wins over `url` and `base_url`.
        runs_config: Let Node compute the config. Runs the site's code.
        named_folder: Folder around the site folder that a trusted person named; content in it may be read.
        readable_root: Widest folder from which content may be read. None: the folder named, the git repository around
            the site folder, and the content folders that the site file or `explicit` names.
        outside_advice: What helps when content lies outside the readable root.
        stop: Ends a config that runs when it is set.

    Raises:
        InvalidSource: If the settings are wrong, or too little is known to make addresses.
    """
    surroundings = _surroundings(folder, named_folder, readable_root)
    files = SiteFiles(folder, surroundings)
    runner = (lambda: run_config(files.folder, root=next(iter(surroundings), None), stop=stop)) if runs_config else None
    written = _settings_file(files) if explicit is None else _camel(dict(explicit))
    read, problems, undetermined = _from_config(files, runner)
    values = _merged(read, written)
    if base_url:
        values |= _split_base_url(base_url)
    given = written | (_split_base_url(base_url) if base_url else {})
    open_questions = tuple(unknown for unknown in undetermined if not unknown.is_settled_by(given))
    settings = _validated(values, files, open_questions)
    told = (*unknown_settings(written), *problems, *(unknown.problem for unknown in open_questions))
    named = [] if readable_root is not None else list(named_folders(folder, written))
    trusted = named if explicit is not None else [path for path in named if is_near(folder, path)]
    return SiteConfig(settings, (*surroundings, *trusted), told, open_questions, outside_advice)


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
    files: SiteFiles, runner: Callable[[], LiteralObject] | None
) -> tuple[dict[str, Any], list[Problem], list[Undetermined]]:
    """What the config says, what went wrong, and what is not known."""
    path = next((files.folder / name for name in CONFIG_FILES if files.is_file(files.folder / name)), None)
    if path is None:
        return {}, [], []
    export: Any = None
    problems = []
    if runner is not None:
        try:
            export = runner()
        except NodeConfigFailed as error:
            message = f"The config could not be run: {error}. Its literals were read instead."
            problems.append(Problem(Severity.WARNING, "config-not-run", message, path.name))
    if export is None:
        export = read_default_export(_text(files, path), partial(module_text, files), path.name)
    literals = ConfigLiterals(export, path.name)
    problems += plugin_notes(export, files, path.name)
    return literals.values, problems, literals.undetermined


def _text(files: SiteFiles, path: Path) -> str:
    try:
        return files.read_text(path)
    except FileUnreadable as error:
        raise InvalidSource(f"{path.name} cannot be read: {error}") from error


def module_text(files: SiteFiles, path: str) -> str:
    """Text of a module by its path relative to the site folder.

    Raises:
        ValueError: If it cannot be read.
    """
    try:
        return files.read_text(files.absolute(path))
    except FileUnreadable as error:
        raise ValueError(f"{path} cannot be read") from error


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


def _validated(values: dict[str, Any], files: SiteFiles, unknown: tuple[Undetermined, ...]) -> SiteSettings:
    if "url" not in values:
        if not is_site(files.folder):
            raise InvalidSource("this is not a Docusaurus site: it has no docusaurus.config.* nor docs-chat.site.yaml")
        why = next((entry.problem for entry in unknown if entry.path in {("url",), ()}), None)
        place = f" ({why.source_path}:{why.line})" if why and why.line else ""
        raise InvalidSource(
            f"the site's url could not be read from its config{place}; give the base url, or write into "
            f"{SETTINGS_FILE}: `url: https://docs.example.com`"
        )
    try:
        return SiteSettings.model_validate(values)
    except ValidationError as error:
        wrong = "; ".join(
            f"{'.'.join(str(part) for part in item['loc']) or 'settings'}: {item['msg']}" for item in error.errors()[:5]
        )
        raise InvalidSource(f"the site's settings are wrong: {wrong}") from error


def _surroundings(folder: Path, named_folder: Path | None, readable_root: Path | None) -> tuple[Path, ...]:
    """Folders around the site folder that may be read whatever the settings say."""
    if readable_root is not None:
        return (readable_root,)
    repository = next((above for above in [folder, *folder.absolute().parents] if (above / ".git").exists()), None)
    return tuple(above for above in (repository, named_folder) if above is not None)
