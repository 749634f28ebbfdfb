"""Passages: whole ideas around what was found."""

from services.retriever.documents import Chunk, ChunkPage, SectionRef, StoredChunk
from services.retriever.reading.highlights import highlights
from services.retriever.reading.passages import Found, StageScores, grow
from services.runtime.document_kind import DocumentKind

PAGE = ChunkPage("https://example.org/p", "Page", DocumentKind.DOC, "", "en", "default")


def stored(ordinal: int, text: str, *path: str, tokens: int = 10) -> StoredChunk:
    anchor = path[-1].lower() if path else ""
    return StoredChunk(PAGE, Chunk(ordinal, anchor, path, text, text), SectionRef(anchor, path), tokens)


def grown(
    found: StoredChunk, *around: StoredChunk, tokens: int = 100, taken: set[int] | None = None
) -> tuple[str, int, int]:
    neighbours = {chunk.chunk.ordinal: chunk for chunk in (found, *around)}
    passage = grow(Found(found, 1.0, StageScores(None, None, 1.0)), neighbours, taken or set(), tokens)
    return passage.text, passage.chunks[0].chunk.ordinal, passage.chunks[-1].chunk.ordinal


def test_a_passage_takes_in_the_other_parts_of_its_section() -> None:
    assert grown(stored(1, "b", "H"), stored(0, "a", "H"), stored(2, "c", "H")) == ("a\n\nb\n\nc", 0, 2)


def test_a_passage_stops_where_another_section_begins() -> None:
    assert grown(stored(1, "b", "H"), stored(0, "a", "G"), stored(2, "c", "I")) == ("b", 1, 1)


def test_subsections_follow_under_their_heading() -> None:
    assert grown(stored(0, "a", "H"), stored(1, "b", "H", "Sub")) == ("a\n\n**Sub**\n\nb", 0, 1)


def test_a_chunk_that_does_not_fit_is_left_out_whole() -> None:
    assert grown(stored(0, "a", "H"), stored(1, "b", "H", tokens=90), tokens=99) == ("a", 0, 0)


def test_what_introduces_a_part_is_taken_before_what_follows() -> None:
    assert grown(stored(1, "b", "H"), stored(0, "a", "H"), stored(2, "c", "H"), tokens=20) == ("a\n\nb", 0, 1)


def test_code_that_a_part_announces_is_taken_first() -> None:
    announced = stored(2, "```sh\nmake\n```", "H")
    assert grown(stored(1, "Do this.", "H"), stored(0, "a", "H"), announced, tokens=20)[1:] == (1, 2)
    assert grown(stored(1, "Do this:", "H"), stored(0, "a", "H"), stored(2, "Go.", "H"), tokens=20)[1:] == (1, 2)


def test_a_table_without_its_words_takes_them_before_the_rest_of_itself() -> None:
    table, rest = stored(1, "| a |", "H"), stored(2, "| b |", "H")
    assert grown(table, stored(0, "What each column means:", "H"), rest, tokens=20)[1:] == (0, 1)


def test_what_another_passage_shows_is_not_shown_again() -> None:
    assert grown(stored(0, "a", "H"), stored(1, "b", "H"), taken={1}) == ("a", 0, 0)


def test_the_top_of_a_page_does_not_swallow_its_sections() -> None:
    assert grown(stored(0, "intro"), stored(1, "b", "H")) == ("intro", 0, 0)


def test_highlights_mark_words_in_other_forms_and_leave_common_ones() -> None:
    text = "Configure the 🚀 logger; loggers are configured once."
    marked = [text[start:end] for start, end in highlights(text, ["How do I configure the logger?"])]
    assert marked == ["Configure", "logger", "loggers", "configured"]
