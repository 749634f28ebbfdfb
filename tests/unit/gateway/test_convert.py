"""Positions, snippets, titles, conversations: the small conversions between contracts and ChatKit."""

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
from docs_chat.agent.v1 import turn_events_pb2 as events
from docs_chat.retriever.v1 import passages_pb2
from hypothesis import given
from hypothesis import strategies as st

from gateway.agent_client import Retrying
from gateway.convert import conversation, notice_of, progress_of, question_of, snippet_of, title_from, utf16_index
from services.runtime.errors import ProviderUnavailable, ServiceUnreachable

HEAD: Any = {"thread_id": "thr_1", "created_at": datetime(2026, 1, 1, tzinfo=UTC)}


def asked(text: str) -> UserMessageItem:
    content = [UserMessageTextContent(text=text)]
    return UserMessageItem(id="msg_u", content=content, inference_options=InferenceOptions(), **HEAD)


def answered(text: str) -> AssistantMessageItem:
    return AssistantMessageItem(id="msg_a", content=[AssistantMessageContent(text=text)], **HEAD)


def passage(text: str, *marks: tuple[int, int]) -> passages_pb2.Passage:
    highlights = [passages_pb2.TextRange(start=start, end=end) for start, end in marks]
    return passages_pb2.Passage(text=text, highlights=highlights)


@given(st.text(st.characters(exclude_categories=["Cs"])), st.integers(0, 40))
def test_a_utf16_position_cuts_where_the_code_point_position_does(text: str, index: int) -> None:
    units = text.encode("utf-16-le")
    assert units[: 2 * utf16_index(text, index)].decode("utf-16-le") == text[:index]


def test_a_short_passage_is_its_own_snippet() -> None:
    assert snippet_of(passage("Set  it\nto `3`.", (0, 3))) == "Set it to `3`."


def test_a_snippet_shows_where_most_words_were_found() -> None:
    text = "nothing here " * 60 + "retries and backoff and jitter together " + "nothing more " * 60
    begin = text.index("retries")
    marks = [(0, 7), (begin, begin + 7), (begin + 12, begin + 19), (begin + 24, begin + 30)]
    snippet = snippet_of(passage(text, *marks))
    assert "retries and backoff and jitter" in snippet
    assert snippet.startswith("… ")
    assert snippet.endswith(" …")


@given(st.text(), st.lists(st.integers(0, 2000), max_size=5))
def test_a_snippet_is_one_line_within_its_length(text: str, starts: list[int]) -> None:
    marks = [(start, start + 1) for start in sorted(starts)]
    snippet = snippet_of(passage(text.encode("utf-8", "ignore").decode() * 5, *marks))
    assert len(snippet) <= 300
    assert "\n" not in snippet


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


def test_details_of_a_notice_are_code_whatever_they_contain() -> None:
    notice = events.Notice(code=events.NOTICE_CODE_UNGROUNDED, message="Check:", details=["`[x](http://evil)`", "``"])
    assert notice_of(notice).message == "Check: `[x](http://evil)`"


@pytest.mark.parametrize("stage", [*events.TurnStage.values(), 99])
def test_every_stage_has_a_line(stage: events.TurnStage.ValueType) -> None:
    assert progress_of(events.Progress(stage=stage)).text


def test_waiting_names_its_reason_and_length() -> None:
    busy = Retrying(attempt=2, wait_s=4.2, error=ProviderUnavailable("x"))
    away = Retrying(attempt=3, wait_s=0.3, error=ServiceUnreachable("x"))
    assert progress_of(busy).text == "The model is busy. Trying again in 4 s (attempt 2)"
    assert progress_of(away).text == "The service does not answer. Trying again now (attempt 3)"
