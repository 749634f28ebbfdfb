"""Sections as they are cited."""

from services.retriever.documents import Chunk, SectionRef
from services.retriever.writing.sections import cited_sections


def chunk(*headings: str, anchors: tuple[str, ...] | None = None) -> Chunk:
    linked = tuple(heading.lower() for heading in headings) if anchors is None else anchors
    return Chunk(0, linked[-1] if linked else "", headings, "text", "hash", anchor_path=linked)


def test_a_heading_that_every_function_has_is_cited_as_its_function() -> None:
    chunks = [chunk("Api", "open", "Example"), chunk("Api", "close", "Example"), chunk("Api", "close", "Errors")]
    assert cited_sections(chunks) == [
        SectionRef("open", ("Api", "open")),
        SectionRef("close", ("Api", "close")),
        SectionRef("errors", ("Api", "close", "Errors")),
    ]


def test_repeated_headings_on_two_levels_move_up_twice() -> None:
    one, two = chunk("open", "Options", "Default"), chunk("close", "Options", "Default")
    assert [section.anchor for section in cited_sections([one, two])] == ["open", "close"]


def test_a_repeated_heading_at_the_top_stays() -> None:
    assert cited_sections([chunk("Example"), chunk("Other", "Example")])[0].anchor == "example"


def test_without_known_anchors_nothing_moves() -> None:
    chunks = [chunk("open", "Example", anchors=()), chunk("close", "Example", anchors=())]
    assert [section.heading_path for section in cited_sections(chunks)] == [("open", "Example"), ("close", "Example")]


def test_text_before_the_first_heading_is_the_page() -> None:
    assert cited_sections([chunk()]) == [SectionRef("", ())]
