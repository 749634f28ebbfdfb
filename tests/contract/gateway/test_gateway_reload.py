"""What was shown around an answer comes back with the conversation, to those who ask for it."""

import asyncio
import json
import shutil
from pathlib import Path
from typing import Any

import pytest
from docs_chat.agent.v1 import agent_service_pb2 as pb
from docs_chat.agent.v1 import turn_events_pb2 as events
from docs_chat.retriever.v1 import passages_pb2
from sqlalchemy import func, select

from gateway.store.tables import surroundings, turns
from services.runtime.errors import ProviderUnavailable, TurnInterrupted
from tests.contract.gateway.conftest import ANSWER, CITATION, found, says

PROGRAM = Path(__file__).parent / "live_and_reloaded.mjs"
PACKAGES = Path(__file__).parents[3] / "frontend" / "docusaurus-plugin-docs-chat" / "node_modules"
WANTS_TURNS = {"docs_chat.turns": True}


def notice(code: events.NoticeCode.ValueType, message: str, *details: str) -> pb.RunTurnResponse:
    return pb.RunTurnResponse(notice=events.Notice(code=code, message=message, details=details))


def completes(source: events.AnswerSource.ValueType, text: str, **fields: Any) -> pb.RunTurnResponse:
    return pb.RunTurnResponse(turn_completed=events.TurnCompleted(text=text, source=source, **fields))


NOTHING_FOUND = pb.RunTurnResponse(
    passages_found=events.PassagesFound(
        answerability=passages_pb2.Answerability(verdict=passages_pb2.ANSWERABILITY_VERDICT_NOT_COVERED), site="docs"
    )
)
QUOTED = notice(events.NOTICE_CODE_EXTRACTIVE, "No language model answered; these are quotations.")
UNGROUNDED = notice(events.NOTICE_CODE_UNGROUNDED, "Not found in the passages:", "--nope")
TRUNCATED = notice(events.NOTICE_CODE_TRUNCATED, "The answer was cut off by the model's limit.")
NOT_COVERED = notice(events.NOTICE_CODE_NOT_COVERED, "The documentation does not seem to cover this question.")
TURNS: dict[str, list[Any]] = {
    "model": ANSWER,
    "a name that the docs do not have": [
        found(),
        says("Use `--nope`."),
        UNGROUNDED,
        completes(
            events.ANSWER_SOURCE_MODEL,
            "Use `--nope`.",
            model="vendor/model:free",
            grounding=events.GroundingReport(checked_count=1, not_found=["--nope"]),
        ),
    ],
    "quotations": [
        found(),
        QUOTED,
        says("> Set `retries`"),
        completes(events.ANSWER_SOURCE_EXTRACTIVE, "> Set `retries`", citations=[CITATION], degraded=True),
    ],
    "not covered": [
        NOTHING_FOUND,
        NOT_COVERED,
        says("The docs do not tell."),
        completes(events.ANSWER_SOURCE_NOT_COVERED, "The docs do not tell."),
    ],
    "cut off": [
        found(),
        says("Use"),
        TRUNCATED,
        completes(events.ANSWER_SOURCE_MODEL, "Use", model="vendor/model:free", degraded=True),
    ],
    "cache": [found(), says("Use it."), completes(events.ANSWER_SOURCE_CACHE, "Use it.", suggestions=["And then?"])],
    "small talk": [says("Hello!"), completes(events.ANSWER_SOURCE_SMALL_TALK, "Hello!")],
    "broken off": [found(), says("Half of"), TurnInterrupted("gone")],
    "failed": [found(), ProviderUnavailable("nobody there")],
}


async def stored(browser: Any, thread_id: str) -> dict[str, Any]:
    """The items of a conversation as our panel asks for them."""
    params = {"thread_id": thread_id, "limit": 100, "order": "asc"}
    body = {"type": "items.list", "params": params, "metadata": WANTS_TURNS}
    page: dict[str, Any] = (await browser.post("/chatkit", json=body)).json()
    return page


async def only_turn(browser: Any, thread_id: str) -> dict[str, Any]:
    (turn,) = (await stored(browser, thread_id))["docs_chat"]["turns"].values()
    assert isinstance(turn, dict)
    return turn


def thread_of(stream: list[dict[str, Any]]) -> str:
    return str(next(event["thread"]["id"] for event in stream if event["type"] == "thread.created"))


def answer_id(items: dict[str, Any]) -> str:
    return str(next(item["id"] for item in items["data"] if item["type"] == "assistant_message"))


async def panels_turns(turns: list[dict[str, Any]], items: dict[str, Any]) -> dict[str, Any]:
    """What the panel makes of streams, and of the stored conversation."""
    pipe = asyncio.subprocess.PIPE
    process = await asyncio.create_subprocess_exec("node", str(PROGRAM), stdin=pipe, stdout=pipe, stderr=pipe)
    out, told = await process.communicate(json.dumps({"turns": turns, "items": items}).encode())
    assert process.returncode == 0, told.decode()
    both: dict[str, Any] = json.loads(out)
    return both


@pytest.mark.node
@pytest.mark.parametrize("kind", TURNS)
async def test_a_reloaded_turn_is_the_live_one(browser: Any, agent: Any, kind: str) -> None:
    if shutil.which("node") is None or not (PACKAGES / "esbuild").is_dir():
        pytest.skip("Node or the packages of the frontend are not there: `make frontend` installs them")
    agent.play(TURNS[kind])
    stream = await browser.ask("How do I retry?", quoted_text="some words")
    both = await panels_turns(
        [{"question": "How do I retry?", "quoted": "some words", "stream": stream}],
        await stored(browser, thread_of(stream)),
    )
    assert both["reloaded"] == both["live"]
    (turn,) = both["live"]
    assert turn["state"] == ("failed" if kind in {"broken off", "failed"} else "done")
    assert bool(turn.get("found")) == (kind != "small talk")


@pytest.mark.node
async def test_a_rated_turn_and_a_stopped_one_come_back_too(browser: Any, agent: Any) -> None:
    if shutil.which("node") is None or not (PACKAGES / "esbuild").is_dir():
        pytest.skip("Node or the packages of the frontend are not there: `make frontend` installs them")
    stream = await browser.ask("How do I retry?")
    thread_id = thread_of(stream)
    rated = answer_id(await stored(browser, thread_id))
    await browser.chatkit("items.feedback", thread_id=thread_id, item_ids=[rated], kind="negative")
    agent.play([found(), QUOTED, says("Half of"), agent.HANG])
    heard = await leave_in_mid_answer(browser, thread_id)
    both = await panels_turns(
        [
            {"question": "How do I retry?", "quoted": "", "stream": stream, "thumb": "negative"},
            {"question": "And then?", "quoted": "", "stream": heard, "stopped": True},
        ],
        await stored(browser, thread_id),
    )
    assert both["reloaded"] == both["live"]
    assert [turn["state"] for turn in both["live"]] == ["done", "stopped"]


async def leave_in_mid_answer(browser: Any, thread_id: str) -> list[dict[str, Any]]:
    """Asks and goes after the first words; returns what was heard until then, once the gateway has stored it."""
    message = {"content": [{"type": "input_text", "text": "And then?"}], "attachments": [], "inference_options": {}}
    body = {"type": "threads.add_user_message", "params": {"thread_id": thread_id, "input": message}}
    heard = []
    async with browser.stream("POST", "/chatkit", json=body) as response:
        async for line in response.aiter_lines():
            if line.startswith("data: "):
                heard.append(json.loads(line[6:]))
            if "Half of" in line:
                break
    await browser.gateway.streams.drained()
    return heard


async def test_other_clients_of_the_protocol_are_told_nothing_of_it(browser: Any) -> None:
    thread_id = thread_of(await browser.ask("How do I retry?"))
    for request in ("threads.get_by_id", "items.list"):
        assert "docs_chat" not in (await browser.chatkit(request, thread_id=thread_id)).text
        body = {"type": request, "params": {"thread_id": thread_id}, "metadata": WANTS_TURNS}
        told = (await browser.post("/chatkit", json=body)).json()
        page = told.get("items", told)
        kept = page.pop("docs_chat")
        assert [*kept["turns"]] == [item["id"] for item in page["data"] if item["type"] == "user_message"]
        assert (await browser.chatkit(request, thread_id=thread_id)).json() == told, "nothing else differs"


async def test_a_second_answer_takes_the_place_of_what_was_shown_around_the_first(browser: Any, agent: Any) -> None:
    agent.play(TURNS["quotations"])
    thread_id = thread_of(await browser.ask("How do I retry?"))
    first = await stored(browser, thread_id)
    await browser.chatkit("items.feedback", thread_id=thread_id, item_ids=[answer_id(first)], kind="negative")
    assert (await stored(browser, thread_id))["docs_chat"]["thumbs"] == {answer_id(first): "negative"}

    agent.play([found(), ProviderUnavailable("nobody there")])
    again = {"thread_id": thread_id, "item_id": first["data"][0]["id"]}
    await browser.stream_of("threads.retry_after_item", **again)
    assert (await only_turn(browser, thread_id))["facts"]["source"] == "extractive", "the first answer is still there"

    agent.play(ANSWER)
    await browser.stream_of("threads.retry_after_item", **again)
    second = await stored(browser, thread_id)
    turn = await only_turn(browser, thread_id)
    assert (turn["facts"]["source"], turn["notices"], turn["suggestions"]) == ("model", [], ["How long is the wait?"])
    assert turn["facts"]["item_id"] == answer_id(second) != answer_id(first)
    assert second["docs_chat"]["thumbs"] == {}


async def test_it_is_the_readers_own_and_goes_with_the_conversation(browser: Any, start_gateway: Any) -> None:
    thread_id = thread_of(await browser.ask("How do I retry?"))
    stranger = await start_gateway()
    body = {"type": "items.list", "params": {"thread_id": thread_id}, "metadata": WANTS_TURNS}
    assert (await stranger.post("/chatkit", json=body)).status_code == 404
    await browser.chatkit("threads.delete", thread_id=thread_id)
    count = select(func.count()).select_from(surroundings)
    assert await browser.gateway.database.run(lambda connection: connection.scalar(count)) == 0


async def test_records_for_the_docs_team_hold_no_texts_of_it(browser: Any) -> None:
    await browser.ask("How do I retry?")
    await browser.gateway.turns.saved()
    (row,) = await browser.gateway.database.run(lambda connection: connection.execute(select(turns)).mappings().all())
    assert "Set `retries`" not in json.dumps(dict(row), default=str)
    assert row["question"] is None
