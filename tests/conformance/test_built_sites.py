"""The built-site reader against what the real Docusaurus says of the same builds."""

import json
import os
import re
from collections import Counter
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

from services.ingest.document import Document, Page, SitePages
from services.ingest.sources.built_site.head import encode_uri
from services.ingest.sources.built_site.source import BuiltSite

pytestmark = pytest.mark.corpus

SITES = ("redux", "go-kratos", "conformance")
KINDS = {"doc", "blog", "page"}
RECALL, PRECISION = 0.97, 0.95
"""Bars over all sites; those of a site are higher, or told with their reason."""
SITE_RECALL = {"redux": 0.995, "go-kratos": 0.99, "conformance": 0.98}
SITE_PRECISION = {"redux": 0.995, "go-kratos": 0.98, "conformance": 0.90}
"""Pages of the conformance site are a line long: addresses in the text and numbers of footnotes weigh the more."""
LIVE_EDITOR = "/headings/constructs"
"""The one page with a live code block: "Live Editor", "Result" and "Loading…" are furniture and left out on purpose."""
WORD = re.compile(r"\w+")


def corpora() -> Path:
    folder = os.environ.get("DOCS_CHAT_CORPORA")
    if not folder:
        pytest.skip("set DOCS_CHAT_CORPORA to the folder with the real sites")
    return Path(folder)


def truth(site: str, kind: str = "") -> list[dict[str, Any]]:
    lines = (corpora() / "truth" / f"{site}{kind}.jsonl").read_text().splitlines()
    return [json.loads(line) for line in lines]


@cache
def read_site(site: str) -> tuple[SitePages, dict[tuple[str, str], tuple[Page, Document]]]:
    source = BuiltSite(corpora() / "built" / site)
    found = source.scan()
    by_path = {(page.locale, urlsplit(page.uri).path): (page, source.read(page)) for page in found.pages}
    return found, by_path


def expected_pages(site: str) -> Iterator[tuple[dict[str, Any], tuple[Page, Document] | None]]:
    _, pages = read_site(site)
    for line in truth(site):
        renders = bool(line["headings"] or line["text_chars"])  # an encoded file name renders "not found"
        if line["kind"] in KINDS and not line["noindex"] and renders:
            yield line, pages.get((line["locale"], encode_uri(line["url"])))


@pytest.mark.parametrize("site", SITES)
def test_every_page_of_the_build_is_found_and_no_list_page(site: str) -> None:
    found, pages = read_site(site)
    expected = {(line["locale"], encode_uri(line["url"])) for line, _ in expected_pages(site)}
    scripted = {(line["locale"], encode_uri(line["url"])) for line in truth(site) if line["kind"] == "jsx-page"}
    assert expected - pages.keys() == set()
    assert pages.keys() - expected - scripted == set()
    assert len(found.pages) == len(pages)


@pytest.mark.parametrize("site", SITES)
def test_kind_version_and_title_are_those_of_the_build(site: str) -> None:
    for line, found in expected_pages(site):
        assert found is not None
        page, document = found
        assert (page.kind, page.version) == (line["kind"], line["version"] or ""), line["url"]
        assert document.title in {line["title"], line["h1"], line["html_title"]} | {_own_title(line)}, line["url"]


@pytest.mark.parametrize("site", SITES)
def test_headings_and_their_ids_are_those_of_the_build(site: str) -> None:
    for line, found in expected_pages(site):
        assert found is not None
        ours = [(heading.level, heading.id, heading.text) for heading in found[1].headings]
        assert ours == [(each["level"], each["id"] or "", each["text"]) for each in line["headings"]], line["url"]


@pytest.mark.parametrize("site", SITES)
def test_every_anchor_we_would_cite_is_unique_in_its_page(site: str) -> None:
    for line, found in expected_pages(site):
        assert found is not None
        ids = Counter(each["id"] for each in line["headings"])
        for section in found[1].sections:
            assert section.anchor == "" or ids[section.anchor] == 1, line["url"]


@pytest.mark.parametrize("site", SITES)
def test_the_words_of_a_page_are_those_a_reader_sees(site: str) -> None:
    theirs, ours, shared = count_words(site)
    assert shared / theirs >= SITE_RECALL[site]
    assert shared / ours >= SITE_PRECISION[site]


def test_over_all_sites_the_words_are_those_a_reader_sees() -> None:
    theirs, ours, shared = (sum(counts) for counts in zip(*map(count_words, SITES), strict=True))
    assert shared / theirs >= RECALL
    assert shared / ours >= PRECISION


@cache
def count_words(site: str) -> tuple[int, int, int]:
    """Words a reader of the site sees, words we read, and how many of them are the same; the case does not matter."""
    _, pages = read_site(site)
    kinds = {(line["locale"], line["url"]): line["kind"] for line in truth(site)}
    theirs, ours, shared = 0, 0, 0
    for line in truth(site, ".sections"):
        found = pages.get((line["locale"], encode_uri(line["url"])))
        if found is None or kinds[line["locale"], line["url"]] not in KINDS or line["url"].endswith(LIVE_EDITOR):
            continue
        seen = words(" ".join(section["text"] for section in line["sections"]))
        blocks = [block.markdown for section in found[1].sections for block in section.blocks]
        read = words(without_syntax(" ".join(blocks)))
        theirs, ours, shared = theirs + seen.total(), ours + read.total(), shared + (seen & read).total()
    return theirs, ours, shared


def words(text: str) -> Counter[str]:
    return Counter(WORD.findall(text.lower()))


def _own_title(line: dict[str, Any]) -> str:
    return str(line["html_title"]).rpartition(" | ")[0]


def without_syntax(markdown: str) -> str:
    """Without what Markdown adds: targets of links, languages of code, the word before its title."""
    return re.sub(r"\]\([^)\s]*\)|`{3,}\S*( title=)?", " ", markdown)
