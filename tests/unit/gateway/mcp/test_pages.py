"""Pages in pieces and sections, and what is told beside passages."""

from datetime import UTC, datetime
from typing import Any

import pytest
from docs_chat.retriever.v1 import documents_pb2, passages_pb2
from docs_chat.retriever.v1 import retriever_service_pb2 as pb
from hypothesis import given
from hypothesis import strategies as st

from gateway.mcp.pages import page_text, passage_text, piece_of, remarks_on, sections_of

BLOG = documents_pb2.DOCUMENT_KIND_BLOG


def chunk(ordinal: int, text: str, *path: tuple[str, str]) -> documents_pb2.Chunk:
    headings, anchors = [heading for heading, _ in path], [anchor for _, anchor in path]
    anchor = anchors[-1] if anchors else ""
    return documents_pb2.Chunk(ordinal=ordinal, text=text, heading_path=headings, anchor_path=anchors, anchor=anchor)


def a_page() -> pb.GetDocumentResponse:
    client = ("Client", "client")
    chunks = [
        chunk(0, "Intro."),
        chunk(1, "Retries.", client, ("Retry", "retry")),
        chunk(2, "More.", client, ("Retry", "retry")),
        chunk(3, "Waits.", client, ("Wait", "wait")),
        chunk(4, "Server.", ("Server", "server")),
    ]
    document = documents_pb2.Document(uri="https://docs.example.com/a", title="A", version="2.1")
    return pb.GetDocumentResponse(document=document, chunks=chunks)


def test_a_page_has_a_heading_wherever_the_section_changes() -> None:
    assert page_text(a_page()) == (
        "# A\n\nhttps://docs.example.com/a\n\nVersion 2.1\n\nIntro.\n\n### Retry\n\nRetries.\n\nMore.\n\n### Wait\n\n"
        "Waits.\n\n## Server\n\nServer."
    )


@pytest.mark.parametrize(
    ("section", "texts"),
    [("retry", ["Retries.", "More."]), ("client", ["Retries.", "More.", "Waits."]), ("server", ["Server."])],
)
def test_a_section_is_read_with_those_below_it(section: str, texts: list[str]) -> None:
    text = page_text(a_page(), section)
    assert [each for each in ("Intro.", "Retries.", "More.", "Waits.", "Server.") if each in text] == texts


def test_sections_are_named_by_their_ids() -> None:
    assert sections_of(a_page()) == {"client": "Client", "retry": "Retry", "wait": "Wait", "server": "Server"}
    with pytest.raises(KeyError):
        page_text(a_page(), "nowhere")


@given(st.text("ab \n", max_size=200), st.integers(1, 30))
def test_the_pieces_of_a_page_are_the_page(text: str, limit: int) -> None:
    pieces, offset = [], 0
    while True:
        piece = piece_of(text, offset, limit)
        assert len(piece.text) <= limit
        pieces.append(piece.text)
        if piece.next_offset is None:
            break
        offset = piece.next_offset
    assert "".join(pieces) == text


def test_a_piece_ends_between_paragraphs() -> None:
    assert piece_of("aaaa\n\nbbbb\n\ncccc", 0, 14).text == "aaaa\n\nbbbb\n\n"


def test_a_blog_post_tells_what_it_is_and_its_date() -> None:
    page = a_page()
    page.document.kind = BLOG
    page.document.last_updated_at.FromDatetime(datetime(2025, 3, 1, tzinfo=UTC))
    assert "\n\nBlog post. Version 2.1. Last updated 2025-03-01\n\n" in page_text(page)
    passage = passages_pb2.Passage(title="A", uri="https://docs.example.com/a", kind=BLOG, text="x")
    assert passage_text(passage).startswith("## A (blog post)\n")
    passage.published_at.FromDatetime(datetime(2020, 5, 19, tzinfo=UTC))
    assert passage_text(passage).startswith("## A (blog post of 2020-05-19)\n")


def judged(verdict: Any) -> passages_pb2.Answerability:
    return passages_pb2.Answerability(verdict=verdict)


@pytest.mark.parametrize(
    ("found", "told"),
    [
        ({}, []),
        ({"widening": passages_pb2.Widening(versions=["1.0"])}, ["come from version 1.0."]),
        ({"widening": passages_pb2.Widening(locale="en")}, ["come from the docs in locale en."]),
        (
            {"widening": passages_pb2.Widening(versions=["1.0"], locale="en")},
            ["come from version 1.0 and from the docs in locale en."],
        ),
        ({"degraded": True}, ["A part of the search did not work"]),
        ({"answerability": judged(3)}, ["does not seem to cover"]),
        ({"answerability": judged(2)}, ["may not answer this question"]),
        ({"answerability": judged(1)}, []),
    ],
)
def test_nothing_in_a_search_is_silently_something_else(found: dict[str, object], told: list[str]) -> None:
    remarks = remarks_on(pb.SearchPassagesResponse(**found))  # type: ignore[arg-type]
    assert len(remarks) == len(told)
    assert all(part in remark for part, remark in zip(told, remarks, strict=True))
