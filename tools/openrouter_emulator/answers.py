"""What the emulated model says: it reads the numbered passages out of the prompt and quotes them with their marks."""

import re
from dataclasses import dataclass
from typing import Any

_PASSAGE = re.compile(r'<passage number="(\d+)" from="([^"]*)"[^>]*>\n(.*?)\n</passage>', re.DOTALL)
_WORD = re.compile(r"\w{3,}")
_CODE = re.compile(r"^```[^\n]*\n.*?^```", re.DOTALL | re.MULTILINE)


@dataclass(frozen=True, slots=True)
class PromptPassage:
    """A passage as the prompt holds it."""

    number: int
    heading: str
    text: str


def passages_of(messages: list[dict[str, Any]]) -> list[PromptPassage]:
    """The numbered passages of a prompt."""
    text = "\n".join(str(message.get("content") or "") for message in messages)
    return [PromptPassage(int(number), heading, body) for number, heading, body in _PASSAGE.findall(text)]


def question_of(messages: list[dict[str, Any]]) -> str:
    """What the reader asked last."""
    asked = [str(message.get("content") or "") for message in messages if message.get("role") == "user"]
    return asked[-1].rpartition("Question: ")[2] if asked else ""


def write_answer(messages: list[dict[str, Any]]) -> str:
    """A short answer that quotes up to three passages, the best sentence of each, and the first code block."""
    passages, wanted = passages_of(messages), set(_WORD.findall(question_of(messages).lower()))
    if not passages:
        return "The passages I was given do not answer this."
    ranked = sorted(passages, key=lambda passage: -_overlap(wanted, f"{passage.heading} {passage.text}"))[:3]
    lines = [f"{_best_sentence(wanted, passage)} [{passage.number}]" for passage in ranked]
    code = next((match.group() for passage in ranked[:1] if (match := _CODE.search(passage.text))), "")
    return "\n\n".join(part for part in (lines[0], code, *lines[1:]) if part)


def _best_sentence(wanted: set[str], passage: PromptPassage) -> str:
    prose = re.sub(r"^[ \t]*(?:[-*+>|]|#+|\d+[.)])[ \t]+", "", _CODE.sub(" ", passage.text), flags=re.MULTILINE)
    sentences = [part.strip() for part in re.split(r"(?<=[.!?])\s+|\n{2,}", prose) if len(part.strip()) > 20]
    best = max(sentences, key=lambda sentence: _overlap(wanted, sentence), default=passage.heading)
    return " ".join(best.split())[:300].rstrip(".:")


def _overlap(wanted: set[str], text: str) -> int:
    return len(wanted & set(_WORD.findall(text.lower())))
