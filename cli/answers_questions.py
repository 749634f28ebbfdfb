"""Questions with the facts that a right answer holds, as a docs team writes them down."""

import json
import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from services.runtime.errors import shown

_OPTIONAL = ("kind", "site", "version", "locale")


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
    try:
        lines = path.read_text("utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise ValueError(f"{path} cannot be read: {error}") from error
    questions: dict[str, AnswerQuestion] = {}
    for number, line in enumerate(lines, start=1):
        if not line.strip():
            continue
        try:
            question = _question(json.loads(line), number, site)
        except (ValueError, KeyError, TypeError, AttributeError, re.error) as error:
            wanted = '{"question": …, "must": [["fact", "the same in other words"], …]}'
            raise ValueError(f"{path}, line {number}: not a {wanted} object ({error!r})") from error
        if question.id in questions:
            raise ValueError(f"{path}, line {number}: another question has the id {shown(question.id)}")
        questions[question.id] = question
    if not questions:
        raise ValueError(f"{path} has no questions")
    return list(questions.values())


def _question(row: Any, number: int, site: str) -> AnswerQuestion:
    optional = {name: str(row[name]) for name in _OPTIONAL if name in row}
    must = tuple(_patterns([fact] if isinstance(fact, str) else fact) for fact in _list(row.get("must", [])))
    return AnswerQuestion(
        str(row.get("id", number)),
        str(row["question"]),
        must,
        _patterns(_list(row.get("must_not", []))),
        answered=bool(row.get("gold", True)),
        **{"site": site, **optional},
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
