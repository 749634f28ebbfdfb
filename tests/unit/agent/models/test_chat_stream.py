"""What is read from the wire: text, tool calls and facts of good answers, and what is no answer in spite of its 200."""

import json
from collections.abc import AsyncIterator
from contextlib import AbstractContextManager, nullcontext
from typing import Any

import aiohttp
import pytest
from agents import FunctionTool

from services.agent.models.chat_request import OpenRouterOptions, chat_body
from services.agent.models.chat_stream import OpenStreams, read_answer
from services.agent.models.failures import BadAnswer, FailureKind, ProviderError, classify
from services.agent.models.listed import Rung
from services.agent.models.reply import ReplyFacts

DONE = b"data: [DONE]\n\n"


class Blocks:
    """An answer that comes in these blocks."""

    def __init__(self, blocks: tuple[bytes, ...], status: int, headers: dict[str, str]) -> None:
        self._blocks = blocks
        self.status = status
        self.headers = headers

    async def blocks(self) -> AsyncIterator[bytes]:
        for block in self._blocks:
            yield block

    def resting(self) -> AbstractContextManager[None]:
        return nullcontext()


async def read(
    *blocks: bytes, status: int = 200, content_type: str = "text/event-stream", reply: ReplyFacts | None = None
) -> list[str]:
    """The pieces of an answer that comes in these blocks."""
    answer = Blocks(blocks, status, {"content-type": content_type, "x-generation-id": "gen-1"})
    return [piece async for piece in read_answer(answer, reply or ReplyFacts(), OpenStreams())]


def event(chunk: dict[str, Any]) -> bytes:
    return b"data: " + json.dumps(chunk).encode() + b"\n\n"


def delta(**fields: Any) -> bytes:
    return event({"model": "served", "choices": [{"index": 0, "delta": fields}]})


def finish(reason: str = "stop") -> bytes:
    return event({"choices": [{"index": 0, "delta": {}, "finish_reason": reason}]})


async def test_text_that_comes_quickly_is_joined_and_none_is_lost() -> None:
    reply = ReplyFacts()
    pieces = await read(*(delta(content=f"w{n} ") for n in range(50)), DONE, reply=reply)
    assert "".join(pieces) == "".join(f"w{n} " for n in range(50))
    assert pieces[0] == "w0 "
    assert len(pieces) < 50
    assert (reply.served_model, reply.generation_id, reply.ended) == ("served", "gen-1", True)


@pytest.mark.parametrize("newline", [b"\n", b"\r\n"])
async def test_lines_are_read_however_they_are_cut(newline: bytes) -> None:
    whole = (b": comment\n\nevent: x\n" + delta(content="one ") + delta(content="二") + DONE).replace(b"\n", newline)
    pieces = await read(*(whole[at : at + 7] for at in range(0, len(whole), 7)))
    assert "".join(pieces) == "one 二"


async def test_usage_is_read_from_a_chunk_without_choices_and_reasoning_is_not_told() -> None:
    reply = ReplyFacts()
    usage = event({"choices": [], "usage": {"prompt_tokens": 7, "completion_tokens": 3, "cost": 0.5}})
    pieces = await read(delta(reasoning="Let me think."), delta(content="Yes."), finish(), usage, reply=reply)
    assert pieces == ["Yes."]
    assert (reply.input_tokens, reply.output_tokens, reply.cost_usd) == (7, 3, 0.5)
    assert reply.finish_reason == "stop"


@pytest.mark.parametrize(
    "pieces",
    [
        [{"index": 0, "function": {"name": "f", "arguments": '{"q"'}}, {"index": 0, "function": {"arguments": ": 1}"}}],
        [{"id": "a", "function": {"name": "f", "arguments": '{"q"'}}, {"function": {"arguments": ": 1}"}}],
        [{"index": 3, "function": {"name": "f"}}, {"index": 3, "function": {"name": "f", "arguments": '{"q": 1}'}}],
        [{"index": 0, "function": {"name": "f", "arguments": {"q": 1}}}],
    ],
)  # fmt: skip
async def test_tool_calls_are_put_together_from_their_pieces(pieces: list[dict[str, Any]]) -> None:
    reply = ReplyFacts()
    await read(*(delta(tool_calls=[piece]) for piece in pieces), finish("tool_calls"), reply=reply)
    assert [(call.name, call.arguments) for call in reply.tool_calls] == [("f", '{"q": 1}')]


async def test_two_calls_without_an_index_stay_two() -> None:
    reply = ReplyFacts()
    calls = [{"id": "call_0", "function": {"name": name, "arguments": "{}"}} for name in ("f", "g")]
    await read(delta(tool_calls=calls), finish("tool_calls"), reply=reply)
    assert [call.name for call in reply.tool_calls] == ["f", "g"]


@pytest.mark.parametrize(
    "blocks", [[delta(content="half an ans")], [], [b": comment\n\n"], [delta(content="x"), delta(content="y")[:-20]]]
)
async def test_a_stream_that_just_ends_is_a_lost_connection(blocks: list[bytes]) -> None:
    with pytest.raises((aiohttp.ClientPayloadError, BadAnswer)) as raised:
        await read(*blocks)
    assert classify(raised.value).kind in (FailureKind.PROVIDER_DOWN, FailureKind.BAD_ANSWER)


@pytest.mark.parametrize("code", ["502", 502, "server_error", None, 200])
async def test_an_error_inside_a_stream_is_understood_in_every_spelling(code: object) -> None:
    error = {"code": code, "message": "gone", "metadata": {"error_type": "provider_unavailable"}}
    for chunk in ({"error": error}, {"choices": [{"error": error, "finish_reason": "error"}]}):
        with pytest.raises(ProviderError) as raised:
            await read(event(chunk))
        assert classify(raised.value).kind is FailureKind.PROVIDER_DOWN
        assert "gone" in classify(raised.value).message


@pytest.mark.parametrize("chunk", [{"error": "overloaded"}, {"choices": [{"finish_reason": "error"}]}])
async def test_an_error_that_says_little_is_an_error(chunk: dict[str, Any]) -> None:
    with pytest.raises(ProviderError):
        await read(event(chunk), DONE)


@pytest.mark.parametrize("data", [b"{not json", b"5", b"null", b'{"choices": [{"delta": {"content": [{}]}}]}', b"\xff"])
async def test_what_is_no_text_is_a_bad_answer(data: bytes) -> None:
    with pytest.raises(BadAnswer):
        await read(b"data: " + data + b"\n\n", DONE)


async def test_a_line_without_end_is_given_up() -> None:
    with pytest.raises(BadAnswer):
        await read(b"data: ", *[b"x" * 400_000] * 3)


async def test_an_answer_at_once_is_an_answer() -> None:
    reply = ReplyFacts()
    body = {"model": "m", "choices": [{"message": {"content": "Whole."}, "finish_reason": "stop"}]}
    padded = b"\n    \n" + json.dumps(body).encode()
    assert await read(padded, content_type="application/json", reply=reply) == ["Whole."]
    assert (reply.finish_reason, reply.served_model) == ("stop", "m")


@pytest.mark.parametrize("body", [b"<html>", b"[]", b'{"error": {"code": 503, "message": "busy"}}'])
async def test_a_200_that_is_no_answer_is_an_error(body: bytes) -> None:
    with pytest.raises(ProviderError) as raised:
        await read(body, content_type="text/html")
    assert classify(raised.value).kind is FailureKind.PROVIDER_DOWN


async def test_a_refusal_without_json_is_known_by_its_status() -> None:
    with pytest.raises(ProviderError) as raised:
        await read(b"<html>Gateway timeout</html>", status=504)
    assert classify(raised.value).kind is FailureKind.TOO_SLOW


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        # Of Ollama, vLLM, FastAPI, Mistral, llama.cpp, OpenAI and Groq.
        (b'{"error": "model \'x\' not found, try pulling it first"}', FailureKind.REQUEST_REFUSED),
        (
            b'{"object": "error", "message": "This model\'s maximum context length is 4096 tokens", "code": 400}',
            FailureKind.CONTEXT_TOO_LONG,
        ),
        (b'{"detail": "Input is too long for the context window of 4096 tokens"}', FailureKind.CONTEXT_TOO_LONG),
        (b'{"detail": [{"type": "extra_forbidden", "loc": ["body", "x"]}]}', FailureKind.REQUEST_REFUSED),
        (
            b'{"error": {"code": 400, "type": "exceed_context_size_error", "message": "the request exceeds it"}}',
            FailureKind.CONTEXT_TOO_LONG,
        ),
        (b'{"error": {"message": "no", "code": "invalid_api_key"}}', FailureKind.KEY_REFUSED),
        (b'{"error": {"message": "no", "code": "insufficient_quota"}}', FailureKind.NO_CREDIT),
        (
            b'{"error": {"message": "too long", "code": "context_length_exceeded"}}',
            FailureKind.CONTEXT_TOO_LONG,
        ),
        (b'{"error": {"message": "slow down", "code": "rate_limit_exceeded"}}', FailureKind.MODEL_BUSY),
    ],
)
async def test_a_refusal_is_understood_in_the_spelling_of_other_servers(body: bytes, kind: FailureKind) -> None:
    with pytest.raises(ProviderError) as raised:
        await read(body, status=400, content_type="application/json")
    failure = classify(raised.value)
    assert failure.kind is kind
    assert failure.message != 'HTTP 400: ""'


@pytest.mark.parametrize("blank", [b" ", b"", b"  "], ids=["a blank", "none", "two"])
@pytest.mark.parametrize("end", [DONE, b"", b": bye\n\n"], ids=["DONE", "nothing", "a comment"])
async def test_streams_of_other_servers_are_read_with_their_keep_alives(blank: bytes, end: bytes) -> None:
    whole = b"retry: 3000\n\n:\n\n" + delta(content="One. ") + b": keep-alive\n\n" + delta(content="Two.")
    last = event({"choices": [{"index": 0, "delta": {}, "finish_reason": "stop"}], "usage": None})
    reply = ReplyFacts()
    pieces = await read((whole + last).replace(b"data: ", b"data:" + blank) + end, reply=reply)
    assert "".join(pieces) == "One. Two."
    assert (reply.ended, reply.finish_reason, reply.input_tokens) == (True, "stop", 0)


TOOL = FunctionTool("look", "Looks.", {"type": "object"}, on_invoke_tool=lambda context, arguments: None)  # type: ignore[arg-type,return-value]


def test_a_request_carries_what_the_provider_needs() -> None:
    fields = OpenRouterOptions(data_collection="deny").fields("reader@example.com", Rung("m"), 99)
    call = {"type": "function_call", "call_id": "c1", "name": "look", "arguments": "{}"}
    result = {"type": "function_call_output", "call_id": "c1", "output": "Found."}
    said: list[Any] = [{"role": "user", "content": "Why?"}, call, result]
    body = json.loads(chat_body("m", "Rules.", said, [TOOL], fields))
    assert [message["role"] for message in body["messages"]] == ["system", "user", "assistant", "tool"]
    assert body["messages"][2]["tool_calls"][0]["id"] == body["messages"][3]["tool_call_id"] == "c1"
    assert (body["model"], body["stream"], body["max_tokens"]) == ("m", True, 99)
    assert body["tools"][0]["function"]["name"] == "look"
    assert body["parallel_tool_calls"] is False
    assert "tool_choice" not in body
    assert body["provider"] == {"data_collection": "deny"}
    assert len(body["user"]) == 32
    assert "reader@example.com" not in json.dumps(body)


def test_when_an_answer_is_due_no_tool_may_be_called() -> None:
    body = json.loads(chat_body("m", None, "Why?", [TOOL], {}, may_call=False))
    assert body["tool_choice"] == "none"


def test_a_model_without_tools_hears_nothing_of_them() -> None:
    body = json.loads(chat_body("m", None, "Why?", [], OpenRouterOptions().fields("", Rung("m"), 99), may_call=False))
    assert not body.keys() & {"tools", "tool_choice", "parallel_tool_calls", "user"}
