"""A site read from its build and its sources together: what plugins made is exact, what authors wrote is kept."""

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import replace

from services.ingest.document import Document, Page, PageUnreadable, Problem, Severity, SitePages, Source
from services.runtime.errors import shown

NOT_TRANSLATED = "fallback copy: not translated"
"""Why the copy of a page in another locale is left out."""
_EXAMPLES = 3


class HybridSite:
    """Addresses and texts of the build; titles, tags, dates and the names of files of the sources.

    Args:
        build: The built site decides which pages there are, and under which addresses.
        sources: Asked for pages of the same address; a page that a plugin made has none.
    """

    def __init__(self, build: Source, sources: Source) -> None:
        self._build = build
        self._sources = sources
        self._built: dict[str, Page] = {}
        self._written: dict[str, Page] = {}

    def scan(self) -> SitePages:
        """Find the pages of the build.

        Raises:
            services.runtime.errors.InvalidSource: If one of the two is not there.
        """
        built, written = self._build.scan(), self._sources.scan()
        copies = set(_untranslated_copies(written))
        self._built = {page.uri: page for page in built.pages if page.uri not in copies}
        self._written = {page.uri: page for page in written.pages if page.uri in self._built}
        return replace(
            built,
            title=written.title or built.title,
            versions=written.versions or built.versions,
            pages=tuple(map(self._named_by_its_source, self._built.values())),
            skipped=(*built.skipped, *((page, NOT_TRANSLATED) for page in built.pages if page.uri in copies)),
            problems=(*built.problems, *written.problems, *_missing(built, written)),
        )

    def _named_by_its_source(self, page: Page) -> Page:
        written = self._written.get(page.uri)
        if written is None:
            return page
        return replace(page, source_path=written.source_path, untranslated_in=written.untranslated_in)

    def read(self, page: Page) -> Document:
        """Parse one page of the scan; a source that cannot be read leaves what the build says.

        Raises:
            PageUnreadable: If the build of the page cannot be parsed.
        """
        built, written = self._build.read(self._built[page.uri]), self._written.get(page.uri)
        if written is None:
            return built
        try:
            source = self._sources.read(written)
        except PageUnreadable as unreadable:
            return replace(built, page=page, problems=(*built.problems, unreadable.problem))
        return replace(
            built,
            page=page,
            title=source.title or built.title,
            description=source.description or built.description,
            tags=source.tags or built.tags,
            source_paths=source.source_paths,
            last_updated_at=source.last_updated_at or built.last_updated_at,
            published_at=source.published_at or built.published_at,
        )

    def raw_parts(self, page: Page) -> Sequence[bytes]:
        """The built page, cut where headings may begin."""
        return self._build.raw_parts(self._built[page.uri])

    def source_hash(self, page: Page, source_paths: Sequence[str]) -> str:
        """Hash of the built page and of the files it was made from."""
        built, written = self._built[page.uri], self._written.get(page.uri)
        digest = hashlib.sha256(self._build.source_hash(built, (built.source_path,)).encode())
        if written is not None:
            digest.update(self._sources.source_hash(written, source_paths).encode())
        return digest.hexdigest()


def _untranslated_copies(written: SitePages) -> Iterator[str]:
    """Addresses at which the build shows a page once more, because a locale has no translation of it."""
    roots = {root.locale: root.base_url for root in written.locale_roots}
    for page in written.pages:
        own = roots.get(page.locale, written.base_url)
        for locale in page.untranslated_in:
            if locale in roots and page.uri.startswith(own):
                yield roots[locale] + page.uri.removeprefix(own)


def _missing(built: SitePages, written: SitePages) -> list[Problem]:
    """What the sources have and the build has not: it is older than they are, or was made for another address."""
    known = {page.uri for page in built.pages} | {page.uri for page, _ in built.skipped}
    missing = [page for page in written.pages if page.uri not in known]
    if not missing:
        return []
    examples = ", ".join(shown(page.source_path) for page in missing[:_EXAMPLES])
    message = (
        f"{len(missing)} pages of the sources are not in the build, for example {examples}: build the site again, or "
        "check its base URL"
    )
    return [Problem(Severity.WARNING, "build-incomplete", message)]
