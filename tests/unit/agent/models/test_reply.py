"""Thoughts that come in fields of their own: noted, bounded, and never a part of the answer."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.agent.models.reply import LONGEST_REASONING, ReplyFacts, text_of

words = st.text(max_size=30)
FIELDS = ["reasoning", "reasoning_content", "reasoning_details", "content"]
anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | words,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(words, inner, max_size=3),
    max_leaves=8,
)


def in_reasoning(thought: str) -> dict[str, Any]:
    return {"reasoning": thought}


def in_reasoning_content(thought: str) -> dict[str, Any]:
    return {"reasoning_content": thought}


def in_both(thought: str) -> dict[str, Any]:
    return {"reasoning": thought, "reasoning_content": thought}


def in_details(thought: str) -> dict[str, Any]:
    return {"reasoning_details": [{"type": "reasoning.text", "text": thought}, {"type": "reasoning.encrypted"}]}


def in_field_and_details(thought: str) -> dict[str, Any]:
    return in_reasoning(thought) | in_details(thought)


def in_parts(thought: str) -> dict[str, Any]:
    return {"content": [{"type": "thinking", "thinking": [{"type": "text", "text": thought}]}]}


def in_plain_parts(thought: str) -> dict[str, Any]:
    return {"content": [{"type": "reasoning", "text": thought}]}


PLACES = [
    in_reasoning,
    in_reasoning_content,
    in_both,
    in_details,
    in_field_and_details,
    in_parts,
    in_plain_parts,
]


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("whole", [False, True], ids=["in a stream", "in a whole answer"])
@given(pieces=st.lists(st.tuples(words, words), max_size=6))
def test_thoughts_are_noted_once_from_wherever_they_stand_and_never_mixed_with_the_answer(
    place: Any, whole: bool, pieces: list[tuple[str, str]]
) -> None:
    reply, answer = ReplyFacts(), ""
    for thought, text in pieces:
        for said in (place(thought), {"content": text}):
            reply.read({"choices": [{"message" if whole else "delta": said}]})
            answer += text_of(said) or ""
    assert reply.reasoning == "".join(thought for thought, _ in pieces)
    assert answer == "".join(text for _, text in pieces)


@given(said=st.dictionaries(st.sampled_from(FIELDS), anything))
def test_nothing_in_these_fields_breaks_the_reading(said: dict[str, Any]) -> None:
    reply = ReplyFacts()
    reply.read({"choices": [{"delta": said}]})
    assert isinstance(reply.reasoning, str)
    assert isinstance(text_of(said), str | None)


@given(pieces=st.lists(st.integers(0, LONGEST_REASONING), max_size=4))
def test_what_is_kept_of_thoughts_is_bounded(pieces: list[int]) -> None:
    reply = ReplyFacts()
    for length in pieces:
        reply.read({"choices": [{"delta": {"reasoning": "x" * length}}]})
    assert len(reply.reasoning) == min(sum(pieces), LONGEST_REASONING)


@given(usage=anything)
def test_usage_that_is_null_or_nonsense_is_none(usage: Any) -> None:
    reply = ReplyFacts()
    reply.read({"choices": [], "usage": usage})
    reply.read({"choices": None, "usage": {"prompt_tokens": usage, "completion_tokens": None, "cost": usage}})
    assert isinstance(reply.input_tokens, int)
    assert reply.output_tokens == 0
