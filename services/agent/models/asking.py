"""What a turn asks a model, cut down to what the model can read."""

import json
from dataclasses import dataclass, replace

from agents import FunctionTool, Tool
from agents.items import TResponseInputItem

from services.agent.conversation import estimated_tokens

LEAST_ANSWER_TOKENS = 256
"""Room that must be left for the answer; with less it would be cut off."""


@dataclass(frozen=True, slots=True)
class Asking:
    """One call of the model as the Agents SDK makes it.

    Args:
        rules: The instructions.
        items: The conversation; its last message is the question with its passages.
        tools: What may be called, or what the conversation speaks of.
        may_call: Whether the answer may be a call of a tool; otherwise the results of one stand in the conversation.
    """

    rules: str | None
    items: str | list[TResponseInputItem]
    tools: list[Tool]
    may_call: bool = True

    def without_history(self) -> "Asking":
        """The question with its passages, without what was said before; unchanged after a call of a tool."""
        return replace(self, items=self.items[-1:]) if self.may_call and isinstance(self.items, list) else self

    @property
    def text(self) -> str:
        """Everything a model reads of it."""
        schemas = [tool.params_json_schema for tool in self.tools if isinstance(tool, FunctionTool)]
        return f"{self.rules}{json.dumps([self.items, schemas], ensure_ascii=False)}"


def fit(ask: Asking, context_tokens: int, answer_tokens: int) -> tuple[Asking, int] | None:
    """What is asked and the tokens left for the answer; None when the model cannot read even the question.

    Args:
        ask: All of it.
        context_tokens: What the model can read and write together; 0 while unknown.
        answer_tokens: The longest answer wanted.
    """
    if not context_tokens:
        return ask, answer_tokens
    for shorter in (ask, ask.without_history()):
        text = shorter.text
        if len(text) + answer_tokens <= context_tokens:  # no token is shorter than a character
            return shorter, answer_tokens
        room = context_tokens - estimated_tokens(text)
        if room >= LEAST_ANSWER_TOKENS:
            return shorter, min(answer_tokens, room)
    return None
