"""Addresses of one page in several locales.

Docusaurus serves a page that a locale does not translate at the same path below that locale's own root: the address is
the root with the rest of the path behind it, whatever origin and baseUrl the locale has.
"""

from typing import Protocol
from urllib.parse import urlsplit

from services.retriever.sites.manifest import SiteProfile


class Located(Protocol):
    """A page that is stored under one address and may be served at others."""

    @property
    def uri(self) -> str: ...

    @property
    def locale(self) -> str: ...

    @property
    def untranslated_in(self) -> tuple[str, ...]: ...


def served_address(page: Located, locale: str, profile: SiteProfile) -> str:
    """Where a locale serves a page; the page's own address where it does not serve this text."""
    roots = _roots(profile)
    if locale not in page.untranslated_in or not {locale, page.locale} <= roots.keys():
        return page.uri
    own = roots[page.locale]
    return roots[locale] + page.uri.removeprefix(own) if page.uri.startswith(own) else page.uri


def stored_addresses(uri: str, profile: SiteProfile) -> tuple[str, ...]:
    """Addresses that a page served at `uri` may be stored under: its own, and the default locale's of the same text."""
    roots = _roots(profile)
    default = roots.get(profile.locales[0], "")
    root = _root_around(uri, list(roots.values()))
    if not root or not default or root == default:
        return (uri,)
    return uri, default + uri.removeprefix(root)


def prefix_in(locale: str, path_prefix: str, profile: SiteProfile) -> str:
    """The prefix of a path, written for any locale, as it is in this one."""
    paths = {name: urlsplit(root).path for name, root in _roots(profile).items()}
    root = _root_around(path_prefix, list(paths.values()))
    if not path_prefix or not root or locale not in paths:
        return path_prefix
    return paths[locale] + path_prefix.removeprefix(root) if path_prefix != root.rstrip("/") else paths[locale]


def _roots(profile: SiteProfile) -> dict[str, str]:
    return {root.locale: root.base_url for root in profile.locale_roots}


def _root_around(address: str, roots: list[str]) -> str:
    """The longest root that an address lies below; empty when it lies below none."""
    around = [root for root in roots if address.startswith(root) or f"{address}/" == root]
    return max(around, key=len, default="")
