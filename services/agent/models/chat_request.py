"""The body of a chat completion request, from what the Agents SDK hands to a model."""

import hashlib
import json
from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from agents import Tool
from agents.items import TResponseInputItem
from agents.models.chatcmpl_converter import Converter

from services.agent.models.listed import Rung


@dataclass(frozen=True, slots=True)
class RequestOptions:
    """What every request to a provider with OpenAI's API says beside its messages."""

    max_output_tokens: int = 1500

    def fields(self, reader_id: str, rung: Rung, answer_tokens: int) -> dict[str, Any]:
        """They as fields of a request.

        Args:
            reader_id: Our caller's id of the reader.
            rung: Whom is asked.
            answer_tokens: Longest answer, reasoning included.
        """
        return {
            "stream": True,
            "stream_options": {"include_usage": True},
            "temperature": 0.2,
            "max_tokens": answer_tokens,
        }


@dataclass(frozen=True, slots=True)
class OpenRouterOptions(RequestOptions):
    """What every request to OpenRouter says beside its messages."""

    reasoning_effort: str = "low"
    data_collection: str = "allow"

    def fields(self, reader_id: str, rung: Rung, answer_tokens: int) -> dict[str, Any]:
        """As for any provider, and who the reader is: only a hash of the id leaves, so that one reader can be blocked
        instead of the whole account.
        """
        # Usage is always told; thoughts count as output, so a model that thinks is asked to think little.
        fields: dict[str, Any] = {"stream": True, "temperature": 0.2, "max_tokens": answer_tokens}
        if rung.takes_reasoning:
            fields["reasoning"] = {"effort": rung.effort(self.reasoning_effort), "exclude": True}
        if self.data_collection == "deny":
            fields["provider"] = {"data_collection": "deny"}
        if reader_id:
            fields["user"] = hashlib.sha256(f"docs-chat reader {reader_id}".encode()).hexdigest()[:32]
        return fields


def chat_body(
    model: str,
    rules: str | None,
    items: str | list[TResponseInputItem],
    tools: list[Tool],
    fields: dict[str, Any],
    *,
    may_call: bool = True,
    has_system_role: bool = True,
    refused: Collection[str] = (),
) -> bytes:
    """One request, as JSON.

    Args:
        model: Who is asked.
        rules: The instructions, as the system's message.
        items: The conversation, calls of tools and their results included.
        tools: What the conversation speaks of; without any, nothing is said about tools.
        fields: What else the request says.
        may_call: Whether the answer may be a call of a tool.
        has_system_role: Whether the model reads a system's message; otherwise the rules stand before the first message.
        refused: Fields that the model is known not to take.
    """
    messages: list[Any] = Converter.items_to_messages(items, model=model)
    if rules and has_system_role:
        messages.insert(0, {"role": "system", "content": rules})
    elif rules:
        first = messages[0]
        messages[0] = {**first, "content": f"{rules}\n\n{first.get('content') or ''}"}
    body = {"model": model, "messages": messages, **fields}
    if tools:
        body["tools"] = [Converter.tool_to_openai(tool) for tool in tools]
        body["parallel_tool_calls"] = False
        if not may_call:
            body["tool_choice"] = "none"
    if "max_tokens" in refused and "max_tokens" in body:
        body["max_completion_tokens"] = body["max_tokens"]  # its name for models of OpenAI that think
    return json.dumps({name: value for name, value in body.items() if name not in refused}).encode()
