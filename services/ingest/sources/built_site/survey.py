"""What the pages of a build say together: the site's root, title, locales and versions."""

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from pathlib import PurePosixPath
from urllib.parse import urlsplit

from services.ingest.document import LocaleRoot, Version
from services.ingest.sources.built_site.head import PageHead, encode_uri
from services.runtime.document_kind import DocumentKind

_DELIMITER = re.compile(r"\s+[|\-–—·•:»]\s+")
_NUMBER = re.compile(r"(\d+)")
_CURRENT = "current"


def site_root(heads: dict[str, PageHead]) -> str:
    """Address of the site's root, ends in a slash; empty when the pages do not agree on any.

    Args:
        heads: Heads by path of the file below the build folder.
    """
    votes: Counter[str] = Counter()
    for path, head in heads.items():
        root = _root_by(path, head.canonical)
        if root:
            votes[root] += 1
    return votes.most_common(1)[0][0] if votes else ""


def locale_roots(heads: dict[str, PageHead]) -> tuple[LocaleRoot, ...]:
    """Where each locale is served, as most of its pages tell; one that they do not agree on is left out."""
    votes: dict[str, Counter[str]] = defaultdict(Counter)
    for path, head in heads.items():
        below = path.removeprefix(f"{head.locale}/")  # a locale that is not the default one has a folder of its own
        if head.locale and (root := _root_by(below, head.canonical)):
            votes[head.locale][root] += 1
    return tuple(LocaleRoot(locale, counts.most_common(1)[0][0]) for locale, counts in votes.items())


def site_title(heads: Iterable[PageHead]) -> str:
    """What most browser titles end in, after the page's own title."""
    endings = Counter(_DELIMITER.split(head.html_title)[-1] for head in heads if head.html_title)
    return endings.most_common(1)[0][0] if endings else ""


def page_title(head: PageHead, title_of_site: str) -> str:
    """The browser title without the site's."""
    if head.html_title == title_of_site:
        return title_of_site
    own, _, ending = head.html_title.rpartition(title_of_site) if title_of_site else (head.html_title, "", "")
    if ending or not own:
        return head.html_title
    return re.sub(r"\s+[|\-–—·•:»]\s+$", "", own) or head.html_title


def site_locales(heads: dict[str, PageHead]) -> tuple[str, ...]:
    """Locales of the pages; the one of the home page first."""
    counts = Counter(head.locale for head in heads.values() if head.locale)
    home = heads.get("index.html")
    first = home.locale if home and home.locale else ""
    others = [locale for locale, _ in counts.most_common() if locale != first]
    return tuple([first, *others] if first else others)


def site_versions(heads: Iterable[PageHead], default_locale: str) -> tuple[Version, ...]:
    """Versions of each docs instance, `current` first, then by falling number.

    The last version is the one with the shortest path: Docusaurus serves it without a version part.
    """
    paths: dict[tuple[str, str], Counter[str]] = defaultdict(Counter)
    labels: dict[tuple[str, str], str] = {}
    for head in heads:
        if head.kind is DocumentKind.DOC and head.locale == default_locale:
            key = (head.plugin_id, head.version)
            paths[key][_version_path(head)] += 1
            labels.setdefault(key, head.version_label)
    best = {key: counts.most_common(1)[0][0] for key, counts in paths.items()}
    versions = []
    for instance, name in sorted(best, key=_newest_first):
        shortest = min((len(path), other) for (each, other), path in best.items() if each == instance)[1]
        label = labels[instance, name] or ("Next" if name == _CURRENT else name)
        versions.append(Version(name, label, name == shortest, instance, best[instance, name]))
    return tuple(versions)


def _root_by(path: str, canonical: str) -> str:
    """The site's root according to one page: its address without its place in the build folder."""
    route = path.removesuffix("index.html").removesuffix(".html") if path != "index.html" else ""
    for end in (route, route.rstrip("/")):
        encoded = encode_uri(end)
        if canonical.endswith(encoded) and canonical[: len(canonical) - len(encoded)].endswith("/"):
            return canonical[: len(canonical) - len(encoded)]
    return ""


def _version_path(head: PageHead) -> str:
    path = urlsplit(head.canonical).path
    encoded = f"/{encode_uri(head.doc_id)}"
    return path.rstrip("/").removesuffix(encoded) if head.doc_id else str(PurePosixPath(path).parent)


def _newest_first(key: tuple[str, str]) -> tuple[str, bool, Sequence[int]]:
    instance, name = key
    return instance, name != _CURRENT, [-int(part) for part in _NUMBER.findall(name)]
