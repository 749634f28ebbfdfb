"""Front matter, as gray-matter cuts it off."""

import pytest

from services.ingest.sources.source_tree.parsing.front_matter import FrontMatterError, read_front_matter


def test_numbers_print_as_javascript_prints_them() -> None:
    front_matter = read_front_matter("---\nid: 1.10\nslug: 1.0\ntitle: 2024\n---\n")
    assert [front_matter.text(key) for key in ("id", "slug", "title")] == ["1.1", "1", "2024"]


def test_an_unquoted_date_becomes_a_javascript_date_and_a_quoted_one_stays() -> None:
    values = read_front_matter("---\na: 2024-01-01\nb: '2024-01-01'\n---\n")
    assert values.text("a") == "Mon Jan 01 2024 00:00:00 GMT+0000 (Coordinated Universal Time)"
    assert values.text("b") == "2024-01-01"


def test_the_first_line_that_begins_with_the_marks_closes_it() -> None:
    assert read_front_matter("---\na: 1\n---x\nbody").body == "x\nbody"
    assert read_front_matter("----\na: 1").values == {}


def test_json_front_matter_is_read() -> None:
    assert read_front_matter('---json\n{"id": "x"}\n---\n').values == {"id": "x"}


@pytest.mark.parametrize("text", ["---\na: [\n---\n", "---json\n{\n---\n", "---toml\na = 1\n---\n"])
def test_what_cannot_be_read_is_refused(text: str) -> None:
    with pytest.raises(FrontMatterError):
        read_front_matter(text)
