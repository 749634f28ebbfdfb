"""Requests of the ingest contract to nouns, events to its messages."""

import os
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import assert_never

from docs_chat.ingest.v1 import ingest_service_pb2 as pb
from google.protobuf.json_format import MessageToDict

from services.ingest.document import Heading, Problem, Severity
from services.ingest.run.events import (
    IngestEvent,
    PageDone,
    PageOutcome,
    ProblemFound,
    Progress,
    SiteFound,
    Stage,
    Summary,
)
from services.ingest.run.inspection import InspectedPage, InspectionEvent, InspectionSummary
from services.ingest.run.pipeline import IngestOptions
from services.ingest.run.translate import chunk_to_proto, document_to_proto
from services.ingest.sources.opening import OpenedSite, SiteToOpen
from services.ingest.sources.recognise import SourceKind
from services.runtime.errors import InvalidRequest
from services.runtime.times import duration

_SITE_NAME = re.compile(r"[a-z0-9-]{0,64}")
_BASE_URL = re.compile(r"https?://[^\s/?#]+(/[^\s?#]*)?")
_KINDS = {
    pb.SOURCE_KIND_SOURCE_TREE: SourceKind.SOURCE_TREE,
    pb.SOURCE_KIND_BUILT_SITE: SourceKind.BUILT_SITE,
}
_KINDS_TO_PROTO = {kind: number for number, kind in _KINDS.items()}
_STAGES = {
    Stage.SCANNING: pb.INGEST_STAGE_SCANNING,
    Stage.WRITING: pb.INGEST_STAGE_WRITING,
    Stage.PUBLISHING: pb.INGEST_STAGE_PUBLISHING,
}
_SEVERITIES = {
    Severity.INFO: pb.PROBLEM_SEVERITY_INFO,
    Severity.WARNING: pb.PROBLEM_SEVERITY_WARNING,
    Severity.ERROR: pb.PROBLEM_SEVERITY_ERROR,
}
_OUTCOMES = {outcome: pb.PageOutcome.Value(f"PAGE_OUTCOME_{outcome.name}") for outcome in PageOutcome}


def site_to_open(source: pb.SiteSource) -> SiteToOpen:
    """What the caller named.

    Raises:
        InvalidRequest: If a field is wrong.
    """
    violations = {}
    if not source.path or "\0" in source.path:
        violations["source.path"] = "give the folder or archive of a Docusaurus site"
    if "\0" in source.build_path:
        violations["source.build_path"] = "give the folder that `docusaurus build` made"
    if not _SITE_NAME.fullmatch(source.site):
        violations["source.site"] = "lower-case letters, digits and hyphens, at most 64"
    if source.base_url and not _BASE_URL.fullmatch(source.base_url):
        violations["source.base_url"] = "an address like https://docs.example.org/ without query or fragment"
    if violations:
        raise InvalidRequest("; ".join(f"{name}: {why}" for name, why in violations.items()), violations=violations)
    return SiteToOpen(
        path=Path(source.path),
        kind=_KINDS.get(source.kind),
        base_url=source.base_url and source.base_url.rstrip("/") + "/",
        settings=MessageToDict(source.settings) if source.HasField("settings") else {},
        run_config=source.run_config,
        include_unlisted=source.include_unlisted,
        build=Path(source.build_path) if source.build_path else None,
    )


def ingest_options(request: pb.IngestSiteRequest, opened: OpenedSite) -> IngestOptions:
    """What the caller wants, beside the source."""
    return IngestOptions(
        site=request.source.site,
        source_commit=request.source.source_commit,
        sitemap=opened.sitemap,
        force=request.force,
        full=request.full,
        take_over=request.take_over,
    )


def ingest_response(event: IngestEvent, opened: OpenedSite) -> pb.IngestSiteResponse:
    """An event of an ingestion."""
    match event:
        case SiteFound():
            return pb.IngestSiteResponse(source_recognised=_recognised(event, opened))
        case Progress():
            return pb.IngestSiteResponse(progress=_progress(event))
        case PageDone(uri, source_path, outcome, chunk_count):
            page = pb.PageIngested(
                uri=uri, source_path=source_path, outcome=_OUTCOMES[outcome], chunk_count=chunk_count
            )
            return pb.IngestSiteResponse(page_ingested=page)
        case ProblemFound(problem):
            return pb.IngestSiteResponse(problem=_problem(problem))
        case Summary():
            return pb.IngestSiteResponse(summary=_summary(event))
        case _:
            assert_never(event)


def inspect_response(event: InspectionEvent, opened: OpenedSite, *, with_text: bool) -> pb.InspectSourceResponse:
    """An event of an inspection."""
    match event:
        case SiteFound():
            return pb.InspectSourceResponse(source_recognised=_recognised(event, opened))
        case InspectedPage(split, source_hash):
            page = pb.InspectedPage(
                document=document_to_proto(split, source_hash),
                headings=_headings(split.document.headings),
                chunks=[chunk_to_proto(chunk, with_text=with_text) for chunk in split.chunks],
                chunk_tokens=[chunk.tokens for chunk in split.chunks],
            )
            return pb.InspectSourceResponse(page=page)
        case ProblemFound(problem):
            return pb.InspectSourceResponse(problem=_problem(problem))
        case InspectionSummary():
            return pb.InspectSourceResponse(summary=_inspection_summary(event))
        case _:
            assert_never(event)


def _recognised(event: SiteFound, opened: OpenedSite) -> pb.SourceRecognised:
    recognised = opened.recognised
    return pb.SourceRecognised(
        kind=_KINDS_TO_PROTO[recognised.kind],
        reason=recognised.reason,
        profile=event.profile,
        page_count=event.page_count,
        folders=map(os.fspath, opened.folders),
    )


def _headings(headings: Sequence[Heading]) -> list[pb.PageHeading]:
    return [pb.PageHeading(level=heading.level, id=heading.id, text=heading.text) for heading in headings]


def _problem(problem: Problem) -> pb.Problem:
    return pb.Problem(
        severity=_SEVERITIES[problem.severity],
        code=problem.code,
        message=problem.message,
        source_path=problem.source_path,
        line=problem.line,
    )


def _progress(event: Progress) -> pb.IngestProgress:
    return pb.IngestProgress(
        stage=_STAGES[event.stage],
        pages_done=event.pages_done,
        pages_total=event.pages_total,
        chunks_written=event.chunks_written,
        chunks_total=event.chunks_total,
        remaining=duration(event.remaining_s) if event.remaining_s is not None else None,
    )


def _summary(event: Summary) -> pb.IngestSummary:
    return pb.IngestSummary(
        site=event.site,
        **{f"pages_{outcome.value}": event.pages.get(outcome, 0) for outcome in PageOutcome},
        chunks_embedded=event.chunks_embedded,
        chunks_reused=event.chunks_reused,
        duration=duration(event.duration_s),
        published=event.published,
        left_out=_left_out(event.left_out),
    )


def _left_out(counts: Mapping[str, int]) -> list[pb.PagesLeftOut]:
    """Reasons with their counts, the most frequent first."""
    ordered = sorted(counts.items(), key=lambda item: (-item[1], item[0]))
    return [pb.PagesLeftOut(reason=reason, page_count=count) for reason, count in ordered]


def _inspection_summary(event: InspectionSummary) -> pb.InspectSummary:
    return pb.InspectSummary(
        page_count=event.pages,
        pages_failed=event.failed,
        pages_skipped=event.left_out.total(),
        left_out=_left_out(event.left_out),
        chunk_count=len(event.chunk_tokens),
        chunk_tokens_median=event.median_tokens,
        chunk_tokens_max=max(event.chunk_tokens, default=0),
        duration=duration(event.duration_s),
    )
