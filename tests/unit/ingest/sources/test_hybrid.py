"""A build and its sources read as one site."""

from collections.abc import Sequence
from dataclasses import dataclass, field

import pytest

from services.ingest.document import Document, LocaleRoot, Page, PageUnreadable, Problem, Severity, SitePages
from services.ingest.sources.hybrid import NOT_TRANSLATED, HybridSite
from services.runtime.document_kind import DocumentKind

ROOT = "https://d.example/"


def a_page(path: str, file: str, locale: str = "en", untranslated_in: tuple[str, ...] = ()) -> Page:
    return Page(f"{ROOT}{path}", file, DocumentKind.DOC, locale, untranslated_in=untranslated_in)


@dataclass
class Reader:
    """A source of pages whose documents say who read them."""

    name: str
    pages: list[Page]
    unreadable: set[str] = field(default_factory=set)

    def scan(self) -> SitePages:
        roots = (LocaleRoot("en", ROOT), LocaleRoot("fr", f"{ROOT}fr/"))
        return SitePages(self.name, ROOT, ("en", "fr"), (), tuple(self.pages), locale_roots=roots)

    def read(self, page: Page) -> Document:
        if page.uri in self.unreadable:
            raise PageUnreadable(Problem(Severity.ERROR, "page-unreadable", "never closed", page.source_path))
        return Document(page, f"{self.name} title", (), (), (page.source_path,), description=self.name)

    def raw_parts(self, page: Page) -> Sequence[bytes]:
        return [page.source_path.encode()]

    def source_hash(self, page: Page, source_paths: Sequence[str]) -> str:
        return f"{self.name} {page.source_path} {source_paths}"


@pytest.fixture
def build() -> Reader:
    return Reader("build", [a_page("a", "a.html"), a_page("api", "api.html"), a_page("fr/a", "fr/a.html", "fr")])


@pytest.fixture
def sources() -> Reader:
    return Reader("sources", [a_page("a", "docs/a.md", untranslated_in=("fr",)), a_page("late", "docs/late.md")])


def test_the_build_says_which_pages_there_are_and_the_sources_name_their_files(build: Reader, sources: Reader) -> None:
    site = HybridSite(build, sources).scan()
    assert [(page.uri, page.source_path) for page in site.pages] == [
        (f"{ROOT}a", "docs/a.md"),
        (f"{ROOT}api", "api.html"),
    ]
    assert [problem.code for problem in site.problems] == ["build-incomplete"]


def test_a_copy_in_a_language_without_translation_is_left_out_and_remembered(build: Reader, sources: Reader) -> None:
    site = HybridSite(build, sources).scan()
    assert [(page.uri, reason) for page, reason in site.skipped] == [(f"{ROOT}fr/a", NOT_TRANSLATED)]
    assert site.pages[0].untranslated_in == ("fr",)


def test_a_source_that_cannot_be_read_leaves_what_the_build_says(build: Reader, sources: Reader) -> None:
    sources.unreadable.add(f"{ROOT}a")
    hybrid = HybridSite(build, sources)
    page = hybrid.scan().pages[0]
    document = hybrid.read(page)
    assert (document.title, document.page.source_path) == ("build title", "docs/a.md")
    assert [problem.code for problem in document.problems] == ["page-unreadable"]
    assert hybrid.raw_parts(page) == [b"a.html"]


def test_a_page_is_as_before_only_while_both_are(build: Reader, sources: Reader) -> None:
    hybrid = HybridSite(build, sources)
    page = hybrid.scan().pages[0]
    assert hybrid.source_hash(page, ("docs/a.md",)) != hybrid.source_hash(page, ("docs/a.md", "docs/_part.md"))
    assert hybrid.read(page).source_paths == ("docs/a.md",)
