"""What the report makes of the records."""

import json
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest

from gateway.report.__main__ import main
from gateway.report.figures import Report, Subject, Turn, make_report
from gateway.report.show import NO_TEXTS, as_html, as_json, as_text


def a_turn(question: str | None = "How do I install it?", **fields: Any) -> Turn:
    told: dict[str, Any] = {
        "asked_at": datetime(2026, 5, 1, 12, tzinfo=UTC),
        "outcome": "completed",
        "source": "model",
        "verdict": "answerable",
        "total_ms": 1200,
        "model_requests": 1,
        "passage_uris": ("https://x/install#npm",),
        "cited_uris": ("https://x/install#npm",),
        "not_found": (),
        "feedback": None,
        "question": question,
    }
    return Turn(**(told | fields))


def reported(*turns: Turn) -> Report:
    return make_report(turns, since=date(2026, 4, 1), until=date(2026, 5, 2), site="docs")


def test_questions_that_differ_only_in_dress_are_one() -> None:
    report = reported(a_turn("How do I install it?"), a_turn("how do I  install it"), a_turn("And in v2?"))
    assert [(subject.question, subject.count) for subject in report.asked] == [
        ("How do I install it?", 2),
        ("And in v2?", 1),
    ]


def test_what_the_docs_did_not_answer_is_what_was_refused_cited_nothing_or_got_a_thumb_down() -> None:
    report = reported(
        a_turn("refused", source="not_covered", cited_uris=()),
        a_turn("cited nothing", cited_uris=()),
        a_turn("disliked", feedback="negative"),
        a_turn("fine", feedback="positive"),
        a_turn("thanks", source="small_talk", passage_uris=(), cited_uris=()),
        a_turn("broken", outcome="provider_unavailable", source=""),
        a_turn("gone", outcome="left", source=""),
    )
    assert {subject.question for subject in report.unanswered} == {"refused", "cited nothing", "disliked"}
    assert report.kinds == {"model": 3, "not_covered": 1, "small_talk": 1, "failed": 1, "left": 1}


def test_what_was_answered_with_a_word_of_doubt_is_listed_by_itself() -> None:
    report = reported(
        a_turn("doubted", verdict="weak"),
        a_turn("sure", verdict="answerable"),
        a_turn("doubted and disliked", verdict="weak", feedback="negative"),
    )
    assert [subject.question for subject in report.doubted] == ["doubted"]
    assert "may not answer" in as_text(report)


def test_without_texts_sections_stand_for_questions_and_the_report_says_so() -> None:
    report = reported(a_turn(None), a_turn(None, passage_uris=("https://x/other",)), a_turn(None))
    assert report.asked[0] == Subject(None, "https://x/install#npm", 2)
    assert NO_TEXTS in as_text(report)
    assert "(not kept)" in as_text(report)


def test_the_page_that_disappoints_most_comes_first() -> None:
    report = reported(
        a_turn(cited_uris=("https://x/a#1", "https://x/a#2"), feedback="negative"),
        a_turn(cited_uris=("https://x/b",), not_found=("useMagic",)),
        a_turn(cited_uris=("https://x/c",), feedback="positive"),
        a_turn(source="not_covered", cited_uris=(), passage_uris=("https://x/d#e",)),
    )
    assert [page.uri for page in report.pages] == ["https://x/a", "https://x/b", "https://x/d"]
    assert (report.pages[0].cited, report.pages[0].thumbs_down) == (1, 1)
    assert report.pages[1].names == ("useMagic",)


def test_days_tell_what_they_cost() -> None:
    next_day = datetime(2026, 5, 2, 1, tzinfo=UTC)
    report = reported(a_turn(model_requests=2, total_ms=1000), a_turn(total_ms=3000), a_turn(asked_at=next_day))
    assert [(day.turns, day.model_requests, day.median_ms) for day in report.days] == [(2, 3, 2000), (1, 1, 1200)]


def test_what_readers_write_is_text_everywhere() -> None:
    report = reported(a_turn("<script>alert(1)</script>\x1b[31m"))
    assert "<script>" not in as_html(report)
    assert "\x1b" not in as_text(report)
    assert json.loads(as_json(report))["asked"][0]["count"] == 1


def test_nothing_recorded_is_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("GATEWAY_DATA_DIR", str(tmp_path / "none"))
    monkeypatch.setenv("GATEWAY_DATABASE_URL", "")
    assert main([]) == 1
    assert "Nothing is recorded" in capsys.readouterr().err
    assert not (tmp_path / "none").exists()
