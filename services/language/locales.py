"""Languages by the codes of locales."""

import re

_NAMES = {
    "ar": "Arabic",
    "da": "Danish",
    "de": "German",
    "el": "Greek",
    "en": "English",
    "es": "Spanish",
    "fi": "Finnish",
    "fr": "French",
    "he": "Hebrew",
    "hi": "Hindi",
    "hu": "Hungarian",
    "it": "Italian",
    "ja": "Japanese",
    "ko": "Korean",
    "nb": "Norwegian",
    "nl": "Dutch",
    "no": "Norwegian",
    "pl": "Polish",
    "pt": "Portuguese",
    "ro": "Romanian",
    "ru": "Russian",
    "sv": "Swedish",
    "th": "Thai",
    "tr": "Turkish",
    "zh": "Chinese",
}


def primary_language(locale: str) -> str:
    """Code of the language of a locale, in small letters; empty for an empty locale.

    >>> primary_language("pt-BR"), primary_language("zh_Hant")
    ('pt', 'zh')
    """
    return re.split(r"[-_]", locale.strip(), maxsplit=1)[0].lower()


def is_english(locale: str) -> bool:
    """Whether a locale is an English one."""
    return primary_language(locale) == "en"


def preferred_language(accepted: str) -> str:
    """Code of the first language of an `Accept-Language` header.

    >>> preferred_language("de-AT,de;q=0.9")
    'de'
    """
    return primary_language(re.split(r"[,;]", accepted, maxsplit=1)[0])


def language_name(code: str) -> str:
    """English name of a language; empty when we do not know it."""
    return _NAMES.get(code, "")
