"""What a model is asked, cut down to what it can read."""

import pytest

from services.agent.models.asking import Asking, evidence_budget

QUESTION = {"role": "user", "content": "passages and a question"}


@pytest.mark.parametrize(("context", "tokens"), [(0, 3000), (4_096, 1433), (8_192, 2867), (131_072, 5000)])
def test_a_model_is_given_passages_by_what_it_can_read(context: int, tokens: int) -> None:
    assert evidence_budget(context, 5000) == tokens


def test_no_model_is_given_more_than_is_set() -> None:
    assert evidence_budget(0, 1000) == 1000


def test_the_readers_last_message_can_be_written_with_fewer_passages() -> None:
    earlier, call = {"role": "user", "content": "before"}, {"type": "function_call", "name": "search_docs"}
    ask = Asking("rules", [earlier, QUESTION, call], [])  # type: ignore[list-item]  # what the SDK hands on
    assert ask.with_question("less").items == [earlier, {"role": "user", "content": "less"}, call]
    assert ask.items[1] == QUESTION
