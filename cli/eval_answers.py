"""`docs-chat eval answers questions.jsonl`: how good the answers are, quoted ones or those of a language model."""

import argparse
import asyncio
import dataclasses
from pathlib import Path

from docs_chat.agent.v1 import agent_service_pb2_grpc as agent_rpc
from docs_chat.retriever.v1 import retriever_service_pb2_grpc as retriever_rpc

from cli.answers_asking import Asking
from cli.answers_metrics import compare_answers
from cli.answers_questions import read_answer_questions
from cli.answers_report import AnswersReport, answers_as_html, answers_as_json, answers_as_text, scores_from_json
from cli.connection import CliSettings, connected
from cli.eval_gate import failures_of, falls, required
from cli.exit_codes import FAILED, OK

_LONGEST_ANSWER_S = 120.0


async def run(args: argparse.Namespace, file: Path) -> int:
    """Ask, report, and fail when a required metric is not reached.

    Args:
        args: The options of `docs-chat eval`.
        file: The questions.
    """
    questions = await asyncio.to_thread(read_answer_questions, file, args.site)
    least = required(args.require)
    before = await asyncio.to_thread(scores_from_json, args.against) if args.against else None
    settings = CliSettings()
    async with (
        connected(settings.agent, settings, service="agent") as agent,
        connected(settings.retriever, settings, service="retriever") as retriever,
    ):
        asking = Asking(
            agent_rpc.AgentServiceStub(agent), retriever_rpc.RetrieverServiceStub(retriever), _LONGEST_ANSWER_S
        )
        answers = await asking.ask_all(questions)
    report = AnswersReport(tuple(answers), compare_answers(before, answers) if before is not None else {})
    failures = failures_of(report.metrics, least)
    failures += falls(report.changes) if args.no_worse else []
    report = dataclasses.replace(report, failures=tuple(failures))
    if args.json:
        await asyncio.to_thread(args.json.write_text, answers_as_json(report), "utf-8")
    if args.html:
        await asyncio.to_thread(args.html.write_text, answers_as_html(report), "utf-8")
    print(answers_as_text(report))
    return FAILED if failures else OK
