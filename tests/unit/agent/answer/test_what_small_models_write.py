"""Loops and answers without marks, as real small models write them."""

import pytest
from docs_chat.retriever.v1.passages_pb2 import Passage

from services.agent.answer.attribution import attributed
from services.agent.answer.cited_answer import CitedAnswer
from services.agent.answer.repetition import Repetition
from services.agent.evidence import Evidence


@pytest.mark.parametrize(
    "loop", ["The store holds the state of the app. ", "\n- `npm install`", "ha", "A reducer takes\n\nthe state.\n\n"]
)
def test_a_loop_is_noticed_while_it_goes_on(loop: str) -> None:
    reader = Repetition()
    for piece in ["Redux keeps the state in a store, and reducers make the next one. ", loop[:5], *[loop] * 120]:
        assert reader.take(piece) or reader.loops
    assert reader.loops


def test_a_long_sentence_is_a_loop_when_it_comes_the_third_time() -> None:
    sentence = "The history of the reader is kept in the panel, and the report shows what came nearest to it. "
    reader = Repetition()
    assert reader.take(sentence * 2) == sentence * 2
    assert not reader.loops
    reader.take(sentence)
    assert reader.loops


def test_of_a_loop_that_comes_in_one_piece_only_its_beginning_is_shown() -> None:
    reader = Repetition()
    assert len(reader.take("Install it. " + "Run the command again and again. " * 400)) < 300
    assert reader.loops


@pytest.mark.parametrize(
    "text",
    [
        "| a | b |\n| --- | --- |\n" + "".join(f"| row {n} | value {n} |\n" for n in range(40)),
        "```js\n" + "".join(f"  case {n}:\n    return state\n" for n in range(20)) + "```",
        "```json\n[{}, {}, {}, {}]\n```\n" + "-" * 20,
        "To install it, run `npm install`. To start it, run `npm start`. To test it, run `npm test`. " * 2,
        "```text\n" + "=" * 300 + "\n```",
    ],
)
def test_tables_and_code_are_no_loops(text: str) -> None:
    reader = Repetition()
    assert "".join(reader.take(text[at : at + 7]) for at in range(0, len(text), 7)) == text
    assert not reader.loops


def evidence() -> Evidence:
    texts = [
        "Models stand in a list, first choice first. A failure before the first word moves to the next model.",
        "Conversations are kept for ninety days in the database of the gateway, then they are deleted.",
    ]
    return Evidence(
        [Passage(uri=f"https://x/{n}", document_uri=f"https://x/{n}", text=text) for n, text in enumerate(texts)]
    )


def test_paragraphs_without_marks_get_the_passage_they_were_taken_from() -> None:
    answer = (
        "A failure before the first word moves to the next model in the list.\n\nBuy a boat and sail away tomorrow."
    )
    assert attributed(answer, evidence()) == [(answer.index("\n"), 1)]
    assert attributed("Yes.", evidence()) == []
    assert attributed(answer, Evidence([])) == []


def test_sources_found_afterwards_are_citations_like_all_others() -> None:
    cited = CitedAnswer(evidence())
    cited.feed("Conversations are deleted after ninety days in the database.")
    cited.finish()
    cited.attribute()
    (citation,) = cited.citations
    assert (citation.number, citation.index, citation.uri) == (1, len(cited.text), "https://x/1")
    assert "ninety days" in citation.quote


def test_a_fence_that_was_left_open_is_closed() -> None:
    cited = CitedAnswer(evidence())
    cited.feed("Run:\n\n```bash\nnpm install")
    cited.finish()
    assert cited.text == "Run:\n\n```bash\nnpm install\n```"
