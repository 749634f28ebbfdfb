"""From what a caller named to a source that can be read: allowed, unpacked, recognised."""

import contextlib
import re
import threading
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from services.ingest.document import Source
from services.ingest.sources.allowed import AllowedFolders
from services.ingest.sources.archive import ArchiveLimits, is_archive, unpacked
from services.ingest.sources.built_site.source import BuiltSite
from services.ingest.sources.hybrid import HybridSite
from services.ingest.sources.recognise import Recognised, SourceKind, recognise, sitemap_of
from services.ingest.sources.source_tree.settings.site_config import read_site_config
from services.ingest.sources.source_tree.source import SourceTree
from services.runtime.errors import InvalidRequest, InvalidSource, PermissionDenied, shown

_LOCATION = re.compile(r"<loc>\s*([^<\s]+)\s*</loc>")
_NO_RUNNING = {"source.run_config": "not with an archive"}
_MAX_SITEMAP_BYTES = 50 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class SiteToOpen:
    """What a caller named."""

    path: Path
    kind: SourceKind | None = None
    base_url: str = ""
    settings: Mapping[str, Any] = field(default_factory=dict)
    run_config: bool = False
    include_unlisted: bool = False
    build: Path | None = None
    """What was built of the sources at `path`, to be read together with them."""


@dataclass(frozen=True, slots=True)
class OpenedSite:
    """A source, with what was recognised and the addresses of the sitemap beside it."""

    source: Source
    recognised: Recognised
    sitemap: tuple[str, ...]
    folders: tuple[Path, ...] = ()
    """Folders the site is made of, its own first; none for an archive."""


@dataclass(frozen=True, slots=True)
class OpeningRules:
    """What this process does for its callers."""

    folders: AllowedFolders = field(default_factory=AllowedFolders)
    archive_limits: ArchiveLimits = field(default_factory=ArchiveLimits)
    runs_configs: bool = False
    """Run the JavaScript of a site's config when a caller asks for it."""


def open_site(
    wanted: SiteToOpen, stack: contextlib.ExitStack, stop: threading.Event, *, rules: OpeningRules | None = None
) -> OpenedSite:
    """Open a site; what has to be cleaned up afterwards goes onto the stack.

    Args:
        wanted: What a caller named.
        stack: Unwound by the caller once the site has been read.
        stop: Set when nobody waits for the site any more; opening it then ends at the next opportunity.
        rules: What is allowed.

    Raises:
        InvalidRequest: If the path is not allowed.
        PermissionDenied: If the config is to be run and that is not allowed.
        InvalidSource: If no site can be read there.
        Stopped: If nobody waits any more.
    """
    rules = rules or OpeningRules()
    if wanted.run_config and not rules.runs_configs:
        raise PermissionDenied(
            "configs are not run here, because that runs the site's code: set INGEST_ALLOW_RUN_CONFIG=true for the "
            "ingestion service, or write what the config computes into docs-chat.site.yaml",
            setting="INGEST_ALLOW_RUN_CONFIG",
        )
    path = rules.folders.source(wanted.path)
    if path.is_dir():
        folder, folders = path, rules.folders
        outside_advice = "Add the folder that holds both to INGEST_ALLOWED_ROOTS of the ingestion service."
    elif path.is_file() and is_archive(path):
        if wanted.run_config:
            raise InvalidRequest("the config of an archive is not run; give a folder", violations=_NO_RUNNING)
        folder = stack.enter_context(unpacked(path, rules.archive_limits, stop)).resolve()
        folders = AllowedFolders((folder,))
        outside_advice = "Put it into the archive, beside the site folder."
    else:
        raise InvalidSource(
            f"{shown(str(wanted.path))} is neither a folder nor a .zip, .tar or .tar.gz that can be read"
        )
    if wanted.build is not None and (not path.is_dir() or wanted.kind is SourceKind.BUILT_SITE):
        message = "a build is read together with a folder of sources: leave out the archive or the kind"
        raise InvalidRequest(message, violations={"source.build_path": "only with a folder of sources"})
    kind = SourceKind.SOURCE_TREE if wanted.build is not None else wanted.kind
    recognised = recognise(folder, wanted=kind, has_settings=bool(wanted.settings))
    folders.found(recognised.folder)
    if recognised.kind is SourceKind.BUILT_SITE:
        source: Source = BuiltSite(
            recognised.folder, base_url=wanted.base_url, include_unlisted=wanted.include_unlisted
        )
        made_of: tuple[Path, ...] = (recognised.folder,)
    else:
        folders.named(recognised.folder, wanted.settings)
        config = read_site_config(
            recognised.folder,
            explicit=wanted.settings or None,
            base_url=wanted.base_url,
            runs_config=wanted.run_config,
            named_folder=folder,
            readable_root=folders.root_of(folder),
            outside_advice=outside_advice if folders.root_of(folder) else "",
            stop=stop,
        )
        tree = SourceTree(recognised.folder, config, include_unlisted=wanted.include_unlisted)
        source, made_of = tree, tree.folders
        if wanted.build is not None:
            built = _opened_build(wanted.build, wanted, rules)
            source, made_of = HybridSite(built, tree), (*made_of, wanted.build)
            reason = f"{recognised.reason}, with the addresses and texts of its build"
            recognised = replace(recognised, reason=reason)
    return OpenedSite(source, recognised, _sitemap(recognised.folder, folders), made_of if path.is_dir() else ())


def _opened_build(path: Path, wanted: SiteToOpen, rules: OpeningRules) -> BuiltSite:
    folder = rules.folders.source(path)
    if not folder.is_dir():
        raise InvalidSource(f"{shown(str(path))} is no folder: give the one that `docusaurus build` made")
    found = recognise(folder, wanted=SourceKind.BUILT_SITE)
    rules.folders.found(found.folder)
    return BuiltSite(found.folder, base_url=wanted.base_url, include_unlisted=wanted.include_unlisted)


def _sitemap(folder: Path, folders: AllowedFolders) -> tuple[str, ...]:
    path = sitemap_of(folder)
    if path is not None:
        folders.found(path)
    if path is None or path.stat().st_size > _MAX_SITEMAP_BYTES:
        return ()
    return tuple(_LOCATION.findall(path.read_text(encoding="utf-8", errors="replace")))
