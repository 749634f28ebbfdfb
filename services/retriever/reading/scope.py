"""The part of a site that a search looks at: versions, locale, kinds and path as conditions on points."""

from dataclasses import dataclass, replace
from urllib.parse import urlsplit

from services.retriever.documents import ChunkPage
from services.retriever.payloads import edition
from services.retriever.sites.manifest import SiteProfile
from services.retriever.store.port import Where
from services.runtime.document_kind import DocumentKind


@dataclass(frozen=True, slots=True)
class Scope:
    """As in the contract; empty fields do not narrow, except that they stand for the site's defaults."""

    versions: tuple[str, ...] = ()
    locale: str = ""
    kinds: tuple[DocumentKind, ...] = ()
    path_prefix: str = ""


def scope_where(scope: Scope, profile: SiteProfile) -> Where:
    """The scope as conditions, with the site's defaults for what it leaves open."""
    any_of: dict[str, tuple[str, ...]] = {"locale": (scope.locale or profile.locales[0],)}
    if profile.versions:
        any_of["edition"] = ("", *_editions(scope.versions, profile))
    return Where(any_of=any_of) & _kinds_and_path(scope)


def listing_where(scope: Scope, profile: SiteProfile) -> Where:
    """The scope of a list, where empty fields stand for everything."""
    any_of: dict[str, tuple[str, ...]] = {}
    if scope.locale:
        any_of["locale"] = (scope.locale,)
    if scope.versions and profile.versions:
        any_of["edition"] = ("", *_editions(scope.versions, profile))
    return Where(any_of=any_of) & _kinds_and_path(scope)


def wider_scopes(scope: Scope, profile: SiteProfile) -> list[Scope]:
    """Where else to look when the scope has nothing good, nearest first: other versions, then other locales."""
    wider = []
    last = tuple(dict.fromkeys(version.name for version in profile.versions if version.is_last))
    names = tuple(dict.fromkeys(version.name for version in profile.versions))
    if scope.versions and set(scope.versions) != set(last):
        wider.append(replace(scope, versions=()))
    others = tuple(name for name in names if name not in (scope.versions or last))
    if others:
        wider.append(replace(scope, versions=others))
    locale = scope.locale or profile.locales[0]
    wider += [replace(scope, versions=(), locale=other) for other in profile.locales if other != locale]
    return wider


def page_in_any_version(page: ChunkPage, profile: SiteProfile) -> tuple[str, str, str]:
    """What a page has in common with itself in other versions: docs instance, locale, and path below the version's."""
    path = urlsplit(page.uri).path
    for version in profile.versions:
        if version.plugin_id == page.plugin_id and version.name == page.version:
            path = path.removeprefix(version.path.rstrip("/"))
    return page.plugin_id, page.locale, path


def _editions(versions: tuple[str, ...], profile: SiteProfile) -> list[str]:
    """Per docs instance the asked versions; an instance that has none of them takes part with its last one.

    A version that no instance has selects nothing, so that it is noticed.
    """
    if versions and not any(version.name in versions for version in profile.versions):
        return []
    chosen = []
    for plugin_id in dict.fromkeys(version.plugin_id for version in profile.versions):
        own = [version for version in profile.versions if version.plugin_id == plugin_id]
        asked = [version for version in own if version.name in versions]
        last = [version for version in own if version.is_last] or own[:1]
        chosen += [edition(plugin_id, version.name) for version in asked or last]
    return chosen


def _kinds_and_path(scope: Scope) -> Where:
    return Where(
        any_of={"kind": tuple(scope.kinds)} if scope.kinds else {},
        prefix={"path": scope.path_prefix} if scope.path_prefix else {},
    )
