"""Which versions a docs plugin instance has, where their files lie and where they are served."""

import json
from dataclasses import dataclass

from services.ingest.document import Problem, Severity
from services.ingest.sources.source_tree.files import FileUnreadable, SiteFiles
from services.ingest.sources.source_tree.routing.addresses import join_path
from services.ingest.sources.source_tree.settings.site_settings import DocsSettings

CURRENT = "current"


@dataclass(frozen=True, slots=True)
class DocsVersion:
    """One version of an instance."""

    name: str
    label: str
    is_last: bool
    folder: str
    """Content folder, relative to the site folder."""
    localized_folder: str
    """Folder below `i18n/<locale>/docusaurus-plugin-content-docs[-<id>]`."""
    url_part: str
    """Between routeBasePath and the slug; may be empty."""


def read_versions(docs: DocsSettings, files: SiteFiles) -> tuple[list[DocsVersion], list[Problem]]:
    """Versions of an instance, newest first, `current` before all others."""
    listed, problems = _listed_versions(docs, files)
    names = [CURRENT, *listed] if docs.include_current_version else listed
    if docs.only_include_versions is not None:
        names = [name for name in names if name in docs.only_include_versions]
    released = [name for name in names if name != CURRENT]
    last = docs.last_version or (released[0] if released else CURRENT)
    return [_version(docs, name, is_last=name == last) for name in names], problems


def _version(docs: DocsSettings, name: str, *, is_last: bool) -> DocsVersion:
    prefix = "" if docs.id == "default" else f"{docs.id}_"
    chosen = docs.versions.get(name)
    url_part = "" if is_last else ("next" if name == CURRENT else name)
    if chosen is not None and chosen.path is not None:
        url_part = chosen.path
    folder = docs.path if name == CURRENT else f"{prefix}versioned_docs/version-{name}"
    label = (chosen.label if chosen is not None else None) or ("Next" if name == CURRENT else name)
    localized = CURRENT if name == CURRENT else f"version-{name}"
    return DocsVersion(name, label, is_last, folder, localized, url_part)


def version_path(base_url: str, docs: DocsSettings, version: DocsVersion) -> str:
    """URL path a version is served under in a locale."""
    return join_path(base_url, docs.route_base_path, version.url_part)


def _listed_versions(docs: DocsSettings, files: SiteFiles) -> tuple[list[str], list[Problem]]:
    name = "versions.json" if docs.id == "default" else f"{docs.id}_versions.json"
    path = files.folder / name
    if docs.disable_versioning or not files.is_file(path):
        return [], []
    try:
        names = json.loads(files.read_text(path))
    except (FileUnreadable, ValueError, RecursionError):
        names = None
    if not isinstance(names, list) or not all(isinstance(name, str) and _is_plain(name) for name in names):
        message = f"{name} is not a list of version names; its versions are left out."
        return [], [Problem(Severity.ERROR, "versions-unreadable", message, name)]
    return names, []


def _is_plain(name: str) -> bool:
    """Docusaurus allows no `/`, `\\` or control characters in a version's name; neither `.` nor `..` is one."""
    return bool(name.strip()) and name not in {".", ".."} and not any(c in "/\\" or ord(c) < 32 for c in name)
