"""Questions without a subject."""

import pytest

from services.retriever.embedding.sparse import encoder_for
from services.retriever.reading.names import names_no_subject


@pytest.mark.parametrize(
    ("text", "subjectless"),
    [
        ("What do I need to install?", True),
        ("prerequisites", True),
        ("How do I get started with it?", True),
        ("How much does it cost?", True),
        ("How do I install Kubernetes?", False),
        ("How do I start a sourdough?", False),
        ("What is the price of bitcoin?", False),
        ("如何安装", False),
    ],
)
def test_a_question_with_no_words_of_its_own_names_no_subject(text: str, subjectless: bool) -> None:
    assert names_no_subject(text, encoder_for("en", 110.0)) is subjectless
