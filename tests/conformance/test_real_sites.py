"""The source reader against the real builds of real sites."""

import re
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest

from services.ingest.document import Document
from services.ingest.sources.source_tree.settings.site_config import SiteConfig
from services.ingest.sources.source_tree.settings.site_settings import SiteSettings
from services.ingest.sources.source_tree.source import SourceTree
from services.runtime.document_kind import DocumentKind

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
IDS = 0.995
IDS_FROM_COMPONENTS = {"react-native-website": 0.994}
"""Sites some of whose partials are imported by components, and which come to us without their components."""
EXACT = {"go-kratos", "conformance", "conformance-slash-true", "conformance-slash-false", "conformance-v4"}
"""Sites whose headings all stand in Markdown."""
RECALL, PRECISION = 0.97, 0.95
"""Shares of the built site's words that we read, and of our words that it shows; of each site and of all together."""
TINY = {"conformance-v4": 0.88}
"""Precision where pages have a dozen words, so that the kind of one admonition, which we tell, weighs the more."""
ABSENT = {"partial-missing", "include-missing", "component-unread"}
"""Problems by which the reader says that a page shows what the corpus lacks: its programs and what they import."""


def open_site(folder: Path, settings: SiteSettings) -> SourceTree:
    contents = (*settings.docs, *settings.blog, *settings.pages)
    roots = tuple(folder / content.path for content in contents)
    return SourceTree(folder, SiteConfig(settings, roots), include_unlisted=True)


@pytest.mark.parametrize("name", NAMES)
def test_every_page_of_the_build_is_found_at_its_address(name: str, real_site: LoadSite) -> None:
    folder, settings, pages, _ = real_site(name)
    site = open_site(folder, settings).scan()
    found = [*site.pages, *(page for page, reason in site.skipped if reason != "draft")]
    ours = {(page.source_path, page.locale, page.uri) for page in found if page.kind is not DocumentKind.PAGE}
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
    assert comparison.anchors_missing == 0
    assert comparison.ids_found / (comparison.ids - comparison.ids_absent) >= IDS
    assert comparison.ids_found / comparison.ids >= IDS_FROM_COMPONENTS.get(name, IDS)
    assert name not in EXACT or comparison.exact_pages == comparison.pages, comparison.misses
    assert comparison.words.recall >= RECALL
    assert comparison.words.precision >= TINY.get(name, PRECISION)
    ALL_WORDS[name] = comparison.words + comparison.words_of_incomplete


def test_over_all_sites_the_words_are_those_a_reader_sees(capsys: pytest.CaptureFixture[str]) -> None:
    if len(ALL_WORDS) < len(NAMES):
        pytest.skip("needs the tests above, of all sites")
    total = sum(ALL_WORDS.values(), Words())
    with capsys.disabled():
        print(f"\nall sites, every page: recall {total.recall:.4f} precision {total.precision:.4f}")  # noqa: T201
    assert total.recall >= RECALL
    assert total.precision >= PRECISION


def encode_uri(path: str) -> str:
    return quote(path, safe="!#$&'()*+,/:;=?@-._~")


_WORD = re.compile(r"\w+")
_CJK = re.compile(r"([\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af])")
_LINK_TARGET = re.compile(r"\]\((?:[^()\s]|\([^()]*\))*\)")
_FENCE = re.compile(r'^(`{3,})[^\s`]*( title="([^"]*)")?$', re.MULTILINE)
_MARKER = re.compile(r"^([\s>]*)\d+\. ", re.MULTILINE)
_FOOTNOTE = re.compile(r"\[\^(\d+)\]")
_UNRENDERED = re.compile(r"^(`{3,})(?:SnackPlayer|mermaid)\b.*?^\1$", re.MULTILINE | re.DOTALL)
"""Code that the page draws with a script: the reader sees it, the static HTML does not have it."""
_LIVE_EDITOR = re.compile(r"Live Editor\n|Result\nLoading\.\.\.")
_FORMULA = re.compile(r"\$([^$\n]+)\$|^```math\n(.*?)\n```$", re.MULTILINE | re.DOTALL)
ALL_WORDS: dict[str, "Words"] = {}


@dataclass(frozen=True)
class Words:
    """How many words the build has, how many we have, and how many of them are the same."""

    of_build: int = 0
    of_ours: int = 0
    in_both: int = 0

    def __add__(self, other: "Words") -> "Words":
        return Words(self.of_build + other.of_build, self.of_ours + other.of_ours, self.in_both + other.in_both)

    @property
    def recall(self) -> float:
        return self.in_both / max(1, self.of_build)

    @property
    def precision(self) -> float:
        return self.in_both / max(1, self.of_ours)


@dataclass
class Comparison:
    """Sums over the pages of one site."""

    pages: int = 0
    exact_pages: int = 0
    incomplete_pages: int = 0
    ids: int = 0
    ids_found: int = 0
    ids_absent: int = 0
    """Not found, on pages that show something the corpus lacks."""
    anchors: int = 0
    anchors_missing: int = 0
    words: Words = field(default_factory=Words)
    words_of_incomplete: Words = field(default_factory=Words)
    """Of pages that show something the corpus lacks, as the reader itself reports."""
    misses: list[str] = field(default_factory=list)

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
        for section in document.sections:
            self.anchors += bool(section.anchor)
            self.anchors_missing += bool(section.anchor) and built_ids[section.anchor] != 1
        self.ids += built_ids.total()
        self.ids_found += (built_ids & our_ids).total()
        compared = compare_words(document, sections)
        if any(problem.code in ABSENT for problem in document.problems):
            self.incomplete_pages += 1
            self.ids_absent += (built_ids - our_ids).total()
            self.words_of_incomplete += compared
        else:
            self.words += compared

    def row(self, name: str) -> str:
        """One line of the table."""
        every = self.words + self.words_of_incomplete
        return (
            f"{name:24} pages {self.exact_pages:4}/{self.pages:<4} ids {self.ids_found:5}/{self.ids:<5}"
            f" absent {self.ids_absent:<3}"
            f" anchors missing {self.anchors_missing}/{self.anchors:<5}"
            f" recall {self.words.recall:.4f} precision {self.words.precision:.4f}"
            f" with {self.incomplete_pages} pages that lack files {every.recall:.4f} {every.precision:.4f}"
        )


def compare_words(document: Document, sections: Iterable[Mapping[str, Any]]) -> Words:
    """Words of a page as built and as read."""
    blocks = [block.markdown for section in document.sections for block in section.blocks]
    built = words(built_text(sections, "\n".join(blocks)))
    ours = words(" ".join(without_signs(block) for block in blocks))
    return Words(built.total(), ours.total(), (built & ours).total())


def words(text: str) -> Counter[str]:
    """Words of a text; scripts without spaces by character."""
    return Counter(_WORD.findall(_CJK.sub(r" \1 ", text).lower()))


def built_text(sections: Iterable[Mapping[str, Any]], ours: str) -> str:
    """Text of the built page without the frame of live editors, and with each formula once.

    The HTML of KaTeX holds a formula twice, as MathML without the signs of TeX and as TeX: `a2a^2` for `a^2`.
    """
    text = _LIVE_EDITOR.sub("", " ".join(section["text"] for section in sections))
    for inline, display in _FORMULA.findall(ours):
        source = inline or display
        text = text.replace(re.sub(r"[\s\\^_{}]", "", source) + source, source)
    return text


def without_signs(markdown: str) -> str:
    """A block without Markdown's own signs."""
    text = _FENCE.sub(r"\3", _LINK_TARGET.sub("]", _UNRENDERED.sub("", markdown)))
    return _FOOTNOTE.sub(r"\1", _MARKER.sub(r"\1", text))
