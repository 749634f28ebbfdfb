"""Writing systems: which one a text is in, and what stands for words where no blanks do."""

import re

UNSPACED = re.compile(
    "[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3005-\u3007\u3040-\u30ff\u31f0-\u31ff\u3400-\u4dbf\u4e00-\u9fff"
    "\uac00-\ud7af\uf900-\ufaff\U00020000-\U0003ffff]+"
)
"""Runs of scripts that are cut into overlapping pairs of characters, as Lucene does: those without spaces, and Korean,
whose words carry their particles."""
_LANGUAGE_BY_SCRIPT = (
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
"""Japanese before Chinese, whose characters it shares."""
_LEAST_SHARE = 3
"""One character in three tells the language: the rest of a question about software is Latin letters."""


def split_unspaced(text: str) -> str:
    """The text with runs of unspaced script as overlapping pairs: `日志库` → ` 日志 志库 `."""
    return UNSPACED.sub(lambda run: f" {' '.join(_pairs(run.group()))} ", text)


def is_unspaced(text: str) -> bool:
    """Whether most letters of a text are of a script without spaces."""
    letters = sum(map(str.isalpha, text))
    return 2 * sum(len(run) for run in UNSPACED.findall(text)) > letters


def is_latin(text: str) -> bool:
    """Whether most letters of a text are Latin ones without accents."""
    letters = [character for character in text if character.isalpha()]
    return sum(map(str.isascii, letters)) * 2 > len(letters)


def has_foreign_letter(text: str) -> bool:
    """Whether a text has a letter that English does not use."""
    return any(character.isalpha() and not character.isascii() for character in text)


def language_of_script(text: str) -> str:
    """Code of the language that a text's script tells; empty for scripts of many languages, such as Latin."""
    characters = len(re.findall(r"\w", text))
    for code, script in _LANGUAGE_BY_SCRIPT:
        if len(script.findall(text)) * _LEAST_SHARE >= characters > 0:
            return code
    return ""


def _pairs(run: str) -> list[str]:
    return [run[start : start + 2] for start in range(len(run) - 1)] or [run]
