"""What a page says about itself: read strictly, bounded."""

import base64
import contextlib
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.readers.page_context import PageContext, parse_page_context
from services.runtime.errors import InvalidRequest


def header(value: Any) -> str:
    return base64.urlsafe_b64encode(json.dumps(value).encode()).decode()


def test_no_header_is_an_empty_context() -> None:
    assert parse_page_context("") == PageContext()


def test_a_context_may_lack_its_padding_and_carry_more_than_we_know() -> None:
    encoded = header({"site": "docs", "page_title": "Grüße", "new_field": 1}).rstrip("=")
    assert parse_page_context(encoded) == PageContext(site="docs", page_title="Grüße")


def test_a_context_narrows_the_search() -> None:
    scope = PageContext(version="2.1", locale="de", path_prefix="/docs").scope()
    assert (list(scope.versions), scope.locale, scope.path_prefix) == (["2.1"], "de", "/docs")
    assert not scope.docs_instance


def test_a_version_is_one_of_the_instance_that_the_page_belongs_to() -> None:
    scope = parse_page_context(header({"version": "current", "docs_instance": "api"})).scope()
    assert (list(scope.versions), scope.docs_instance) == (["current"], "api")


@pytest.mark.parametrize(
    "value",
    [
        [],
        {"site": "a/b"},
        {"site": "x" * 65},
        {"page_uri": "javascript:alert(1)"},
        {"page_uri": "https://x/" + "y" * 2000},
        {"page_title": "a\nb"},
        {"version": 2},
        {"docs_instance": "x" * 101},
        {"locale": "en/../x"},
        {"tabs": ["x"] * 21},
        {"tabs": ["x" * 201]},
        {"path_prefix": "docs"},
    ],
)
def test_a_strange_field_is_refused_by_name(value: Any) -> None:
    with pytest.raises(InvalidRequest) as caught:
        parse_page_context(header(value))
    assert caught.value.violations


@given(st.text(max_size=200))
def test_any_header_is_a_context_or_refused(text: str) -> None:
    with contextlib.suppress(InvalidRequest):
        assert isinstance(parse_page_context(text), PageContext)
