"""What people say when they ask nothing, and what we say back; the words themselves stand in `words.toml`."""

import tomllib
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from pathlib import Path


class SmallTalk(StrEnum):
    """What a message is when it is not a question about the docs."""

    GREETING = "greeting"
    THANKS = "thanks"
    GOODBYE = "goodbye"
    WHO = "who"
    """Who or what are you?"""
    WHAT_CAN_YOU_DO = "what_can_you_do"


@dataclass(frozen=True, slots=True)
class Words:
    """Small talk of one language."""

    said: dict[str, SmallTalk]
    """Phrases by what they are, lower case, without punctuation."""
    replies: dict[SmallTalk, str]
    examples: str
    """Leads in what the reader can ask."""


@cache
def words_by_language() -> dict[str, Words]:
    """The words, by code of the language."""
    text = (Path(__file__).parent / "words.toml").read_text("utf-8")
    return {code: _words(entry["said"], entry["reply"]) for code, entry in tomllib.loads(text).items()}


def _words(said: dict[str, str], reply: dict[str, str]) -> Words:
    phrases = {
        " ".join(phrase.split()): SmallTalk(kind) for kind, listed in said.items() for phrase in listed.split("|")
    }
    return Words(phrases, {kind: reply[kind] for kind in SmallTalk}, reply["examples"])
