"""`docs-chat eval questions.jsonl`: how well search finds what readers asked, without any language model.

`docs-chat eval answers questions.jsonl` measures what is answered instead.
"""

import argparse
import asyncio
import dataclasses
from pathlib import Path

from docs_chat.retriever.v1 import retriever_service_pb2_grpc as rpc

from cli import eval_answers
from cli.connection import CliSettings, connected
from cli.eval_gate import failures_of, falls, required
from cli.eval_html import as_html
from cli.eval_metrics import compare, summarize
from cli.eval_questions import read_questions
from cli.eval_report import Report, as_json, as_text, from_json
from cli.eval_search import ask_all, wanted_but_not_indexed
from cli.exit_codes import FAILED, OK

_ANSWERS = Path("answers")


def add_parser(subparsers: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """The command and its options."""
    parser = subparsers.add_parser(
        "eval",
        help="measure search, or answers, on questions with known answers",
        description="Measures search on questions with known answers. Each line of the file is an object: "
        '{"question": …, "gold": ["/docs/page#anchor", …], "kind": …, "site": …, "version": …, "locale": …}; any gold '
        "place is a hit. `docs-chat eval answers FILE` asks the agent and measures its answers: each line is "
        '{"question": …, "must": [["a fact", "or in other words"], …], "must_not": ["what only a wrong answer says"]}; '
        '"gold": [] says that the docs do not answer.',
    )
    parser.add_argument(
        "questions", type=Path, nargs="+", metavar="[answers] FILE", help="file with one question per line (JSON)"
    )
    parser.add_argument("--site", default="", help="site for questions that name none; not needed while there is one")
    parser.add_argument("--json", type=Path, help="write everything here, for machines and later comparison")
    parser.add_argument("--html", type=Path, help="write a report for people here")
    parser.add_argument(
        "--against", "--baseline", type=Path, help="compare with an earlier run, a file that --json wrote"
    )
    parser.add_argument(
        "--require",
        action="append",
        default=[],
        metavar="METRIC=VALUE",
        help='fail below this, for example "page recall@5=0.9"; may be repeated',
    )
    parser.add_argument(
        "--no-worse", action="store_true", help="fail when a metric fell against the earlier run by more than chance"
    )
    parser.set_defaults(run=run)


async def run(args: argparse.Namespace) -> int:
    """Ask, report, and fail when a required metric is not reached."""
    if args.no_worse and not args.against:
        raise ValueError("--no-worse needs a run to compare with: --against run.json")
    *what, file = args.questions
    if what == [_ANSWERS]:
        return await eval_answers.run(args, file)
    if what:
        raise ValueError("give one file: `docs-chat eval FILE` measures search, `docs-chat eval answers FILE` answers")
    questions = await asyncio.to_thread(read_questions, file, args.site)
    least = required(args.require)
    before = await asyncio.to_thread(from_json, args.against) if args.against else None
    settings = CliSettings()
    async with connected(settings.retriever, settings, service="retriever") as channel:
        retriever = rpc.RetrieverServiceStub(channel)
        outcomes = await ask_all(retriever, questions, timeout_s=settings.timeout_s)
        absent = await wanted_but_not_indexed(retriever, questions, timeout_s=settings.timeout_s)
    report = Report(tuple(outcomes), compare(before, outcomes) if before else {}, tuple(absent))
    failures = failures_of(summarize(report.outcomes), least)
    failures += falls(report.changes) if args.no_worse else []
    report = dataclasses.replace(report, failures=tuple(failures))
    if args.json:
        await asyncio.to_thread(args.json.write_text, as_json(report), "utf-8")
    if args.html:
        await asyncio.to_thread(args.html.write_text, as_html(report), "utf-8")
    print(as_text(report))
    return FAILED if failures else OK
