"""The body of a chat completion request, from what the Agents SDK hands to a model."""

import json
from typing import Any

from agents import ModelSettings, Tool
from agents.items import TResponseInputItem
from agents.models.chatcmpl_converter import Converter


def chat_body(
    model: str,
    rules: str | None,
    items: str | list[TResponseInputItem],
    settings: ModelSettings,
    tools: list[Tool],
) -> bytes:
    """One request that asks for a stream, as JSON.

    Args:
        model: Who is asked.
        rules: The instructions, as the system's message.
        items: The conversation, calls of tools and their results included.
        settings: Those we use: temperature, length, tool choice, parallel calls, and what the provider adds.
        tools: What may be called; without any, nothing is said about tools.
    """
    messages: list[Any] = Converter.items_to_messages(items, model=model)
    body: dict[str, Any] = {
        "model": model,
        "messages": [{"role": "system", "content": rules}, *messages] if rules else messages,
        "stream": True,
        "temperature": settings.temperature,
        "max_tokens": settings.max_tokens,
    }
    if tools:
        body["tools"] = [Converter.tool_to_openai(tool) for tool in tools]
        body["tool_choice"] = settings.tool_choice
        body["parallel_tool_calls"] = settings.parallel_tool_calls
    extra: Any = settings.extra_body or {}
    body |= extra
    return json.dumps({name: value for name, value in body.items() if value is not None}).encode()
