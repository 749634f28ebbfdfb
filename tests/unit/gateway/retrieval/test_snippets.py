"""The stretch of a passage that a list of results shows."""

from docs_chat.retriever.v1 import passages_pb2
from hypothesis import given
from hypothesis import strategies as st

from gateway.retrieval.snippets import snippet_of


def passage(text: str, *marks: tuple[int, int]) -> passages_pb2.Passage:
    highlights = [passages_pb2.TextRange(start=start, end=end) for start, end in marks]
    return passages_pb2.Passage(text=text, highlights=highlights)


def test_a_short_passage_is_its_own_snippet() -> None:
    assert snippet_of(passage("Set  it\nto `3`.", (0, 3))) == "Set it to `3`."


def test_a_snippet_shows_where_most_words_were_found() -> None:
    text = "nothing here " * 60 + "retries and backoff and jitter together " + "nothing more " * 60
    begin = text.index("retries")
    marks = [(0, 7), (begin, begin + 7), (begin + 12, begin + 19), (begin + 24, begin + 30)]
    snippet = snippet_of(passage(text, *marks))
    assert "retries and backoff and jitter" in snippet
    assert snippet.startswith("… ")
    assert snippet.endswith(" …")


@given(st.text(), st.lists(st.integers(0, 2000), max_size=5))
def test_a_snippet_is_one_line_within_its_length(text: str, starts: list[int]) -> None:
    marks = [(start, start + 1) for start in sorted(starts)]
    snippet = snippet_of(passage(text.encode("utf-8", "ignore").decode() * 5, *marks))
    assert len(snippet) <= 300
    assert "\n" not in snippet


def test_a_snippet_is_text_to_read_with_its_code_marked() -> None:
    text = "## Set up {#set-up}\n\nRun **this**:\n\n```bash\nmake up\n```\n\n| A | B |\n| --- | --- |\n| `x` | y |"
    assert snippet_of(passage(text)) == "Set up Run this: `make up` A · B `x` · y"
