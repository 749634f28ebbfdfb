"""How reliable the answerability verdicts are: numbers, and a page with a reliability plot drawn as plain SVG."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from html import escape
from typing import Any

from services.retriever.reading.judging.verdict import Verdict

BINS = 10
_SIZE, _MARGIN = 420, 48
_STYLE = """
body{font:15px/1.5 system-ui,sans-serif;margin:2rem auto;max-width:60rem;padding:0 1rem;color:#1c1e21}
table{border-collapse:collapse}td,th{padding:.2rem .8rem .2rem 0;text-align:left}td.n,th.n{text-align:right}
svg{background:#fafafa;border:1px solid #ddd}.note{color:#555}
"""


@dataclass(frozen=True, slots=True)
class Judged:
    """A question, what it should have got, and what a model that never saw its site said."""

    site: str
    kind: str
    text: str
    answerable: bool
    probability: float
    """That it is about the site's subject."""
    verdict: Verdict
    importance: float
    """What it counts in the plot, so that half of all is answerable; 0: only reported."""


def measures(judged: Sequence[Judged]) -> dict[str, Any]:
    """Shares refused and doubted by kind and by site, and how often the answerable ones are what is predicted."""
    groups: dict[str, list[Judged]] = defaultdict(list)
    for item in judged:
        groups[item.kind].append(item)
    sites: dict[str, list[Judged]] = defaultdict(list)
    for item in judged:
        if item.importance:
            sites[f"{item.site}: {'answerable' if item.answerable else 'everything else'}"].append(item)
    return {
        "by_kind": {name: _shares(items) for name, items in sorted(groups.items())},
        "by_site": {name: _shares(items) for name, items in sorted(sites.items())},
        "bins": list(_bins(judged)),
    }


def _shares(items: Sequence[Judged]) -> dict[str, float]:
    refused = sum(item.verdict is Verdict.NOT_COVERED for item in items)
    doubted = sum(item.verdict is Verdict.WEAK for item in items)
    return {
        "refused": round(refused / len(items), 4),
        "weak": round(doubted / len(items), 4),
        "count": len(items),
    }


def _bins(judged: Sequence[Judged]) -> Iterable[dict[str, float]]:
    for number in range(BINS):
        inside = [item for item in judged if item.importance and min(int(item.probability * BINS), BINS - 1) == number]
        weight = sum(item.importance for item in inside)
        if inside:
            yield {
                "predicted": round(sum(item.probability * item.importance for item in inside) / weight, 3),
                "observed": round(sum(item.importance for item in inside if item.answerable) / weight, 3),
                "share": round(weight, 4),
                "count": len(inside),
            }


def page(document: dict[str, Any], judged: Sequence[Judged]) -> str:
    """The report as one HTML page without anything to load."""
    reliability = document["reliability"]
    wrong = sorted(
        (item for item in judged if item.importance and item.answerable == (item.verdict is Verdict.NOT_COVERED)),
        key=lambda item: (not item.answerable, item.probability if item.answerable else -item.probability),
    )
    rows = "".join(
        f"<tr><td>{escape(item.kind)}</td><td>{escape(item.site)}</td><td class=n>{item.probability:.2f}</td>"
        f"<td>{escape(item.text[:160])}</td></tr>"
        for item in wrong
    )
    return (
        "<!doctype html><html lang=en><meta charset=utf-8><title>Answerability</title>"
        f"<style>{_STYLE}</style><h1>Answerability: {escape(document['name'])}</h1>"
        f"<p class=note>{escape(document['provenance'])}. Refused below {document['not_covered_below']}, answerable "
        f"from {document['answerable_from']}.</p><h2>Reliability</h2>"
        "<p class=note>How often questions with a given probability are answerable, weighted so that half of all are. "
        f"The area of a dot is its share of all questions; the number is the count.</p>{_plot(reliability['bins'])}"
        f"<h2>By kind</h2>{_table(reliability['by_kind'])}<h2>By site</h2>{_table(reliability['by_site'])}"
        f"<h2>Wrong ones</h2><p class=note>Answerable ones refused first, then others let through.</p><table><tr>"
        f"<th>kind<th>site<th class=n>probability<th>question</tr>{rows}</table></html>\n"
    )


def _table(shares: dict[str, dict[str, float]]) -> str:
    rows = "".join(
        f"<tr><td>{escape(name)}</td><td class=n>{share['refused']:.1%}</td><td class=n>{share['weak']:.1%}</td>"
        f"<td class=n>{share['count']}</td></tr>"
        for name, share in shares.items()
    )
    return f"<table><tr><th><th class=n>refused<th class=n>weak<th class=n>questions</tr>{rows}</table>"


def _plot(bins: Sequence[dict[str, float]]) -> str:
    inner = _SIZE - 2 * _MARGIN

    def at(share_x: float, share_y: float) -> tuple[float, float]:
        return _MARGIN + share_x * inner, _SIZE - _MARGIN - share_y * inner

    (left, bottom), (right, top) = at(0, 0), at(1, 1)
    parts = [
        f'<line x1="{left}" y1="{bottom}" x2="{right}" y2="{top}" stroke="#999" stroke-dasharray="4 4"/>',
        f'<path d="M{left} {top}V{bottom}H{right}" fill="none" stroke="#333"/>',
        f'<text x="{(left + right) / 2}" y="{_SIZE - 10}" text-anchor="middle">predicted</text>',
        f'<text x="{left}" y="{top - 12}" text-anchor="middle">observed</text>',
    ]
    for tick in (0.0, 0.25, 0.5, 0.75, 1.0):
        x, y = at(tick, tick)
        parts.append(f'<text x="{x:.0f}" y="{bottom + 16}" font-size="11" text-anchor="middle">{tick}</text>')
        parts.append(f'<text x="{left - 6}" y="{y + 4:.0f}" font-size="11" text-anchor="end">{tick}</text>')
    for found in bins:
        x, y = at(found["predicted"], found["observed"])
        radius = 3 + 30 * float(found["share"]) ** 0.5
        parts.append(f'<circle cx="{x:.1f}" cy="{y:.1f}" r="{radius:.1f}" fill="#25c2a0" fill-opacity=".6"/>')
        parts.append(f'<text x="{x:.1f}" y="{y + 4:.1f}" font-size="10" text-anchor="middle">{found["count"]}</text>')
    label = "Predicted against observed share of answerable questions"
    body = "".join(parts)
    return f'<svg width="{_SIZE}" height="{_SIZE}" role="img" aria-label="{label}" font-family="system-ui">{body}</svg>'
