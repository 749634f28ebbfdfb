"""Follow-ups: does the search carry the subject along, and does it leave messages alone that need no subject?

`python -m benchmarks.follow_ups` after `python -m benchmarks.corpora`. Each row has the question before, the follow-up
and the same question asked in full. Compared: the follow-up as it is typed, the queries that the agent makes of the
conversation, and the question in full. Then every question that stands alone is asked after an unrelated one: what the
conversation may not change. Rows: `follow_ups.jsonl`, and those of DOCS_CHAT_EVAL with `standalone.jsonl`.
"""

import asyncio
import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import grpc
from docs_chat.retriever.v1 import passages_pb2
from docs_chat.retriever.v1 import retriever_service_pb2 as pb
from docs_chat.retriever.v1 import retriever_service_pb2_grpc as rpc

from benchmarks.corpora import json_lines, serving
from benchmarks.retrieval_quality import questions
from cli.eval_metrics import Outcome, Question, compare, normal, summarize
from services.agent.conversation import Message, TurnRequest
from services.agent.retriever_client import WeightedQuery
from services.agent.turn.queries import leans_on_the_past, plan_search

HERE = Path(__file__).parent
SHOWN = ("page recall@5", "section recall@5")


class Asker:
    """Asks the retriever with the queries of a conversation."""

    def __init__(self, channel: grpc.aio.Channel) -> None:
        self._retriever = rpc.RetrieverServiceStub(channel)

    async def ask(self, question: Question, queries: Sequence[WeightedQuery]) -> Outcome:
        request = pb.SearchPassagesRequest(
            site=question.site,
            queries=[pb.Query(text=query.text, weight=query.weight) for query in queries],
            scope=passages_pb2.Scope(locale=question.locale),
            limit=10,
            context_tokens=-1,
        )
        response = await self._retriever.SearchPassages(request)
        return Outcome(question, tuple(normal(passage.uri) for passage in response.passages), "", 0.0)

    async def in_conversation(self, question: Question, before: str) -> Outcome:
        history = (Message(from_reader=True, text=before), Message(from_reader=False, text="…"))
        turn = TurnRequest((*history, Message(from_reader=True, text=question.text)))
        return await self.ask(question, plan_search(turn).queries)

    async def alone(self, question: Question, text: str) -> Outcome:
        return await self.ask(question, [WeightedQuery(text)])


def follow_ups() -> dict[str, list[dict[str, Any]]]:
    """The rows by origin; those of DOCS_CHAT_EVAL are what the rules were chosen on."""
    found = {"not used for choosing": json_lines(HERE / "follow_ups.jsonl")}
    if folder := os.environ.get("DOCS_CHAT_EVAL"):
        full = {row["id"]: row for row in json_lines(HERE / "standalone.jsonl")}
        rows = json_lines(Path(folder) / "followups.jsonl")
        found["used for choosing"] = [row | full[row["id"]] for row in rows if row["id"] in full]
    return found


async def measure_follow_ups(asker: Asker, name: str, rows: Sequence[dict[str, Any]]) -> None:
    """Print the three ways to ask, and what is lost against the question in full."""
    typed, planned, full = [], [], []
    for row in rows:
        question = Question(row["id"], row["followup"], tuple(row["gold"]), "", row["site"], "", row.get("locale", ""))
        typed.append(await asker.alone(question, row["followup"]))
        planned.append(await asker.in_conversation(question, row["previous_question"]))
        full.append(await asker.alone(question, row["standalone"]))
    print(f"\n{len(rows)} follow-ups, {name}" + "".join(f"{metric:>20}" for metric in SHOWN))
    for label, outcomes in (("as typed", typed), ("with the conversation", planned), ("asked in full", full)):
        metrics = summarize(outcomes)
        print(f"{label:<40}" + "".join(f"{metrics[metric].mean:>20.3f}" for metric in SHOWN))
    _print_change("with the conversation, against in full", compare(full, planned))
    for outcome in planned:
        if not 0 < outcome.page_rank <= 5:
            print(f"  missed {outcome.question.id}: {outcome.question.text}")


async def measure_unrelated(asker: Asker, asked: Sequence[Question]) -> None:
    """Print what an unrelated question before does to questions that stand alone."""
    before = [await asker.alone(question, question.text) for question in asked]
    after = [
        await asker.in_conversation(question, asked[index - 1].text)
        for index, question in enumerate(asked)  # the question before it is about something else
    ]
    leaning = [question for question in asked if leans_on_the_past(question.text)]
    print(f"\n{len(asked)} questions that stand alone, after an unrelated one; taken for leaning: {len(leaning)}")
    _print_change("change by the conversation", compare(before, after))


def _print_change(label: str, changes: Any) -> None:
    shown = (
        f"{changes[metric].mean:+.3f} [{changes[metric].low:+.3f}, {changes[metric].high:+.3f}]" for metric in SHOWN
    )
    print(f"{label:<40}  {'  '.join(shown)}")


async def _main() -> None:
    async with serving() as (sites, channel):
        indexed = {manifest.site for manifest in await sites.all_published()}
        asker = Asker(channel)
        for name, rows in follow_ups().items():
            await measure_follow_ups(asker, name, [row for row in rows if row["site"] in indexed])
        await measure_unrelated(asker, [question for question in questions(held_out=False) if question.site in indexed])


if __name__ == "__main__":
    asyncio.run(_main())
