"""Conversations as texts: what was asked, in order, and the title."""

from datetime import UTC, datetime
from typing import Any

import pytest
from chatkit.types import (
    AssistantMessageContent,
    AssistantMessageItem,
    HiddenContextItem,
    InferenceOptions,
    ThreadItem,
    UserMessageItem,
    UserMessageTagContent,
    UserMessageTextContent,
)

from gateway.chatkit.threads import conversation, question_of, title_from

HEAD: Any = {"thread_id": "thr_1", "created_at": datetime(2026, 1, 1, tzinfo=UTC)}


def asked(text: str) -> UserMessageItem:
    content = [UserMessageTextContent(text=text)]
    return UserMessageItem(id="msg_u", content=content, inference_options=InferenceOptions(), **HEAD)


def answered(text: str) -> AssistantMessageItem:
    return AssistantMessageItem(id="msg_a", content=[AssistantMessageContent(text=text)], **HEAD)


@pytest.mark.parametrize(
    ("question", "title"),
    [
        ("How?", "How?"),
        ("  First\nsecond", "First"),
        ("word " * 40, "word word word word word word word word word word word word word word word…"),
        ("x" * 100, "x" * 79 + "…"),
    ],
)
def test_a_title_is_the_first_line_cut_between_words(question: str, title: str) -> None:
    assert title_from(question) == title


def test_a_conversation_is_its_texts_in_order_and_bounded() -> None:
    hidden = HiddenContextItem(id="h", content="internal", **HEAD)
    items: list[ThreadItem] = [asked("1"), answered("2"), hidden, asked("3"), answered(""), asked("x" * 20)]
    told = conversation(items, limit=3, max_chars=10)
    assert [message.text for message in told] == ["2", "3", "x" * 10]


def test_a_tag_is_read_as_its_text() -> None:
    item = asked("see ")
    item.content.append(UserMessageTagContent(id="t", text="@page", data={}))
    assert question_of(item) == "see @page"
