"""From what a caller named to a source that can be read: allowed, unpacked, recognised."""

import contextlib
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml
from pydantic import ValidationError

from services.ingest.document import Source
from services.ingest.docusaurus.settings import SiteSettings
from services.ingest.sources.archive import ArchiveLimits, is_archive, unpacked
from services.ingest.sources.built_site import BuiltSite
from services.ingest.sources.recognise import SETTINGS_NAMES, Recognised, SourceKind, recognise, sitemap_of
from services.ingest.sources.source_tree import SourceTree
from services.runtime.errors import InvalidRequest, InvalidSource

_LOCATION = re.compile(r"<loc>\s*([^<\s]+)\s*</loc>")
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
        InvalidRequest: If the path is not allowed, or the settings are not in the schema.
        InvalidSource: If no site can be read there.
    """
    path = _allowed(wanted.path, allowed_roots)
    if path.is_dir():
        folder, bounds = path, tuple(allowed_roots)
    elif path.is_file() and is_archive(path):
        folder = stack.enter_context(unpacked(path, archive_limits or ArchiveLimits()))
        bounds = (folder,)
    else:
        raise InvalidSource(f"{wanted.path} is neither a folder nor a .zip, .tar or .tar.gz that can be read")
    recognised = recognise(folder, wanted=wanted.kind, has_settings=bool(wanted.settings))
    if recognised.kind is SourceKind.BUILT_SITE:
        source: Source = BuiltSite(
            recognised.folder, base_url=wanted.base_url, include_unlisted=wanted.include_unlisted
        )
    else:
        source = _source_tree(recognised.folder, wanted, bounds)
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


def _source_tree(folder: Path, wanted: SiteToOpen, bounds: Sequence[Path]) -> SourceTree:
    settings = _site_settings(folder, wanted)
    named = {(folder / each.path).resolve() for each in (*settings.docs, *settings.blog, *settings.pages)}
    roots = [root for root in named if not bounds or any(root.is_relative_to(bound.resolve()) for bound in bounds)]
    return SourceTree(folder, settings, roots=sorted(roots), include_unlisted=wanted.include_unlisted)


def _site_settings(folder: Path, wanted: SiteToOpen) -> SiteSettings:
    explicit = dict(wanted.settings) or _settings_file(folder)
    return _validated(explicit)


def _settings_file(folder: Path) -> dict[str, Any]:
    path = next((folder / name for name in SETTINGS_NAMES if (folder / name).is_file()), None)
    if path is None:
        return {}
    try:
        content = yaml.safe_load(path.read_text(encoding="utf-8"))
    except (yaml.YAMLError, UnicodeDecodeError, OSError) as error:
        raise InvalidSource(f"{path.name} cannot be read: {error}") from error
    if not isinstance(content, dict):
        raise InvalidSource(f"{path.name} must be a mapping of settings")
    return content


def _validated(explicit: Mapping[str, Any]) -> SiteSettings:
    try:
        return SiteSettings.model_validate(explicit)
    except ValidationError as error:
        violations = {".".join(map(str, each["loc"])): each["msg"] for each in error.errors()[:20]}
        listed = "; ".join(f"{name}: {problem}" for name, problem in violations.items())
        raise InvalidSource(f"the settings of the site are not complete: {listed}", violations=violations) from error


def _sitemap(folder: Path) -> tuple[str, ...]:
    path = sitemap_of(folder)
    if path is None or path.stat().st_size > _MAX_SITEMAP_BYTES:
        return ()
    return tuple(_LOCATION.findall(path.read_text(encoding="utf-8", errors="replace")))
