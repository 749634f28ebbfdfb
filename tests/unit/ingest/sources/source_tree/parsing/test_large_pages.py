"""Pages that are too long to be parsed at once: cut where nothing is torn apart, and read as if they were whole."""

from pathlib import Path

import pytest

from services.ingest.document import Document, PageUnreadable
from services.ingest.sources.source_tree.parsing import large_pages, modules
from services.ingest.sources.source_tree.parsing.large_pages import Uncuttable, parts_of
from services.ingest.sources.source_tree.settings.site_config import read_site_config
from services.ingest.sources.source_tree.source import SourceTree

TEXT = "A sentence about tea. " * 20 + "\n\n"
NESTED = {
    "code": f"```md\n{TEXT}## not here\n\n```\n",
    "longer fence": f"````md\n```\n\n{TEXT}## not here\n\n````\n",
    "an admonition": f":::note\n\n{TEXT}## not here\n\n:::\n",
    "a nested admonition": f"::::note\n\n:::tip\n\n{TEXT}:::\n\n## not here\n\n::::\n",
    "tabs": f"<Tabs>\n<TabItem value='a'>\n\n{TEXT}## not here\n\n</TabItem>\n</Tabs>\n",
    "an element over lines": f"<Box\n  title='a'\n>\n\n{TEXT}## not here\n\n</Box>\n",
    "details": f"<details>\n<summary>More</summary>\n\n{TEXT}## not here\n\n</details>\n",
    "a comment": f"<!--\n\n{TEXT}## not here\n\n-->\n",
    "an expression": f"export const a = `{{\n\n{TEXT}## not here\n\n}}`\n",
    "a list": f"- one\n\n  {TEXT}  ## not here\n\n- two\n",
}


@pytest.fixture
def small_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(large_pages, "PART_CHARS", 100)
    monkeypatch.setattr(modules, "MAX_FILE_BYTES", 100)


@pytest.mark.parametrize("nested", NESTED.values(), ids=NESTED.keys())
def test_nothing_is_cut_in_what_belongs_together(small_parts: None, nested: str) -> None:
    text = f"# Title\n\n{TEXT}{nested}\n## Here\n\n{TEXT}<br/> and `<b>` and <https://x.org>\n\n## There\n\nEnd."
    parts = list(parts_of(text))
    assert "".join(part for part, _ in parts) == text
    assert [part.split("\n")[0] for part, _ in parts][-2:] == ["## Here", "## There"]
    assert not any(part.startswith("## not here") for part, _ in parts)
    for part, lines_above in parts:
        assert text.split("\n")[lines_above] == part.split("\n")[0]


def test_a_text_without_a_place_to_cut_is_refused() -> None:
    with pytest.raises(Uncuttable):
        list(parts_of("word \n" * 400_000))


def document_of(folder: Path, text: str) -> Document:
    (folder / "docs").mkdir(exist_ok=True)
    (folder / "docs" / "page.mdx").write_text(text)
    tree = SourceTree(folder, read_site_config(folder, explicit={"url": "https://x.org", "blog": [], "pages": []}))
    return tree.read(tree.scan().pages[0])


def test_a_page_in_parts_reads_as_it_does_whole(tmp_path: Path, request: pytest.FixtureRequest) -> None:
    sections = "".join(
        f"## Option\n\n{TEXT}See [the list][list] and <Name/>.\n\n### Deep {{#d-{number}}}\n\n{TEXT}"
        for number in range(9)
    )
    head = "---\ntitle: Long\n---\nexport const word = 'tea'\n\nimport Name from './_name.mdx'\n\n"
    (tmp_path / "docs").mkdir()
    (tmp_path / "docs" / "_name.mdx").write_text("Darjeeling.")
    text = f"{head}# Options\n\nOf {{word}}.\n\n{sections}## End\n\n{{word}}\n\n[list]: https://x.org/list\n"
    whole = document_of(tmp_path, text)
    request.getfixturevalue("small_parts")
    in_parts = document_of(tmp_path, text)
    assert in_parts == whole
    assert [heading.id for heading in whole.headings][:5] == ["", "option", "d-0", "option-1", "d-1"]
    assert "https://x.org/list" in str(whole.sections)


def test_a_reference_of_three_megabytes_is_read(tmp_path: Path) -> None:
    section = f"## Option\n\n{'Sets the value of the option and explains it at length. ' * 100}\n\n"
    document = document_of(tmp_path, f"# Reference\n\n{section * 550}")
    assert len(document.sections) == 550
    assert document.sections[-1].anchor == "option-549"


def test_a_page_beyond_all_bounds_is_named_and_the_rest_goes_on(tmp_path: Path) -> None:
    (tmp_path / "docs").mkdir()
    (tmp_path / "docs" / "huge.md").write_text("word\n" * 2_100_000)
    (tmp_path / "docs" / "small.md").write_text("word")
    tree = SourceTree(tmp_path, read_site_config(tmp_path, explicit={"url": "https://x.org", "blog": [], "pages": []}))
    scanned = tree.scan()
    assert [page.source_path for page in scanned.pages] == ["docs/small.md"]
    assert [(problem.code, problem.source_path) for problem in scanned.problems] == [
        ("page-unreadable", "docs/huge.md")
    ]
    (tmp_path / "docs" / "huge.md").write_text("word\n" * 600_000)
    page = next(page for page in tree.scan().pages if page.source_path == "docs/huge.md")
    with pytest.raises(PageUnreadable, match="no heading at which it can be cut"):
        tree.read(page)
