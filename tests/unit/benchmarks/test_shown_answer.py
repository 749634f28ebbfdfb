"""What the benchmark with a real model says of an answer."""

import pytest
from docs_chat.agent.v1 import turn_events_pb2 as events

from benchmarks.shown_answer import ShownAnswer, judge

RULES = "You answer questions of people who read a documentation site. You answer from the numbered passages."
PAGE = "https://docs.example.com/docs/install#quick-start"


def judged(text: str, *citations: str) -> ShownAnswer:
    completed = events.TurnCompleted(
        text=text,
        source=events.ANSWER_SOURCE_MODEL,
        citations=[events.Citation(number=1, uri=uri) for uri in citations],
    )
    return judge(text, completed, rules=RULES, addresses={PAGE})


@pytest.mark.parametrize(
    "text", ["Run it.<|im_end|>", "<think>So</think> Run it.", "assistant:\nRun it.", "[INST] Run it."]
)
def test_machinery_is_seen(text: str) -> None:
    assert judged(text).machinery


def test_machinery_in_code_is_what_the_docs_speak_of() -> None:
    assert not judged("Write `<think>`, or:\n\n```\n<|im_end|>\n```\n").machinery


def test_the_rules_repeated_are_seen() -> None:
    assert judged("I answer questions of people who read a documentation site. You answer from the numbered ones.").echo
    assert not judged("People read a documentation site.").echo


def test_sentences_that_come_back_and_marks_are_counted() -> None:
    answer = judged("Run the command again and again. " * 3 + "Done [2].", PAGE, "https://docs.example.com/docs/other")
    assert (answer.loop, answer.marks, answer.marks_found, answer.raw_marks) == (3, 2, 1, 1)


def test_an_answer_without_an_end_broke_off() -> None:
    assert judge("Run", None, rules=RULES, addresses=set()).answered_by == "broke off"
