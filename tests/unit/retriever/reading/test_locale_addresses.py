"""Addresses of one page in several locales."""

import pytest

from services.retriever.documents import ChunkPage
from services.retriever.reading.locale_addresses import prefix_in, served_address, stored_addresses
from services.retriever.sites.manifest import LocaleRoot, SiteProfile
from services.runtime.document_kind import DocumentKind

EN, FR, DE = "https://ferry.example/guide/", "https://ferry.example/guide/fr/", "https://faehre.example/hilfe/"
ROOTS = (LocaleRoot("en", EN), LocaleRoot("fr", FR), LocaleRoot("de", DE))
PROFILE = SiteProfile("ferry", EN, "Ferry", (), ("en", "fr", "de"), locale_roots=ROOTS)
SILENT = SiteProfile("ferry", EN, "Ferry", (), ("en", "fr", "de"))


def page(path: str, *untranslated_in: str) -> ChunkPage:
    return ChunkPage(EN + path, "T", DocumentKind.DOC, "2.0", "en", "default", untranslated_in)


@pytest.mark.parametrize("path", ["docs/tickets", "docs/tickets/", "", "docs/on%20board/bikes%20&%20bags"])
def test_a_page_without_a_translation_has_its_address_below_the_root_of_the_locale(path: str) -> None:
    assert served_address(page(path, "fr", "de"), "fr", PROFILE) == FR + path
    assert served_address(page(path, "fr", "de"), "de", PROFILE) == DE + path


@pytest.mark.parametrize("locale", ["", "en", "fr", "nl"])
def test_a_page_keeps_its_address_for_readers_who_are_shown_another_text(locale: str) -> None:
    assert served_address(page("docs/tickets", "de"), locale, PROFILE) == EN + "docs/tickets"


def test_a_site_that_does_not_tell_its_roots_keeps_its_addresses() -> None:
    assert served_address(page("docs/tickets", "fr"), "fr", SILENT) == EN + "docs/tickets"
    assert stored_addresses(FR + "docs/tickets", SILENT) == (FR + "docs/tickets",)
    assert prefix_in("fr", "/guide/docs/", SILENT) == "/guide/docs/"


def test_a_page_may_be_stored_under_the_address_it_is_read_at_or_the_default_one() -> None:
    assert stored_addresses(FR + "docs/a", PROFILE) == (FR + "docs/a", EN + "docs/a")
    assert stored_addresses(DE + "docs/a", PROFILE) == (DE + "docs/a", EN + "docs/a")
    assert stored_addresses(FR.rstrip("/"), PROFILE)[0] == FR.rstrip("/")
    for elsewhere in (EN + "docs/a", "https://other.example/guide/fr/docs/a", "https://ferry.example/french/a"):
        assert stored_addresses(elsewhere, PROFILE) == (elsewhere,)


@pytest.mark.parametrize(
    ("locale", "prefix", "expected"),
    [
        ("fr", "/guide/docs/", "/guide/fr/docs/"),
        ("de", "/guide/docs/", "/hilfe/docs/"),
        ("en", "/guide/fr/docs/", "/guide/docs/"),
        ("en", "/guide/docs/", "/guide/docs/"),
        ("fr", "/guide/", "/guide/fr/"),
        ("fr", "/guide", "/guide/fr/"),
        ("fr", "", ""),
        ("fr", "/elsewhere/", "/elsewhere/"),
    ],
)
def test_a_prefix_is_meant_for_every_locale(locale: str, prefix: str, expected: str) -> None:
    assert prefix_in(locale, prefix, PROFILE) == expected
