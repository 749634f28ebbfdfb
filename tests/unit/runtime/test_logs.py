"""Log lines carry facts and the request id, and never a secret."""

import json
import logging
from collections.abc import Iterator

import pytest

from services.runtime.logs import configure_logs
from services.runtime.request_context import adopt_request_id

SECRET = "sk-or-v1-0123456789abcdef"


@pytest.fixture(autouse=True)
def logs_as_they_were() -> Iterator[None]:
    """Handlers of these tests write to a stream that is gone afterwards."""
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    yield
    root.handlers[:], root.level = handlers, level


def logged(capsys: pytest.CaptureFixture[str], style: str) -> str:
    configure_logs("agent", level="INFO", style=style, secrets=(SECRET, "", "short"))  # type: ignore[arg-type]
    adopt_request_id("request-1234")
    logger = logging.getLogger("services.agent.turn")
    logger.info("turn %s done with short", SECRET, extra={"model": "m:free", "header": f"Bearer {SECRET}"})
    try:
        raise ValueError(f"refused key {SECRET}")
    except ValueError:
        logger.exception("failed")
    return capsys.readouterr().err


@pytest.mark.parametrize("style", ["text", "json"])
def test_secrets_are_blotted_out_of_messages_facts_and_tracebacks(
    capsys: pytest.CaptureFixture[str], style: str
) -> None:
    written = logged(capsys, style)
    assert SECRET not in written
    assert written.count("[secret]") == 3
    assert "ValueError" in written


def test_a_short_value_is_not_taken_for_a_secret(capsys: pytest.CaptureFixture[str]) -> None:
    assert "done with short" in logged(capsys, "text")


def test_json_lines_name_process_and_request(capsys: pytest.CaptureFixture[str]) -> None:
    line = json.loads(logged(capsys, "json").splitlines()[0])
    assert (line["process"], line["request_id"], line["model"]) == ("agent", "request-1234", "m:free")


def test_text_lines_show_facts_behind_the_message(capsys: pytest.CaptureFixture[str]) -> None:
    assert "model=m:free" in logged(capsys, "text").splitlines()[0]


@pytest.mark.parametrize("given", [None, "", "short", "x" * 65, "two words of a request", "line\nbreak-in-id"])
def test_a_request_id_we_would_not_print_is_replaced(given: str | None) -> None:
    adopted = adopt_request_id(given)
    assert adopted != given
    assert len(adopted) == 32
