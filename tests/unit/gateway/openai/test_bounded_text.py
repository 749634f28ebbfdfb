"""Where an answer ends when a program says so."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.openai.bounded_text import BoundedText


def passed(pieces: list[str], *, stops: tuple[str, ...] = (), max_tokens: int | None = None) -> tuple[str, str | None]:
    text = BoundedText(stops=stops, max_tokens=max_tokens)
    out = "".join([*map(text.feed, pieces), text.finish()])
    assert text.length == len(out)
    return out, text.cut


@pytest.mark.parametrize(
    ("pieces", "stops", "expected"),
    [
        (["a STOP b"], ("STOP",), ("a ", "stop")),
        (["a ST", "OP b"], ("STOP",), ("a ", "stop")),
        (["a S", "T", "ART"], ("STOP",), ("a START", None)),
        (["SSSTOP"], ("SSTOP",), ("S", "stop")),
        (["ends with ST"], ("STOP",), ("ends with ST", None)),
        (["one two"], ("two", "one"), ("", "stop")),
        (["aab"], ("ab", "b"), ("a", "stop")),
        (["PSO"], ("PSO", "S"), ("P", "stop")),
    ],
)
def test_the_text_ends_before_a_stop_sequence(
    pieces: list[str], stops: tuple[str, ...], expected: tuple[str, str]
) -> None:
    assert passed(pieces, stops=stops) == expected


@pytest.mark.parametrize(
    ("text", "max_tokens", "expected"),
    [
        ("12345678", 2, ("12345678", None)),
        ("123456789", 2, ("12345678", "length")),
        ("日本語", 2, ("日本", "length")),
        ("ab🎉", 1, ("ab", "length")),
    ],
)
def test_the_text_ends_at_the_limit_of_tokens(text: str, max_tokens: int, expected: tuple[str, str]) -> None:
    assert passed([text], max_tokens=max_tokens) == expected


def test_what_comes_first_decides() -> None:
    assert passed(["12345STOP"], stops=("STOP",), max_tokens=2) == ("12345678"[:5] + "STO", "length")
    assert passed(["1STOP6789"], stops=("STOP",), max_tokens=2) == ("1", "stop")


def test_a_piece_that_must_stay_whole_is_left_out_when_it_does_not_fit() -> None:
    text = BoundedText(max_tokens=1)
    assert (text.feed("ab"), text.feed(" [1]", whole=True), text.cut) == ("ab", "", "length")


@given(
    st.text("abSTOP 日\n", max_size=40),
    st.lists(st.integers(0, 40), max_size=6),
    st.lists(st.text("STOPab", min_size=1, max_size=4), max_size=4),
    st.none() | st.integers(1, 8),
)
def test_what_comes_out_does_not_depend_on_the_pieces(
    text: str, cuts: list[int], stops: list[str], max_tokens: int | None
) -> None:
    places = [0, *sorted(min(cut, len(text)) for cut in cuts), len(text)]
    pieces = [text[start:end] for start, end in pairwise(places)]
    out, cut = passed(pieces, stops=tuple(stops), max_tokens=max_tokens)
    assert (out, cut) == passed([text], stops=tuple(stops), max_tokens=max_tokens)
    assert text.startswith(out)
    assert cut or out == text
