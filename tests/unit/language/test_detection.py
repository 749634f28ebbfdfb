"""Which language a text is in."""

import pytest

from services.language.detection import answer_language, detect_language, seems_english


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("How do I install the package?", "en"),
        ("Wie installiere ich das Paket auf meinem Rechner?", "de"),
        ("Comment est-ce que je peux installer le paquet ?", "fr"),
        ("¿Cómo puedo instalar el paquete en mi máquina?", "es"),
        ("Como posso instalar o pacote na minha máquina?", "pt"),
        ("パッケージをインストールするには？", "ja"),
        ("如何安装这个软件包？", "zh"),
        ("패키지를 어떻게 설치하나요?", "ko"),
        ("Как установить пакет?", "ru"),
        ("createSlice", ""),
        ("`npm install`", ""),
        ("Comment annuler un thunk qui est en cours ?", "fr"),
        ("Hur lång tid tar det att installera?", "sv"),
        ("Jak mogę zainstalować ten pakiet?", "pl"),
        ("Hogyan telepítsem ezt a csomagot?", "hu"),
        ("Miten asennan tämän, kun se ei ole npm:ssä?", "fi"),
    ],
)
def test_the_language_of_a_question_is_recognised(text: str, language: str) -> None:
    assert detect_language(text) == language


def test_the_readers_language_decides_where_the_question_does_not_tell() -> None:
    assert answer_language("createSlice", "de-AT,de;q=0.9") == "de"
    assert answer_language("createSlice", "") == "en"


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


@pytest.mark.parametrize(
    "text",
    [
        "prefetch on hover",
        "Platform.OS",
        "v-model on a custom component emits update:modelValue",
        "ESLint no-unused-vars ignore pattern",
        "draw a line as thin as one physical pixel",
        "act as a linux terminal",
    ],
)
def test_a_word_that_two_languages_share_or_a_part_of_an_identifier_proves_nothing(text: str) -> None:
    assert detect_language(text) in {"", "en"}
