"""Markdown as a reader sees it, on one line."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.language.plain_text import placed_text, plain_text


@pytest.mark.parametrize(
    ("markdown", "seen"),
    [
        ("Set `a_b` and **never** _stop_.", "Set a_b and never stop."),
        ("snake_case_name and 2 * 3 * 4", "snake_case_name and 2 * 3 * 4"),
        ('[the *guide*](/a_(b)) and ![a picture](/x.png "T")', "the guide and a picture"),
        ("[![badge](/b.svg)](https://x.example)", "badge"),
        ("> ## Title\n> text", "Title text"),
        ("- one\n- [two](#two)\n1. three", "one two three"),
        (":::tip Heads up\nDo it.\n:::", "Heads up Do it."),
        ("| a | `b|c` |\n| --- | :-: |\n| 1 | 2 |", "a b|c 1 2"),
        ('Run:\n\n```js title="x.js"\nconst a = **b**;\n```\nDone', "Run: const a = **b**; Done"),
        ("a <b>bold</b><br/> word {/* hidden */}", "a bold word"),
        ("**`--flag`** is \\*literal\\*", "--flag is *literal*"),
        ("## Set up {#set-up}\n- [x] done", "Set up done"),
        ("2*3*4 and a*b*c and *this*", "2*3*4 and a*b*c and this"),
        ("**bold *and* `code*`**", "bold and code*"),
        ("", ""),
    ],
)
def test_marks_vanish_and_words_stay(markdown: str, seen: str) -> None:
    assert plain_text(markdown) == seen


@given(st.text("ab *_`[]()|<>#!~\\\n:-", max_size=200))
def test_anything_becomes_one_line(markdown: str) -> None:
    assert "\n" not in plain_text(markdown)


@given(st.text("ab *_`[]()|<>#!~\\\n:-", max_size=200))
def test_each_character_knows_where_it_comes_from(markdown: str) -> None:
    plain = placed_text(markdown, ticks=True, bar="·")
    assert len(plain.text) == len(plain.places)
    assert plain.places == sorted(plain.places)
    assert all(0 <= place <= len(markdown) for place in plain.places)
