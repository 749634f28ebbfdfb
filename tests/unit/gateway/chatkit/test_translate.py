"""Events of a turn as ChatKit's: positions, notices, progress lines."""

import pytest
from docs_chat.agent.v1 import turn_events_pb2 as events
from hypothesis import given
from hypothesis import strategies as st

from gateway.chatkit.translate import notice_of, progress_of, utf16_index
from gateway.turns.events import Retrying
from services.runtime.errors import ProviderUnavailable, ServiceUnreachable


@given(st.text(st.characters(exclude_categories=["Cs"])), st.integers(0, 40))
def test_a_utf16_position_cuts_where_the_code_point_position_does(text: str, index: int) -> None:
    units = text.encode("utf-16-le")
    assert units[: 2 * utf16_index(text, index)].decode("utf-16-le") == text[:index]


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
