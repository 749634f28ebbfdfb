"""How good answers are: their facts, their doubts, their citations and their form."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from cli.answers_questions import AnswerQuestion
from cli.eval_metrics import Estimate, estimate
from services.language.brackets import is_balanced
from services.language.markdown import code_in, code_parts
from services.language.sentences import announces

_LEFT_MARKS = re.compile(r"(?<![\]\w])\[\d{1,2}\](?!\()|<\|\w+\|>|【\d+")
"""Marks of citations and control words of models that should have been taken out."""
_CODE_SPAN = re.compile(r"`[^`\n]*`")


@dataclass(frozen=True, slots=True)
class Answer:
    """One question with the answer that was given."""

    question: AnswerQuestion
    text: str
    source: str
    """Who answered: `model`, `cache`, `extractive`, `not_covered`."""
    doubted: bool
    """Whether the reader was told that the docs may not answer."""
    cited: Mapping[str, str]
    """Text of each cited passage by its address."""
    seconds: float = 0.0
    input_tokens: int = 0
    """Tokens the model read; 0 without one."""
    requests: int = 0
    """Requests to the model."""

    @property
    def refused(self) -> bool:
        return self.source == "not_covered"

    @property
    def missing(self) -> list[str]:
        """Facts that the answer does not hold."""
        return [" / ".join(fact) for fact in self.question.must if not _holds(self.text, fact)]

    @property
    def wrong(self) -> list[str]:
        """What only a wrong answer says."""
        return [pattern for pattern in self.question.must_not if _holds(self.text, (pattern,))]

    @property
    def uncited(self) -> list[str]:
        """Facts of the answer that stand in none of the passages it cites."""
        told = [fact for fact in self.question.must if _holds(self.text, fact)]
        return [" / ".join(fact) for fact in told if not any(_holds(text, fact) for text in self.cited.values())]

    @property
    def faults(self) -> list[str]:
        """What is wrong with its form."""
        blocks = [code_in(part) for part, is_code in code_parts(self.text) if is_code]
        faults = {
            "empty": not self.text.strip(),
            "a fence is not closed": sum(line.lstrip().startswith("```") for line in self.text.splitlines()) % 2 == 1,
            "code is cut in the middle": not all(map(is_balanced, blocks)),
            "ends with an announcement": announces(self.text),
            "marks or control words are left": any(
                _LEFT_MARKS.search(_CODE_SPAN.sub("", part)) for part, is_code in code_parts(self.text) if not is_code
            ),
        }
        return [fault for fault, is_there in faults.items() if is_there]


def scores(answer: Answer) -> dict[str, float]:
    """Every metric of one answer, 1 where it is as it should be."""
    asked = answer.question
    if not asked.answered:
        return {"doubted or refused": float(answer.refused or answer.doubted), "form": float(not answer.faults)}
    found = {"not refused": float(not answer.refused), "not doubted": float(not answer.doubted)}
    if asked.must:
        found["facts"] = float(not answer.missing)
        if len(answer.missing) < len(asked.must):
            found["cited facts"] = float(not answer.uncited)
    if asked.must_not or asked.must:
        found["no wrong fact"] = float(not answer.wrong)
    return found | {"form": float(not answer.faults)}


def summarize_answers(answers: Sequence[Answer]) -> dict[str, Estimate]:
    """All metrics, each over the questions it is known for."""
    values: dict[str, list[float]] = {}
    for answer in answers:
        for name, value in scores(answer).items():
            values.setdefault(name, []).append(value)
    return {name: estimate(found) for name, found in sorted(values.items())}


def compare_answers(before: Mapping[str, Mapping[str, float]], after: Sequence[Answer]) -> dict[str, Estimate]:
    """Change of each metric, question by question, against the scores of an earlier run by id."""
    changes: dict[str, list[float]] = {}
    for answer in after:
        earlier = before.get(answer.question.id, {})
        for name, value in scores(answer).items():
            if name in earlier:
                changes.setdefault(name, []).append(value - earlier[name])
    return {name: estimate(values) for name, values in sorted(changes.items())}


def _holds(text: str, alternatives: Sequence[str]) -> bool:
    return any(re.search(pattern, text, re.IGNORECASE) for pattern in alternatives)
