"""What a turn asks a model, cut down to what the model can read."""

import json
from dataclasses import dataclass, replace

from agents import FunctionTool, Tool
from agents.items import TResponseInputItem

from services.agent.conversation import estimated_tokens

LEAST_ANSWER_TOKENS = 256
"""Room that must be left for the answer; with less it would be cut off."""

_SHARE_OF_CONTEXT = 0.35
"""Of what a model can read and write: the rest is for rules, conversation, a second look and the answer."""
_WHEN_UNKNOWN = 3000
"""Tokens for a model that tells no context: local servers cut what is longer without a word."""


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

    def with_question(self, content: str) -> "Asking":
        """The same conversation with the reader's last message written otherwise."""
        if not isinstance(self.items, list):
            return self
        items = list(self.items)
        for place in range(len(items) - 1, -1, -1):
            item = items[place]
            if item.get("role") == "user":
                items[place] = {"role": "user", "content": content}
                break
        return replace(self, items=items)

    @property
    def text(self) -> str:
        """Everything a model reads of it."""
        schemas = [tool.params_json_schema for tool in self.tools if isinstance(tool, FunctionTool)]
        return f"{self.rules}{json.dumps([self.items, schemas], ensure_ascii=False)}"


def evidence_budget(context_tokens: int, most: int) -> int:
    """Tokens of passages that a model is given.

    Args:
        context_tokens: What it can read and write together; 0 while unknown.
        most: The most any model is given.
    """
    return min(most, int(context_tokens * _SHARE_OF_CONTEXT) if context_tokens else _WHEN_UNKNOWN)


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
