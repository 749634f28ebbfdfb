"""Languages of locales."""

import pytest

from services.language.locales import is_english, language_name, preferred_language, primary_language


@pytest.mark.parametrize(
    ("locale", "code"), [("pt-BR", "pt"), ("zh_Hant", "zh"), ("EN-us", "en"), (" de ", "de"), ("", "")]
)
def test_the_language_of_a_locale(locale: str, code: str) -> None:
    assert primary_language(locale) == code


def test_english_is_english_wherever_it_is_spoken_and_nothing_else_is() -> None:
    assert is_english("en-GB")
    assert not is_english("enm")


@pytest.mark.parametrize(("accepted", "code"), [("de-AT,de;q=0.9", "de"), ("fr;q=0.8", "fr"), ("*", "*"), ("", "")])
def test_the_first_language_a_browser_accepts(accepted: str, code: str) -> None:
    assert preferred_language(accepted) == code


def test_a_language_has_its_english_name() -> None:
    assert (language_name("sv"), language_name("tlh")) == ("Swedish", "")
