"""The body of a chat completion request, from what the Agents SDK hands to a model."""

import hashlib
import json
from dataclasses import dataclass
from typing import Any

from agents import Tool
from agents.items import TResponseInputItem
from agents.models.chatcmpl_converter import Converter


@dataclass(frozen=True, slots=True)
class RequestOptions:
    """What every request to the provider says beside its messages."""

    max_output_tokens: int = 1500
    reasoning_effort: str = "low"
    data_collection: str = "allow"

    def fields(self, reader_id: str) -> dict[str, Any]:
        """They as fields of a request.

        Args:
            reader_id: Our caller's id of the reader; only a hash of it leaves, so that the provider can block one
                reader instead of the whole account.
        """
        fields: dict[str, Any] = {
            "stream": True,
            "temperature": 0.2,
            "max_tokens": self.max_output_tokens,
            "reasoning": {"effort": self.reasoning_effort, "exclude": True},
        }
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
    return json.dumps(body).encode()
