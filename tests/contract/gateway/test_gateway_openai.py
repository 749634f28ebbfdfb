"""OpenAI's clients: shapes, sources, refusals, failures."""

import asyncio
import json
from collections.abc import AsyncIterator
from typing import Any

import openai
import pytest
from docs_chat.agent.v1 import agent_service_pb2 as pb
from docs_chat.agent.v1 import turn_events_pb2 as events
from openai import AsyncOpenAI
from pydantic import SecretStr

from services.runtime.errors import (
    ContentRefused,
    InternalError,
    InvalidRequest,
    ProviderUnavailable,
    ServiceUnreachable,
    SiteNotFound,
    TurnInterrupted,
)
from tests.contract.gateway.conftest import CITATION, completes, found, says

JSON = {"Content-Type": "application/json"}
TEXT = "Use `retries` 🎉."
SOURCES = "\n\n**Sources**\n\n[1] [Retry › Client › Backoff](https://docs.example.com/retry#backoff)"
CONTENT = f"Use `retries` [1] 🎉.{SOURCES}"
QUESTION: list[Any] = [{"role": "user", "content": "How do I retry?"}]


@pytest.fixture
async def client(browser: Any) -> AsyncIterator[AsyncOpenAI]:
    async with AsyncOpenAI(base_url=f"{browser.base_url}/v1", api_key="none", max_retries=0) as client:
        yield client


async def streamed(client: AsyncOpenAI, **asked: Any) -> tuple[str, list[Any]]:
    """The text of a streamed answer, and its chunks."""
    asked = {"model": "docs-chat", "messages": QUESTION} | asked
    chunks = [chunk async for chunk in await client.chat.completions.create(stream=True, **asked)]
    return "".join(chunk.choices[0].delta.content or "" for chunk in chunks if chunk.choices), chunks


async def whole(client: AsyncOpenAI, **asked: Any) -> Any:
    return await client.chat.completions.create(**{"model": "docs-chat", "messages": QUESTION} | asked)


async def test_sources_stand_in_the_text_and_annotations_point_at_their_marks(client: Any, agent: Any) -> None:
    answer = await whole(client, model="docs-chat/docs")
    message = answer.choices[0].message
    assert message.content == CONTENT
    (annotation,) = message.annotations
    place = annotation.url_citation
    assert message.content[place.start_index : place.end_index] == "[1]"
    assert (place.url, place.title) == (CITATION.uri, "Retry › Client › Backoff")
    assert answer.docs_chat["passages"][0]["title"] == "Retry"
    assert agent.requests[-1].site == "docs"


async def test_a_stream_says_the_same_as_a_whole_answer(client: Any) -> None:
    text, chunks = await streamed(client, stream_options={"include_usage": True})
    assert text == CONTENT
    assert chunks[0].choices[0].delta.role == "assistant"
    last = next(chunk for chunk in chunks if chunk.choices and chunk.choices[0].finish_reason)
    assert last.choices[0].finish_reason == "stop"
    (annotation,) = last.choices[0].delta.annotations
    place = annotation["url_citation"]
    assert text[place["start_index"] : place["end_index"]] == "[1]"
    assert chunks[-1].usage is not None


@pytest.mark.parametrize(
    ("shown", "text", "annotated"), [("markdown", CONTENT, 1), ("annotations", TEXT, 1), ("none", TEXT, 0)]
)
async def test_a_request_or_a_setting_says_how_sources_are_shown(
    start_gateway: Any, shown: str, text: str, annotated: int
) -> None:
    default = "none" if shown == "markdown" else "markdown"
    for setting, options in [(shown, {}), (default, {"docs_chat": {"citations": shown}})]:
        browser = await start_gateway(completion_citations=setting)
        async with AsyncOpenAI(base_url=f"{browser.base_url}/v1", api_key="none") as client:
            message = (await whole(client, extra_body=options)).choices[0].message
            assert (message.content, len(message.annotations)) == (text, annotated)
            assert (await streamed(client, extra_body=options))[0] == text


async def test_an_answer_sent_back_is_told_to_the_agent_without_marks_and_sources(client: Any, agent: Any) -> None:
    await whole(client, messages=[*QUESTION, {"role": "assistant", "content": CONTENT}, *QUESTION])
    assert [message.text for message in agent.requests[-1].messages] == ["How do I retry?", TEXT, "How do I retry?"]


async def test_a_piece_is_not_held_back_longer_than_until_the_next_event(client: Any, agent: Any) -> None:
    agent.play([found(), says("Use "), says("it"), agent.HANG])
    stream = await client.chat.completions.create(model="docs-chat", messages=QUESTION, stream=True)
    texts = [(await anext(stream)).choices[0].delta.content for _ in range(2)]
    assert texts == ["", "Use "]
    await stream.close()
    await agent.cancelled.wait()


@pytest.mark.parametrize(
    ("bounds", "content", "reason"),
    [
        ({"max_tokens": 1}, "Use ", "length"),
        ({"max_completion_tokens": 3}, "Use `retries", "length"),
        ({"max_tokens": 1, "max_completion_tokens": 9}, "Use ", "length"),
        ({"max_tokens": 1000}, CONTENT, "stop"),
        ({"stop": "tries`"}, "Use `re", "stop"),
        ({"stop": ["nothing", " `re"]}, "Use", "stop"),
        ({"stop": "\n\n"}, "Use `retries` [1] 🎉.", "stop"),
        ({"stop": []}, CONTENT, "stop"),
        ({"stop": None, "max_tokens": None}, CONTENT, "stop"),
    ],
)
async def test_the_answer_ends_where_the_program_says(client: Any, bounds: Any, content: str, reason: str) -> None:
    choice = (await whole(client, **bounds)).choices[0]
    assert (choice.message.content, choice.finish_reason) == (content, reason)
    text, chunks = await streamed(client, **bounds)
    assert (text, chunks[-1].choices[0].finish_reason) == (content, reason)
    assert len(choice.message.annotations) == content.count("[1]", 0, 20)


async def test_a_stop_sequence_is_found_across_pieces(client: Any, agent: Any) -> None:
    agent.play([found(), says("one ST"), says("OP two"), completes("one STOP two")])
    assert (await streamed(client, stop=["STOP"]))[0] == "one "


async def test_an_answer_that_the_model_cut_off_says_so(client: Any, agent: Any) -> None:
    truncated = events.Notice(code=events.NOTICE_CODE_TRUNCATED, message="cut")
    agent.play([found(), says("Use"), pb.RunTurnResponse(notice=truncated), completes("Use")])
    assert (await whole(client)).choices[0].finish_reason == "length"


@pytest.mark.parametrize(
    "choice", ["auto", "none", None, {"type": "auto"}, {"type": "allowed_tools", "allowed_tools": {"mode": "auto"}}]
)
async def test_tools_that_need_not_be_called_are_ignored(client: Any, choice: Any) -> None:
    tool = {"type": "function", "function": {"name": "f"}}
    answer = await whole(client, tools=[tool], tool_choice=choice)
    assert answer.choices[0].message.content == CONTENT


async def test_of_a_long_conversation_the_newest_messages_are_read(client: Any, agent: Any) -> None:
    talk = [{"role": ("user", "assistant")[at % 2], "content": str(at)} for at in range(400)]
    await whole(client, messages=[*talk, *QUESTION])
    told = [message.text for message in agent.requests[-1].messages]
    assert told == [*map(str, range(381, 400)), "How do I retry?"]


@pytest.mark.parametrize(
    ("change", "param", "code"),
    [
        ({"messages": []}, "messages", "array_below_min_length"),
        ({"messages": None}, "messages", "invalid_value"),
        ({"messages": [{"role": "pirate", "content": "x"}]}, "messages[0].role", "invalid_value"),
        ({"messages": [{"content": "x"}]}, "messages[0].role", "missing_required_parameter"),
        ({"messages": [{"role": "system", "content": "x"}]}, "messages", "invalid_value"),
        ({"messages": [*QUESTION, {"role": "assistant", "content": "x"}]}, "messages", "invalid_value"),
        ({"messages": [{"role": "user", "content": " "}]}, "messages[0].content", "invalid_value"),
        ({"messages": [{"role": "user", "content": None}]}, "messages[0].content", "invalid_value"),
        ({"messages": [{"role": "user", "content": 7}]}, "messages[0].content", "invalid_value"),
        ({"messages": [{"role": "user", "content": [{"text": "x"}]}]}, "messages[0].content[0].type",
         "missing_required_parameter"),
        ({"messages": [{"role": "user", "content": "x" * 8001}]}, "messages[0].content", "string_above_max_length"),
        ({"messages": [{"role": "user", "content": "half a pair: \ud800"}]}, "messages[0].content", "invalid_value"),
        ({"messages": [{"role": "user", "content": [{"type": "text", "text": "null: \0"}]}]}, "messages[0].content",
         "invalid_value"),
        ({"messages": [{"role": "user", "content": ["x"]}]}, "messages[0].content[0]", "invalid_value"),
        ({"messages": ["x"]}, "messages[0]", "invalid_value"),
        ({"n": 2}, "n", "unsupported_value"),
        ({"logprobs": True}, "logprobs", "unsupported_value"),
        ({"modalities": ["text", "audio"]}, "modalities", "unsupported_value"),
        ({"response_format": {"type": "json_object"}}, "response_format", "unsupported_value"),
        ({"tool_choice": "required"}, "tool_choice", "unsupported_value"),
        ({"tool_choice": {"type": "function", "function": {"name": "f"}}}, "tool_choice", "unsupported_value"),
        ({"function_call": {"name": "f"}}, "function_call", "unsupported_value"),
        ({"stop": ["a", "b", "c", "d", "e"]}, "stop", "array_above_max_length"),
        ({"stop": 5}, "stop", "invalid_value"),
        ({"max_tokens": 0}, "max_tokens", "integer_below_min_value"),
        ({"max_tokens": "many"}, "max_tokens", "invalid_value"),
        ({"stream": "perhaps"}, "stream", "invalid_value"),
        ({"docs_chat": {"citations": "footnotes"}}, "docs_chat.citations", "invalid_value"),
    ],
)  # fmt: skip
async def test_what_cannot_be_served_is_refused_with_the_field(
    browser: Any, agent: Any, change: dict[str, Any], param: str, code: str
) -> None:
    body = {"model": "docs-chat", "messages": QUESTION, "stream": True} | change
    response = await browser.post("/v1/chat/completions", content=json.dumps(body), headers=JSON)
    error = response.json()["error"]
    assert (response.status_code, error["type"]) == (400, "invalid_request_error")
    assert (error["param"], error["code"]) == (param, code)
    assert error["message"].startswith(param[:1].upper())
    assert not agent.requests


async def test_a_picture_is_refused_in_the_question_and_passed_over_before_it(client: Any, agent: Any) -> None:
    parts = [{"type": "text", "text": "What is this?"}, {"type": "image_url", "image_url": {"url": "data:,"}}]
    with pytest.raises(openai.BadRequestError) as refused:
        await whole(client, messages=[{"role": "user", "content": parts}])
    assert refused.value.param == "messages[0].content[1].type"
    assert "only text can be read here, not 'image_url'" in refused.value.message
    await whole(client, messages=[{"role": "user", "content": parts}, *QUESTION])
    assert [message.text for message in agent.requests[-1].messages] == ["What is this?", "How do I retry?"]


@pytest.mark.parametrize("model", ["gpt-4", "docs-chatter", "docs-chat/", "docs-chat/UPPER", "docs-chat/\udc00"])
async def test_a_model_that_is_not_ours_is_not_found(browser: Any, model: str) -> None:
    body = json.dumps({"model": model, "messages": QUESTION})
    response = await browser.post("/v1/chat/completions", content=body, headers=JSON)
    error = response.json()["error"]
    assert (response.status_code, error["code"], error["param"]) == (404, "model_not_found", "model")
    assert "GET /v1/models" in error["message"]


@pytest.mark.parametrize("stream", [True, False])
async def test_an_unknown_site_is_named_as_such_and_not_at_length(client: Any, agent: Any, stream: bool) -> None:
    agent.play([SiteNotFound("no site of that name", site="elsewhere")])
    with pytest.raises(openai.NotFoundError, match="There is no site 'elsewhere' here"):
        await whole(client, model="docs-chat/elsewhere", stream=stream)
    with pytest.raises(openai.NotFoundError) as refused:
        await whole(client, model="docs-chat/" + "x" * 5000, stream=stream)
    assert len(refused.value.message) < 200


async def test_a_site_must_be_named_when_there_are_several(client: Any, agent: Any, retriever: Any) -> None:
    retriever.sites = ["guide", "reference"]
    assert [model.id async for model in client.models.list()] == ["docs-chat/guide", "docs-chat/reference"]
    with pytest.raises(openai.NotFoundError):
        await client.models.retrieve("docs-chat")
    message = "name the site, there are several: guide, reference"
    agent.play([InvalidRequest(message, violations={"site": message})])
    for stream in (True, False):
        with pytest.raises(openai.BadRequestError, match="guide, reference") as refused:
            await whole(client, stream=stream)
        assert (refused.value.param, refused.value.code) == ("model", "model_not_found")
    assert (await client.models.retrieve("docs-chat/guide")).id == "docs-chat/guide"


@pytest.mark.parametrize(
    ("sites", "configured", "listed"),
    [
        ([], "", []),
        (["a"], "", ["docs-chat", "docs-chat/a"]),
        (["a", "b"], "", ["docs-chat/a", "docs-chat/b"]),
        (["a", "b"], "b", ["docs-chat", "docs-chat/a", "docs-chat/b"]),
        (["a"], "gone", ["docs-chat/a"]),
    ],
)
async def test_only_what_would_be_answered_is_listed(
    start_gateway: Any, retriever: Any, sites: list[str], configured: str, listed: list[str]
) -> None:
    retriever.sites = sites
    browser = await start_gateway(site=configured)
    assert [model["id"] for model in (await browser.get("/v1/models")).json()["data"]] == listed
    for model in listed:
        assert (await browser.get(f"/v1/models/{model}")).json()["id"] == model


@pytest.mark.parametrize("stream", [True, False])
@pytest.mark.parametrize(
    ("failure", "status"),
    [(ProviderUnavailable("no hint"), 503), (ContentRefused("refused"), 400), (InternalError("bug"), 500)],
)
async def test_a_failure_before_the_first_text_has_a_status(
    browser: Any, agent: Any, failure: Exception, status: int, stream: bool
) -> None:
    agent.play([found(), failure])
    body = {"model": "docs-chat", "messages": QUESTION, "stream": stream}
    response = await browser.post("/v1/chat/completions", json=body)
    assert response.status_code == status
    assert set(response.json()["error"]) == {"message", "type", "param", "code"}


async def test_an_agent_that_is_away_is_told_by_the_status_too(client: Any, agent: Any) -> None:
    agent.play([ServiceUnreachable("away")])
    with pytest.raises(openai.InternalServerError) as failed:
        await whole(client, stream=True)
    assert failed.value.status_code == 503


async def test_a_failure_after_text_ends_the_stream_with_what_had_come(client: Any, agent: Any) -> None:
    agent.play([found(), says("Use "), says("`ret"), TurnInterrupted("broken")])
    texts = []
    with pytest.raises(openai.APIError, match="The answer broke off"):
        async for chunk in await client.chat.completions.create(model="docs-chat", messages=QUESTION, stream=True):
            texts.append(chunk.choices[0].delta.content)
    assert "".join(texts) == "Use `ret"


async def test_a_stream_that_waits_long_begins_with_a_sign_of_life(start_gateway: Any, agent: Any) -> None:
    agent.play([found(), agent.HANG])
    browser = await start_gateway(ping_interval_s=0.05)
    body = {"model": "docs-chat", "messages": QUESTION, "stream": True}
    async with browser.stream("POST", "/v1/chat/completions", json=body) as response:
        assert response.status_code == 200
        assert await anext(response.aiter_bytes()) == b": ping\n\n"


@pytest.mark.parametrize(
    ("method", "path", "status", "code"),
    [
        ("GET", "/v1/chat/completions", 405, "method_not_supported"),
        ("DELETE", "/v1/models", 405, "method_not_supported"),
        ("POST", "/v1/chat", 404, "unknown_url"),
        ("GET", "/v1/chat/completions/chatcmpl-1", 404, "unknown_url"),
        ("POST", "/v1/responses", 404, "unknown_url"),
        ("POST", "/v1/embeddings", 404, "unknown_url"),
        ("GET", "/v1/models/gpt-4", 404, "model_not_found"),
        ("GET", "/v1/models/docs-chat/elsewhere", 404, "model_not_found"),
    ],
)
async def test_wrong_paths_and_methods_fail_in_openais_shape(
    browser: Any, method: str, path: str, status: int, code: str
) -> None:
    response = await browser.request(method, path)
    assert response.status_code == status
    assert response.headers["content-type"] == "application/json"
    assert int(response.headers["content-length"]) == len(response.content)
    error = response.json()["error"]
    assert (set(error), error["code"]) == ({"message", "type", "param", "code"}, code)


@pytest.mark.parametrize("body", ["", "nothing", "[]", "7", "[" * 5000, '{"messages": ' + "[" * 9000])
async def test_a_body_that_is_none_fails_in_openais_shape(browser: Any, body: str) -> None:
    response = await browser.post("/v1/chat/completions", content=body, headers=JSON)
    assert response.status_code == 400
    assert response.json()["error"]["type"] == "invalid_request_error"


async def test_other_layers_fail_in_openais_shape_too(start_gateway: Any) -> None:
    settings = {"max_body_bytes": 5000, "turns_per_key": "1/hour", "api_keys": (SecretStr("right"),)}
    browser = await start_gateway(allowed_hosts=("127.0.0.1",), **settings)
    body = {"model": "docs-chat", "messages": QUESTION}
    right = {"Authorization": "Bearer right"}

    async def fails(code: str | None = None, **changed: Any) -> int:
        request = {"json": body, "headers": right} | changed
        response = await browser.post("/v1/chat/completions", **request)
        error = response.json()["error"]
        assert set(error) == {"message", "type", "param", "code"}
        assert code in (None, error["code"])
        return response.status_code

    assert await fails("invalid_api_key", headers={"Authorization": "Bearer wrong"}) == 401
    assert await fails("permission_denied", headers=right | {"Origin": "https://evil.example"}) == 403
    assert await fails(headers=right | {"Host": "evil.example"}) == 400
    assert await fails("request_too_large", json={"messages": "x" * 6000}) == 413
    assert (await browser.post("/v1/chat/completions", json=body, headers=right)).status_code == 200
    limited = await browser.post("/v1/chat/completions", json=body, headers=right)
    assert (limited.status_code, limited.json()["error"]["code"]) == (429, "rate_limit_exceeded")
    assert int(limited.headers["retry-after"]) > 0


@pytest.mark.parametrize("stream", [True, False])
async def test_an_openai_client_that_leaves_stops_the_agent(browser: Any, agent: Any, stream: bool) -> None:
    agent.play([agent.HANG])
    body = {"model": "docs-chat", "messages": QUESTION, "stream": stream}
    asking = asyncio.create_task(browser.post("/v1/chat/completions", json=body))
    await agent.hanging.wait()
    asking.cancel()
    await agent.cancelled.wait()


async def test_api_keys_are_asked_for_when_there_are_any(start_gateway: Any) -> None:
    browser = await start_gateway(api_keys=(SecretStr("key-of-a-program"),))
    body = {"model": "docs-chat", "messages": QUESTION}
    wrong = await browser.post("/v1/chat/completions", json=body, headers={"Authorization": "Bearer wrong"})
    right = await browser.post("/v1/chat/completions", json=body, headers={"Authorization": "Bearer key-of-a-program"})
    assert (wrong.status_code, right.status_code) == (401, 200)


async def test_every_turn_leaves_one_record(browser: Any) -> None:
    for stream in (True, False):
        await browser.post("/v1/chat/completions", json={"messages": QUESTION, "stream": stream})
    assert [record["outcome"] for record in await browser.records()] == ["completed", "completed"]


@pytest.mark.parametrize("path", ["/v1/chat/completions", "/mcp"])
async def test_a_browser_on_an_allowed_page_may_send_the_headers_of_any_sdk(start_gateway: Any, path: str) -> None:
    origin = "https://docs.example.com"
    browser = await start_gateway(allowed_origins=(origin,))
    names = "authorization,content-type,mcp-protocol-version,x-stainless-lang,x-stainless-retry-count"
    headers = {"Access-Control-Request-Method": "POST", "Access-Control-Request-Headers": names}
    allowed = await browser.options(path, headers=headers | {"Origin": origin})
    assert (allowed.status_code, allowed.headers["access-control-allow-origin"]) == (200, origin)
    assert set(names.split(",")) <= set(allowed.headers["access-control-allow-headers"].replace(" ", "").split(","))
    foreign = await browser.options(path, headers=headers | {"Origin": "https://evil.example"})
    assert "access-control-allow-origin" not in foreign.headers
