"""ChatKit's protocol, as a browser meets it."""

import asyncio
import base64
import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from docs_chat.agent.v1 import agent_service_pb2 as pb
from docs_chat.agent.v1 import turn_events_pb2 as events

from services.runtime.errors import ProviderUnavailable, TurnInterrupted


def kinds(stream: list[dict[str, Any]]) -> list[str]:
    return [event["type"] for event in stream]


def only(stream: list[dict[str, Any]], kind: str) -> list[dict[str, Any]]:
    return [event for event in stream if event["type"] == kind]


def effects(stream: list[dict[str, Any]]) -> dict[str, Any]:
    return {event["name"]: event["data"] for event in only(stream, "client_effect")}


def answer_of(stream: list[dict[str, Any]]) -> dict[str, Any]:
    items = [event["item"] for event in only(stream, "thread.item.done")]
    return next(item for item in items if item["type"] == "assistant_message")


def thread_of(stream: list[dict[str, Any]]) -> str:
    return str(only(stream, "thread.created")[0]["thread"]["id"])


def error_of(stream: list[dict[str, Any]]) -> dict[str, Any]:
    (error,) = only(stream, "error")
    return error


def place(**fields: Any) -> dict[str, str]:
    encoded = base64.urlsafe_b64encode(json.dumps(fields).encode()).decode().rstrip("=")
    return {"X-Docs-Chat-Context": encoded}


async def test_a_question_is_answered_with_passages_before_text(browser: Any) -> None:
    stream = await browser.ask("How do I retry?")
    assert kinds(stream)[0] == "thread.created"
    assert kinds(stream).index("client_effect") < kinds(stream).index("thread.item.added")
    assert answer_of(stream)["content"][0]["text"] == "Use `retries` 🎉."
    assert "".join(
        event["update"]["delta"] for event in only(stream, "thread.item.updated") if "delta" in event["update"]
    ) == ("Use `retries` 🎉.")


async def test_the_panel_gets_passages_suggestions_and_facts_of_the_answer(browser: Any) -> None:
    stream = await browser.ask("How do I retry?")
    found = effects(stream)["docs_chat.passages"]
    assert found["passages"] == [
        {
            "uri": "https://docs.example.com/retry#backoff",
            "title": "Retry",
            "heading_path": ["Client", "Backoff"],
            "snippet": "Set `retries` to change how often a call is tried again.",
            "version": "2.1",
            "locale": "en",
        }
    ]
    assert (found["answerability"], found["revision"], found["site"]) == ("answerable", 7, "docs")
    assert effects(stream)["docs_chat.suggestions"] == {"suggestions": ["How long is the wait?"]}
    facts = effects(stream)["docs_chat.answer"]
    assert facts.pop("total_ms") >= 0
    assert facts == {
        "item_id": answer_of(stream)["id"],
        "source": "model",
        "model": "vendor/model:free",
        "degraded": False,
        "not_found": [],
    }


async def test_a_citation_stands_where_javascript_counts(browser: Any, agent: Any) -> None:
    citation = events.Citation(number=1, index=2, uri="https://d.example/a#b", title="A", heading_path=["B", "C"])
    said = pb.RunTurnResponse(text_delta=events.TextDelta(text="🎉x and more"))
    cited = pb.RunTurnResponse(citation_added=events.CitationAdded(citation=citation))
    completed = pb.RunTurnResponse(turn_completed=events.TurnCompleted(text="🎉x and more", citations=[citation]))
    agent.play([said, cited, completed])
    stream = await browser.ask("?")
    (annotation,) = answer_of(stream)["content"][0]["annotations"]
    assert annotation["index"] == 3
    assert annotation["source"]["type"] == "entity"
    assert annotation["source"]["interactive"] is True
    assert annotation["source"]["data"] == {"href": "https://d.example/a#b", "number": "1", "heading": "B › C"}
    streamed = [e["update"] for e in only(stream, "thread.item.updated") if "annotation" in e["update"]]
    assert streamed[0]["annotation"] == annotation


async def test_progress_and_notices_reach_the_reader(browser: Any, agent: Any) -> None:
    queued = events.Progress(stage=events.TURN_STAGE_QUEUED, queue_position=2)
    queued.estimated_wait.FromMilliseconds(9_400)
    notice = events.Notice(code=events.NOTICE_CODE_UNGROUNDED, message="Not in the docs:", details=["`--nope`"])
    agent.play(
        [
            pb.RunTurnResponse(progress=queued),
            pb.RunTurnResponse(notice=notice),
            pb.RunTurnResponse(turn_completed=events.TurnCompleted(text="ok")),
        ]
    )
    stream = await browser.ask("?")
    assert only(stream, "progress_update") == [
        {
            "type": "progress_update",
            "icon": "clock",
            "text": "Waiting for the model. 2 readers are ahead of you, about 9 s",
        }
    ]
    assert only(stream, "notice") == [
        {"type": "notice", "level": "warning", "message": "Not in the docs: `--nope`"},
    ]


async def test_a_conversation_is_kept_and_told_to_the_agent(browser: Any, agent: Any) -> None:
    thread_id = thread_of(await browser.ask("How do I retry?"))
    await browser.ask("And how long?", thread_id, quoted_text="selected words")
    assert [(message.role, message.text) for message in agent.requests[-1].messages] == [
        (pb.MESSAGE_ROLE_USER, "How do I retry?"),
        (pb.MESSAGE_ROLE_ASSISTANT, "Use `retries` 🎉."),
        (pb.MESSAGE_ROLE_USER, "And how long?"),
    ]
    assert agent.requests[-1].selected_text == "selected words"
    assert [item["type"] for item in await browser.items(thread_id)] == ["user_message", "assistant_message"] * 2


async def test_a_conversation_is_named_after_its_first_question(browser: Any) -> None:
    stream = await browser.ask("How do I retry?\nI mean it.")
    assert only(stream, "thread.created")[0]["thread"]["title"] == "How do I retry?"
    listed = (await browser.chatkit("threads.list", limit=9999)).json()["data"]
    assert [thread["title"] for thread in listed] == ["How do I retry?"]


async def test_times_say_their_zone_everywhere(browser: Any) -> None:
    stream = await browser.ask("?")
    thread_id = thread_of(stream)
    times = [only(stream, "thread.created")[0]["thread"]["created_at"]]
    times += [event["item"]["created_at"] for event in only(stream, "thread.item.done")]
    times += [item["created_at"] for item in await browser.items(thread_id)]
    times += [(await browser.chatkit("threads.get_by_id", thread_id=thread_id)).json()["created_at"]]
    for text in times:
        assert abs(datetime.fromisoformat(text) - datetime.now(UTC)) < timedelta(minutes=1)


async def test_images_of_strangers_are_not_loaded(browser: Any, start_gateway: Any) -> None:
    assert only(await browser.ask("?"), "thread.created")[0]["thread"]["allowed_image_domains"] == ["images.invalid"]
    other = await start_gateway(image_domains=("docs.example.com",))
    assert only(await other.ask("?"), "thread.created")[0]["thread"]["allowed_image_domains"] == ["docs.example.com"]


async def test_the_readers_place_in_the_docs_is_told_to_the_agent(browser: Any, agent: Any) -> None:
    headers = place(
        site="docs",
        page_uri="https://docs.example.com/a",
        page_title="A",
        docs_instance="api",
        version="2.1",
        locale="de",
        tabs=["os=mac"],
    )
    message = {"content": [{"type": "input_text", "text": "?"}], "attachments": [], "inference_options": {}}
    await browser.stream_of("threads.create", headers | {"Accept-Language": "de-AT,de;q=0.9"}, input=message)
    request = agent.requests[-1]
    assert (request.site, request.page_uri, request.page_title) == ("docs", "https://docs.example.com/a", "A")
    assert (list(request.scope.versions), request.scope.locale, list(request.tabs)) == (["2.1"], "de", ["os=mac"])
    assert (request.scope.docs_instance, request.reader_language) == ("api", "de-AT")


@pytest.mark.parametrize("fields", [{"site": "../etc"}, {"page_uri": "javascript:alert(1)"}, {"tabs": ["x"] * 21}, []])
async def test_a_strange_place_is_refused_with_a_reason(browser: Any, fields: Any) -> None:
    encoded = base64.urlsafe_b64encode(json.dumps(fields).encode()).decode()
    body = {"type": "threads.list", "params": {}}
    response = await browser.post("/chatkit", json=body, headers={"X-Docs-Chat-Context": encoded})
    assert response.status_code == 400
    assert response.json()["violations"]


async def test_a_message_is_answered_again_and_the_old_answer_goes(browser: Any, agent: Any) -> None:
    thread_id = thread_of(await browser.ask("How do I retry?"))
    question, old = await browser.items(thread_id)
    stream = await browser.stream_of("threads.retry_after_item", thread_id=thread_id, item_id=question["id"])
    assert [message.text for message in agent.requests[-1].messages] == ["How do I retry?"]
    assert [item["id"] for item in await browser.items(thread_id)] == [question["id"], answer_of(stream)["id"]]
    assert old["id"] != answer_of(stream)["id"]


async def test_a_failed_second_answer_leaves_the_first(browser: Any, agent: Any) -> None:
    thread_id = thread_of(await browser.ask("How do I retry?"))
    before = await browser.items(thread_id)
    agent.play([ProviderUnavailable("nobody there")])
    stream = await browser.stream_of("threads.retry_after_item", thread_id=thread_id, item_id=before[0]["id"])
    assert error_of(stream)["allow_retry"] is True
    assert await browser.items(thread_id) == before


async def test_retrying_a_message_that_is_gone_says_so(browser: Any) -> None:
    thread_id = thread_of(await browser.ask("?"))
    stream = await browser.stream_of("threads.retry_after_item", thread_id=thread_id, item_id="msg_gone")
    assert error_of(stream)["message"] == "This message is no longer part of the conversation."


async def test_an_answer_that_breaks_off_is_kept_and_marked(browser: Any, agent: Any) -> None:
    agent.play([pb.RunTurnResponse(text_delta=events.TextDelta(text="Half of")), TurnInterrupted("gone")])
    stream = await browser.ask("?")
    assert error_of(stream)["message"] == "The answer broke off: what you see is not complete."
    kept = (await browser.items(thread_of(stream)))[-1]
    assert kept["content"][0]["text"] == "Half of\n\n*The answer broke off here.*"


async def test_a_reader_who_leaves_stops_the_agent_and_keeps_what_was_said(browser: Any, agent: Any) -> None:
    agent.play([pb.RunTurnResponse(text_delta=events.TextDelta(text="Half of")), agent.HANG])
    message = {"content": [{"type": "input_text", "text": "?"}], "attachments": [], "inference_options": {}}
    body = {"type": "threads.create", "params": {"input": message}}
    async with browser.stream("POST", "/chatkit", json=body) as response:
        async for line in response.aiter_lines():
            if "Half of" in line:
                break
    await agent.cancelled.wait()
    await browser.gateway.streams.drained()
    (thread,) = (await browser.chatkit("threads.list")).json()["data"]
    items = await browser.items(thread["id"])
    assert [item["type"] for item in items] == ["user_message", "assistant_message"]
    assert items[1]["content"][0]["text"] == "Half of"


async def test_the_stream_is_not_buffered_or_cached_on_its_way(browser: Any) -> None:
    message = {"content": [{"type": "input_text", "text": "?"}], "attachments": [], "inference_options": {}}
    response = await browser.chatkit("threads.create", input=message)
    assert response.headers["x-accel-buffering"] == "no"
    assert "no-cache" in response.headers["cache-control"]


async def test_a_silent_stream_carries_comments(start_gateway: Any, agent: Any) -> None:
    agent.play([agent.HANG])
    browser = await start_gateway(ping_interval_s=0.05)
    message = {"content": [{"type": "input_text", "text": "?"}], "attachments": [], "inference_options": {}}
    body = {"type": "threads.create", "params": {"input": message}}
    async with browser.stream("POST", "/chatkit", json=body) as response:
        async for line in response.aiter_lines():
            if line == ": ping" and agent.hanging.is_set():  # a slow machine pings before the agent is asked
                break
    await agent.cancelled.wait()


async def test_pages_of_a_long_list_follow_the_last_row(browser: Any) -> None:
    for number in range(3):
        await browser.ask(f"Question {number}")
    first = (await browser.chatkit("threads.list", limit=2)).json()
    assert [thread["title"] for thread in first["data"]] == ["Question 2", "Question 1"]
    rest = (await browser.chatkit("threads.list", limit=2, after=first["data"][-1]["id"])).json()
    assert ([thread["title"] for thread in rest["data"]], rest["has_more"]) == (["Question 0"], False)


async def test_a_cursor_that_is_not_known_is_named_as_such(browser: Any) -> None:
    thread_id = thread_of(await browser.ask("?"))
    for kind, params in {"threads.list": {}, "items.list": {"thread_id": thread_id}}.items():
        response = await browser.chatkit(kind, after="no_such_row", **params)
        assert response.status_code == 400
        assert response.json()["message"].startswith("The cursor `after` is not known")
        assert response.json()["violations"] == {"params.after": "no such cursor"}


@pytest.mark.parametrize("limit", [0, -1, -(10**30)])
async def test_a_page_without_rows_is_refused(browser: Any, limit: int) -> None:
    response = await browser.chatkit("threads.list", limit=limit)
    assert (response.status_code, response.json()["violations"]) == (400, {"params.limit": "1 or more"})


async def test_a_model_that_a_reader_names_is_not_asked_and_the_question_is_answered(browser: Any, agent: Any) -> None:
    chosen = {"inference_options": {"model": "vendor/none" * 20, "tool_choice": {"id": "none"}}}
    stream = await browser.ask("How do I retry?", **chosen)
    assert answer_of(stream)["content"][0]["text"] == "Use `retries` 🎉."
    assert agent.requests[-1].options.model == ""
    asked, answered = await browser.items(thread_of(stream))
    assert asked["inference_options"] == {}
    retried = await browser.stream_of("threads.retry_after_item", thread_id=thread_of(stream), item_id=asked["id"])
    assert answer_of(retried)["id"] != answered["id"]


async def test_halves_of_surrogate_pairs_are_refused_before_anything_is_stored(browser: Any) -> None:
    body = json.dumps({"type": "threads.create", "params": {"input": INPUT}}).replace('"?"', '"\\ud800"')
    response = await browser.post("/chatkit", content=body)
    assert '"type":"error"' in response.text
    assert (await browser.chatkit("threads.list")).json()["data"] == []


async def test_a_conversation_can_be_renamed_and_deleted(browser: Any) -> None:
    thread_id = thread_of(await browser.ask("?"))
    renamed = await browser.chatkit("threads.update", thread_id=thread_id, title="Mine")
    assert renamed.json()["title"] == "Mine"
    assert (await browser.chatkit("threads.update", thread_id=thread_id, title="x" * 201)).status_code == 400
    assert (await browser.chatkit("threads.delete", thread_id=thread_id)).json() == {}
    assert (await browser.chatkit("threads.get_by_id", thread_id=thread_id)).status_code == 404


async def test_a_thumb_is_kept_with_the_record_of_the_turn(browser: Any) -> None:
    stream = await browser.ask("?")
    ids = [answer_of(stream)["id"]]
    given = await browser.chatkit("items.feedback", thread_id=thread_of(stream), item_ids=ids, kind="negative")
    assert (given.status_code, given.json()) == (200, {})
    assert [record["outcome"] for record in await browser.records()] == ["completed"]


async def test_a_thumb_for_an_item_of_another_conversation_is_refused(browser: Any) -> None:
    first, second = await browser.ask("1"), await browser.ask("2")
    ids = [answer_of(first)["id"], answer_of(second)["id"]]
    given = await browser.chatkit("items.feedback", thread_id=thread_of(first), item_ids=ids, kind="positive")
    assert given.status_code == 404
    assert given.json()["message"] == "This message is no longer part of the conversation."
    for item_ids in ([], ["msg"] * 40_000):
        given = await browser.chatkit("items.feedback", thread_id=thread_of(first), item_ids=item_ids, kind="positive")
        assert given.status_code == 400


def a_remark(stream: list[dict[str, Any]], payload: Any, kind: str = "docs_chat.feedback") -> dict[str, Any]:
    action = {"type": kind, "payload": payload}
    return {"thread_id": thread_of(stream), "item_id": answer_of(stream)["id"], "action": action}


async def test_a_reader_says_why_an_answer_did_not_help(browser: Any) -> None:
    stream = await browser.ask("?")
    said = a_remark(stream, {"reason": "outdated", "text": " The flag is gone since 3.0. "})
    given = await browser.chatkit("threads.sync_custom_action", **said)
    assert (given.status_code, given.json()) == (200, {})
    assert [(record["feedback"], record["feedback_reason"]) for record in await browser.records()] == [
        ("negative", "outdated")
    ]


@pytest.mark.parametrize(
    "payload",
    [None, {}, {"reason": "rude"}, {"reason": "wrong", "text": "x" * 1001}, {"reason": "wrong", "stars": 1}, []],
)
async def test_a_remark_that_is_none_is_refused_with_a_reason(browser: Any, payload: Any) -> None:
    said = a_remark(await browser.ask("?"), payload)
    refused = await browser.chatkit("threads.sync_custom_action", **said)
    assert refused.status_code == 400
    assert "wrong, incomplete, outdated, off_topic, other" in refused.json()["message"]


INPUT = {"content": [{"type": "input_text", "text": "?"}], "attachments": [], "inference_options": {}}
FOREIGN = {
    "threads.get_by_id": {},
    "items.list": {},
    "threads.update": {"title": "taken"},
    "items.feedback": {"item_ids": ["ITEM"], "kind": "positive"},
    "threads.sync_custom_action": {
        "item_id": "ITEM",
        "action": {"type": "docs_chat.feedback", "payload": {"reason": "wrong"}},
    },
}
FOREIGN_STREAMS = {
    "threads.add_user_message": {"input": INPUT},
    "threads.retry_after_item": {"item_id": "ITEM"},
}


async def test_a_strangers_conversation_does_not_exist(browser: Any, start_gateway: Any) -> None:
    stream = await browser.ask("Private question")
    thread_id, item_id = thread_of(stream), answer_of(stream)["id"]
    before = await browser.items(thread_id)
    stranger = await start_gateway()
    assert (await stranger.chatkit("threads.list")).json()["data"] == []
    for kind, params in FOREIGN.items():
        filled = json.loads(json.dumps(params).replace("ITEM", item_id))
        response = await stranger.chatkit(kind, thread_id=thread_id, **filled)
        assert (kind, response.status_code) == (kind, 404)
        assert response.json() == {"message": "This conversation no longer exists."}
    for kind, params in FOREIGN_STREAMS.items():
        filled = json.loads(json.dumps(params).replace("ITEM", item_id))
        refused = await stranger.stream_of(kind, thread_id=thread_id, **filled)
        assert [event["message"] for event in refused] == ["This conversation no longer exists."]
    await stranger.chatkit("threads.delete", thread_id=thread_id)
    assert await browser.items(thread_id) == before


NOT_SERVED: dict[str, dict[str, Any]] = {
    "attachments.create": {"name": "a.png", "size": 1, "mime_type": "image/png"},
    "attachments.delete": {"attachment_id": "atc_1"},
    "input.transcribe": {"audio_base64": "", "mime_type": "audio/webm"},
    "threads.sync_custom_action": {"thread_id": "t", "action": {"type": "x", "payload": {}}},
}
NOT_SERVED_STREAMS: dict[str, dict[str, Any]] = {
    "threads.add_client_tool_output": {"thread_id": "t", "result": 1},
    "threads.add_structured_input": {"thread_id": "t", "item_id": "i", "input": {}},
    "threads.custom_action": {"thread_id": "t", "action": {"type": "x", "payload": {}}},
}


async def test_what_we_do_not_serve_is_said_kindly(browser: Any) -> None:
    for kind, params in NOT_SERVED.items():
        response = await browser.chatkit(kind, **params)
        assert (kind, response.status_code) == (kind, 400)
        assert response.json()["message"].endswith("here.")
    for kind, params in NOT_SERVED_STREAMS.items():
        assert error_of(await browser.stream_of(kind, **params))["message"].endswith((".", "!"))


async def test_null_characters_are_refused_and_their_spelling_is_not(browser: Any) -> None:
    assert error_of(await browser.ask("a\0b"))["message"] == "Null characters cannot be read."
    assert only(await browser.ask("what does \\u0000 mean?"), "thread.created")
    assert (await browser.chatkit("threads.get_by_id", thread_id="thr_\0")).status_code == 400


@pytest.mark.parametrize(
    "body", [b"", b"{", b"[]", b'"x"', b'{"type":"nope"}', b'{"type":["a"]}', b"\xff", b"[" * 9000]
)
async def test_a_broken_request_is_refused_with_a_message(browser: Any, body: bytes) -> None:
    response = await browser.post("/chatkit", content=body)
    assert response.status_code == 400
    assert response.json()["message"] == "This is not a ChatKit request."


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"content": [{"type": "input_text", "text": " "}]}, "Please write a question."),
        ({"content": [{"type": "input_text", "text": "x" * 8001}]}, "The question has 8001 characters"),
        ({"quoted_text": "x" * 4001}, "The selected text is too long"),
        ({"attachments": ["atc_1"]}, "Attachments are not taken here."),
        ({"content": "x"}, "This is not a ChatKit request."),
    ],
)
async def test_a_question_out_of_bounds_is_told_inside_the_stream(browser: Any, change: Any, told: str) -> None:
    stream = await browser.stream_of("threads.create", input=INPUT | change)
    assert error_of(stream)["message"].startswith(told)
    assert error_of(stream)["allow_retry"] is False


async def test_two_tabs_may_ask_at_once(browser: Any) -> None:
    thread_id = thread_of(await browser.ask("First"))
    await asyncio.gather(browser.ask("Second", thread_id), browser.ask("Third", thread_id))
    items = await browser.items(thread_id)
    assert sorted(item["type"] for item in items) == ["assistant_message"] * 3 + ["user_message"] * 3


async def test_readers_who_leave_leave_nothing_behind(start_gateway: Any, agent: Any) -> None:
    agent.play([pb.RunTurnResponse(text_delta=events.TextDelta(text="Half")), agent.HANG])
    browser = await start_gateway(
        turns_per_reader="1000/minute", turns_per_address="1000/minute", streams_per_reader=99
    )
    await browser.chatkit("threads.list")  # one cookie for all
    body = {"type": "threads.create", "params": {"input": INPUT}}

    async def ask_and_leave() -> None:
        async with browser.stream("POST", "/chatkit", json=body) as response:
            async for line in response.aiter_lines():
                if "text_delta" in line:
                    return

    await ask_and_leave()
    await browser.gateway.streams.drained()
    tasks_before = len(asyncio.all_tasks())
    for _ in range(5):
        await asyncio.gather(*(ask_and_leave() for _ in range(20)))
        await browser.gateway.streams.drained()
        await browser.gateway.turns.saved()
    assert len(browser.gateway.streams) == 0
    assert {record["outcome"] for record in await browser.records()} == {"left"}
    assert len(asyncio.all_tasks()) <= tasks_before + 20  # connections the browser keeps
    with browser.gateway.limits.stream("anybody"):
        pass
