"""Saying a sentence in the language of a page, in English where it has not been translated."""

import functools
import json
import re
from collections.abc import Mapping
from pathlib import Path

_LOCALES = Path(__file__).parent / "locales"
_VALUE = re.compile(r"\\\{(\w+)\\\}")
_SENTENCES = re.compile(r"(?<=\.) ")


class Speech:
    """The sentences of one language.

    Args:
        sentences: Translations by their English; `{name}` stands for a value in both.
    """

    def __init__(self, sentences: Mapping[str, str]) -> None:
        self._sentences = sentences
        self._patterns = [(_pattern(english), english) for english in sentences]

    def say(self, english: str, **values: object) -> str:
        """A sentence with its values."""
        return self._sentences.get(english, english).format(**values)

    def repeat(self, said: str) -> str:
        """What another service has said in English, with its values in it; as it is unless every sentence is known."""
        whole = self._repeated(said)
        if whole is not None:
            return whole
        parts = [self._repeated(sentence) for sentence in _SENTENCES.split(said)]
        known = [part for part in parts if part is not None]
        return " ".join(known) if len(known) == len(parts) else said

    def _repeated(self, said: str) -> str | None:
        for pattern, english in self._patterns:
            if found := pattern.fullmatch(said):
                return self.say(english, **found.groupdict())
        return None


def _pattern(english: str) -> re.Pattern[str]:
    return re.compile(_VALUE.sub(r"(?P<\1>.+)", re.escape(english)), re.DOTALL)


def speech_for(locale: str) -> Speech:
    """How a page of this locale is spoken to; `zh-TW` and `zh-Hant` are not spoken to in simplified Chinese.

    >>> speech_for("de-AT").say("Searching the docs")
    'Die Dokumentation wird durchsucht'
    """
    tags = locale.replace("_", "-").split("-")
    language = tags[0].lower()
    if language == "zh":
        traditional = {tag.lower() for tag in tags} & {"hant", "tw", "hk", "mo"}
        language = "en" if traditional else "zh-Hans"
    return _speech(language)


@functools.cache
def _speech(language: str) -> Speech:
    path = _LOCALES / f"{language}.json"
    known = language in _languages() and json.loads(path.read_text("utf-8"))
    return Speech(known or {})


@functools.cache
def _languages() -> frozenset[str]:
    return frozenset(path.stem for path in _LOCALES.glob("*.json"))
