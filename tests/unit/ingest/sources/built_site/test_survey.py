"""What the pages of a build say together."""

from pathlib import Path

from services.ingest.document import LocaleRoot, SitePages
from services.ingest.run.preparation import without_foreign_addresses
from services.ingest.sources.built_site.source import BuiltSite

PAGE = (
    '<html class="plugin-docs plugin-id-default docs-doc-page docs-doc-id-{name}"><head>'
    '<meta name="generator" content="Docusaurus v3.10.2"><meta name="docusaurus_locale" content="{locale}">'
    '<meta name="docusaurus_version" content="current"><title>{name} | Docs</title>'
    '<link rel="canonical" href="{uri}"></head><body><article><div class="theme-doc-markdown">'
    "<h1>{name}</h1><p>Text.</p></div></article></body></html>"
)
EN, FR, DE = "https://ferry.example/guide/", "https://ferry.example/guide/fr/", "https://faehre.example/hilfe/"


def build(folder: Path, *, canonical: str = "") -> Path:
    """A build of three languages: one below the site's address, one on a domain of its own."""
    for locale, root, below in (("en", EN, ""), ("fr", FR, "fr/"), ("de", DE, "de/")):
        for name in ("tickets", "boarding", "luggage"):
            file = folder / f"{below}docs/{name}/index.html"
            file.parent.mkdir(parents=True, exist_ok=True)
            uri = canonical if canonical and (locale, name) == ("en", "luggage") else f"{root}docs/{name}"
            file.write_text(PAGE.format(name=name, locale=locale, uri=uri))
    return folder


def scanned(folder: Path, *, base_url: str = "") -> SitePages:
    return BuiltSite(folder, base_url=base_url).scan()


def test_each_language_is_served_where_its_pages_say(tmp_path: Path) -> None:
    site = scanned(build(tmp_path))
    assert set(site.locale_roots) == {LocaleRoot("en", EN), LocaleRoot("fr", FR), LocaleRoot("de", DE)}
    kept, refused = without_foreign_addresses(site)
    assert refused == []
    assert {f"{root}docs/tickets" for root in (EN, FR, DE)} <= {page.uri for page in kept.pages}


def test_a_page_that_names_a_strangers_address_opens_no_door_for_it(tmp_path: Path) -> None:
    site = scanned(build(tmp_path, canonical="https://elsewhere.example/docs/luggage"))
    assert site.origins == ("https://faehre.example",)
    assert [page.uri for page in without_foreign_addresses(site)[1]] == ["https://elsewhere.example/docs/luggage"]


def test_languages_below_a_site_that_is_served_elsewhere_move_with_it(tmp_path: Path) -> None:
    site = scanned(build(tmp_path), base_url="https://preview.example/pr-7/")
    assert {root.locale: root.base_url for root in site.locale_roots} == {
        "en": "https://preview.example/pr-7/",
        "fr": "https://preview.example/pr-7/fr/",
        "de": DE,
    }
