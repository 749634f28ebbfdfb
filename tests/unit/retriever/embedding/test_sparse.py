"""Term weights: what readers type must meet what authors wrote."""

import pytest

from services.retriever.embedding.sparse import SparseEncoder

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


def test_the_asking_itself_is_no_term() -> None:
    chinese = SparseEncoder("zh", 110.0)
    assert chinese.query("如何使用中间件") == chinese.query("使用中间件")
    assert not chinese.query("怎么办？")
