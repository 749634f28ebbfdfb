"""`docs-chat ask` against an agent service on a real port."""

from collections.abc import AsyncIterator, Iterator
from typing import Any

import pytest
from docs_chat.agent.v1 import agent_service_pb2 as pb
from docs_chat.agent.v1 import agent_service_pb2_grpc as rpc
from docs_chat.agent.v1 import turn_events_pb2 as events

from cli.__main__ import main
from cli.ask import _Printer
from cli.exit_codes import UNREACHABLE
from services.runtime.errors import ProviderUnavailable
from tests.fakes.grpc_services import agent_in_a_thread

CITATION = events.Citation(number=1, index=5, uri="https://d.example/a#b", title="A", heading_path=["B"])


class AnsweringAgent(rpc.AgentServiceServicer):
    """Answers, or fails when it is asked to."""

    async def RunTurn(self, request: pb.RunTurnRequest, context: Any) -> AsyncIterator[pb.RunTurnResponse]:
        if request.messages[-1].text == "fail":
            raise ProviderUnavailable("no model can be had", retry_after_s=7)
        yield pb.RunTurnResponse(progress=events.Progress(stage=events.TURN_STAGE_SEARCHING))
        yield pb.RunTurnResponse(notice=events.Notice(message="From version 2.1"))
        yield pb.RunTurnResponse(text_delta=events.TextDelta(text="So it is"))
        yield pb.RunTurnResponse(citation_added=events.CitationAdded(citation=CITATION))
        yield pb.RunTurnResponse(text_delta=events.TextDelta(text="."))
        yield pb.RunTurnResponse(turn_completed=events.TurnCompleted(text="So it is.", citations=[CITATION], model="m"))


@pytest.fixture
def target() -> Iterator[str]:
    with agent_in_a_thread(AnsweringAgent()) as target:
        yield target


def run(monkeypatch: pytest.MonkeyPatch, target: str, *arguments: str) -> int:
    monkeypatch.setenv("DOCS_CHAT_AGENT_TARGET", target)
    with pytest.raises(SystemExit) as ended:
        main(["ask", *arguments])
    return int(str(ended.value.code))


def test_the_answer_and_its_sources_go_to_standard_output(
    target: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(monkeypatch, target, "How?") == 0
    captured = capsys.readouterr()
    assert captured.out == "So it [1] is.\n\n[1] A › B\n    https://d.example/a#b\n"
    assert "Searching the docs" in captured.err
    assert "From version 2.1" in captured.err


def test_a_failure_is_told_with_its_own_exit_code(
    target: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(monkeypatch, target, "fail") == UNREACHABLE
    assert "no model can be had" in capsys.readouterr().err


def test_nobody_there_is_told_with_the_address(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(monkeypatch, "127.0.0.1:1", "How?", "--timeout", "5") == UNREACHABLE
    told = " ".join(capsys.readouterr().err.split())
    assert "the agent service cannot be reached at 127.0.0.1:1; is it running (`make up`)?" in told


def test_marks_keep_their_order_and_stand_where_their_statement_ends(capsys: pytest.CaptureFixture[str]) -> None:
    printer = _Printer(show_passages=False)

    def tell(text: str, *citations: tuple[int, int]) -> None:
        printer.print(pb.RunTurnResponse(text_delta=events.TextDelta(text=text)))
        for number, index in citations:
            citation = events.Citation(number=number, index=index)
            printer.print(pb.RunTurnResponse(citation_added=events.CitationAdded(citation=citation)))

    tell("One, two", (1, 3), (2, 8), (3, 8))
    tell(". Three.", (4, 8), (5, 15))
    printer.print(pb.RunTurnResponse(turn_completed=events.TurnCompleted()))
    assert capsys.readouterr().out.startswith("One [1], two [2] [3] [4]. Three [5].")
