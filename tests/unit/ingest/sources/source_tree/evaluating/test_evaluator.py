"""Expressions: what React shows of them, or that nobody knows without running the site."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.ingest.sources.source_tree.evaluating.evaluator import value_of
from services.ingest.sources.source_tree.evaluating.names import Names
from services.ingest.sources.source_tree.evaluating.values import UNKNOWN, shown_text

NAMES: dict[str, Any] = {
    "rows": [{"name": "Ada", "wide": True}, {"name": "Bea", "wide": False}],
    "props": {"name": "rope"},
    "count": 3,
}


def names() -> Names:
    return Names(lambda name: NAMES.get(name, UNKNOWN), UNKNOWN)


@pytest.mark.parametrize(
    ("source", "text"),
    [
        ("1 + 1", "2"),
        ("1 / 4", "0.25"),
        ("7 % 4 + -2", "1"),
        ("'a' + 1 + `b${count * 2}`", "a1b6"),
        ("count > 2 ? 'many' : 'few'", "many"),
        ("count === 3 && 'three'", "three"),
        ("props.missing ?? 'otherwise'", "otherwise"),
        ("props.missing || props.name", "rope"),
        ("!count", ""),
        ("[1, 'a', null, true]", "1a"),
        ("rows.map(row => row.name).join(' and ')", "Ada and Bea"),
        ("rows.filter(({wide}) => wide).length", "1"),
        ("rows.find(row => !row.wide).name.toUpperCase()", "BEA"),
        ("Object.keys({a: 1, ...{b: 2}}).join()", "a,b"),
        ("JSON.stringify({a: [1]})", '{"a":[1]}'),
        ("translate({message: 'Hello {who}'}, {who: 'Ann'})", "Hello Ann"),
        ("rows.map((row, index) => <b key={index}>{index + 1}. {row.name}</b>)", "1. Ada2. Bea"),
        ("(() => { const one = 1; if (one > 1) { return 'no'; } return one + 1; })", ""),
        ("'caf\\u00e9'", "café"),
        ("/* nothing */ undefined", ""),
    ],
)
def test_what_is_known_is_shown_as_react_shows_it(source: str, text: str) -> None:
    assert shown_text(value_of(source, names())) == text


@pytest.mark.parametrize(
    "source",
    [
        "window.location.href",
        "useDocusaurusContext().siteConfig.title",
        "unheard",
        "count.toFixed(unheard)",
        "1 +",
        "`${unheard}`",
        "unheard ? 'a' : 'b'",
        "new Date()",
        "'a'.repeat(1e9)",
        "rows.map(row => unheard(row)).join()",
        "10 ** 400",
    ],
)
def test_what_only_the_running_site_knows_is_unknown(source: str) -> None:
    assert shown_text(value_of(source, names())) is None


@pytest.mark.parametrize(
    "source",
    [
        "((f) => f(f))((f) => f(f))",
        "(" * 500 + "1" + ")" * 500,
        "[" * 500 + "]" * 500,
        "+".join(["'" + "a" * 100 + "'"] * 1500),
        "[1,2,3,4,5,6,7,8,9,10]" + ".map(a => [1,2,3,4,5,6,7,8,9,10]" * 8 + ")" * 8,
    ],
)
def test_an_expression_without_end_ends(source: str) -> None:
    value_of(source, names())


@given(st.recursive(st.none() | st.booleans() | st.integers(-99, 99) | st.text(max_size=9), st.lists, max_leaves=9))
def test_literals_have_the_value_that_json_gives_them(value: Any) -> None:
    assert value_of(f"[{json.dumps(value)}][0]", names()) == value
