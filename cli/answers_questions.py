"""Questions with the facts that a right answer holds, as a docs team writes them down."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cli.question_lines import optional_fields, read_question_lines


@dataclass(frozen=True, slots=True)
class AnswerQuestion:
    """What somebody asked, and what an answer has to say."""

    id: str
    text: str
    must: tuple[tuple[str, ...], ...] = ()
    """Facts, each as regular expressions of which one has to match, whatever the capitals."""
    must_not: tuple[str, ...] = ()
    """Regular expressions that only a wrong answer matches."""
    answered: bool = True
    """Whether the docs answer it; otherwise a refusal or a word of doubt is right."""
    kind: str = ""
    site: str = ""
    version: str = ""
    locale: str = ""


def read_answer_questions(path: Path, site: str) -> list[AnswerQuestion]:
    """The questions of a file.

    Args:
        path: File with one object per line.
        site: Site of questions that name none.

    Raises:
        ValueError: If the file cannot be read, a line is not a question, or two have the same id; it names the line.
    """
    wanted = '{"question": …, "must": [["fact", "the same in other words"], …]}'
    return read_question_lines(path, lambda row, number: _question(row, number, site), wanted)


def _question(row: Any, number: int, site: str) -> AnswerQuestion:
    must = tuple(_patterns([fact] if isinstance(fact, str) else fact) for fact in _list(row.get("must", [])))
    return AnswerQuestion(
        str(row.get("id", number)),
        str(row["question"]),
        must,
        _patterns(_list(row.get("must_not", []))),
        answered=bool(row.get("gold", True)),
        **optional_fields(row, site),
    )


def _list(value: Any) -> list[Any]:
    if not isinstance(value, list):
        raise TypeError("must and must_not are lists")
    return value


def _patterns(texts: Iterable[Any]) -> tuple[str, ...]:
    """Regular expressions that can be used.

    Raises:
        re.error: If one cannot.
    """
    patterns = tuple(map(str, texts))
    for pattern in patterns:
        re.compile(pattern)
    return patterns
