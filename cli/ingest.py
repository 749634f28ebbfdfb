"""`docs-chat ingest SITE`: bring a site into the index, or say with --dry-run what would be indexed."""

import argparse
import os
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING, Any

import yaml
from docs_chat.ingest.v1 import ingest_service_pb2 as pb
from docs_chat.ingest.v1 import ingest_service_pb2_grpc as rpc

from cli.connection import CliSettings, connected
from cli.exit_codes import FAILED, OK, PAGES_FAILED, SUSPICIOUS
from cli.ingest_report import JsonReport, TextReport
from cli.inspect_report import InspectionReport

if TYPE_CHECKING:
    Subparsers = argparse._SubParsersAction[argparse.ArgumentParser]

_KINDS = {
    "auto": pb.SOURCE_KIND_UNSPECIFIED,
    "source": pb.SOURCE_KIND_SOURCE_TREE,
    "build": pb.SOURCE_KIND_BUILT_SITE,
}
_LONGEST_RUN_S = 24 * 3600.0


def add_parser(subparsers: "Subparsers") -> None:
    """Add the command."""
    parser: Any = subparsers.add_parser("ingest", help="bring a Docusaurus site into the index")
    parser.add_argument("site_folder", metavar="SITE", help="site folder, its build folder, or a .zip/.tar/.tar.gz")
    parser.add_argument("--base-url", default="", help="address of the site's root; from the site's config otherwise")
    parser.add_argument("--site", default="", help="name to index it under; made from the address otherwise")
    parser.add_argument("--kind", choices=_KINDS, default="auto", help="read the sources, or the build")
    parser.add_argument("--settings", type=Path, help="YAML file with what the config would compute")
    parser.add_argument("--commit", default="", help="commit of the source; asked from git otherwise")
    parser.add_argument("--include-unlisted", action="store_true", help="index unlisted pages too")
    parser.add_argument("--run-config", action="store_true", help="read the config with Node: runs the site's code")
    parser.add_argument("--force", action="store_true", help="publish even when the source looks wrong")
    parser.add_argument("--full", action="store_true", help="read every page again even if nothing changed")
    parser.add_argument("--take-over", action="store_true", help="take over the open revision of another run")
    parser.add_argument("--strict", action="store_true", help="end with code 7 when a page could not be read")
    parser.add_argument("--dry-run", action="store_true", help="show what would be indexed; write nothing")
    parser.add_argument("--verbose", action="store_true", help="print every note, not each kind with examples")
    parser.add_argument("--json", action="store_true", help="one JSON object per line")
    parser.set_defaults(run=run)


async def run(args: argparse.Namespace) -> int:
    """Ingest or inspect."""
    settings = CliSettings()
    source = _site_source(args)
    async with connected(settings.ingest, settings, service="ingest") as channel:
        stub = rpc.IngestServiceStub(channel)
        return await (_inspect(stub, source, args) if args.dry_run else _ingest(stub, source, args))


async def _ingest(stub: "rpc.IngestServiceAsyncStub", source: pb.SiteSource, args: argparse.Namespace) -> int:
    request = pb.IngestSiteRequest(source=source, force=args.force, full=args.full, take_over=args.take_over)
    summary: pb.IngestSummary | None = None
    with JsonReport() if args.json else TextReport(verbose=args.verbose) as report:
        async for event in stub.IngestSite(request, timeout=_LONGEST_RUN_S):
            report.show(event)
            summary = event.summary if event.HasField("summary") else summary
    if summary is None:
        return FAILED
    return PAGES_FAILED if args.strict and summary.pages_failed else OK


async def _inspect(stub: "rpc.IngestServiceAsyncStub", source: pb.SiteSource, args: argparse.Namespace) -> int:
    request = pb.InspectSourceRequest(source=source)
    report = JsonReport() if args.json else InspectionReport(verbose=args.verbose)
    failed, refused = 0, False
    with report:
        async for event in stub.InspectSource(request, timeout=_LONGEST_RUN_S):
            report.show(event)
            failed = event.summary.pages_failed
            refused = refused or any(entry.refuses for entry in event.source_recognised.profile.account)
    if refused and not args.force:
        return SUSPICIOUS
    return PAGES_FAILED if args.strict and failed else OK


def _site_source(args: argparse.Namespace) -> pb.SiteSource:
    path = Path(args.site_folder).expanduser().absolute()
    source = pb.SiteSource(
        path=os.fspath(path),
        kind=_KINDS[args.kind],
        base_url=args.base_url,
        site=args.site,
        source_commit=args.commit or _git_commit(path),
        run_config=args.run_config,
        include_unlisted=args.include_unlisted,
    )
    if args.settings:
        source.settings.update(_read_settings(args.settings))
    return source


def _read_settings(path: Path) -> dict[str, Any]:
    """Settings from a YAML or JSON file.

    Raises:
        ValueError: If it is not there or not a mapping.
    """
    try:
        content = yaml.safe_load(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        raise ValueError(f"{path} cannot be read: {error}") from error
    if not isinstance(content, dict):
        raise ValueError(f"{path} must be a mapping of settings")
    return content


def _git_commit(path: Path) -> str:
    """Commit that is checked out around the path; empty outside git."""
    folder = path if path.is_dir() else path.parent
    try:
        command = ["git", "-C", os.fspath(folder), "rev-parse", "HEAD"]
        answer = subprocess.run(command, capture_output=True, text=True, timeout=5, check=False)  # noqa: S603
    except (OSError, subprocess.TimeoutExpired):
        return ""
    return answer.stdout.strip() if answer.returncode == 0 else ""
