"""`docs-chat ingest SITE`: bring a site into the index, or say with --dry-run what would be indexed."""

import argparse
import contextlib
from pathlib import Path
from typing import TYPE_CHECKING, Any

from docs_chat.ingest.v1 import ingest_service_pb2 as pb
from docs_chat.ingest.v1 import ingest_service_pb2_grpc as rpc

from cli.connection import CliSettings, connected
from cli.exit_codes import FAILED, OK, PAGES_FAILED, SUSPICIOUS
from cli.ingest_report import JsonReport, TextReport
from cli.inspect_report import InspectionReport
from cli.site_source import add_source_arguments, site_source
from cli.summary_file import SummaryFile

if TYPE_CHECKING:
    Subparsers = argparse._SubParsersAction[argparse.ArgumentParser]

LONGEST_RUN_S = 24 * 3600.0
"""Limit of one run."""


def add_parser(subparsers: "Subparsers") -> None:
    """Add the command."""
    parser: Any = subparsers.add_parser("ingest", help="bring a Docusaurus site into the index")
    add_source_arguments(parser)
    parser.add_argument("--force", action="store_true", help="publish even when the source looks wrong")
    parser.add_argument("--full", action="store_true", help="read every page again even if nothing changed")
    parser.add_argument("--take-over", action="store_true", help="take over the open revision of another run")
    parser.add_argument("--strict", action="store_true", help="end with code 7 when a page could not be read")
    parser.add_argument("--dry-run", action="store_true", help="show what would be indexed; write nothing")
    parser.add_argument("--verbose", action="store_true", help="print every note, not each kind with examples")
    parser.add_argument(
        "--summary-markdown",
        type=Path,
        metavar="FILE",
        help="append what was done to this file, for the page of a CI job",
    )
    parser.add_argument("--json", action="store_true", help="one JSON object per line")
    parser.set_defaults(run=run)


async def run(args: argparse.Namespace) -> int:
    """Ingest or inspect."""
    settings = CliSettings()
    source = site_source(args)
    if args.summary_markdown and args.dry_run:
        raise ValueError("--summary-markdown tells what a run did: leave out --dry-run")
    async with contextlib.AsyncExitStack() as stack:
        file = None
        if args.summary_markdown:
            file = await stack.enter_async_context(SummaryFile(args.summary_markdown, settings))
        channel = await stack.enter_async_context(connected(settings.ingest, settings, service="ingest"))
        stub = rpc.IngestServiceStub(channel)
        return await (_inspect(stub, source, args) if args.dry_run else _ingest(stub, source, args, file))


async def _ingest(
    stub: "rpc.IngestServiceAsyncStub",
    source: pb.SiteSource,
    args: argparse.Namespace,
    file: SummaryFile | None,
) -> int:
    request = pb.IngestSiteRequest(source=source, force=args.force, full=args.full, take_over=args.take_over)
    summary: pb.IngestSummary | None = None
    with JsonReport() if args.json else TextReport(verbose=args.verbose) as report:
        async for event in stub.IngestSite(request, timeout=LONGEST_RUN_S):
            report.show(event)
            summary = event.summary if event.HasField("summary") else summary
            if file is not None:
                await file.take(event)
    if summary is None:
        return FAILED
    return PAGES_FAILED if args.strict and summary.pages_failed else OK


async def _inspect(stub: "rpc.IngestServiceAsyncStub", source: pb.SiteSource, args: argparse.Namespace) -> int:
    request = pb.InspectSourceRequest(source=source)
    report = JsonReport() if args.json else InspectionReport(verbose=args.verbose)
    failed, refused = 0, False
    with report:
        async for event in stub.InspectSource(request, timeout=LONGEST_RUN_S):
            report.show(event)
            failed = event.summary.pages_failed
            refused = refused or any(entry.refuses for entry in event.source_recognised.profile.account)
    if refused and not args.force:
        return SUSPICIOUS
    return PAGES_FAILED if args.strict and failed else OK
