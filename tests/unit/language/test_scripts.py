"""Writing systems."""

import pytest

from services.language.scripts import is_latin, is_unspaced, language_of_script, split_unspaced


def test_unspaced_script_becomes_pairs_and_the_rest_stays() -> None:
    assert split_unspaced("使用 redux 库") == " 使用  redux  库 "
    assert split_unspaced("日志库") == " 日志 志库 "
    assert split_unspaced("plain text") == "plain text"


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("ログの設定", "ja"),
        ("日志库", "zh"),
        ("настройки", "ru"),
        ("الإعدادات", "ar"),
        ("redux 日志 logger", ""),
        ("", ""),
    ],
)
def test_a_script_tells_its_language_when_it_is_a_third_of_the_text(text: str, language: str) -> None:
    assert language_of_script(text) == language


def test_most_letters_decide_about_a_text() -> None:
    assert is_latin("redux 日志")
    assert not is_latin("настройки redux")
    assert is_unspaced("日志库 go")
    assert not is_unspaced("")
