"""What one request to a model tells beside the text of its answer."""

import json
from dataclasses import dataclass, field
from typing import Any

LONGEST_REASONING = 20_000


@dataclass(slots=True)
class ToolCall:
    """A call of a tool as the model wrote it; the arguments are whatever it wrote."""

    name: str = ""
    arguments: str = ""


@dataclass(slots=True)
class ReplyFacts:
    """Filled while the answer passes; the Agents SDK drops most of it."""

    served_model: str = ""
    provider: str = ""
    generation_id: str = ""
    finish_reason: str = ""
    input_tokens: int = 0
    output_tokens: int = 0
    cost_usd: float = 0.0
    tool_calls: list[ToolCall] = field(default_factory=list)
    reasoning: str = ""
    """What came in fields for reasoning, its first `LONGEST_REASONING` characters."""
    opens_thought_in_prompt: bool | None = None
    """Whether the answer closed a thought that its prompt had opened; None while there is no answer."""
    sent: bool = False
    """Whether the request left, which is what the quota counts."""
    ended: bool = False
    """Whether the stream said that it is complete."""
    _places: list[object] = field(default_factory=list)
    """The `index` of each tool call, as far as the provider tells one."""

    def read(self, chunk: dict[str, Any]) -> None:
        """Note what one chunk of a stream, or a whole answer, tells beside its text."""
        self.served_model = _text(chunk.get("model")) or self.served_model
        self.provider = _text(chunk.get("provider")) or self.provider
        self.generation_id = self.generation_id or _text(chunk.get("id"))
        choice = first_choice(chunk)
        self.finish_reason = _text(choice.get("finish_reason")) or self.finish_reason
        self.ended = self.ended or bool(self.finish_reason)
        said = message_of(choice)
        for call in said.get("tool_calls") or ():
            self._read_call(call)
        if (room := LONGEST_REASONING - len(self.reasoning)) > 0:
            self.reasoning += _reasoning(said)[:room]
        if isinstance(usage := chunk.get("usage"), dict):
            self.input_tokens = _number(usage.get("prompt_tokens"))
            self.output_tokens = _number(usage.get("completion_tokens"))
            cost = usage.get("cost")
            self.cost_usd = float(cost) if isinstance(cost, int | float) else 0.0

    def _read_call(self, piece: dict[str, Any]) -> None:
        """A piece of a tool call; without an `index` it belongs to the last call, unless it names a tool."""
        function = piece.get("function") or {}
        place, name, arguments = piece.get("index"), function.get("name"), function.get("arguments") or ""
        if place not in self._places if place is not None else (name or not self.tool_calls):
            self._places.append(place)
            self.tool_calls.append(ToolCall())
        call = self.tool_calls[-1 if place is None else self._places.index(place)]
        call.name = name or call.name
        call.arguments += arguments if isinstance(arguments, str) else json.dumps(arguments)


def first_choice(answer: dict[str, Any]) -> dict[str, Any]:
    """The first choice of an answer or chunk; empty when there is none."""
    choices = answer.get("choices")
    return choices[0] if isinstance(choices, list) and choices and isinstance(choices[0], dict) else {}


def message_of(choice: dict[str, Any]) -> dict[str, Any]:
    """What a choice says: a piece of a message in a stream, a whole one in an answer; empty when it says nothing."""
    said = choice.get("delta") or choice.get("message")
    return said if isinstance(said, dict) else {}


def text_of(said: dict[str, Any]) -> str | None:
    """The text of a message, given whole or in parts; None when it is something other than text."""
    content = said.get("content") or ""
    if not isinstance(content, list):
        return content if isinstance(content, str) else None
    if not all(isinstance(part, dict) and isinstance(part.get("type"), str) for part in content):
        return None
    return "".join(_text(part.get("text")) for part in content if not _is_thought(part))


def _reasoning(said: dict[str, Any]) -> str:
    """Reasoning, from the first of the places where providers put it."""
    if plain := _text(said.get("reasoning")) or _text(said.get("reasoning_content")):
        return plain
    details = said.get("reasoning_details")
    if isinstance(details, list):
        return "".join(_text(each.get("text")) for each in details if isinstance(each, dict))
    content = said.get("content")
    parts = content if isinstance(content, list) else []
    return "".join(_thought_of(part) for part in parts if isinstance(part, dict) and _is_thought(part))


def _is_thought(part: dict[str, Any]) -> bool:
    return part.get("type") in ("thinking", "reasoning", "redacted_thinking")


def _thought_of(part: dict[str, Any]) -> str:
    """Mistral nests text parts below `thinking`; others write a string there or below `text`."""
    inner = part.get("thinking") or part.get("reasoning") or part.get("text")
    if isinstance(inner, list):
        return "".join(_text(each.get("text")) for each in inner if isinstance(each, dict))
    return _text(inner)


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""


def _number(value: object) -> int:
    return value if isinstance(value, int) else 0
