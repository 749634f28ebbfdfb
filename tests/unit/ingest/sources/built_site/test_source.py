"""Reading one page of a build."""

from pathlib import Path

from services.ingest.document import Document
from services.ingest.sources.built_site.source import BuiltSite

HEAD = (
    '<html class="plugin-docs plugin-id-default docs-doc-page docs-doc-id-a"><head>'
    '<meta name="generator" content="Docusaurus v3.10.2"><meta name="docusaurus_locale" content="en">'
    '<meta name="docusaurus_version" content="current"><title>A | Docs</title>'
    '<link rel="canonical" href="https://docs.example.org/a"></head>'
)


def read(folder: Path, markdown: str, footer: str = "") -> Document:
    text = f'<div class="theme-doc-markdown"><h1>A</h1>{markdown}</div>{footer}'
    (folder / "a.html").write_text(f"{HEAD}<body><article>{text}</article></body></html>")
    site = BuiltSite(folder)
    return site.read(site.scan().pages[0])


def blocks(document: Document) -> list[str]:
    return [block.markdown for section in document.sections for block in section.blocks]


def test_furniture_is_left_out_even_inside_other_furniture(tmp_path: Path) -> None:
    copy = "<button>Copy<svg><title>icon</title></svg></button>"
    html = f"<p>Read{copy} this.</p><nav>Next<button>more</button></nav><p>And this.</p>"
    assert blocks(read(tmp_path, html)) == ["Read this.", "And this."]


def test_tags_are_read_from_the_footer_which_is_no_text(tmp_path: Path) -> None:
    footer = '<footer class="theme-doc-footer">Tags: <a rel="tag">cli</a><a rel="tag">ops</a></footer>'
    document = read(tmp_path, "<p>Text.</p>", footer)
    assert document.tags == ("cli", "ops")
    assert blocks(document) == ["Text."]


def test_a_section_has_the_id_of_its_heading_without_the_mark_of_its_link(tmp_path: Path) -> None:
    document = read(tmp_path, '<h2 id="set-up">Set up<a class="hash-link" href="#set-up">#</a></h2><p>Do it.</p>')
    assert [(section.anchor, section.heading_path) for section in document.sections] == [("set-up", ("Set up",))]


def test_an_id_that_two_headings_share_is_not_cited(tmp_path: Path) -> None:
    document = read(tmp_path, '<h2 id="x">One</h2><p>1</p><h2 id="x">Two</h2><p>2</p>')
    assert [section.anchor for section in document.sections] == ["", ""]


def test_a_blank_in_an_address_does_not_end_the_link(tmp_path: Path) -> None:
    document = read(tmp_path, '<p>See <a href="/with space">this</a>.</p>')
    assert blocks(document) == ["See [this](https://docs.example.org/with%20space)."]


def test_the_source_of_a_live_editor_stays_and_its_frame_goes(tmp_path: Path) -> None:
    html = (
        '<div class="playgroundContainer_x"><div class="playgroundHeader_x">Live Editor</div>'
        '<div class="theme-code-block language-jsx"><pre><code>f()</code></pre></div>'
        '<div class="box playgroundPreview_x">Loading…</div></div>'
    )
    assert blocks(read(tmp_path, html)) == ["```jsx\nf()\n```"]


def test_the_cells_of_a_table_in_a_table_stand_once(tmp_path: Path) -> None:
    inner = "<table><tr><td>knot</td></tr></table>"
    (text,) = blocks(read(tmp_path, f"<table><tr><th>A</th></tr><tr><td>{inner}</td></tr></table>"))
    assert text.count("knot") == 1
