"""The source reader against what the real Docusaurus made of our own sites; see tests/fixtures/docusaurus_sites."""

import json
import re
import shutil
import subprocess
from collections import Counter
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest

from services.ingest.document import Document
from services.ingest.sources.source_tree.routing.addresses import apply_trailing_slash
from services.ingest.sources.source_tree.settings.site_config import read_site_config
from services.ingest.sources.source_tree.source import SourceTree
from services.runtime.document_kind import DocumentKind

FIXTURES = Path(__file__).parents[1] / "fixtures" / "docusaurus_sites"
SITES = ("lighthouse", "harbour", "ferry")
TRAILING_SLASH = {"harbour": True}
HOSTS = {("ferry", "de"): "faehre.example"}
"""Of languages with a domain of their own."""
KINDS_TOLD = {"note", "tip", "danger", "remarque"}
"""Kinds of admonitions that have titles of their own: the page shows them by colour, we in words."""
WORD = re.compile(r"\w+")
OPENING_FENCE = re.compile(r'^`{3,}[^\s`]*( title="([^"]*)")?$', re.MULTILINE)
LINK_TARGET = re.compile(r"\]\([^()\s]*\)")
ITEM_NUMBER = re.compile(r"^([\s>]*)\d+\. ", re.MULTILINE)
FOOTNOTE = re.compile(r"\[\^(\d+)\]")


@cache
def expected(site: str) -> list[dict[str, Any]]:
    pages: list[dict[str, Any]] = json.loads((FIXTURES / f"expected-{site}.json").read_text(encoding="utf-8"))
    return pages


def source_tree(name: str, *, include_unlisted: bool = False) -> SourceTree:
    folder = FIXTURES / name
    return SourceTree(folder, read_site_config(folder), include_unlisted=include_unlisted)


def test_settings_are_read_from_the_literals_of_the_config() -> None:
    site = source_tree("lighthouse").scan()
    assert site.base_url == "https://lighthouse.example/keepers/"
    assert [(version.name, version.path) for version in site.versions] == [
        ("current", "/keepers/manual/next"),
        ("v2", "/keepers/manual"),
        ("v1", "/keepers/manual/first"),
        ("current", "/keepers/"),
    ]


def test_each_docs_instance_has_versions_of_its_own() -> None:
    versions = source_tree("harbour").scan().versions
    assert [(each.plugin_id, each.name, each.label, each.path, each.is_last) for each in versions] == [
        ("default", "current", "Next", "/", True),
        ("api", "current", "Demain", "/api/demain", False),
        ("api", "2.0", "Deux", "/api/2.0", False),
        ("api", "1.0", "1.0", "/api", True),
        ("faq", "current", "Next", "/faq", True),
    ]


@pytest.mark.parametrize("name", SITES)
def test_addresses_are_those_of_the_build(name: str) -> None:
    site = source_tree(name, include_unlisted=True).scan()
    pages = [*site.pages, *(page for page, reason in site.skipped if reason != "draft")]
    ours = {(page.source_path, page.locale, page.uri) for page in pages}
    assert ours == {(page["source"], page["locale"], _uri(name, page)) for page in expected(name)}


@pytest.mark.parametrize("name", ["lighthouse", "ferry"])
def test_a_page_without_a_translation_is_served_below_the_root_of_the_language(name: str) -> None:
    """Every address of a copy in the build is one that the default language's page tells, and no other."""
    site = source_tree(name, include_unlisted=True).scan()
    roots = {root.locale: root.base_url for root in site.locale_roots}
    copies = {
        (page.source_path, locale, roots[locale] + page.uri.removeprefix(roots[page.locale]))
        for page in site.pages
        for locale in page.untranslated_in
    }
    built = [page for page in expected(name) if page["locale"] != "en" and not page["source"].startswith("i18n/")]
    assert built
    assert copies == {(page["source"], page["locale"], _uri(name, page)) for page in built}


def test_a_language_with_its_own_domain_has_its_own_root() -> None:
    roots = {root.locale: root.base_url for root in source_tree("ferry").scan().locale_roots}
    assert roots == {
        "en": "https://ferry.example/guide/",
        "fr": "https://ferry.example/guide/fr/",
        "de": "https://faehre.example/hilfe/",
    }


@pytest.mark.parametrize("name", SITES)
def test_titles_headings_and_words_are_those_of_the_build(name: str) -> None:
    tree = source_tree(name, include_unlisted=True)
    built = {(page["source"], page["locale"]): page for page in expected(name)}
    for page in tree.scan().pages:
        document = tree.read(page)
        truth = built[page.source_path, page.locale]
        assert document.title == (truth["title"] or ""), page.source_path
        ours = [[heading.level, heading.id] for heading in document.headings]
        assert ours == truth["headings"], page.source_path
        ours_seen, built_seen = words(shown(document)), words(truth["text"])
        assert not built_seen - ours_seen, page.source_path
        assert set(ours_seen - built_seen) <= KINDS_TOLD, page.source_path


def shown(document: Document) -> str:
    """Headings and text of a document without the signs of Markdown."""
    blocks = [block.markdown for section in document.sections for block in section.blocks]
    is_post = document.page.kind is DocumentKind.BLOG  # whose title stands outside the text
    text = LINK_TARGET.sub("]", "\n\n".join(blocks))
    text = FOOTNOTE.sub(r"\1", ITEM_NUMBER.sub(r"\1", OPENING_FENCE.sub(r"\2", text)))
    return "\n".join([*(heading.text for heading in document.headings[int(is_post) :]), text])


def words(text: str) -> Counter[str]:
    return Counter(WORD.findall(text.lower()))


@pytest.mark.node
@pytest.mark.timeout(900)
@pytest.mark.parametrize("name", SITES)
def test_the_expectation_is_what_docusaurus_builds_today(name: str, request: pytest.FixtureRequest) -> None:
    """Takes half a minute a site: the real Docusaurus builds it."""
    packages = request.config.rootpath / "docs" / "node_modules"
    if shutil.which("node") is None or not (packages / "@docusaurus" / "core").is_dir():
        pytest.skip("Node or docs/node_modules is not there: `make docs-site` installs it")
    command = ["node", str(FIXTURES / "make_expected.cjs"), str(packages.parent), name]
    built = subprocess.run(command, capture_output=True, check=True, text=True, encoding="utf-8")
    assert json.loads(built.stdout) == expected(name)


def _uri(site: str, page: dict[str, Any]) -> str:
    path = apply_trailing_slash(page["url"], TRAILING_SLASH.get(site), "/")
    host = HOSTS.get((site, page["locale"]), f"{site}.example")
    return f"https://{host}" + quote(path, safe="!#$&'()*+,/:;=?@-._~")
