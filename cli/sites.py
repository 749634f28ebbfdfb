"""`docs-chat sites [NAME]`: what is published, and for one site the account of what it promises."""

import argparse
from typing import TYPE_CHECKING, Any

from docs_chat.retriever.v1 import documents_pb2, retriever_service_pb2
from docs_chat.retriever.v1 import retriever_service_pb2_grpc as rpc
from google.protobuf.json_format import MessageToJson
from rich.console import Console

from cli.account_table import print_account
from cli.connection import CliSettings, connected
from cli.exit_codes import OK

if TYPE_CHECKING:
    Subparsers = argparse._SubParsersAction[argparse.ArgumentParser]

_ALL = retriever_service_pb2.ListSitesRequest()


def add_parser(subparsers: "Subparsers") -> None:
    """Add the command."""
    parser: Any = subparsers.add_parser("sites", help="list the published sites, or describe one")
    parser.add_argument("name", metavar="NAME", nargs="?", default="", help="one site, with its account")
    parser.add_argument("--json", action="store_true", help="one JSON object per line")
    parser.set_defaults(run=run)


async def run(args: argparse.Namespace) -> int:
    """List the sites, or describe one."""
    settings = CliSettings()
    async with connected(settings.retriever, settings, service="retriever") as channel:
        stub = rpc.RetrieverServiceStub(channel)
        if args.name:
            request = retriever_service_pb2.GetSiteRequest(site=args.name)
            sites = [(await stub.GetSite(request, timeout=settings.timeout_s)).site]
        else:
            sites = list((await stub.ListSites(_ALL, timeout=settings.timeout_s)).sites)
    for site in sites:
        print(MessageToJson(site, indent=None, preserving_proto_field_name=True) if args.json else describe(site))
    if args.name and not args.json:
        print_account(Console(highlight=False), sites[0].profile.account)
        if not sites[0].profile.account:
            print("  No account is kept for this revision; the next ingestion writes one.")
    if not sites and not args.json:
        print("No site is published yet: docs-chat ingest SITE")
    return OK


def describe(site: documents_pb2.Site) -> str:
    """A site in a few lines."""
    profile = site.profile
    published = site.published_at.ToDatetime().isoformat(timespec="seconds")
    kept = ", ".join(map(str, site.kept_revisions)) or "none"
    commit = f", commit {profile.source_commit[:12]}" if profile.source_commit else ""
    lines = [
        f"{profile.site}  {profile.base_url}  “{profile.title}”",
        f"  revision {site.revision}, published {published}Z{commit}; can roll back to: {kept}",
        f"  {site.document_count} pages, {site.chunk_count} chunks, {site.embedding_model}",
        f"  locales: {', '.join(profile.locales)}; versions: {_versions(profile) or 'none'}",
    ]
    if site.open_revision:
        lines.append(f"  revision {site.open_revision} is being written")
    return "\n".join(lines)


def _versions(profile: documents_pb2.SiteProfile) -> str:
    return ", ".join(f"{version.plugin_id}:{version.name}" for version in profile.versions)
