"""The report of an evaluation as one page without scripts: what was reached, then every miss, readable."""

import html
from collections.abc import Iterable, Mapping

from cli.eval_metrics import Estimate, Outcome, normal, page_of, summarize
from cli.eval_report import FIRST, Report

STYLE = """
:root { color-scheme: light dark } * { box-sizing: border-box }
body { font: 15px/1.5 system-ui, sans-serif; max-width: 62rem; margin: 2rem auto; padding: 0 1rem }
table { border-collapse: collapse; margin: .5rem 0 1.5rem } caption { text-align: left; font-weight: 600 }
td, th { padding: .2rem .9rem .2rem 0; text-align: left; border-bottom: 1px solid #8884; white-space: nowrap }
td.number { text-align: right; font-variant-numeric: tabular-nums } td.bar { width: 14rem }
.track { position: relative; height: .7rem; background: #8883; border-radius: 2px }
.mean, .range { position: absolute; inset-block: 0; border-radius: 2px } .mean { background: #2a7ae2; left: 0 }
.range { background: #0006; inset-block: .28rem } code { overflow-wrap: anywhere; font-size: .9em }
article { border-left: 4px solid #c44; padding: .1rem 1rem .6rem; margin: 1.2rem 0; background: #8881 }
article h3 { margin: .5rem 0; font-size: 1.05rem } article p { margin: .3rem 0 } ol, ul { margin: .1rem 0 .4rem }
.note { opacity: .75; font-size: .9em } .failed { color: #c33; font-weight: 600 } .hit { font-weight: 600 }
"""


def as_html(report: Report) -> str:
    """The whole page."""
    latency = report.latency_s()
    missed = report.misses()
    summary = (
        f"<p>{len(report.outcomes)} questions, {len(missed)} without a wanted place among the first {FIRST}. A search "
        f"took {latency['p50'] * 1000:.0f} ms, 95 of 100 at most {latency['p95'] * 1000:.0f} ms."
    )
    parts = [
        '<!doctype html><html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width">',
        f"<title>Evaluation of search</title><style>{STYLE}</style><h1>Evaluation of search</h1>",
        summary,
        *(f'<p class="failed">Failed: {html.escape(failure)}' for failure in report.failures),
        metrics_table("All questions", summarize(report.outcomes)),
        *(metrics_table(kind, _brief(metrics)) for kind, metrics in report.kinds().items()),
        changes_table(report.changes) if report.changes else "",
        _pages("Wanted, but not indexed", report.absent),
        _pages("Wrongly taken as not covered", [one.question.text for one in report.refused()]),
        f"<h2>{len(missed)} misses</h2>",
        *map(_miss, missed),
    ]
    return "\n".join(parts)


def _brief(metrics: Mapping[str, Estimate]) -> dict[str, Estimate]:
    return {name: value for name, value in metrics.items() if name.endswith("@5")}


def metrics_table(caption: str, metrics: Mapping[str, Estimate]) -> str:
    """A table of metrics, each with a bar."""
    rows = "".join(
        f'<tr><td>{html.escape(name)}<td class="number">{value.mean:.3f}<td class="bar">{_bar(value)}'
        f'<td class="number">{value.low:.3f} to {value.high:.3f}<td class="number">{value.count}'
        for name, value in metrics.items()
    )
    head = "<tr><th>metric<th>mean<th><th>95 of 100 resamplings<th>questions"
    return f"<table><caption>{html.escape(caption)}</caption>{head}{rows}</table>"


def _bar(value: Estimate) -> str:
    low, width = value.low * 100, max(1.0, (value.high - value.low) * 100)
    mean = f'<div class="mean" style="width:{value.mean * 100:.1f}%"></div>'
    return f'<div class="track">{mean}<div class="range" style="left:{low:.1f}%;width:{width:.1f}%"></div></div>'


def changes_table(changes: Mapping[str, Estimate]) -> str:
    """A table of changes, each with what to think of it."""
    rows = "".join(
        f'<tr><td>{html.escape(name)}<td class="number">{value.mean:+.3f}'
        f'<td class="number">{value.low:+.3f} to {value.high:+.3f}<td>{_judged(value)}'
        for name, value in changes.items()
    )
    head = "<tr><th>metric<th>change<th>95 of 100 resamplings<th>"
    return f"<table><caption>Change against the earlier run</caption>{head}{rows}</table>"


def _judged(change: Estimate) -> str:
    if change.low > 0:
        return "better"
    return '<span class="failed">worse</span>' if change.high < 0 else "may be chance"


def _pages(caption: str, lines: Iterable[str]) -> str:
    items = "".join(f"<li><code>{html.escape(line)}</code>" for line in lines)
    return f"<h2>{html.escape(caption)}</h2><ul>{items}</ul>" if items else ""


def _miss(outcome: Outcome) -> str:
    question = outcome.question
    gold = {normal(place) for place in question.gold}
    pages = {page_of(place) for place in question.gold}
    wanted = "".join(f"<li><code>{html.escape(place)}</code>" for place in question.gold)
    titles = outcome.titles or ("",) * len(outcome.found)
    found = "".join(
        f"<li{' class=hit' if place in gold else ''}>{html.escape(title)} <code>{html.escape(place)}</code>"
        f"{' <span class=note>the right page</span>' if page_of(place) in pages else ''}"
        for place, title in zip(outcome.found, titles, strict=True)
    )
    facts = " · ".join(filter(None, (question.id, question.site, question.kind, outcome.verdict.replace("_", " "))))
    return (
        f'<article><h3>{html.escape(question.text)}</h3><p class="note">{html.escape(facts.lower())}'
        f"<p>Wanted<ul>{wanted}</ul><p>Found<ol>{found or '<li>nothing'}</ol></article>"
    )
