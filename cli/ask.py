"""`docs-chat ask "…"`: one question to the agent service, answered in the terminal as the words arrive."""

import argparse
import sys
from typing import Any

from docs_chat.agent.v1 import agent_service_pb2 as pb
from docs_chat.agent.v1 import agent_service_pb2_grpc as rpc
from docs_chat.agent.v1 import turn_events_pb2 as events
from docs_chat.retriever.v1 import passages_pb2
from rich.console import Console
from rich.markup import escape

from cli.connection import CliSettings, connected
from cli.exit_codes import OK

_STAGES = {
    events.TURN_STAGE_SEARCHING: "Searching the docs …",
    events.TURN_STAGE_QUEUED: "Waiting for a place with the model …",
    events.TURN_STAGE_WAITING_FOR_MODEL: "Waiting for the model …",
    events.TURN_STAGE_SEARCHING_AGAIN: "Looking again …",
}


def add_parser(subparsers: Any) -> None:
    """Add the command to `docs-chat`."""
    parser: argparse.ArgumentParser = subparsers.add_parser("ask", help="ask the docs a question")
    parser.add_argument("question", help="what to ask")
    parser.add_argument("--site", default="", help="site to answer from; not needed while there is only one")
    parser.add_argument("--docs-version", default="", help="version of the docs; the latest by default")
    parser.add_argument("--locale", default="", help="locale of the docs; the site's default by default")
    parser.add_argument("--model", default="", help="model to prefer, one of the agent's ladder")
    parser.add_argument("--passages", action="store_true", help="show the passages found before the answer")
    parser.add_argument("--timeout", type=float, default=90.0, help="seconds to wait for the answer (%(default)s)")
    parser.set_defaults(run=run)


async def run(args: argparse.Namespace) -> int:
    """Ask and print."""
    settings = CliSettings()
    printer = _Printer(show_passages=args.passages)
    async with connected(settings.agent, settings, service="agent") as channel:
        stub: Any = rpc.AgentServiceStub(channel)
        async for response in stub.RunTurn(_request(args), timeout=args.timeout):
            printer.print(response)
    return OK


def _request(args: argparse.Namespace) -> pb.RunTurnRequest:
    versions = [args.docs_version] if args.docs_version else []
    return pb.RunTurnRequest(
        messages=[pb.Message(role=pb.MESSAGE_ROLE_USER, text=args.question)],
        site=args.site,
        scope=passages_pb2.Scope(versions=versions, locale=args.locale),
        reader_id="terminal",
        options=pb.TurnOptions(model=args.model, fallback=pb.FALLBACK_POLICY_EXTRACTIVE),
    )


class _Printer:
    """The answer goes to standard output, everything around it to standard error.

    A piece of text is shown when the next event comes, because the citations that stand in it follow it.
    """

    def __init__(self, *, show_passages: bool) -> None:
        self._show_passages = show_passages
        self._aside = Console(stderr=True, highlight=False)
        self._shown = 0
        self._piece = ""
        self._citations: list[events.Citation] = []

    def print(self, response: pb.RunTurnResponse) -> None:
        if not response.HasField("citation_added"):
            self._show_piece()
        match response.WhichOneof("event"):
            case "progress" if response.progress.stage in _STAGES:
                self._say(f"[dim]{_STAGES[response.progress.stage]}[/dim]")
            case "passages_found" if self._show_passages:
                for passage in response.passages_found.passages:
                    self._say(f"[dim]found[/dim] {escape(_place(passage.title, passage.heading_path))}")
            case "text_delta":
                self._piece = response.text_delta.text
            case "citation_added":
                self._citations.append(response.citation_added.citation)
            case "notice":
                self._say(f"[yellow]{escape(response.notice.message)}[/yellow]")
            case "turn_completed":
                self._finish(response.turn_completed)

    def _show_piece(self) -> None:
        """The last piece with its marks; one for text that is shown already comes next."""
        written = 0
        for citation in sorted(self._citations, key=lambda citation: citation.index):
            at = max(0, citation.index - self._shown)
            self._write(f"{self._piece[written:at]} [{citation.number}]")
            written = at
        self._write(self._piece[written:])
        self._shown += len(self._piece)
        self._piece, self._citations = "", []

    def _finish(self, completed: events.TurnCompleted) -> None:
        self._write("\n")
        sources = {citation.number: citation for citation in completed.citations}
        for number, citation in sorted(sources.items()):
            self._write(f"\n[{number}] {_place(citation.title, citation.heading_path)}\n    {citation.uri}")
        self._write("\n" if sources else "")
        seconds = completed.timings.total.ToTimedelta().total_seconds()
        self._say(f"[dim]{escape(completed.model or 'no language model')}, {seconds:.1f} s[/dim]")

    def _say(self, text: str) -> None:
        self._aside.print(text)

    def _write(self, text: str) -> None:
        sys.stdout.write(text)
        sys.stdout.flush()


def _place(title: str, heading_path: Any) -> str:
    return " › ".join([title, *heading_path])
