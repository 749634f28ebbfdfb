"""`docs-chat rollback SITE`: show readers an older revision again."""

import argparse
from typing import TYPE_CHECKING, Any

from docs_chat.retriever.v1 import index_service_pb2 as pb
from docs_chat.retriever.v1 import index_service_pb2_grpc as rpc

from cli.connection import CliSettings, connected
from cli.exit_codes import OK
from cli.sites import describe

if TYPE_CHECKING:
    Subparsers = argparse._SubParsersAction[argparse.ArgumentParser]


def add_parser(subparsers: "Subparsers") -> None:
    """Add the command."""
    parser: Any = subparsers.add_parser("rollback", help="show an older kept revision again")
    parser.add_argument("site", help="name of the site, as `docs-chat sites` shows it")
    parser.add_argument("--revision", type=int, default=0, help="kept revision; the newest before the published one")
    parser.set_defaults(run=run)


async def run(args: argparse.Namespace) -> int:
    """Roll back."""
    settings = CliSettings()
    async with connected(settings.retriever, settings, service="retriever") as channel:
        request = pb.RollBackRequest(site=args.site, revision=args.revision)
        answer = await rpc.IndexServiceStub(channel).RollBack(request, timeout=settings.timeout_s)
    print(describe(answer.site))
    return OK
