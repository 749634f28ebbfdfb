"""Files with a question on each line, as JSON objects: what both evaluations read."""

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any, Protocol, TypeVar

from services.runtime.errors import shown

_OPTIONAL = ("kind", "site", "version", "locale")


class _HasId(Protocol):
    @property
    def id(self) -> str: ...


_Question = TypeVar("_Question", bound=_HasId)


def read_question_lines(path: Path, parse: Callable[[Any, int], _Question], wanted: str) -> list[_Question]:
    """The questions of a file.

    Args:
        path: File with one object per line.
        parse: Makes a question of an object and the number of its line, from 1; raises for what is none.
        wanted: What a line has to be, for the message.

    Raises:
        ValueError: If the file cannot be read, a line is not a question, or two have the same id; it names the line.
    """
    try:
        lines = path.read_text("utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise ValueError(f"{path} cannot be read: {error}") from error
    questions: dict[str, _Question] = {}
    for number, line in enumerate(lines, start=1):
        if not line.strip():
            continue
        try:
            question = parse(json.loads(line), number)
        except (ValueError, KeyError, TypeError, AttributeError, re.error) as error:
            raise ValueError(f"{path}, line {number}: no {wanted} object ({error!r})") from error
        if question.id in questions:
            raise ValueError(f"{path}, line {number}: another question has the id {shown(question.id)}")
        questions[question.id] = question
    if not questions:
        raise ValueError(f"{path} has no questions")
    return list(questions.values())


def optional_fields(row: Any, site: str) -> dict[str, str]:
    """Kind, site, version and locale of a line, where it names them; `site` otherwise."""
    return {"site": site} | {name: str(row[name]) for name in _OPTIONAL if name in row}
