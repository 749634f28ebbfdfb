"""Results of an evaluation: in the terminal, as JSON for machines, and what every form of them needs."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from cli.eval_metrics import Estimate, Outcome, Question, quantile, summarize

FIRST = 5
"""Passages a reader looks at: what is not among them counts as missed."""


@dataclass(frozen=True, slots=True)
class Report:
    """An evaluation and what was made of it."""

    outcomes: tuple[Outcome, ...]
    changes: Mapping[str, Estimate] = field(default_factory=dict)
    """Against an earlier run; empty without one."""
    absent: tuple[str, ...] = ()
    """Wanted pages that are not indexed."""
    failures: tuple[str, ...] = ()
    """Why the evaluation counts as failed."""

    def kinds(self) -> dict[str, dict[str, Estimate]]:
        """Metrics of each kind of question."""
        kinds = sorted({outcome.question.kind for outcome in self.outcomes if outcome.question.kind})
        return {kind: summarize([one for one in self.outcomes if one.question.kind == kind]) for kind in kinds}

    def misses(self) -> list[Outcome]:
        """Questions whose first passages hold no wanted place."""
        return [
            outcome
            for outcome in self.outcomes
            if outcome.question.gold
            and not 0 < (outcome.page_rank if outcome.section_rank is None else outcome.section_rank) <= FIRST
        ]

    def refused(self) -> list[Outcome]:
        """Questions with an answer that were taken as not covered."""
        return [one for one in self.outcomes if one.question.gold and one.verdict == "NOT_COVERED"]

    def latency_s(self) -> dict[str, float]:
        """Seconds of a search as the evaluation saw it, four at once."""
        seconds = [outcome.seconds for outcome in self.outcomes]
        return {"p50": quantile(seconds, 0.5), "p95": quantile(seconds, 0.95)}


def as_text(report: Report) -> str:
    """A table of all metrics, those of each kind of question, and the misses."""
    latency = report.latency_s()
    lines = [f"{len(report.outcomes)} questions; a search took {latency['p50'] * 1000:.0f} ms, "]
    lines[0] += f"95 of 100 at most {latency['p95'] * 1000:.0f} ms"
    lines += ["", *_table(summarize(report.outcomes))]
    for kind, metrics in report.kinds().items():
        brief = {name: value for name, value in metrics.items() if name.endswith("@5")}
        lines += ["", f"{kind}:", *_table(brief)]
    if report.changes:
        lines += ["", "change against the earlier run:", *_table(report.changes)]
    for outcome in report.misses():
        lines += ["", f"MISSED {outcome.question.id}: {outcome.question.text}"]
        lines += [f"   wanted {place}" for place in outcome.question.gold]
        lines += [f"   found  {place}" for place in outcome.found[:FIRST]]
    refused = report.refused()
    lines += ["", f"wrongly taken as not covered: {len(refused)}", *(f"   {one.question.text}" for one in refused)]
    if report.absent:
        lines += ["", "wanted, but not indexed:", *(f"   {page}" for page in report.absent)]
    lines += [f"\nFAILED: {failure}" for failure in report.failures]
    return "\n".join(lines)


def as_json(report: Report) -> str:
    """Everything, so that a later run can be compared with this one."""
    document = {
        "metrics": _plain(summarize(report.outcomes)),
        "kinds": {kind: _plain(metrics) for kind, metrics in report.kinds().items()},
        "changes": _plain(report.changes),
        "latency_s": report.latency_s(),
        "failures": report.failures,
        "absent": report.absent,
        "misses": [outcome.question.id for outcome in report.misses()],
        "outcomes": [asdict(outcome) for outcome in report.outcomes],
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
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise ValueError(f"{path} is not a run that `docs-chat eval --json` wrote: {error}") from error


def _plain(metrics: Mapping[str, Estimate]) -> dict[str, Any]:
    return {name: asdict(value) for name, value in metrics.items()}


def _table(metrics: Mapping[str, Estimate]) -> Sequence[str]:
    return [
        f"  {name:<22} {value.mean:6.3f}   [{value.low:.3f}, {value.high:.3f}]   n={value.count}"
        for name, value in metrics.items()
    ]
