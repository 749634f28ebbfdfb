"""The language a browser asks for."""

import pytest

from gateway.readers.asker import first_language


@pytest.mark.parametrize(
    ("accepted", "language"),
    [("de-AT,de;q=0.9", "de-AT"), ("en;q=1", "en"), ("", ""), ("*", ""), ("<script>", ""), ("x" * 99, "")],
)
def test_the_first_language_is_taken_when_it_is_one(accepted: str, language: str) -> None:
    assert first_language(accepted) == language
