"""YAML and its scalars, as JavaScript reads and prints them."""

import pytest

from services.ingest.sources.source_tree.js_yaml import YamlInvalid, js_string, load_yaml


def test_yes_and_impossible_dates_are_strings_and_numbers_follow_yaml_1_2() -> None:
    values = load_yaml("a: yes\nb: 2017-02-29\nc: 010\nd: 0o17\ne: 1:30\nf: ~\ng: 1_000")
    assert values == {"a": "yes", "b": "2017-02-29", "c": 10, "d": 15, "e": "1:30", "f": None, "g": 1000}


@pytest.mark.parametrize(
    "text", ["a: [", "a: &x [*x]\nb: *y", "a: " + "[" * 5000, "- " * 40_000, "!!python/object:os.x {}"]
)
def test_what_is_no_modest_yaml_is_refused(text: str) -> None:
    with pytest.raises(YamlInvalid):
        load_yaml(text)


def test_a_list_has_no_text() -> None:
    assert js_string(["a"]) is None
