"""Results of an evaluation of answers: in the terminal, as one page, and as JSON that a later run is compared with."""

import html
import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from cli.answers_metrics import Answer, scores, summarize_answers
from cli.eval_html import STYLE, changes_table, metrics_table
from cli.eval_metrics import Estimate


@dataclass(frozen=True, slots=True)
class AnswersReport:
    """An evaluation of answers and what was made of it."""

    answers: tuple[Answer, ...]
    changes: Mapping[str, Estimate] = field(default_factory=dict)
    """Against an earlier run; empty without one."""
    failures: tuple[str, ...] = ()
    """Why the evaluation counts as failed."""

    @property
    def metrics(self) -> dict[str, Estimate]:
        return summarize_answers(self.answers)

    @property
    def sources(self) -> dict[str, int]:
        """How many answers each source gave."""
        names = [answer.source for answer in self.answers]
        return {name: names.count(name) for name in dict.fromkeys(names)}

    @property
    def not_right(self) -> list[tuple[Answer, list[str]]]:
        """Answers with something to mend, and what that is."""
        found = ((answer, _remarks(answer)) for answer in self.answers)
        return [(answer, remarks) for answer, remarks in found if remarks]


def answers_as_text(report: AnswersReport) -> str:
    """A table of all metrics, then every answer with something to mend."""
    sources = ", ".join(f"{count} {name}" for name, count in report.sources.items())
    lines = [f"{len(report.answers)} questions: {sources}", _cost(report), "", *_table(report.metrics)]
    if report.changes:
        lines += ["", "change against the earlier run:", *_table(report.changes)]
    for answer, remarks in report.not_right:
        lines += ["", f"{answer.question.id}: {answer.question.text}", *(f"   {remark}" for remark in remarks)]
    return "\n".join([*lines, *(f"\nFAILED: {failure}" for failure in report.failures)])


def answers_as_json(report: AnswersReport) -> str:
    """Everything, so that a later run can be compared with this one."""
    document = {
        "metrics": {name: asdict(value) for name, value in report.metrics.items()},
        "changes": {name: asdict(value) for name, value in report.changes.items()},
        "sources": report.sources,
        "failures": report.failures,
        "answers": [
            {
                "id": answer.question.id,
                "question": answer.question.text,
                "source": answer.source,
                "doubted": answer.doubted,
                "scores": scores(answer),
                "remarks": _remarks(answer),
                "cited": list(answer.cited),
                "text": answer.text,
                "input_tokens": answer.input_tokens,
                "requests": answer.requests,
            }
            for answer in report.answers
        ],
    }
    return json.dumps(document, indent=1, ensure_ascii=False)


def scores_from_json(path: Path) -> dict[str, dict[str, float]]:
    """Scores of an earlier run, by the question's id.

    Raises:
        ValueError: If the file is not such a run.
    """
    try:
        rows: list[dict[str, Any]] = json.loads(path.read_text("utf-8"))["answers"]
        return {str(row["id"]): {str(name): float(value) for name, value in row["scores"].items()} for row in rows}
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise ValueError(f"{path} is not a run that `docs-chat eval answers --json` wrote: {error}") from error


def answers_as_html(report: AnswersReport) -> str:
    """One page without scripts: what was reached, then every answer with something to mend."""
    sources = ", ".join(f"{count} {name.replace('_', ' ')}" for name, count in report.sources.items())
    parts = [
        '<!doctype html><html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width">',
        f"<title>Evaluation of answers</title><style>{STYLE} pre {{ white-space: pre-wrap }}</style>",
        f"<h1>Evaluation of answers</h1><p>{len(report.answers)} questions: {html.escape(sources)}. {_cost(report)}",
        *(f'<p class="failed">Failed: {html.escape(failure)}' for failure in report.failures),
        metrics_table("All questions", report.metrics),
        changes_table(report.changes) if report.changes else "",
        f"<h2>{len(report.not_right)} answers to look at</h2>",
        *(_article(answer, remarks) for answer, remarks in report.not_right),
    ]
    return "\n".join(parts)


def _article(answer: Answer, remarks: Iterable[str]) -> str:
    asked = answer.question
    facts = " · ".join(filter(None, (asked.id, asked.site, asked.kind, answer.source.replace("_", " "))))
    items = "".join(f"<li>{html.escape(remark)}" for remark in remarks)
    return (
        f'<article><h3>{html.escape(asked.text)}</h3><p class="note">{html.escape(facts)}<ul>{items}</ul>'
        f"<details><summary>The answer</summary><pre>{html.escape(answer.text)}</pre></details></article>"
    )


def _remarks(answer: Answer) -> list[str]:
    """What is not as it should be."""
    asked, remarks = answer.question, list[str]()
    if asked.answered and answer.refused:
        remarks.append("refused, although the docs answer it")
    elif asked.answered and answer.doubted:
        remarks.append("doubted, although the docs answer it")
    elif not asked.answered and not (answer.refused or answer.doubted):
        remarks.append("answered without a word of doubt, although the docs do not")
    remarks += [f"does not say: {fact}" for fact in answer.missing]
    remarks += [f"says what is wrong: {pattern}" for pattern in answer.wrong]
    remarks += [f"says, but no passage it cites does: {fact}" for fact in answer.uncited]
    return [*remarks, *(f"form: {fault}" for fault in answer.faults)]


def _cost(report: AnswersReport) -> str:
    asked = [answer for answer in report.answers if answer.requests]
    if not asked:
        return "No language model was asked."
    requests, tokens = sum(answer.requests for answer in asked), sum(answer.input_tokens for answer in asked)
    return f"{requests} requests to the model, {tokens / len(asked):.0f} tokens read for an answer."


def _table(metrics: Mapping[str, Estimate]) -> list[str]:
    return [
        f"  {name:<22} {value.mean:6.3f}   [{value.low:.3f}, {value.high:.3f}]   n={value.count}"
        for name, value in metrics.items()
    ]
