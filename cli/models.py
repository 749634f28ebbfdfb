"""`docs-chat models`: which models are asked, what state they are in, and what is left of the quota."""

import argparse
import sys
from typing import TYPE_CHECKING, Any

from docs_chat.agent.v1 import agent_service_pb2 as pb
from docs_chat.agent.v1 import agent_service_pb2_grpc as rpc
from google.protobuf.json_format import MessageToJson
from google.protobuf.timestamp_pb2 import Timestamp

from cli.connection import CliSettings, connected
from cli.exit_codes import FAILED, OK

if TYPE_CHECKING:
    Subparsers = argparse._SubParsersAction[argparse.ArgumentParser]

_HEAD = ("model", "state", "price", "context", "tools", "last answer", "refusals")
_NO_PROVIDER = "No provider is configured: answers are quotations. Set OPENROUTER_API_KEY or AGENT_BASE_URL."
_RESTS = (pb.BREAKER_STATE_OPEN, pb.BREAKER_STATE_HALF_OPEN)


def add_parser(subparsers: "Subparsers") -> None:
    """Add the command."""
    parser: Any = subparsers.add_parser("models", help="show the configured models and their state")
    parser.add_argument("--json", action="store_true", help="one JSON object, as GetModelStatus answers")
    parser.set_defaults(run=run)


async def run(args: argparse.Namespace) -> int:
    """Show the models; fails when a provider is configured and none of its models can be asked."""
    settings = CliSettings()
    async with connected(settings.agent, settings, service="agent") as channel:
        status = await rpc.AgentServiceStub(channel).GetModelStatus(
            pb.GetModelStatusRequest(), timeout=settings.timeout_s
        )
    print(MessageToJson(status, preserving_proto_field_name=True) if args.json else describe(status))
    for warning in warnings(status):
        print(f"docs-chat: {warning}", file=sys.stderr)
    return OK if status.models or status.extractive_only else FAILED


def describe(status: pb.GetModelStatusResponse) -> str:
    """The models as a table, with what holds some of them back below it."""
    if status.extractive_only:
        return _NO_PROVIDER
    rows = [_HEAD, *(_row(state) for state in (*status.models, *status.left_out))]
    widths = [max(len(row[at]) for row in rows) for at in range(len(_HEAD))]
    lines = ["  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows]
    notes = [note for state in (*status.models, *status.left_out) if (note := _note(state))]
    return "\n".join([*lines, *(["", *notes] if notes else []), "", _quota(status), _list(status)])


def warnings(status: pb.GetModelStatusResponse) -> list[str]:
    """What an operator should change."""
    found: list[str] = []
    if status.extractive_only:
        return found
    chosen = [state.model for state in status.models if state.chosen_by_rule]
    if status.left_out and len(chosen) == len(status.models):
        instead = f"asked instead: {', '.join(chosen)}" if chosen else "no model is asked, so answers are quotations"
        found.append(f"none of the configured models is on offer; {instead}. Set AGENT_MODELS to models that are.")
    elif not status.models:
        found.append("no model is known: the provider's list was not read, or names none. Set AGENT_MODELS.")
    elif all(state.HasField("on_offer") and not state.on_offer for state in status.models):
        found.append("the provider lists none of the configured models; they are asked all the same.")
    if status.account_breaker in _RESTS:
        found.append(f"the provider refuses the account: {status.account_reason}")
    return found


def _row(state: pb.ModelState) -> tuple[str, ...]:
    return (
        state.model,
        _state(state),
        ("free" if state.is_free else "costs money") if state.HasField("is_free") else "unknown",
        f"{state.context_length:,}" if state.context_length else "unknown",
        "yes" if state.supports_tools else "no",
        _moment(state.last_answer_at) if state.HasField("last_answer_at") else "none yet",
        str(state.refusals_in_a_row),
    )


def _state(state: pb.ModelState) -> str:
    if state.left_out_reason:
        return "left out"
    if state.breaker in _RESTS:
        return "rests" if state.breaker == pb.BREAKER_STATE_OPEN else "to be tried"
    if state.chosen_by_rule:
        return "chosen by rule"
    if not state.HasField("on_offer"):
        return "not looked up"
    return "on offer" if state.on_offer else "not listed"


def _note(state: pb.ModelState) -> str:
    """Why a model is not asked, or what it last refused; empty when there is nothing to say."""
    if state.left_out_reason:
        return f"{state.model}: {state.left_out_reason}"
    if state.breaker in _RESTS:
        return f"{state.model}: until {_moment(state.retry_at)}; {state.reason}"
    return f"{state.model}: last refused with: {state.last_refusal}" if state.last_refusal else ""


def _quota(status: pb.GetModelStatusResponse) -> str:
    quota = status.quota
    told = [
        f"{left} of {limit} requests left {when}"
        for left, limit, when in (
            (quota.minute_remaining, quota.minute_limit, "this minute"),
            (quota.day_remaining, quota.day_limit, f"today (until {_moment(quota.day_resets_at)})"),
        )
        if limit
    ]
    waiting = f"; {status.queue_length} questions wait" if status.queue_length else ""
    return (", ".join(told) or "No limit on requests is kept") + waiting


def _list(status: pb.GetModelStatusResponse) -> str:
    if not status.HasField("listed_at"):
        return "The provider's list of models has not been read yet"
    return f"The provider's list of models was read {_moment(status.listed_at)}"


def _moment(value: Timestamp) -> str:
    return f"{value.ToDatetime().isoformat(sep=' ', timespec='minutes')}Z"
