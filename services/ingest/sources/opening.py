"""From what a caller named to a source that can be read: allowed, unpacked, recognised."""

import contextlib
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from services.ingest.document import Source
from services.ingest.sources.archive import ArchiveLimits, is_archive, unpacked
from services.ingest.sources.built_site.source import BuiltSite
from services.ingest.sources.recognise import Recognised, SourceKind, recognise, sitemap_of
from services.ingest.sources.source_tree.settings.site_config import read_site_config
from services.ingest.sources.source_tree.source import SourceTree
from services.runtime.errors import InvalidRequest, InvalidSource

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


@dataclass(frozen=True, slots=True)
class OpenedSite:
    """A source, with what was recognised and the addresses of the sitemap beside it."""

    source: Source
    recognised: Recognised
    sitemap: tuple[str, ...]


def open_site(
    wanted: SiteToOpen,
    stack: contextlib.ExitStack,
    *,
    allowed_roots: Sequence[Path] = (),
    archive_limits: ArchiveLimits | None = None,
) -> OpenedSite:
    """Open a site; what has to be cleaned up afterwards goes onto the stack.

    Raises:
        InvalidRequest: If the path is not allowed.
        InvalidSource: If no site can be read there.
    """
    path = _allowed(wanted.path, allowed_roots)
    if path.is_dir():
        folder = path
        readable_root = next((root for root in allowed_roots if path.is_relative_to(root.resolve())), None)
    elif path.is_file() and is_archive(path):
        if wanted.run_config:
            raise InvalidRequest("the config of an archive is not run; give a folder", violations=_NO_RUNNING)
        folder = stack.enter_context(unpacked(path, archive_limits or ArchiveLimits()))
        readable_root = folder
    else:
        raise InvalidSource(f"{wanted.path} is neither a folder nor a .zip, .tar or .tar.gz that can be read")
    recognised = recognise(folder, wanted=wanted.kind, has_settings=bool(wanted.settings))
    if recognised.kind is SourceKind.BUILT_SITE:
        source: Source = BuiltSite(
            recognised.folder, base_url=wanted.base_url, include_unlisted=wanted.include_unlisted
        )
    else:
        source = _source_tree(recognised.folder, wanted, readable_root)
    return OpenedSite(source, recognised, _sitemap(recognised.folder))


def _allowed(path: Path, roots: Sequence[Path]) -> Path:
    try:
        resolved = path.resolve(strict=True)
    except (OSError, RuntimeError, ValueError) as error:
        raise InvalidSource(f"{path} is not there, or this process may not look") from error
    if roots and not any(resolved.is_relative_to(root.resolve()) for root in roots):
        message = "the path lies outside the folders that INGEST_ALLOWED_ROOTS allows"
        raise InvalidRequest(message, violations={"source.path": "outside the allowed folders"})
    return resolved


def _source_tree(folder: Path, wanted: SiteToOpen, readable_root: Path | None) -> SourceTree:
    config = read_site_config(
        folder,
        explicit=wanted.settings or None,
        base_url=wanted.base_url,
        runs_config=wanted.run_config,
        readable_root=readable_root,
    )
    return SourceTree(folder, config, include_unlisted=wanted.include_unlisted)


def _sitemap(folder: Path) -> tuple[str, ...]:
    path = sitemap_of(folder)
    if path is None or path.stat().st_size > _MAX_SITEMAP_BYTES:
        return ()
    return tuple(_LOCATION.findall(path.read_text(encoding="utf-8", errors="replace")))
