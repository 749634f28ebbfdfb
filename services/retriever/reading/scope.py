"""The part of a site that a search looks at: versions, locale, kinds and path as conditions on points.

What a site shows at a reader's address comes first, by Docusaurus's rules: a version is one of a docs instance, and the
other instances take part with their last one; a locale shows its translations, and for every page without one the text
of the default locale. Only when that holds nothing good, other versions are looked at, then other locales.
"""

from dataclasses import dataclass
from urllib.parse import urlsplit

from services.retriever.documents import ChunkPage
from services.retriever.payloads import edition
from services.retriever.reading.locale_addresses import prefix_in
from services.retriever.sites.manifest import SiteProfile, SiteVersion
from services.retriever.store.port import Where
from services.runtime.document_kind import DocumentKind


@dataclass(frozen=True, slots=True)
class Scope:
    """As in the contract; empty fields do not narrow, except that they stand for the site's defaults."""

    versions: tuple[str, ...] = ()
    locale: str = ""
    kinds: tuple[DocumentKind, ...] = ()
    path_prefix: str = ""
    docs_instance: str = ""


@dataclass(frozen=True, slots=True)
class Part:
    """Pages in one language, searched together."""

    locale: str
    """Of their text."""
    editions: tuple[str, ...] | None
    """Versions of instances; None on a site that has none."""
    served_in: str = ""
    """Only pages that this locale serves untranslated; empty: all."""
    kinds: tuple[DocumentKind, ...] = ()
    path_prefix: str = ""

    @property
    def where(self) -> Where:
        """The part as conditions."""
        any_of: dict[str, tuple[str, ...]] = {"locale": (self.locale,)}
        if self.editions is not None:
            any_of["edition"] = ("", *self.editions)
        if self.served_in:
            any_of["untranslated_in"] = (self.served_in,)
        return Where(any_of=any_of) & _kinds_and_path(self.kinds, self.path_prefix)


@dataclass(frozen=True, slots=True)
class Rung:
    """Where to look at the same time."""

    parts: tuple[Part, ...]
    other_versions: bool = False
    """Whether these are not the versions that were asked for."""
    other_locale: str = ""
    """The locale that is not the one asked for; empty when it is."""


def asked_rung(scope: Scope, profile: SiteProfile) -> Rung:
    """What was asked for, with the site's defaults for what the scope leaves open."""
    return _rung(scope, profile, _asked(scope, profile))


def wider_rungs(scope: Scope, profile: SiteProfile) -> list[Rung]:
    """Where else to look when the scope has nothing good, nearest first: other versions, then other locales."""
    asked = _asked(scope, profile)
    seen, rungs = {asked}, []
    others = [_last(profile), _others(scope, profile, asked, only_here=True), _others(scope, profile, asked)]
    for editions in others if asked is not None else ():
        if editions not in seen:
            seen.add(editions)
            rungs.append(_rung(scope, profile, editions, other_versions=True))
    here = scope.locale or profile.locales[0]
    rungs += [_rung(scope, profile, asked, locale=other) for other in profile.locales if other != here]
    return rungs


def listing_where(scope: Scope, profile: SiteProfile) -> Where:
    """The scope of a list, where empty fields stand for everything."""
    any_of: dict[str, tuple[str, ...]] = {}
    if scope.locale:
        any_of["locale"] = (scope.locale,)
    if scope.versions and profile.versions:
        any_of["edition"] = ("", *(_asked(scope, profile) or ()))
    return Where(any_of=any_of) & _kinds_and_path(scope.kinds, scope.path_prefix)


def _rung(
    scope: Scope,
    profile: SiteProfile,
    editions: tuple[str, ...] | None,
    *,
    other_versions: bool = False,
    locale: str = "",
) -> Rung:
    default = profile.locales[0]
    own = locale or scope.locale or default
    languages = [(own, "")]
    if own != default and not locale and profile.locale_roots:
        languages.append((default, own))
    parts = (
        Part(language, editions, served_in, scope.kinds, prefix_in(language, scope.path_prefix, profile))
        for language, served_in in languages
    )
    return Rung(tuple(parts), other_versions, locale)


def page_in_any_version(page: ChunkPage, profile: SiteProfile) -> tuple[str, str, str]:
    """What a page has in common with itself in other versions: docs instance, locale, and path below the version's."""
    path = urlsplit(page.uri).path
    for version in profile.versions:
        if version.plugin_id == page.plugin_id and version.name == page.version:
            path = path.removeprefix(version.path.rstrip("/"))
    return page.plugin_id, page.locale, path


def _asked(scope: Scope, profile: SiteProfile) -> tuple[str, ...] | None:
    """Per docs instance the asked versions; an instance that has none of them takes part with its last one.

    A version that no instance has, or not the one it was asked of, selects nothing, so that it is noticed.
    """
    if not profile.versions:
        return None
    chosen = [version for version in profile.versions if _is_asked(version, scope)]
    if scope.versions and not chosen:
        return ()
    instances = {version.plugin_id for version in chosen}
    rest = [version for version in _last_versions(profile) if version.plugin_id not in instances]
    return _editions([*chosen, *rest], profile)


def _is_asked(version: SiteVersion, scope: Scope) -> bool:
    return version.name in scope.versions and scope.docs_instance in {"", version.plugin_id}


def _last(profile: SiteProfile) -> tuple[str, ...]:
    return _editions(_last_versions(profile), profile)


def _last_versions(profile: SiteProfile) -> list[SiteVersion]:
    """Of each instance the version that unversioned links lead to."""
    first: dict[str, SiteVersion] = {}
    for version in sorted(profile.versions, key=lambda version: not version.is_last):
        first.setdefault(version.plugin_id, version)
    return list(first.values())


def _others(
    scope: Scope, profile: SiteProfile, asked: tuple[str, ...] | None, *, only_here: bool = False
) -> tuple[str, ...]:
    """The versions that were not asked for; an instance without any takes part as it did.

    Args:
        scope: What was asked.
        profile: The site.
        asked: Its editions.
        only_here: Change nothing but the instance that the scope names.
    """
    taken = set(asked or ())
    chosen = []
    for instance in dict.fromkeys(version.plugin_id for version in profile.versions):
        own = [version for version in profile.versions if version.plugin_id == instance]
        others = [version for version in own if edition(instance, version.name) not in taken]
        stays = only_here and scope.docs_instance not in {"", instance}
        chosen += [version for version in own if version not in others] if stays or not others else others
    return _editions(chosen, profile)


def _editions(versions: list[SiteVersion], profile: SiteProfile) -> tuple[str, ...]:
    """Editions in the order of the profile, so that equal choices are equal."""
    return tuple(edition(version.plugin_id, version.name) for version in profile.versions if version in versions)


def _kinds_and_path(kinds: tuple[DocumentKind, ...], path_prefix: str) -> Where:
    return Where(
        any_of={"kind": kinds} if kinds else {},
        prefix={"path": path_prefix} if path_prefix else {},
    )
