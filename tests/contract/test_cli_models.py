"""`docs-chat models` against an agent service on a real port: a table, JSON, and what an operator should change."""

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest
from docs_chat.agent.v1 import agent_service_pb2 as pb
from docs_chat.agent.v1 import agent_service_pb2_grpc as rpc
from google.protobuf.timestamp_pb2 import Timestamp

from cli.__main__ import main
from cli.exit_codes import FAILED, OK, UNREACHABLE
from tests.fakes.grpc_services import agent_in_a_thread

NOON = Timestamp(seconds=1_800_014_400)
QUOTA = pb.QuotaState(minute_remaining=17, minute_limit=18, day_remaining=40, day_limit=50, day_resets_at=NOON)
ON_OFFER = pb.ModelState(
    model="z-ai/glm-5.2:free",
    breaker=pb.BREAKER_STATE_CLOSED,
    supports_tools=True,
    context_length=131_072,
    is_free=True,
    on_offer=True,
    last_answer_at=NOON,
)
RESTING = pb.ModelState(
    model="google/gemma-4-31b-it:free",
    breaker=pb.BREAKER_STATE_OPEN,
    retry_at=NOON,
    reason="refuses requests that others take: INVALID_ARGUMENT",
    refusals_in_a_row=3,
    on_offer=True,
)
GONE = pb.ModelState(model="gone/model:free", on_offer=False, left_out_reason="the provider does not list it any more")
CHOSEN = pb.ModelState(model="new/model:free", breaker=pb.BREAKER_STATE_CLOSED, on_offer=True, chosen_by_rule=True)


@dataclass
class TellingAgent(rpc.AgentServiceServicer):
    """Tells the status that it was given."""

    status: pb.GetModelStatusResponse = field(default_factory=pb.GetModelStatusResponse)

    async def GetModelStatus(self, request: pb.GetModelStatusRequest, context: Any) -> pb.GetModelStatusResponse:
        return self.status


@pytest.fixture
def agent(monkeypatch: pytest.MonkeyPatch) -> Iterator[TellingAgent]:
    told = TellingAgent()
    with agent_in_a_thread(told) as target:
        monkeypatch.setenv("DOCS_CHAT_AGENT_TARGET", target)
        yield told


def run(*arguments: str) -> int:
    with pytest.raises(SystemExit) as ended:
        main(["models", *arguments])
    return int(ended.value.code or 0)


def test_every_model_has_a_line_and_what_holds_it_back_is_said(
    agent: TellingAgent, capsys: pytest.CaptureFixture[str]
) -> None:
    agent.status = pb.GetModelStatusResponse(
        models=[ON_OFFER, RESTING], left_out=[GONE], quota=QUOTA, queue_length=2, listed_at=NOON
    )
    assert run() == OK
    shown = capsys.readouterr()
    lines = shown.out.splitlines()
    assert lines[1].split("  ")[0] == "z-ai/glm-5.2:free"
    assert all(part in lines[1] for part in ("on offer", "free", "131,072", "yes", "2027-01-15 12:00Z"))
    assert "rests" in lines[2]
    assert "left out" in lines[3]
    assert "until 2027-01-15 12:00Z; refuses requests that others take: INVALID_ARGUMENT" in shown.out
    assert "gone/model:free: the provider does not list it any more" in shown.out
    assert "17 of 18 requests left this minute, 40 of 50 requests left today" in shown.out
    assert "2 questions wait" in shown.out
    assert shown.err == ""


def test_json_is_the_answer_of_the_service(agent: TellingAgent, capsys: pytest.CaptureFixture[str]) -> None:
    agent.status = pb.GetModelStatusResponse(models=[ON_OFFER], left_out=[GONE], quota=QUOTA)
    assert run("--json") == OK
    told = json.loads(capsys.readouterr().out)
    assert told["models"][0]["context_length"] == 131_072
    assert told["left_out"][0]["left_out_reason"] == GONE.left_out_reason


@pytest.mark.parametrize(
    ("status", "warning", "code"),
    [
        (pb.GetModelStatusResponse(models=[CHOSEN], left_out=[GONE]), "asked instead: new/model:free", OK),
        (pb.GetModelStatusResponse(left_out=[GONE]), "answers are quotations", FAILED),
        (pb.GetModelStatusResponse(), "no model is known", FAILED),
        (
            pb.GetModelStatusResponse(models=[pb.ModelState(model="x", on_offer=False)]),
            "the provider lists none of the configured models",
            OK,
        ),
        (
            pb.GetModelStatusResponse(
                models=[ON_OFFER], account_breaker=pb.BREAKER_STATE_OPEN, account_reason="HTTP 401"
            ),
            "the provider refuses the account: HTTP 401",
            OK,
        ),
    ],
)
def test_what_should_be_changed_is_a_warning_beside_the_output(
    agent: TellingAgent,
    capsys: pytest.CaptureFixture[str],
    status: pb.GetModelStatusResponse,
    warning: str,
    code: int,
) -> None:
    agent.status = status
    for arguments in ([], ["--json"]):
        assert run(*arguments) == code
        shown = capsys.readouterr()
        assert warning in shown.err
        assert warning not in shown.out


def test_without_a_provider_it_says_what_to_set(agent: TellingAgent, capsys: pytest.CaptureFixture[str]) -> None:
    agent.status = pb.GetModelStatusResponse(extractive_only=True)
    assert run() == OK
    assert "OPENROUTER_API_KEY or AGENT_BASE_URL" in capsys.readouterr().out


def test_without_limits_none_is_shown(agent: TellingAgent, capsys: pytest.CaptureFixture[str]) -> None:
    agent.status = pb.GetModelStatusResponse(models=[ON_OFFER], quota=pb.QuotaState(day_resets_at=NOON))
    assert run() == OK
    assert "No limit on requests is kept" in capsys.readouterr().out


def test_an_agent_that_does_not_run_is_said(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("DOCS_CHAT_AGENT_TARGET", "127.0.0.1:1")
    assert run() == UNREACHABLE
    assert "is it running" in capsys.readouterr().err
