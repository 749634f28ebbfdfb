"""The source reader against the real builds of real sites."""

import re
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest

from services.ingest.document import Document, PageKind
from services.ingest.docusaurus.settings import SiteSettings
from services.ingest.sources.source_tree import SourceTree

pytestmark = pytest.mark.corpus
LoadSite = Callable[[str], tuple[Path, SiteSettings, list[dict[str, Any]], list[dict[str, Any]]]]
NAMES = [
    "redux",
    "redux-toolkit",
    "go-kratos",
    "react-native-website",
    "conformance",
    "conformance-slash-true",
    "conformance-slash-false",
    "conformance-v4",
]
IDS_FROM_COMPONENTS = {"react-native-website": 0.994}
"""Sites some of whose partials are imported by components, and which come to us without their components."""
EXACT = {"go-kratos", "conformance", "conformance-slash-true", "conformance-slash-false", "conformance-v4"}
"""Sites whose headings all stand in Markdown."""
TEXT_BARS = {"react-native-website": (0.965, 0.95), "conformance": (0.88, 0.94), "conformance-v4": (0.97, 0.88)}
"""Recall and precision where partials are missing, or a small site is full of what static HTML shows otherwise."""


def open_site(folder: Path, settings: SiteSettings) -> SourceTree:
    contents = (*settings.docs, *settings.blog, *settings.pages)
    roots = [folder / content.path for content in contents]
    return SourceTree(folder, settings, roots=roots, include_unlisted=True)


@pytest.mark.parametrize("name", NAMES)
def test_every_page_of_the_build_is_found_at_its_address(name: str, real_site: LoadSite) -> None:
    folder, settings, pages, _ = real_site(name)
    site = open_site(folder, settings).scan()
    found = [*site.pages, *(page for page, reason in site.skipped if reason != "draft")]
    ours = {(page.source_path, page.locale, page.uri) for page in found if page.kind is not PageKind.PAGE}
    built = {
        (page["source"], page["locale"], settings.url + encode_uri(page["url"]))
        for page in pages
        if page["kind"] in {"doc", "blog"}
    }
    assert ours == built


@pytest.mark.parametrize("name", NAMES)
def test_headings_anchors_and_texts_are_those_of_the_build(
    name: str, real_site: LoadSite, capsys: pytest.CaptureFixture[str]
) -> None:
    folder, settings, pages, sections = real_site(name)
    built = {(page["source"], page["locale"]): page for page in pages if page["kind"] in {"doc", "blog", "page"}}
    texts = {(page["source"], page["locale"]): page["sections"] for page in sections}
    tree = open_site(folder, settings)
    comparison = Comparison()
    for page in tree.scan().pages:
        truth = built[page.source_path, page.locale]
        document = tree.read(page)
        assert document.title == (truth["title"] or "")
        headings = [(heading["level"], heading["id"] or "") for heading in truth["headings"]]
        comparison.add(document, headings, texts.get((page.source_path, page.locale), []))
    with capsys.disabled():
        print(f"\n{comparison.row(name)}")  # noqa: T201
    recall, precision = TEXT_BARS.get(name.removesuffix("-slash-true").removesuffix("-slash-false"), (0.97, 0.95))
    assert comparison.anchors_missing == 0
    assert comparison.ids_found / comparison.ids >= IDS_FROM_COMPONENTS.get(name, 0.995)
    assert name not in EXACT or comparison.exact_pages == comparison.pages, comparison.misses
    assert comparison.recall >= recall
    assert comparison.precision >= precision


def encode_uri(path: str) -> str:
    return quote(path, safe="!#$&'()*+,/:;=?@-._~")


_WORD = re.compile(r"\w+")
_CJK = re.compile(r"([\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af])")
_LINK_TARGET = re.compile(r"\]\((?:[^()\s]|\([^()]*\))*\)")
_FENCE = re.compile(r'^(`{3,})[^\s`]*( title="([^"]*)")?$', re.MULTILINE)
_MARKER = re.compile(r"^([\s>]*)\d+\. ", re.MULTILINE)
_UNRENDERED = re.compile(r"^(`{3,})(?:SnackPlayer|mermaid)\b.*?^\1$", re.MULTILINE | re.DOTALL)
"""Code that the page draws with a script: the reader sees it, the static HTML does not have it."""


@dataclass
class Comparison:
    """Sums over the pages of one site."""

    pages: int = 0
    exact_pages: int = 0
    ids: int = 0
    ids_found: int = 0
    anchors: int = 0
    anchors_missing: int = 0
    words_of_build: int = 0
    words_of_ours: int = 0
    words_in_both: int = 0
    misses: list[str] = field(default_factory=list)

    @property
    def recall(self) -> float:
        return self.words_in_both / max(1, self.words_of_build)

    @property
    def precision(self) -> float:
        return self.words_in_both / max(1, self.words_of_ours)

    def add(
        self, document: Document, headings: Iterable[tuple[int, str]], sections: Iterable[Mapping[str, Any]]
    ) -> None:
        """Compare one document with the headings and sections of its built page."""
        wanted, got = list(headings), [(heading.level, heading.id) for heading in document.headings]
        self.pages += 1
        self.exact_pages += wanted == got
        if wanted != got:
            self.misses.append(f"{document.page.source_path}: {[one for one in wanted if one not in got][:3]}")
        built_ids = Counter(heading_id for _, heading_id in wanted if heading_id)
        our_ids = Counter(heading_id for _, heading_id in got if heading_id)
        self.ids += built_ids.total()
        self.ids_found += (built_ids & our_ids).total()
        for section in document.sections:
            self.anchors += bool(section.anchor)
            self.anchors_missing += bool(section.anchor) and built_ids[section.anchor] != 1
        self._add_words(document, sections)

    def _add_words(self, document: Document, sections: Iterable[Mapping[str, Any]]) -> None:
        built = words(" ".join(section["text"] for section in sections))
        ours = words(" ".join(text_of_document(document)))
        self.words_of_build += built.total()
        self.words_of_ours += ours.total()
        self.words_in_both += (built & ours).total()

    def row(self, name: str) -> str:
        """One line of the table."""
        return (
            f"{name:24} pages {self.exact_pages:4}/{self.pages:<4} ids {self.ids_found:5}/{self.ids:<5}"
            f" anchors missing {self.anchors_missing}/{self.anchors:<5}"
            f" recall {self.recall:.4f} precision {self.precision:.4f}"
        )


def words(text: str) -> Counter[str]:
    """Words of a text; scripts without spaces by character."""
    return Counter(_WORD.findall(_CJK.sub(r" \1 ", text).lower()))


def text_of_document(document: Document) -> Iterable[str]:
    """Text of the blocks without Markdown's own signs."""
    for section in document.sections:
        for block in section.blocks:
            text = _UNRENDERED.sub("", block.markdown)
            text = _FENCE.sub(r"\3", _LINK_TARGET.sub("]", text))
            yield _MARKER.sub(r"\1", text)
