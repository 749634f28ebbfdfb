"""`docs-chat eval questions.jsonl`: how well search finds what readers asked, without any language model."""

import argparse
import asyncio
import json
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from docs_chat.retriever.v1 import passages_pb2
from docs_chat.retriever.v1 import retriever_service_pb2 as pb
from docs_chat.retriever.v1 import retriever_service_pb2_grpc as rpc

from cli.connection import CliSettings, connected
from cli.eval_metrics import Outcome, Question, compare, normal, summarize
from cli.eval_report import as_html, as_json, as_text, from_json
from cli.exit_codes import FAILED, OK

_AT_ONCE = 4
_LIMIT = 10


def add_parser(subparsers: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """The command and its options."""
    parser = subparsers.add_parser(
        "eval",
        help="measure search on questions with known answers",
        description="Measures search on questions with known answers. Each line of the file is an object: "
        '{"question": …, "gold": ["/docs/page#anchor", …], "kind": …, "site": …, "version": …, "locale": …}; any gold '
        "place is a hit.",
    )
    parser.add_argument("questions", type=Path, help="file with a question a line (JSON)")
    parser.add_argument("--site", default="", help="site of questions that name none; may be left out for one site")
    parser.add_argument("--json", type=Path, help="write everything here, for machines and later comparison")
    parser.add_argument("--html", type=Path, help="write a report for people here")
    parser.add_argument("--against", type=Path, help="compare with an earlier run, a file that --json wrote")
    parser.add_argument(
        "--require",
        action="append",
        default=[],
        metavar="METRIC=VALUE",
        help='fail below this, for example "page recall@5=0.9"; may be repeated',
    )
    parser.set_defaults(run=run)


async def run(args: argparse.Namespace) -> int:
    """Ask, report, and fail when a required metric is not reached."""
    questions = await asyncio.to_thread(read_questions, args.questions, args.site)
    required = _required(args.require)
    before = await asyncio.to_thread(from_json, args.against) if args.against else None
    settings = CliSettings()
    async with connected(settings.retriever, settings, service="retriever") as channel:
        outcomes = await ask_all(rpc.RetrieverServiceStub(channel), questions, timeout_s=settings.timeout_s)
    changes = compare(before, outcomes) if before else None
    if args.json:
        await asyncio.to_thread(args.json.write_text, as_json(outcomes, changes), "utf-8")
    if args.html:
        await asyncio.to_thread(args.html.write_text, as_html(outcomes), "utf-8")
    print(as_text(outcomes, changes))
    return _gate(outcomes, required)


def read_questions(path: Path, site: str) -> list[Question]:
    """The questions of a file.

    Raises:
        ValueError: If the file cannot be read or a line is no question; the message names the line.
    """
    questions = []
    try:
        lines = path.read_text("utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise ValueError(f"{path} cannot be read: {error}") from error
    for number, line in enumerate(lines, start=1):
        if not line.strip():
            continue
        try:
            row = json.loads(line)
            questions.append(_question(row, number, site))
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise ValueError(f'{path}, line {number}: no {{"question": …, "gold": […]}} object ({error!r})') from error
    if not questions:
        raise ValueError(f"{path} has no questions")
    return questions


def _question(row: Any, number: int, site: str) -> Question:
    optional = {name: str(row[name]) for name in ("kind", "site", "version", "locale") if name in row}
    gold = tuple(map(str, row["gold"]))
    return Question(str(row.get("id", number)), str(row["question"]), gold, **{"site": site, **optional})


async def ask_all(
    retriever: "rpc.RetrieverServiceAsyncStub", questions: Sequence[Question], *, timeout_s: float
) -> list[Outcome]:
    """What search finds for each question, in the order of the questions."""
    slots = asyncio.Semaphore(_AT_ONCE)

    async def ask(question: Question) -> Outcome:
        async with slots:
            started = time.perf_counter()
            request = pb.SearchPassagesRequest(
                site=question.site,
                queries=[pb.Query(text=question.text)],
                scope=passages_pb2.Scope(versions=filter(None, [question.version]), locale=question.locale),
                limit=_LIMIT,
                context_tokens=-1,
            )
            response = await retriever.SearchPassages(request, timeout=timeout_s)
            seconds = time.perf_counter() - started
        verdict = passages_pb2.AnswerabilityVerdict.Name(response.answerability.verdict)
        found = tuple(normal(passage.uri) for passage in response.passages)
        return Outcome(question, found, verdict.removeprefix("ANSWERABILITY_VERDICT_"), seconds)

    return list(await asyncio.gather(*map(ask, questions)))


def _required(options: Sequence[str]) -> dict[str, float]:
    required = {}
    for option in options:
        name, _, value = option.rpartition("=")
        try:
            required[name.strip()] = float(value)
        except ValueError as error:
            raise ValueError(f"--require wants METRIC=VALUE, not {option!r}") from error
    return required


def _gate(outcomes: Sequence[Outcome], required: dict[str, float]) -> int:
    metrics = summarize(outcomes)
    if unknown := [name for name in required if name not in metrics]:
        raise ValueError(f"no metric {unknown[0]!r}; there are: {', '.join(metrics)}")
    failed = [name for name, least in required.items() if metrics[name].mean < least]
    for name in failed:
        print(f"\nFAILED: {name} is {metrics[name].mean:.3f}, required {required[name]:.3f}")
    return FAILED if failed else OK
