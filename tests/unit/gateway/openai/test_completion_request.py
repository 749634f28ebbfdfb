"""Requests of OpenAI's clients: whatever is sent is read, or refused in words that name the field."""

import contextlib
from typing import Any

import pytest
from fastapi.exceptions import RequestValidationError
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from gateway.openai.completion_request import CompletionRequest
from gateway.openai.errors import invalid_request, openai_body
from services.runtime.errors import InvalidRequest

ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=6,
)
PART = st.fixed_dictionaries(
    {}, optional={"type": st.sampled_from(["text", "refusal", "image_url"]) | ANYTHING, "text": ANYTHING}
)
MESSAGE = st.fixed_dictionaries(
    {"role": st.sampled_from(["system", "user", "assistant", "tool"]) | ANYTHING},
    optional={"content": st.text(max_size=20) | st.lists(PART | ANYTHING, max_size=3) | ANYTHING},
)
REQUEST = st.fixed_dictionaries(
    {"messages": st.lists(MESSAGE | ANYTHING, max_size=4) | ANYTHING},
    optional={name: ANYTHING for name in CompletionRequest.model_fields if name != "messages"},
)


def read(sent: Any) -> CompletionRequest:
    """What FastAPI and the route do with a body."""
    try:
        asked = CompletionRequest.model_validate(sent)
    except ValidationError as error:
        faults = [{**fault, "loc": ("body", *fault["loc"])} for fault in error.errors()]
        raise invalid_request(RequestValidationError(faults)) from error
    asked.check()
    asked.site()
    asked.conversation(limit=20, max_chars=8000)
    return asked


@given(REQUEST | ANYTHING)
def test_whatever_is_sent_is_read_or_refused_in_openais_shape(sent: Any) -> None:
    with contextlib.suppress(InvalidRequest):
        read(sent)
        return
    with pytest.raises(InvalidRequest) as refused:
        read(sent)
    error = openai_body(refused.value)["error"]
    assert error["message"]
    assert len(error["message"]) < 300
    assert error["code"]
    assert "Part" not in error["message"]


@pytest.mark.parametrize("limit", [1, 2, 20])
def test_the_question_is_told_last_whatever_fits_before_it(limit: int) -> None:
    messages = [{"role": ("user", "assistant")[at % 2], "content": str(at)} for at in range(41)]
    told = read({"messages": messages}).conversation(limit=limit, max_chars=100)
    assert [message.text for message in told] == [str(at) for at in range(41 - limit, 41)]
