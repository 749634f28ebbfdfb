"""`docs-chat delete-site SITE`: remove a site with all its revisions."""

import argparse
import asyncio
import sys
from typing import TYPE_CHECKING, Any

from docs_chat.retriever.v1 import index_service_pb2 as pb
from docs_chat.retriever.v1 import index_service_pb2_grpc as rpc

from cli.connection import CliSettings, connected
from cli.exit_codes import FAILED, NOT_FOUND, OK, USAGE

if TYPE_CHECKING:
    Subparsers = argparse._SubParsersAction[argparse.ArgumentParser]


def add_parser(subparsers: "Subparsers") -> None:
    """Add the command."""
    parser: Any = subparsers.add_parser("delete-site", help="remove a site with all its revisions")
    parser.add_argument("site", help="name of the site, as `docs-chat sites` shows it")
    parser.add_argument("--yes", action="store_true", help="do not ask")
    parser.set_defaults(run=run)


async def run(args: argparse.Namespace) -> int:
    """Delete after asking."""
    if not args.yes and not sys.stdin.isatty():
        print("docs-chat: say --yes to delete without being asked", file=sys.stderr)
        return USAGE
    if not args.yes:
        typed = await asyncio.to_thread(input, f"Delete {args.site} with all revisions? Type its name: ")
        if typed.strip() != args.site:
            return FAILED
    settings = CliSettings()
    async with connected(settings.retriever, settings, service="retriever") as channel:
        request = pb.DeleteSiteRequest(site=args.site)
        answer = await rpc.IndexServiceStub(channel).DeleteSite(request, timeout=settings.timeout_s)
    print(f"{args.site} was deleted" if answer.deleted else f"there is no site {args.site}")
    return OK if answer.deleted else NOT_FOUND
