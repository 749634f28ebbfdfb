"""ChatKit's protocol, as a browser meets it."""

from typing import Any


def kinds(stream: list[dict[str, Any]]) -> list[str]:
    return [event["type"] for event in stream]


def only(stream: list[dict[str, Any]], kind: str) -> list[dict[str, Any]]:
    return [event for event in stream if event["type"] == kind]


async def test_a_question_is_answered_with_passages_before_text(browser: Any) -> None:
    stream = await browser.ask("How do I retry?")
    assert kinds(stream)[0] == "thread.created"
    effects = {event["name"]: event["data"] for event in only(stream, "client_effect")}
    assert effects["docs_chat.passages"]["passages"][0]["uri"] == "https://docs.example.com/retry#backoff"
    assert kinds(stream).index("client_effect") < kinds(stream).index("thread.item.added")
    done = only(stream, "thread.item.done")[-1]["item"]
    assert done["content"][0]["text"] == "Use `retries` 🎉."
    assert effects["docs_chat.answer"]["item_id"] == done["id"]
