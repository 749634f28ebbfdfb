"""Conversations: as ChatKit's client is shown them, and as the agent is told them."""

import re
from collections.abc import Iterable

from chatkit.types import AssistantMessageItem, Page, Thread, ThreadItem, ThreadMetadata, UserMessageItem
from docs_chat.agent.v1 import agent_service_pb2 as pb
from pydantic import BaseModel

_SPACE = re.compile(r"\s+")
_NO_IMAGES = ("images.invalid",)
"""ChatKit takes an empty list for "any host": a name that can never exist means none."""


def serialized(shape: BaseModel) -> bytes:
    """JSON as ChatKit's own server writes it: without empty fields and without the metadata of attachments."""
    return shape.model_dump_json(by_alias=True, exclude_none=True, context={"exclude_metadata": True}).encode()


def shown_thread(
    thread: ThreadMetadata, image_domains: tuple[str, ...], items: Page[ThreadItem] | None = None
) -> Thread:
    """A conversation as its reader sees it, without our own notes about it."""
    return Thread(
        id=thread.id,
        title=thread.title,
        created_at=thread.created_at,
        status=thread.status,
        allowed_image_domains=list(image_domains or _NO_IMAGES),
        items=items or Page(),
    )


def question_of(item: UserMessageItem) -> str:
    """What a reader typed, tags included, as plain text."""
    return "".join(part.text for part in item.content).strip()


def conversation(items: Iterable[ThreadItem], *, limit: int, max_chars: int) -> list[pb.Message]:
    """The conversation as the agent wants it: plain texts, oldest first, bounded.

    Args:
        items: Items of a thread in order; the last user message is the question.
        limit: Most messages to keep, the newest ones.
        max_chars: Longest text of one message, in characters.
    """
    messages = []
    for item in items:
        match item:
            case UserMessageItem():
                role, text = pb.MESSAGE_ROLE_USER, question_of(item)
            case AssistantMessageItem():
                role, text = pb.MESSAGE_ROLE_ASSISTANT, "\n\n".join(part.text for part in item.content).strip()
            case _:
                continue
        if text:
            messages.append(pb.Message(role=role, text=text[:max_chars]))
    return messages[-limit:]


def title_from(question: str, limit: int = 80) -> str:
    """Title of a conversation: the first line of its first question."""
    line = _SPACE.sub(" ", question.strip().partition("\n")[0])
    return line if len(line) <= limit else line[: limit - 1].rsplit(" ", 1)[0].rstrip(" ,.;:") + "…"
