"""Questions with known answers, as a docs team writes them down."""

import json
from pathlib import Path
from typing import Any

from cli.eval_metrics import Question
from services.runtime.errors import shown

_OPTIONAL = ("kind", "site", "version", "locale")


def read_questions(path: Path, site: str) -> list[Question]:
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
    questions: dict[str, Question] = {}
    for number, line in enumerate(lines, start=1):
        if not line.strip():
            continue
        try:
            question = _question(json.loads(line), number, site)
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise ValueError(f'{path}, line {number}: no {{"question": …, "gold": […]}} object ({error!r})') from error
        if question.id in questions:
            raise ValueError(f"{path}, line {number}: another question has the id {shown(question.id)}")
        questions[question.id] = question
    if not questions:
        raise ValueError(f"{path} has no questions")
    return list(questions.values())


def _question(row: Any, number: int, site: str) -> Question:
    if isinstance(row["gold"], str):
        raise TypeError("gold is a list of addresses")
    optional = {name: str(row[name]) for name in _OPTIONAL if name in row}
    gold = tuple(map(str, row["gold"]))
    return Question(str(row.get("id", number)), str(row["question"]), gold, **{"site": site, **optional})
