"""Events of a turn as ChatKit's: positions, notices, progress lines."""

import pytest
from docs_chat.agent.v1 import turn_events_pb2 as events
from hypothesis import given
from hypothesis import strategies as st

from gateway.chatkit.translate import notice_of, progress_of, utf16_index
from gateway.texts.speech import Speech, speech_for
from gateway.turns.events import Retrying
from services.runtime.errors import ProviderUnavailable, ServiceUnreachable

ENGLISH = Speech({})


@given(st.text(st.characters(exclude_categories=["Cs"])), st.integers(0, 40))
def test_a_utf16_position_cuts_where_the_code_point_position_does(text: str, index: int) -> None:
    units = text.encode("utf-16-le")
    assert units[: 2 * utf16_index(text, index)].decode("utf-16-le") == text[:index]


def test_details_of_a_notice_are_code_whatever_they_contain() -> None:
    notice = events.Notice(code=events.NOTICE_CODE_UNGROUNDED, message="Check:", details=["`[x](http://evil)`", "``"])
    assert notice_of(notice, ENGLISH).message == "Check: `[x](http://evil)`"


@pytest.mark.parametrize("stage", [*events.TurnStage.values(), 99])
def test_every_stage_has_a_line(stage: events.TurnStage.ValueType) -> None:
    assert progress_of(events.Progress(stage=stage), ENGLISH).text


def test_waiting_names_its_reason_and_length() -> None:
    busy = Retrying(attempt=2, wait_s=4.2, error=ProviderUnavailable("x"))
    away = Retrying(attempt=3, wait_s=0.3, error=ServiceUnreachable("x"))
    assert progress_of(busy, ENGLISH).text == "The model is busy. Trying again in 4 s (attempt 2)"
    assert progress_of(away, ENGLISH).text == "The service does not answer. Trying again now (attempt 3)"


def test_the_page_s_language_is_spoken_where_it_is_known() -> None:
    german = speech_for("de")
    notice = events.Notice(
        code=events.NOTICE_CODE_EXTRACTIVE,
        message="No language model answered; these are quotations from the documentation. "
        "The language models took too long.",
    )
    assert notice_of(notice, german).message == (
        "Kein Sprachmodell hat geantwortet; dies sind Zitate aus der Dokumentation. "
        "Die Sprachmodelle haben zu lange gebraucht."
    )
    widened = events.Notice(code=events.NOTICE_CODE_WIDENED, message="…", details=["version 1.0", "locale en"])
    assert notice_of(widened, german).message == (
        "Wo Sie sind, wurde nichts gefunden; dies stammt aus Version 1.0, der Sprache en."
    )
    busy = Retrying(attempt=2, wait_s=4.2, error=ProviderUnavailable("busy"))
    assert progress_of(busy, german).text == "Das Modell ist ausgelastet. Neuer Versuch in 4 s (Versuch 2)"
    reading = events.Progress(stage=events.TURN_STAGE_READING, passage_count=3)
    assert progress_of(reading, german).text == "3 Stellen werden gelesen"


def test_doubt_is_a_warning_and_a_corrected_word_is_told_beside_the_answer() -> None:
    doubt = events.Notice(code=events.NOTICE_CODE_DOUBTFUL, message="The docs may not answer this.")
    corrected = events.Notice(code=events.NOTICE_CODE_CORRECTED, message="Searched for", details=["replicas"])
    assert notice_of(doubt, ENGLISH).level == "warning"
    assert (notice_of(corrected, ENGLISH).level, notice_of(corrected, ENGLISH).message) == (
        "info",
        "Searched for `replicas`",
    )
