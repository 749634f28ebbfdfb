"""How blocks of Markdown begin."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.language.markdown import (
    code_in,
    code_parts,
    is_admonition,
    is_heading,
    is_table_row,
    is_table_rule,
    list_item,
    opening_fence,
)


@pytest.mark.parametrize("line", ["```", "~~~~ js", "  > ```sh", "\t```js\n"])
def test_lines_that_open_a_block_of_code(line: str) -> None:
    assert opening_fence(line)


@pytest.mark.parametrize("line", ["``", "```code``` in a line", "text ```", ""])
def test_lines_that_do_not(line: str) -> None:
    assert opening_fence(line) is None


def test_a_block_is_closed_by_as_many_marks_of_its_kind() -> None:
    fence = opening_fence("````md")
    assert fence is not None
    assert [fence.is_closed_by(line) for line in ("````", " ````` ", "```", "~~~~", "```` md", "")] == [
        *(True, True),
        *(False, False, False, False),
    ]


@pytest.mark.parametrize(
    ("line", "indent", "text"), [("- a", 0, "a"), ("  12) b\n", 2, "b\n"), ("* ", 0, ""), ("+", 0, "")]
)
def test_lines_that_begin_an_item(line: str, indent: int, text: str) -> None:
    item = list_item(line)
    assert item is not None
    assert (item.indent, item.text.rstrip() if not text else item.text) == (indent, text)


@pytest.mark.parametrize("line", ["-a", "--- ", "1.5 x", "**bold**", "---", ""])
def test_lines_that_begin_none(line: str) -> None:
    assert list_item(line) is None


def test_other_beginnings() -> None:
    assert is_heading("## A")
    assert not is_heading("#tag")
    assert is_table_row("  | a |")
    assert is_table_rule("|---|:-:|")
    assert not is_table_rule("| a | b |")
    assert is_admonition(":::note")


def test_a_text_falls_into_code_and_the_rest() -> None:
    text = "a\n```js\nb\n```\n```\nc\n```\nd"
    parts = list(code_parts(text))
    assert parts == [("a\n", False), ("```js\nb\n```\n", True), ("```\nc\n```\n", True), ("d", False)]
    assert [code_in(part) for part, is_code in parts if is_code] == ["b", "c"]


def test_code_that_is_never_closed_goes_on_to_the_end() -> None:
    assert list(code_parts("~~~\na\n```\n")) == [("~~~\na\n```\n", True)]
    assert code_in("~~~\na\n```") == "a\n```"


@given(st.text(alphabet="`~ \n>a", max_size=80))
def test_nothing_is_lost(text: str) -> None:
    assert "".join(part for part, _ in code_parts(text)) == text
