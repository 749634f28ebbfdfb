"""Questions with known answers, as a docs team writes them down."""

from pathlib import Path
from typing import Any

from cli.eval_metrics import Question
from cli.question_lines import optional_fields, read_question_lines


def read_questions(path: Path, site: str) -> list[Question]:
    """The questions of a file.

    Args:
        path: File with one object per line.
        site: Site of questions that name none.

    Raises:
        ValueError: If the file cannot be read, a line is not a question, or two have the same id; it names the line.
    """
    return read_question_lines(path, lambda row, number: _question(row, number, site), '{"question": …, "gold": […]}')


def _question(row: Any, number: int, site: str) -> Question:
    if isinstance(row["gold"], str):
        raise TypeError("gold is a list of addresses")
    gold = tuple(map(str, row["gold"]))
    return Question(str(row.get("id", number)), str(row["question"]), gold, **optional_fields(row, site))
