"""What is small talk, and what only begins like it."""

import pytest

from services.agent.conversation import Message, TurnRequest
from services.agent.small_talk.recognition import SmallTalkMessage, recognise_small_talk
from services.agent.small_talk.words import SmallTalk, words_by_language


def said(text: str, *, reader_language: str = "en-US") -> SmallTalkMessage | None:
    return recognise_small_talk(TurnRequest((Message(from_reader=True, text=text),), reader_language=reader_language))


@pytest.mark.parametrize(
    ("text", "kind", "language"),
    [
        ("Thanks", SmallTalk.THANKS, "en"),
        ("thx!! 🙏", SmallTalk.THANKS, "en"),
        ("👍", SmallTalk.THANKS, "en"),
        ("Great, thank you so much for your help!", SmallTalk.THANKS, "en"),
        ("Hi there :)", SmallTalk.GREETING, "en"),
        ("Hello, who are you?", SmallTalk.WHO, "en"),
        ("What’s your name?", SmallTalk.WHO, "en"),
        ("hey, what can you do?", SmallTalk.WHAT_CAN_YOU_DO, "en"),
        ("Ok, danke!", SmallTalk.THANKS, "de"),
        ("Merci beaucoup pour l’aide !", SmallTalk.THANKS, "fr"),
        ("Hola, ¿qué puedes hacer?", SmallTalk.WHAT_CAN_YOU_DO, "es"),
        ("Obrigado!", SmallTalk.THANKS, "pt"),
        ("Chi sei?", SmallTalk.WHO, "it"),
        ("Здравствуйте!", SmallTalk.GREETING, "ru"),
        ("こんにちは、何ができますか?", SmallTalk.WHAT_CAN_YOU_DO, "ja"),
        ("감사합니다", SmallTalk.THANKS, "ko"),
        ("你好,请问你能做什么?", SmallTalk.WHAT_CAN_YOU_DO, "zh"),
        ("谢谢!再见", SmallTalk.GOODBYE, "zh"),
    ],
)
def test_small_talk_is_recognised_in_its_language(text: str, kind: SmallTalk, language: str) -> None:
    assert said(text) == SmallTalkMessage(kind, language)


@pytest.mark.parametrize(
    "text",
    [
        "Hi, how do I install it?",
        "thanks, but it does not work",
        "Hello world",
        "How do I say hello in two languages?",
        "help with the installation",
        "What can you do with createSlice?",
        "who are you calling in `fetchBaseQuery`?",
        "你好,如何安装?",
        "谢谢,那么怎么升级?",
        "Danke, und wie starte ich es?",
        "test",
        "yes",
        "???",
        "hi " * 60,
    ],
)
def test_what_may_be_a_question_is_none(text: str) -> None:
    assert said(text) is None


def test_a_word_of_several_languages_is_taken_for_the_readers() -> None:
    assert said("super", reader_language="de-AT,de;q=0.9") == SmallTalkMessage(SmallTalk.THANKS, "de")
    assert said("super", reader_language="fr") == SmallTalkMessage(SmallTalk.THANKS, "fr")


@pytest.mark.parametrize("language", sorted(words_by_language()))
def test_every_phrase_of_every_language_is_understood_and_answered(language: str) -> None:
    words = words_by_language()[language]
    assert all(said(phrase, reader_language=language) for phrase in words.said)
    assert set(words.said.values()) == set(words.replies) == set(SmallTalk)
