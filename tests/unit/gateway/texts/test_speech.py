"""Sentences in the language of the page: all there, with their values, and what nobody knows stays English."""

import ast
import json
import re
from pathlib import Path

import pytest

import gateway.chatkit
import gateway.texts
import services.agent.turn
from gateway.texts.speech import Speech, speech_for

LOCALES = sorted((Path(gateway.texts.__file__).parent / "locales").glob("*.json"))
CATALOGUES = {path.stem: json.loads(path.read_text("utf-8")) for path in LOCALES}
ENGLISH = "Working on it"
_PLACE = re.compile(r"\{\w+\}")


@pytest.mark.parametrize("language", CATALOGUES)
def test_a_language_says_all_with_the_same_values(language: str) -> None:
    sentences = CATALOGUES[language]
    assert list(sentences) == list(CATALOGUES["de"])
    for english, said in sentences.items():
        assert said.strip()
        assert set(_PLACE.findall(said)) == set(_PLACE.findall(english)), english


def sentences_of(package: Path) -> set[str]:
    """Whole sentences in the code of a package that are no docstrings and no log lines."""
    found = set()
    for path in package.glob("*.py"):
        tree = ast.parse(path.read_text("utf-8"))
        loose = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
        for node in ast.walk(tree):
            text = node.value if isinstance(node, ast.Constant) and id(node) not in loose else None
            if isinstance(text, str) and re.fullmatch(r"[A-Z][^\n]* [^\n]*\.", text):
                found.add(text)
    return found


def test_what_the_agent_remarks_is_known() -> None:
    said = sentences_of(Path(services.agent.turn.__file__).parent)
    assert len(said) > 10
    german = speech_for("de")
    assert {sentence for sentence in said if german.repeat(sentence) == sentence} == set()


def test_what_the_gateway_says_in_its_code_is_known() -> None:
    code = (Path(gateway.chatkit.__file__).parent / "translate.py").read_text("utf-8")
    said = re.findall(r"speech\.say\(\s*\"([^\"]+)\"", code)
    assert len(said) > 10
    assert set(said) <= set(CATALOGUES["de"])


def test_values_stand_in_their_places_whatever_they_hold() -> None:
    speech = Speech({"From {place}.": "Aus {place}.", "Now.": "Jetzt."})
    assert speech.repeat("From {x} and *y*. Now.") == "Aus {x} and *y*. Now."
    assert speech.repeat("From here.") == "Aus here."
    assert speech.repeat("Now. From here.") == "Jetzt. Aus here."
    assert speech.repeat("Now. Nobody knows this.") == "Now. Nobody knows this."


@pytest.mark.parametrize(
    ("locale", "said"),
    [
        ("fr-CA", "En cours"),
        ("zh-CN", "正在处理"),
        ("zh-TW", "Working on it"),
        ("tlh", "Working on it"),
        ("../x", "Working on it"),
    ],
)
def test_a_locale_is_spoken_to_in_its_language(locale: str, said: str) -> None:
    assert speech_for(locale).say(ENGLISH) == said
