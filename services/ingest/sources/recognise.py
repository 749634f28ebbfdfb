"""What lies in a folder: the sources of a Docusaurus site, or its build, and how that was recognised."""

import itertools
import os
from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum
from pathlib import Path

from services.ingest.sources.source_tree.settings.site_config import CONFIG_FILES
from services.ingest.sources.source_tree.settings.undetermined import SETTINGS_FILE
from services.runtime.errors import InvalidSource, shown

_CONFIG_NAMES = (SETTINGS_FILE, *CONFIG_FILES)
_GENERATOR = b'content="Docusaurus v'
_HEAD_BYTES = 4096
_SEARCH_DEPTH = 3
_NOT_SEARCHED = frozenset(("node_modules", ".git", ".docusaurus", "build", "dist"))
_EXAMINED_HTML_FILES = 50
_AT_TOP = "*.html"
_BELOW = "*/*.html"


class SourceKind(Enum):
    """How a site is read."""

    SOURCE_TREE = "source tree"
    BUILT_SITE = "built site"


@dataclass(frozen=True, slots=True)
class Recognised:
    """A site that was recognised; `folder` may lie below the one that was given."""

    kind: SourceKind
    folder: Path
    reason: str


def recognise(folder: Path, *, wanted: SourceKind | None = None, has_settings: bool = False) -> Recognised:
    """Find the site in a folder.

    Args:
        folder: What the caller gave; the site may be it, or lie up to three folders below.
        wanted: Kind the caller insists on; None decides by looking.
        has_settings: Whether the caller brought explicit settings, so that no config file is needed.

    Raises:
        InvalidSource: If there is no site, or more than one.
    """
    match wanted:
        case SourceKind.BUILT_SITE:
            return _built(folder) or _refuse(folder, "no HTML file made by Docusaurus was found in it")
        case SourceKind.SOURCE_TREE:
            return _source_tree(folder, has_settings=has_settings) or _refuse(folder, _looked_for())
    source = _own_source_tree(folder, has_settings=has_settings)
    return (
        source
        or _built(folder)
        or _source_tree(folder, has_settings=has_settings)
        or _refuse(folder, f"{_looked_for()}, and no HTML file made by Docusaurus")
    )


def sitemap_of(folder: Path) -> Path | None:
    """The sitemap beside a site: in a build itself, or in the build inside a site folder."""
    candidates = (folder / "sitemap.xml", folder / "build" / "sitemap.xml", folder / "static" / "sitemap.xml")
    return next((path for path in candidates if path.is_file() and not path.is_symlink()), None)


def _own_source_tree(folder: Path, *, has_settings: bool) -> Recognised | None:
    name = next((name for name in _CONFIG_NAMES if (folder / name).is_file()), None)
    if name is not None:
        return Recognised(SourceKind.SOURCE_TREE, folder, f"the folder has {name}")
    if has_settings and _built(folder) is None:
        return Recognised(SourceKind.SOURCE_TREE, folder, "explicit settings were given and the folder is not a build")
    return None


def _source_tree(folder: Path, *, has_settings: bool) -> Recognised | None:
    if found := _own_source_tree(folder, has_settings=has_settings):
        return found
    below = sorted({path.parent for path in _configs_below(folder)})
    if len(below) > 1:
        names = ", ".join(path.relative_to(folder).as_posix() for path in below[:5])
        raise InvalidSource(
            f"there are {len(below)} Docusaurus sites below {shown(folder.name)}: give one of them ({names})"
        )
    if not below:
        return None
    reason = f"the only Docusaurus config below the folder is in {below[0].relative_to(folder).as_posix()}"
    return Recognised(SourceKind.SOURCE_TREE, below[0], reason)


def _built(folder: Path) -> Recognised | None:
    for candidate, pattern in _places_of_a_build(folder):
        page = _generated_page(candidate, pattern)
        if page is not None:
            reason = f"{page.relative_to(folder).as_posix()} was made by Docusaurus"
            return Recognised(SourceKind.BUILT_SITE, candidate, reason)
    return None


def _places_of_a_build(folder: Path) -> Iterator[tuple[Path, str]]:
    """Where to look, the surest first: a build's root has HTML itself, and a 404 page or a sitemap."""
    inner = _only_subfolder(folder)
    yield from ((folder, _AT_TOP), (folder / "build", _AT_TOP))
    if inner is not None and any((inner / name).is_file() for name in ("404.html", "sitemap.xml")):
        yield from ((inner, _AT_TOP), (inner, _BELOW))
    yield from ((folder / "build", _BELOW), (folder, _BELOW))
    if inner is not None:
        yield from ((inner / "build", _AT_TOP), (inner / "build", _BELOW))


def _generated_page(folder: Path, pattern: str) -> Path | None:
    pages = (path for path in sorted(folder.glob(pattern)) if path.is_file()) if folder.is_dir() else iter(())
    for path in itertools.islice(pages, _EXAMINED_HTML_FILES):
        with path.open("rb") as file:
            if _GENERATOR in file.read(_HEAD_BYTES):
                return path
    return None


def _configs_below(folder: Path) -> Iterator[Path]:
    for parent, folders, files in os.walk(folder):
        depth = len(Path(parent).relative_to(folder).parts)
        folders[:] = sorted(name for name in folders if name not in _NOT_SEARCHED) if depth < _SEARCH_DEPTH else []
        yield from (Path(parent) / name for name in _CONFIG_NAMES if name in files)


def _only_subfolder(folder: Path) -> Path | None:
    """The only folder inside, as in archives of repositories."""
    entries = [entry for entry in folder.iterdir() if not entry.name.startswith(".")]
    return entries[0] if len(entries) == 1 and entries[0].is_dir() else None


def _looked_for() -> str:
    return f"neither {SETTINGS_FILE} nor docusaurus.config.* was found in it or up to {_SEARCH_DEPTH} folders below"


def _refuse(folder: Path, why: str) -> Recognised:
    raise InvalidSource(f"{shown(folder.name or str(folder))} is not a Docusaurus site that can be read: {why}")
