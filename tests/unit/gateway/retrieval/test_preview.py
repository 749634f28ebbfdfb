"""Indexed pages can be read where citations lead, before the site is deployed."""

from docs_chat.retriever.v1 import documents_pb2 as documents

from gateway.retrieval.preview import render_document

PAGE = documents.Document(uri="http://localhost/docs/start", title="Start <here>", locale="en")


def a_chunk(text: str, *path: str, anchor: str = "") -> documents.Chunk:
    return documents.Chunk(text=text, heading_path=path, anchor=anchor)


def test_headings_carry_the_ids_that_citations_use() -> None:
    html = render_document(PAGE, [a_chunk("Intro."), a_chunk("Do *it*.", "Set up", "On Linux", anchor="on-linux")])
    assert "<h2>Set up</h2>" in html
    assert '<h3 id="on-linux">On Linux</h3>' in html
    assert "<em>it</em>" in html


def test_a_section_in_parts_shows_its_heading_once() -> None:
    html = render_document(
        PAGE, [a_chunk("One.", "Set up", anchor="set-up"), a_chunk("Two.", "Set up", anchor="set-up")]
    )
    assert html.count("Set up</h2>") == 1
    assert html.count('id="set-up"') == 1


def test_markup_in_texts_titles_and_anchors_stays_text() -> None:
    html = render_document(PAGE, [a_chunk("<script>alert(1)</script>", "<b>", anchor='"><img src=x>')])
    assert "<script" not in html
    assert "<img" not in html
    assert "Start &lt;here&gt;" in html


def test_a_link_cannot_run_code() -> None:
    html = render_document(PAGE, [a_chunk("[x](javascript:alert(1))")])
    assert 'href="javascript' not in html
