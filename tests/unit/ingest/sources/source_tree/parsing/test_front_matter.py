"""Front matter, as js-yaml reads it."""

import pytest

from services.ingest.sources.source_tree.parsing.front_matter import (
    FrontMatterError,
    js_string,
    load_yaml,
    read_front_matter,
)


def test_yes_and_impossible_dates_are_strings_and_numbers_follow_yaml_1_2() -> None:
    values = load_yaml("a: yes\nb: 2017-02-29\nc: 010\nd: 0o17\ne: 1:30\nf: ~\ng: 1_000")
    assert values == {"a": "yes", "b": "2017-02-29", "c": 10, "d": 15, "e": "1:30", "f": None, "g": 1000}


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


@pytest.mark.parametrize(
    "text", ["a: [", "a: &x [*x]\nb: *y", "a: " + "[" * 5000, "- " * 40_000, "!!python/object:os.x {}"]
)
def test_what_is_no_modest_yaml_is_refused(text: str) -> None:
    with pytest.raises(FrontMatterError):
        load_yaml(text)


def test_a_list_has_no_text() -> None:
    assert js_string(["a"]) is None
