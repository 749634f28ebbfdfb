"""What is asked: the conversation so far, where the reader is, and what was chosen."""

from dataclasses import dataclass, field

from docs_chat.agent.v1.agent_service_pb2 import FallbackPolicy
from docs_chat.retriever.v1.passages_pb2 import Scope

from services.agent.asker import Asker

MAX_MESSAGES = 100
"""Newest messages of a conversation that are read; older ones are ignored."""
MAX_USER_CHARACTERS = 8_000
MAX_ASSISTANT_CHARACTERS = 32_000
MAX_SELECTED_CHARACTERS = 4_000


@dataclass(frozen=True, slots=True)
class Message:
    """One entry of the conversation."""

    from_reader: bool
    text: str


@dataclass(frozen=True, slots=True)
class TurnOptions:
    """How the turn is run."""

    model: str = ""
    passage_limit: int = 0
    skip_cache: bool = False
    fallback: "FallbackPolicy.ValueType" = FallbackPolicy.FALLBACK_POLICY_EXTRACTIVE
    whole_answer: bool = False
    """Nothing is shown before the end, so a model that breaks off in the middle can be replaced."""


@dataclass(frozen=True, slots=True)
class TurnRequest:
    """One turn, validated: the last message is the reader's question."""

    messages: tuple[Message, ...]
    site: str = ""
    default_site: str = ""
    """Where to answer from when neither the caller nor the page tells the site."""
    scope: Scope = field(default_factory=Scope)
    page_uri: str = ""
    page_title: str = ""
    selected_text: str = ""
    reader_id: str = ""
    reader_network: str = ""
    reader_language: str = ""
    tabs: tuple[str, ...] = ()
    options: TurnOptions = field(default_factory=TurnOptions)
    turn_id: str = ""

    @property
    def asker(self) -> Asker:
        """Whose turn it is."""
        return Asker(self.reader_id, self.reader_network)

    @property
    def question(self) -> str:
        return self.messages[-1].text

    @property
    def history(self) -> tuple[Message, ...]:
        return self.messages[:-1]


def estimated_tokens(text: str) -> int:
    """Tokens of a text, estimated without any model's tokenizer and rather too high than too low.

    Source:
        Rule of thumb of about four characters a token in Latin scripts and one in CJK, tightened to three.
    """
    wide = sum(1 for character in text if ord(character) > 0x2E80)
    return wide + (len(text) - wide) // 3 + 1


def trimmed_history(history: tuple[Message, ...], budget_tokens: int) -> tuple[Message, ...]:
    """The latest whole turns that fit the budget; a question is never parted from its answer."""
    kept: list[Message] = []
    for turn in reversed(_turns(history)):
        budget_tokens -= sum(estimated_tokens(message.text) for message in turn)
        if budget_tokens < 0:
            break
        kept = turn + kept
    return tuple(kept)


def _turns(history: tuple[Message, ...]) -> list[list[Message]]:
    turns: list[list[Message]] = []
    for message in history:
        if message.from_reader or not turns:
            turns.append([])
        turns[-1].append(message)
    return turns
