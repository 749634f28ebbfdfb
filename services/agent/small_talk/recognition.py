"""Messages that ask nothing of the docs: greetings, thanks, questions about us. Answered by ourselves, at once.

A message is small talk only if all of it is: "hi, how do I install it?" is a question.
"""

import re
from dataclasses import dataclass
from functools import cache

from docs_chat.agent.v1.turn_events_pb2 import AnswerSource, PassagesFound, TextDelta, TurnCompleted

from services.agent.conversation import TurnRequest
from services.agent.events import TurnEvent
from services.agent.small_talk.words import SmallTalk, words_by_language
from services.language.locales import preferred_language

_LONGEST = 120
_NOT_WORDS = re.compile(r"[^\w\s]|_", re.UNICODE)
_FILLERS_TEXT = """
please there again and so then oh well you very really all bot guys mate 呀 啊 哦 哈 了 吧 ね よ
"""
_FILLERS = frozenset(_FILLERS_TEXT.split())
_WRITTEN_WITHOUT_SPACES = ("zh", "ja")
_GESTURES = {
    "👋": "hello",
    "👍": "thanks",
    "🙏": "thanks",
    "👏": "thanks",
    "🎉": "thanks",
    "❤": "thanks",
    "👌": "ok",
    "😊": "thanks",
}
# What says more about the reader's wish comes first: "hello, what can you do?" wants to know what we can do.
_BY_WEIGHT = (SmallTalk.WHAT_CAN_YOU_DO, SmallTalk.WHO, SmallTalk.GOODBYE, SmallTalk.THANKS, SmallTalk.GREETING)


@dataclass(frozen=True, slots=True)
class SmallTalkMessage:
    """What a message is and the language it is said in."""

    kind: SmallTalk
    language: str


def recognise_small_talk(request: TurnRequest) -> SmallTalkMessage | None:
    """What kind of small talk the last message is; None for everything that may be a question about the docs.

    "Help!" beside selected text is about that text.
    """
    message = request.question
    if len(message) > _LONGEST or "`" in message or request.selected_text:
        return None
    told = message.lower().replace("’", "'")
    for gesture, word in _GESTURES.items():
        told = told.replace(gesture, f" {word} ")
    spellings = [_NOT_WORDS.sub(" ", told.replace("'", apostrophe)) for apostrophe in ("", " ")]
    preferred = preferred_language(request.reader_language)
    languages = sorted(words_by_language(), key=lambda code: code != preferred)
    for also in ("", "en"):  # English words are mixed into every language, but alone they are English
        for language in languages:
            for spelling in spellings:
                if kinds := _kinds(spelling, language, also):
                    return SmallTalkMessage(min(kinds, key=_BY_WEIGHT.index), language)
    return None


def small_talk_events(message: SmallTalkMessage, request: TurnRequest, suggestions: list[str]) -> list[TurnEvent]:
    """The whole turn: a ready answer, with what the reader can ask.

    Args:
        message: What was said.
        request: The turn.
        suggestions: Questions the site answers; may be empty.
    """
    words = words_by_language()[message.language]
    text = words.replies[message.kind]
    told = suggestions if message.kind in (SmallTalk.WHO, SmallTalk.WHAT_CAN_YOU_DO, SmallTalk.GREETING) else []
    if told:
        text += f"\n\n{words.examples}\n\n" + "\n".join(f"- {suggestion}" for suggestion in told)
    return [
        PassagesFound(site=request.site),
        TextDelta(text=text),
        TurnCompleted(text=text, suggestions=suggestions, source=AnswerSource.ANSWER_SOURCE_SMALL_TALK),
    ]


def _kinds(text: str, language: str, also: str) -> set[SmallTalk]:
    """Kinds of the phrases a text consists of; empty unless it consists of nothing else.

    The longest phrase that fits is taken each time; words that say nothing may stand after the first phrase.
    """
    known, longest = _phrases(language, also)
    joint = "" if language in _WRITTEN_WITHOUT_SPACES else " "
    words = text.split() if joint else list("".join(text.split()))
    kinds: set[SmallTalk] = set()
    at = 0
    while at < len(words):
        for length in range(min(longest, len(words) - at), 0, -1):
            if kind := known.get(joint.join(words[at : at + length])):
                kinds.add(kind)
                at += length
                break
        else:
            if not kinds or words[at] not in _FILLERS:
                return set()
            at += 1
    return kinds


@cache
def _phrases(language: str, also: str) -> tuple[dict[str, SmallTalk], int]:
    """Phrases of a language, and of another one if named, with the number of words (or characters) of the longest."""
    joint = "" if language in _WRITTEN_WITHOUT_SPACES else " "
    words = words_by_language()
    known = {
        joint.join(phrase.split()): kind
        for code in filter(None, (also, language))
        for phrase, kind in words[code].said.items()
    }
    return known, max(len(phrase.split(joint) if joint else phrase) for phrase in known)
