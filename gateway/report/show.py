"""The report for people (terminal, one HTML page without scripts) and for machines (JSON)."""

import html
import json
from collections.abc import Sequence
from dataclasses import asdict

from gateway.report.figures import Page, Remark, Report, Subject

NO_TEXTS = (
    "Questions are not kept, so sections stand for them. GATEWAY_STORE_TEXTS=true keeps them from now on; "
    "tell your readers."
)
_KINDS = {
    "model": "answered by a model",
    "cache": "answered from the cache",
    "extractive": "answered with quotations",
    "not_covered": "not covered by the docs",
    "small_talk": "small talk",
    "left": "reader left before the end",
    "failed": "failed",
}
_REASONS = {
    "wrong": "wrong",
    "incomplete": "incomplete",
    "outdated": "outdated",
    "off_topic": "not what was asked",
    "other": "something else",
}
_STYLE = """
body { font: 15px/1.5 system-ui, sans-serif; max-width: 70rem; margin: 2rem auto; padding: 0 1rem }
table { border-collapse: collapse; width: 100% } td, th { padding: .25rem .7rem; text-align: left; vertical-align: top;
border-bottom: 1px solid #8884 } td.number, th.number { text-align: right } td { overflow-wrap: anywhere }
.note { border-left: 4px solid #c93; padding: .2rem 1rem }
"""
_Table = tuple[str, list[str], list[list[str]]]


def as_json(report: Report) -> str:
    """All figures."""
    return json.dumps(asdict(report), indent=1, ensure_ascii=False, default=str)


def as_text(report: Report) -> str:
    """Plain tables."""
    lines = [_title(report), ""]
    if not report.texts_kept:
        lines += [NO_TEXTS, ""]
    for title, heads, rows in _tables(report):
        lines += [title, *_aligned([heads, *rows]), ""] if rows else [title, "  none", ""]
    return "\n".join(lines).rstrip()


def as_html(report: Report) -> str:
    """One page that needs nothing else."""
    note = "" if report.texts_kept else f'<p class="note">{html.escape(NO_TEXTS)}'
    tables = "".join(_html_table(*table) for table in _tables(report))
    head = '<!doctype html><meta charset="utf-8"><meta name="viewport" content="width=device-width">'
    title = html.escape(_title(report))
    return f"{head}<title>{title}</title><style>{_STYLE}</style><h1>{title}</h1>{note}{tables}"


def _title(report: Report) -> str:
    site = f" of {report.site}" if report.site else ""
    return f"What readers asked the docs{site}, {report.since} to {report.until}: {report.turns} messages"


def _tables(report: Report) -> list[_Table]:
    kinds = [[_KINDS.get(kind, kind), str(count)] for kind, count in report.kinds.items()]
    days = [
        [
            str(day.day),
            *map(str, (day.turns, day.model_requests, day.not_covered, day.failed)),
            f"{day.median_ms / 1000:.1f}",
        ]
        for day in report.days
    ]
    return [
        ("How messages were answered", ["", "count"], kinds),
        ("What readers asked most", ["question", "nearest section", "count"], _subject_rows(report.asked)),
        (
            "What the docs did not answer (nothing found, nothing cited, or thumbs down)",
            ["question", "nearest section", "count"],
            _subject_rows(report.unanswered),
        ),
        (
            "What the docs may not answer (answered with a word of doubt)",
            ["question", "nearest section", "count"],
            _subject_rows(report.doubted),
        ),
        (
            "Which page to fix",
            ["page", "thumbs down", "thumbs up", "cautions", "unanswered", "cited", "names not in the docs"],
            [_page_row(page) for page in report.pages],
        ),
        (
            "Why answers did not help",
            ["reason", "count"],
            [[_REASONS.get(reason, reason), str(count)] for reason, count in report.reasons.items()],
        ),
        (
            "What readers wrote about answers that did not help",
            ["day", "reason", "what they wrote", "section"],
            [_remark_row(remark) for remark in report.remarks],
        ),
        ("Days (UTC)", ["day", "messages", "model requests", "not covered", "failed", "median s"], days),
    ]


def _subject_rows(subjects: Sequence[Subject]) -> list[list[str]]:
    return [
        [" ".join((subject.question or "(not kept)").split()), subject.section or "(nothing found)", str(subject.count)]
        for subject in subjects
    ]


def _page_row(page: Page) -> list[str]:
    counts = (page.thumbs_down, page.thumbs_up, page.cautions, page.unanswered, page.cited)
    return [page.uri, *map(str, counts), ", ".join(page.names)]


def _remark_row(remark: Remark) -> list[str]:
    words = " ".join(remark.text.split())
    return [str(remark.day), _REASONS.get(remark.reason, remark.reason), words, remark.section]


def _aligned(rows: Sequence[Sequence[str]]) -> list[str]:
    """Columns under each other; texts to the left and at most 70 characters, numbers to the right."""
    shown = [[_without_controls(cell)[:70] for cell in row] for row in rows]
    widths = [max(len(row[column]) for row in shown) for column in range(len(rows[0]))]
    return [
        "  "
        + "  ".join(
            cell.rjust(width) if _is_number(cell) else cell.ljust(width)
            for cell, width in zip(row, widths, strict=True)
        ).rstrip()
        for row in shown
    ]


def _html_table(title: str, heads: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    if not rows:
        return f"<h2>{html.escape(title)}</h2><p>None."
    head = "".join(f"<th>{html.escape(cell)}" for cell in heads)
    body = "".join("<tr>" + "".join(_html_cell(cell) for cell in row) for row in rows)
    return f"<h2>{html.escape(title)}</h2><table><tr>{head}{body}</table>"


def _html_cell(cell: str) -> str:
    if cell.startswith(("https://", "http://")):
        return f'<td><a href="{html.escape(cell)}">{html.escape(cell)}</a>'
    return f"<td{' class=number' if _is_number(cell) else ''}>{html.escape(cell)}"


def _is_number(cell: str) -> bool:
    return cell.replace(".", "", 1).isdigit()


def _without_controls(cell: str) -> str:
    """Readers write questions, and a terminal would obey control characters in them."""
    return "".join(character if character.isprintable() else " " for character in cell)
