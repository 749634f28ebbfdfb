"""An ingestion as Markdown: for the page of a CI job, or a comment on a pull request.

What the site says itself, such as names of files, stands in code spans: no text of a page can mention people or put in
links and pictures.
"""

import re
from collections.abc import Iterable, Sequence

from docs_chat.ingest.v1 import ingest_service_pb2 as pb

from cli.ingest_report import duration_text

_LISTED = 30
"""Lines of one list; GitHub takes 65,536 characters in a comment."""
_LONGEST_CHARS = 300
_ADDRESS = re.compile(r"https?://[^\s<>`]{1,300}")
_OUTCOMES = {
    pb.PAGE_OUTCOME_ADDED: "new",
    pb.PAGE_OUTCOME_CHANGED: "changed",
    pb.PAGE_OUTCOME_REMOVED: "removed",
    pb.PAGE_OUTCOME_FAILED: "failed",
}
_SEVERITIES = {pb.PROBLEM_SEVERITY_ERROR: "error", pb.PROBLEM_SEVERITY_WARNING: "warning"}


def summary_markdown(
    events: Sequence[pb.IngestSiteResponse], *, failure: str = "", broken: Sequence[str] | None = None
) -> str:
    """The text.

    Args:
        events: Of the run, as far as it came; its progress may be left out.
        failure: Why it failed; empty when it did not.
        broken: Addresses that led to a page or a heading before and no longer do; None when that is not known.
    """
    summary = next((event.summary for event in events if event.HasField("summary")), None)
    profile = next((event.source_recognised.profile for event in events if event.HasField("source_recognised")), None)
    parts = [f"## docs-chat: {_code(profile.site if profile and profile.site else 'the docs')}"]
    if failure:
        parts.append(f"**Not published**; readers see what they saw before. {_code(failure)}")
    if summary is not None:
        parts += [_head(summary), _counts(summary)]
    parts += _listed("Pages", _pages(events))
    if broken is None:
        parts.append("Whether links to pages and headings still lead somewhere was not checked.")
    else:
        parts += _listed("Cited addresses that lead nowhere any more", map(_address, broken))
    parts += _listed("To look at", _problems(events))
    return "\n\n".join(parts) + "\n"


def _head(summary: pb.IngestSummary) -> str:
    seconds = duration_text(summary.duration.ToTimedelta().total_seconds())
    if not summary.published:
        return f"Nothing had changed ({seconds}); revision {summary.site.revision} stays."
    return f"Published as revision {summary.site.revision} after {seconds}."


def _counts(summary: pb.IngestSummary) -> str:
    counts = {
        "new": summary.pages_added,
        "changed": summary.pages_changed,
        "unchanged": summary.pages_unchanged,
        "removed": summary.pages_removed,
        "failed": summary.pages_failed,
        "left out": summary.pages_skipped,
    }
    rows = [counts.keys(), ["---:"] * len(counts), map(str, counts.values())]
    return "\n".join(f"| {' | '.join(row)} |" for row in rows)


def _pages(events: Iterable[pb.IngestSiteResponse]) -> Iterable[str]:
    for event in events:
        page = event.page_ingested
        if page.outcome in _OUTCOMES:
            yield f"{_OUTCOMES[page.outcome]}: {_code(page.source_path)} {_address(page.uri)}"


def _problems(events: Iterable[pb.IngestSiteResponse]) -> Iterable[str]:
    for event in events:
        problem = event.problem
        if problem.severity in _SEVERITIES:
            line = f":{problem.line}" if problem.line else ""
            place = f"{_code(problem.source_path + line)} " if problem.source_path else ""
            yield f"{_SEVERITIES[problem.severity]} {_code(problem.code)} {place}{_code(problem.message)}"


def _listed(title: str, lines: Iterable[str]) -> list[str]:
    """A heading with a list, or nothing."""
    found = list(lines)
    if not found:
        return []
    shown = [f"- {line}" for line in found[:_LISTED]]
    if len(found) > _LISTED:
        shown.append(f"- and {len(found) - _LISTED} more")
    return [f"### {title} ({len(found)})", "\n".join(shown)]


def _address(uri: str) -> str:
    return f"<{uri}>" if _ADDRESS.fullmatch(uri) else _code(uri)


def _code(text: str) -> str:
    """A code span, whatever the text is."""
    flat = " ".join(text.split())
    if len(flat) > _LONGEST_CHARS:
        flat = flat[: _LONGEST_CHARS - 1] + "…"
    fence = "`" * (max(map(len, re.findall("`+", flat)), default=0) + 1)
    space = " " if "`" in flat else ""
    return f"{fence}{space}{flat}{space}{fence}" if flat else ""
