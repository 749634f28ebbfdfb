"""Term weights: what readers type must meet what authors wrote."""

import pytest

from services.retriever.embedding.sparse import SparseEncoder, seems_english, split_unspaced

ENGLISH = SparseEncoder("en", 110.0)


def meets(query: str, text: str, encoder: SparseEncoder = ENGLISH) -> bool:
    return bool(set(encoder.query(query).indices) & set(encoder.document(text).indices))


@pytest.mark.parametrize(
    ("query", "text"),
    [
        ("useDispatch", "Call `useDispatch()` in the component."),
        ("dispatch hook", "Call `useDispatch()` in the component."),
        ("docusaurus.config.js", "Edit `docusaurus.config.js`."),
        ("--no-cache", "Run `build --no-cache`."),
        ("no_cache", "Set `no_cache` to true."),
        ("configuring", "How to configure it"),
        ("日志", "如何配置日志中间件"),
        ("中间件", "如何配置日志中间件"),
        ("ログ設定", "ログの設定方法"),
        ("настройки", "Откройте настройки"),
    ],
)
def test_a_query_meets_its_text(query: str, text: str) -> None:
    assert meets(query, text)


def test_common_words_meet_nothing() -> None:
    assert not ENGLISH.query("how is the and of")


def test_each_locale_has_its_own_endings() -> None:
    assert meets("Einstellungen", "Die Einstellung finden", SparseEncoder("de", 110.0))


def test_unspaced_script_becomes_pairs_and_the_rest_stays() -> None:
    assert split_unspaced("使用 redux 库") == " 使用  redux  库 "
    assert split_unspaced("日志库") == " 日志 志库 "
    assert split_unspaced("plain text") == "plain text"


def test_the_asking_itself_is_no_term() -> None:
    chinese = SparseEncoder("zh", 110.0)
    assert chinese.query("如何使用中间件") == chinese.query("使用中间件")
    assert not chinese.query("怎么办？")


@pytest.mark.parametrize(
    "text",
    [
        "how do I reset the store on logout",
        "useDispatch in a saga",
        "die on the first error",
        "café menu in the docs",
        "TypeError: Cannot read properties of undefined (reading 'was')",
        "",
    ],
)
def test_english_questions_and_identifiers_seem_english(text: str) -> None:
    assert seems_english(text)


@pytest.mark.parametrize(
    "text",
    [
        "Wie kann ich den Port des Gateways ändern?",
        "Où sont stockées les questions des lecteurs ?",
        "¿por qué mi componente se vuelve a renderizar tantas veces?",
        "come posso indicizzare il mio sito?",
        "hoe verander ik de poort van de gateway",
        "kendi sitemi nasıl indekslerim?",
    ],
)
def test_questions_in_other_languages_do_not(text: str) -> None:
    assert not seems_english(text)
