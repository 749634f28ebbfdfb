"""Marks and the list of sources, written into an answer and taken out of it again."""

from itertools import pairwise

import pytest
from docs_chat.agent.v1 import turn_events_pb2 as events
from hypothesis import given
from hypothesis import strategies as st

from gateway.openai.bounded_text import BoundedText
from gateway.openai.cited_text import CitedText, without_citations


def cited(number: int, index: int, **fields: str) -> events.Citation:
    given = {"uri": f"https://docs.example.com/{number}", "title": f"Page {number}"} | fields
    return events.Citation(number=number, index=index, **given)


def written(*steps: str | events.Citation, marked: bool = True, **bounds: int) -> tuple[str, list[str]]:
    """The text that comes out, and what stands at each annotation."""
    text = CitedText(BoundedText(max_tokens=bounds.get("max_tokens")), marked=marked)
    out = ""
    for step in steps:
        if isinstance(step, str):
            out += text.add(step)
        else:
            text.cite(step)
    out += text.finish()
    places = [each["url_citation"] for each in text.annotations()]
    return out, [out[place["start_index"] : place["end_index"]] for place in places]


def test_a_mark_stands_where_the_source_is_cited_and_the_source_at_the_end() -> None:
    out, marks = written("Use `retries`", cited(1, 13), " 🎉 often", cited(2, 21), ".")
    assert out == (
        "Use `retries` [1] 🎉 often [2].\n\n**Sources**\n\n"
        "[1] [Page 1](https://docs.example.com/1)  \n[2] [Page 2](https://docs.example.com/2)"
    )
    assert marks == ["[1]", "[2]"]


def test_a_piece_waits_only_for_its_citations() -> None:
    text = CitedText(BoundedText(), marked=True)
    assert text.add("First. ") == ""
    assert text.add("Second.") == "First. "
    text.cite(cited(1, 14))
    assert text.flush() == "Second. [1]"


def test_several_marks_stand_in_one_piece_in_the_order_of_their_places() -> None:
    out, _ = written("one two", cited(2, 7), cited(1, 3))
    assert out.startswith("one [1] two [2]\n\n")


def test_a_mark_brings_its_own_space_except_at_the_beginning_of_a_line() -> None:
    out, _ = written("a b\nc", cited(1, 2), cited(1, 4))
    assert out.startswith("a  [1]b\n[1]c\n\n")
    assert without_citations(out) == "a b\nc"


def test_a_late_citation_stands_where_the_text_has_come_to_and_once() -> None:
    out, marks = written("one ", "two.", "", cited(1, 3), cited(1, 5), cited(2, 8))
    assert out.startswith("one two. [1] [2]\n\n")
    assert marks == ["[1]", "[2]"]


def test_a_mark_neither_breaks_a_fence_nor_becomes_a_link() -> None:
    out, _ = written("```\nx\n```", cited(1, 9), "\nand")
    assert out.startswith("```\nx\n```\n[1]\nand")
    out, _ = written("see", cited(1, 3), "(below)")
    assert out.startswith("see [1] (below)")


@pytest.mark.parametrize(
    ("fields", "line"),
    [
        ({"title": "A [b] `c` *d*"}, r"[1] [A \[b\] \`c\` \*d\*](https://docs.example.com/1)"),
        ({"title": "__init__ of GATEWAY_SITE"}, r"[1] [\_\_init\_\_ of GATEWAY_SITE](https://docs.example.com/1)"),
        ({"uri": "https://e.com/a_(b)"}, "[1] [Page 1](https://e.com/a_%28b%29)"),
        ({"uri": "javascript:alert(1)"}, "[1] Page 1"),
    ],
)
def test_titles_and_addresses_cannot_break_the_list(fields: dict[str, str], line: str) -> None:
    assert written("x", cited(1, 1, **fields))[0].endswith(f"\n\n{line}")


def test_without_marks_only_places_are_noted() -> None:
    text = CitedText(BoundedText(), marked=False)
    text.add("Use it.")
    text.cite(cited(1, 6))
    assert text.finish() == "Use it."
    (annotation,) = text.annotations()
    assert (annotation["url_citation"]["start_index"], annotation["url_citation"]["end_index"]) == (6, 6)


def test_what_lies_behind_the_end_is_not_cited() -> None:
    out, marks = written("12345678", cited(1, 2), cited(2, 8), max_tokens=3)
    assert (out, marks) == ("12 [1]345678", ["[1]"])


def test_the_list_of_sources_counts_too_and_only_whole_sources_are_written() -> None:
    whole, _ = written("x", cited(1, 1), cited(2, 1))
    out, marks = written("x", cited(1, 1), cited(2, 1), max_tokens=18)
    assert whole.startswith(out)
    assert out.endswith("[1] [Page 1](https://docs.example.com/1)")
    assert marks == ["[1]", "[2]"]


def test_code_that_looks_like_marks_stays_in_what_is_sent_back() -> None:
    text = "Take `a [1]` or\n\n```py\nb [2]\n```\n\nand a link [3](https://e.com)"
    assert without_citations(text) == text


def test_a_list_of_sources_is_known_with_other_line_ends_too() -> None:
    out, _ = written("Use it", cited(1, 6), ".")
    assert without_citations(out.replace("\n", "\r\n") + "\r\n") == "Use it."
    assert without_citations("**Sources**\n\nare listed [1]") == "**Sources**\n\nare listed"


@given(
    st.text(st.sampled_from("ab 🎉é.\n"), max_size=60),
    st.lists(st.tuples(st.integers(1, 5), st.integers(0, 60)), max_size=6),
    st.lists(st.integers(0, 60), max_size=5),
)
def test_what_was_written_in_can_be_taken_out_and_is_where_it_says(
    text: str, cites: list[tuple[int, int]], cuts: list[int]
) -> None:
    places = [0, *sorted({min(cut, len(text)) for cut in cuts}), len(text)]
    steps: list[str | events.Citation] = []
    for start, end in pairwise(places):
        if text[start:end]:
            steps.append(text[start:end])
            steps += [cited(number, at) for number, at in cites if start < at <= end]
    out, marks = written(*steps)
    assert all(mark.startswith("[") and mark.endswith("]") for mark in marks)
    assert without_citations(out).rstrip() == text.rstrip() if marks else out == text
