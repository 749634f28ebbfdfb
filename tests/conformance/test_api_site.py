"""A site whose API pages docusaurus-openapi-docs generated, against its real build; see tests/fixtures.

The build shows parameters and schemas only in a browser, so the reader has words that the static page has not.
"""

import json
import re
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from services.ingest.document import Document, Severity
from services.ingest.sources.source_tree.settings.site_config import read_site_config
from services.ingest.sources.source_tree.source import SourceTree

FIXTURES = Path(__file__).parents[1] / "fixtures" / "docusaurus_sites"
EXPECTED: list[dict[str, Any]] = json.loads((FIXTURES / "expected-tides.json").read_text(encoding="utf-8"))
RECALL = 0.95
SHOWN_BY_SCRIPTS = {"docs/parts.mdx": {"counted", "0", "times"}}
"""Words of components that count or wait."""
WORD = re.compile(r"\w+")
LINK_TARGET = re.compile(r"\]\([^()\s]*\)")


@pytest.fixture(scope="module")
def documents() -> dict[str, Document]:
    folder = FIXTURES / "tides"
    tree = SourceTree(folder, read_site_config(folder))
    return {page.source_path: tree.read(page) for page in tree.scan().pages}


def test_every_page_is_found_at_its_address(documents: dict[str, Document]) -> None:
    ours = {(path, document.page.uri) for path, document in documents.items()}
    assert ours == {(page["source"], f"https://tides.example{page['url']}") for page in EXPECTED}


@pytest.mark.parametrize("page", EXPECTED, ids=lambda page: str(page["source"]))
def test_headings_are_those_of_the_build(page: dict[str, Any], documents: dict[str, Document]) -> None:
    document = documents[page["source"]]
    assert document.title == page["title"]
    assert [[heading.level, heading.id] for heading in document.headings] == page["headings"]


@pytest.mark.parametrize("page", EXPECTED, ids=lambda page: str(page["source"]))
def test_nearly_every_word_of_the_build_is_read(page: dict[str, Any], documents: dict[str, Document]) -> None:
    built, ours = words(page["text"]), words(shown(documents[page["source"]]))
    for word in ("loading", *SHOWN_BY_SCRIPTS.get(page["source"], ())):
        del built[word]
    assert (built & ours).total() / built.total() >= RECALL, built - ours


def test_what_readers_see_only_in_a_browser_is_read_too(documents: dict[str, Document]) -> None:
    for folder in ("beside", "inline"):
        text = shown(documents[f"docs/{folder}/list-tides.api.mdx"])
        for part in ("How many days to look ahead.", "Metres above chart datum.", "api.tides.example.org/v1", "OSTE"):
            assert part in text


def test_nothing_is_left_out_unsaid(documents: dict[str, Document]) -> None:
    problems = {(problem.code, problem.severity) for document in documents.values() for problem in document.problems}
    assert problems == {("component-unread", Severity.INFO)}


def shown(document: Document) -> str:
    """Headings and text of a document without the targets of links."""
    blocks = [block.markdown for section in document.sections for block in section.blocks]
    return "\n".join([*(heading.text for heading in document.headings), LINK_TARGET.sub("]", "\n\n".join(blocks))])


def words(text: str) -> Counter[str]:
    return Counter(WORD.findall(text.lower()))
