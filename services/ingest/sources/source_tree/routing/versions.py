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


def has_versions(docs: DocsSettings, files: SiteFiles) -> bool:
    """Whether an instance has a list of versions."""
    return bool(_listed_versions(docs, files)[0])


def versions_left_out(docs: DocsSettings, files: SiteFiles) -> list[tuple[str, str, str]]:
    """Versions that are known but not served: name, how it is known, and why it is left out."""
    served = {version.name for version in read_versions(docs, files)[0]}
    listed, _ = _listed_versions(docs, files)
    name_of_list = versions_file(docs)
    left_out = [(name, name_of_list, "onlyIncludeVersions leaves it out") for name in listed if name not in served]
    if CURRENT not in served:
        by = "includeCurrentVersion" if not docs.include_current_version else "onlyIncludeVersions"
        left_out.append((CURRENT, f"docs.path {docs.path}", f"{by} leaves it out"))
    unlisted = "disableVersioning is set" if docs.disable_versioning else f"{name_of_list} does not name it"
    known = {*served, *listed}
    return left_out + [(name, folder, unlisted) for name, folder in _folders(docs, files) if name not in known]


def _folders(docs: DocsSettings, files: SiteFiles) -> list[tuple[str, str]]:
    """Names and folders of the versions that lie on disk."""
    parent = "versioned_docs" if docs.id == "default" else f"{docs.id}_versioned_docs"
    folder = files.folder / parent
    if not files.is_folder(folder):
        return []
    names = sorted(path.name for path in folder.glob("version-*") if path.is_dir())
    return [(name.removeprefix("version-"), f"{parent}/{name}") for name in names]


def versions_file(docs: DocsSettings) -> str:
    return "versions.json" if docs.id == "default" else f"{docs.id}_versions.json"


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
    name = versions_file(docs)
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
