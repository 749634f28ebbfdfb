"""Results of an evaluation, for people (terminal, HTML) and for machines (JSON)."""

import html
import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from cli.eval_metrics import Estimate, Outcome, Question, summarize

_STYLE = """
body { font: 15px/1.5 system-ui, sans-serif; max-width: 60rem; margin: 2rem auto; padding: 0 1rem }
table { border-collapse: collapse } td, th { padding: .2rem .8rem; text-align: left; border-bottom: 1px solid #8884 }
article { border-left: 4px solid #c44; padding: 0 1rem; margin: 1rem 0 } code { overflow-wrap: anywhere }
"""


def as_text(outcomes: Sequence[Outcome], changes: Mapping[str, Estimate] | None) -> str:
    """A table of all metrics, those of each kind of question, and the misses."""
    lines = [f"{len(outcomes)} questions", "", *_table(summarize(outcomes))]
    for kind in sorted({outcome.question.kind for outcome in outcomes if outcome.question.kind}):
        own = summarize([outcome for outcome in outcomes if outcome.question.kind == kind])
        brief = {name: value for name, value in own.items() if name.endswith("@5")}
        lines += ["", f"{kind}:", *_table(brief)]
    if changes:
        lines += ["", "change against the earlier run:", *_table(changes)]
    for outcome in misses(outcomes):
        lines += ["", f"MISSED {outcome.question.id}: {outcome.question.text}"]
        lines += [f"   wanted {place}" for place in outcome.question.gold]
        lines += [f"   found  {place}" for place in outcome.found[:5]]
    refused = [outcome for outcome in outcomes if outcome.question.gold and outcome.verdict == "NOT_COVERED"]
    lines += ["", f"wrongly taken as not covered: {len(refused)}", *(f"   {one.question.text}" for one in refused)]
    return "\n".join(lines)


def as_json(outcomes: Sequence[Outcome], changes: Mapping[str, Estimate] | None) -> str:
    """Everything, so that a later run can be compared with this one."""
    document = {
        "metrics": {name: asdict(value) for name, value in summarize(outcomes).items()},
        "changes": {name: asdict(value) for name, value in (changes or {}).items()},
        "outcomes": [asdict(outcome) for outcome in outcomes],
    }
    return json.dumps(document, indent=1, ensure_ascii=False)


def from_json(path: Path) -> list[Outcome]:
    """Outcomes of an earlier run.

    Raises:
        ValueError: If the file is not such a run.
    """
    try:
        rows: list[dict[str, Any]] = json.loads(path.read_text("utf-8"))["outcomes"]
        return [
            Outcome(
                Question(**{**row["question"], "gold": tuple(row["question"]["gold"])}),
                tuple(row["found"]),
                row["verdict"],
                row["seconds"],
            )
            for row in rows
        ]
    except (OSError, KeyError, TypeError) as error:
        raise ValueError(f"{path} is not a run that `docs-chat eval --json` wrote: {error}") from error


def as_html(outcomes: Sequence[Outcome]) -> str:
    """One page without scripts: the metrics, then every miss with what was found instead."""
    rows = "".join(
        f"<tr><td>{html.escape(name)}<td>{value.mean:.3f}<td>{value.low:.3f} to {value.high:.3f}<td>{value.count}"
        for name, value in summarize(outcomes).items()
    )
    head = '<!doctype html><meta charset="utf-8"><title>Evaluation</title>'
    table = f"<table><tr><th>metric<th>mean<th>95 %<th>questions{rows}</table>"
    missed = misses(outcomes)
    articles = "".join(_article(outcome) for outcome in missed)
    return f"{head}<style>{_STYLE}</style><h1>Evaluation</h1>{table}<h2>{len(missed)} misses in five</h2>{articles}"


def misses(outcomes: Sequence[Outcome]) -> list[Outcome]:
    """Questions whose first five passages hold no wanted place."""
    return [
        outcome
        for outcome in outcomes
        if outcome.question.gold
        and not 0 < (outcome.page_rank if outcome.section_rank is None else outcome.section_rank) <= 5
    ]


def _table(metrics: Mapping[str, Estimate]) -> list[str]:
    return [
        f"  {name:<22} {value.mean:6.3f}   [{value.low:.3f}, {value.high:.3f}]   n={value.count}"
        for name, value in metrics.items()
    ]


def _article(outcome: Outcome) -> str:
    wanted = "".join(f"<li><code>{html.escape(place)}</code>" for place in outcome.question.gold)
    found = "".join(f"<li><code>{html.escape(place)}</code>" for place in outcome.found[:5])
    question = f"<p><b>{html.escape(outcome.question.text)}</b>"
    return f"<article>{question}<p>Wanted<ul>{wanted}</ul>Found<ol>{found}</ol></article>"
