"""Heading ids, as github-slugger 1.5 makes them."""

import pytest

from services.ingest.sources.source_tree.parsing.heading_slugs import Slugger, slug


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Rope & knot", "rope--knot"),
        ("⚓ Anchor", "-anchor"),
        ("⚠️ Danger", "️-danger"),
        ("Größe 灯台", "größe-灯台"),
        ("tab\tand\u00a0nbsp", "tabandnbsp"),
        ("`f() `", "f-"),
        ("\U00011f02 newer than Unicode 13", "-newer-than-unicode-13"),
    ],
)
def test_only_letters_marks_digits_and_hyphens_are_kept(text: str, expected: str) -> None:
    assert slug(text) == expected


def test_a_repeated_heading_gets_the_next_free_number() -> None:
    slugger = Slugger()
    assert [slugger.slug(text) for text in ("Same", "Same 1", "Same", "Same 1")] == [
        "same",
        "same-1",
        "same-2",
        "same-1-1",
    ]


def test_case_is_kept_when_the_site_wants_it() -> None:
    assert Slugger(maintain_case=True).slug("CamelCase Here") == "CamelCase-Here"
