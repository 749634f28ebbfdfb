"""Which language a reader asks in."""

import re

_SCRIPTS = (
    ("ja", re.compile(r"[\u3040-\u30ff]")),
    ("ko", re.compile(r"[\uac00-\ud7af]")),
    ("zh", re.compile(r"[\u4e00-\u9fff]")),
    ("ru", re.compile(r"[\u0400-\u04ff]")),
    ("ar", re.compile(r"[\u0600-\u06ff]")),
    ("he", re.compile(r"[\u0590-\u05ff]")),
    ("hi", re.compile(r"[\u0900-\u097f]")),
    ("th", re.compile(r"[\u0e00-\u0e7f]")),
    ("el", re.compile(r"[\u0370-\u03ff]")),
)
_TELLING_WORDS = {
    "en": (
        "the how is are what why do does can i my to of when with where which should not in and an this it without for"
    ),
    "de": (
        "der die das wie ich ist nicht und ein eine kann mit für warum was wo wenn zu auf den dem mein meine man werden"
    ),
    "fr": (
        "le la les comment est une je puis peux pas pour avec dans des du pourquoi quel quelle mon ma mes et où on sur"
    ),
    "es": "el los las cómo como es una puedo no para con por qué en del mi mis y dónde cuál cuando se un hago",
    "pt": "o os as como é uma posso não para com por que em do da meu minha e onde qual quando se um faço",
    "it": "il lo gli come è una posso non per con che nel del mio mia e dove quale quando si un perché",
    "nl": "de het een hoe is ik niet en kan met voor waarom wat waar als te op mijn van wordt",
    "pl": "jak jest nie czy to się dla w na z mogę co dlaczego gdzie kiedy do mój moja",
    "tr": "nasıl bir bu ve için ne neden nerede mi mı mu mü ile değil nedir var",
}
_NAMES = {
    "en": "English",
    "de": "German",
    "fr": "French",
    "es": "Spanish",
    "pt": "Portuguese",
    "it": "Italian",
    "nl": "Dutch",
    "pl": "Polish",
    "tr": "Turkish",
    "ja": "Japanese",
    "ko": "Korean",
    "zh": "Chinese",
    "ru": "Russian",
    "ar": "Arabic",
    "he": "Hebrew",
    "hi": "Hindi",
    "th": "Thai",
    "el": "Greek",
}
_CODE = re.compile(r"```.*?```|`[^`]*`", re.DOTALL)


def detect_language(text: str) -> str:
    """BCP 47 code of the language a text is written in; empty when it does not tell (one word, code only)."""
    prose = _CODE.sub(" ", text)
    for code, script in _SCRIPTS:
        if len(script.findall(prose)) * 3 >= len(re.findall(r"\w", prose)) > 0:
            return code
    words = re.findall(r"[^\W\d_]+", prose.lower())
    counts = {code: sum(word in telling.split() for word in words) for code, telling in _TELLING_WORDS.items()}
    best = max(counts, key=lambda code: counts[code])
    runner_up = max(count for code, count in counts.items() if code != best)
    return best if counts[best] > runner_up and counts[best] >= 1 else ""


def answer_language(question: str, reader_language: str) -> str:
    """Code of the language to answer in: the question's, else the reader's, else English."""
    return (
        detect_language(question)
        or reader_language.split(",", maxsplit=1)[0].split(";", maxsplit=1)[0].split("-", maxsplit=1)[0].strip().lower()
        or "en"
    )


def language_name(code: str) -> str:
    """English name of a language for the model; unknown codes are described."""
    return _NAMES.get(code, "the language of the question")
