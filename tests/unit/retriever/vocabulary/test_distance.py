"""How many slips lie between two words."""

import pytest

from services.retriever.vocabulary.distance import slips


@pytest.mark.parametrize(
    ("written", "meant", "expected"),
    [("cache", "cache", 0), ("cahce", "cache", 1), ("ccache", "cache", 1), ("cach", "cache", 1), ("cacke", "cache", 1)],
)
def test_each_kind_of_slip_counts_once(written: str, meant: str, expected: int) -> None:
    assert slips(written, meant, most=2) == expected
    assert slips(meant, written, most=2) == expected


def test_counting_ends_where_it_no_longer_matters() -> None:
    assert slips("compost", "kitchen", most=1) == 2
    assert slips("a", "compost", most=2) == 3
