"""What readers get from a real model: questions about our own documentation, each answer judged by a program.

    DOCS_CHAT_REAL_MODEL_URL=http://127.0.0.1:8080/v1 DOCS_CHAT_REAL_MODEL=its-name python -m benchmarks.real_model

`make bench-real-model` serves a small model and runs this. The documentation is indexed and searched by the real
retriever; the agent asks any server with OpenAI's API. Passages and answers are kept short, so that a small model on a
processor can read and write them. Prints a table and writes JSON, what the model wrote included.
"""

import argparse
import asyncio
import contextlib
import dataclasses
import json
import os
import statistics
import tempfile
import time
from collections import Counter
from collections.abc import AsyncGenerator, AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import grpc
from docs_chat.agent.v1 import agent_service_pb2 as pb
from docs_chat.agent.v1 import agent_service_pb2_grpc as rpc
from docs_chat.agent.v1 import turn_events_pb2 as events
from docs_chat.retriever.v1 import retriever_service_pb2 as retriever_pb
from docs_chat.retriever.v1 import retriever_service_pb2_grpc as retriever_rpc
from pydantic import SecretStr

from benchmarks import corpora
from benchmarks.processes import service
from benchmarks.shown_answer import ShownAnswer, judge
from services.agent.agent_run.instructions import instructions
from services.agent.models.provider import Provider
from services.agent.models.reply import ReplyFacts
from services.agent.server import serving
from services.agent.settings import AgentSettings
from services.runtime.channels import ChannelSecurity, open_channel

QUESTIONS = Path(__file__).with_name("real_model_questions.jsonl")
RESULTS = Path("benchmarks/results")
_LOOP = 2
"""A sentence may come back once: in a summary, or in two items of a list."""


@dataclass(frozen=True, slots=True)
class Asked:
    """One question, what its reader got, and at what cost."""

    kind: str
    question: str
    judged: ShownAnswer
    requests: int
    first_text_s: float | None
    total_s: float
    notices: list[str]
    """Remarks beside the answer."""
    text: str
    written: list[str]
    """What the model wrote, request by request."""
    error: str


class Listener(Provider):
    """A provider that writes down what the model says."""

    def __init__(self, base_url: str) -> None:
        super().__init__(base_url, SecretStr(""))
        self.written: list[str] = []

    async def answer(self, body: bytes, reply: ReplyFacts) -> AsyncGenerator[str, None]:
        """As any provider's; what comes is kept."""
        self.written.append("")
        async with contextlib.aclosing(super().answer(body, reply)) as pieces:
            async for piece in pieces:
                self.written[-1] += piece
                yield piece


async def addresses_of(channel: grpc.aio.Channel) -> set[str]:
    """Everything that can be cited: the pages of the index, with and without the ids of their headings."""
    stub = retriever_rpc.RetrieverServiceStub(channel)
    found: set[str] = set()
    token = ""
    while True:
        request = retriever_pb.ListDocumentsRequest(site=corpora.OWN_DOCS, page_token=token)
        listed = await stub.ListDocuments(request)
        for summary in listed.documents:
            page = await stub.GetDocument(retriever_pb.GetDocumentRequest(site=corpora.OWN_DOCS, uri=summary.uri))
            anchors = {anchor for chunk in page.chunks for anchor in (chunk.anchor, *chunk.anchor_path)}
            found |= {summary.uri, *(f"{summary.uri}#{anchor}" for anchor in anchors if anchor)}
        if not (token := listed.next_page_token):
            return found


async def ask(stub: Any, listener: Listener, row: dict[str, str], patience_s: float, addresses: set[str]) -> Asked:
    """One question to the end of its turn."""
    listener.written = []
    text, completed, error, first_text_s = "", None, "", None
    notices: list[str] = []
    message = pb.Message(role=pb.MESSAGE_ROLE_USER, text=row["question"])
    started = time.perf_counter()
    try:
        async for event in stub.RunTurn(
            pb.RunTurnRequest(messages=[message], site=corpora.OWN_DOCS), timeout=patience_s
        ):
            if event.HasField("text_delta"):
                text += event.text_delta.text
                first_text_s = first_text_s or time.perf_counter() - started
            elif event.HasField("notice"):
                notices.append(events.NoticeCode.Name(event.notice.code).removeprefix("NOTICE_CODE_").lower())
            elif event.HasField("turn_completed"):
                completed = event.turn_completed
    except grpc.aio.AioRpcError as broken:
        error = f"{broken.code().name}: {broken.details()}"
    rules = instructions("English", with_tools=False)
    return Asked(
        kind=row["kind"],
        question=row["question"],
        judged=judge(text, completed, rules=rules, addresses=addresses),
        requests=completed.usage.requests if completed else len(listener.written),
        first_text_s=first_text_s,
        total_s=time.perf_counter() - started,
        notices=notices,
        text=text,
        written=listener.written,
        error=error,
    )


@contextlib.asynccontextmanager
async def agent_before(model: str, url: str, retriever: str, arguments: Any) -> AsyncIterator[tuple[Any, Listener]]:
    """An agent with patience for a slow model, and what is heard of the model."""
    with tempfile.TemporaryDirectory() as folder:
        patience_s = arguments.patience
        settings = AgentSettings(
            _env_file=None,
            port=0,
            data_dir=Path(folder),
            retriever_target=retriever,
            base_url=url,
            models=(model,),
            passage_limit=arguments.passages,
            max_output_tokens=arguments.output_tokens,
            tool_rounds=0,
            answer_cache_entries=0,
            first_text_timeout_s=patience_s,
            text_gap_timeout_s=patience_s,
            answer_timeout_s=patience_s,
        )
        async with (
            serving(settings) as agent,
            open_channel(f"127.0.0.1:{agent.port}", ChannelSecurity()) as channel,
        ):
            assert agent.ladder is not None
            agent.ladder.provider = listener = Listener(url)
            try:
                yield rpc.AgentServiceStub(channel), listener
            finally:
                await listener.close()


async def measure(model: str, url: str, arguments: argparse.Namespace) -> list[Asked]:
    """All questions, one after the other: a small model on a processor answers one at a time."""
    asked: list[Asked] = []
    with tempfile.TemporaryDirectory() as folder:
        async with service("retriever", Path(folder), RETRIEVER_DATA_DIR=folder) as retriever:
            await corpora.index_site(retriever.channel, corpora.OWN_DOCS)
            addresses = await addresses_of(retriever.channel)
            target = f"127.0.0.1:{retriever.port}"
            async with agent_before(model, url, target, arguments) as (stub, listener):
                for row in corpora.json_lines(arguments.questions):
                    asked.append(await ask(stub, listener, row, arguments.patience + 10, addresses))
                    print(table_row(len(asked), asked[-1]), flush=True)
    return asked


COLUMNS = (
    "# kind answered-by machinery echo loop marks found raw language requests first-text-s total-s notices question"
)


def table_head() -> str:
    """The head of the table, with the rule below it."""
    columns = COLUMNS.split()
    return f"\n| {' | '.join(columns)} |\n|{'---|' * len(columns)}"


def table_row(number: int, asked: Asked) -> str:
    """One line of the table."""
    judged = asked.judged
    cells = (
        number,
        asked.kind,
        judged.answered_by,
        "YES" if judged.machinery else "no",
        "YES" if judged.echo else "no",
        judged.loop,
        judged.marks,
        judged.marks_found,
        judged.raw_marks,
        judged.language or "?",
        asked.requests,
        "" if asked.first_text_s is None else round(asked.first_text_s, 1),
        round(asked.total_s, 1),
        ", ".join(asked.notices),
        asked.question,
    )
    return f"| {' | '.join(map(str, cells))} |"


def summary(asked: list[Asked]) -> str:
    """All of them in a few lines."""
    judged = [each.judged for each in asked]
    by_model = [each for each in asked if each.judged.answered_by == "model"]
    waits = [each.first_text_s for each in by_model if each.first_text_s is not None]
    requests = sum(each.requests for each in by_model) / max(1, len(by_model))
    lines = (
        f"{len(asked)} questions, answered by {dict(Counter(each.answered_by for each in judged))}",
        f"machinery shown: {sum(each.machinery for each in judged)}",
        f"the rules repeated: {sum(each.echo for each in judged)}",
        f"a sentence three times or more: {sum(each.loop > _LOOP for each in judged)}",
        f"citations: {sum(each.marks for each in judged)}",
        f"citations that lead to the index: {sum(each.marks_found for each in judged)}",
        f"marks that stayed text: {sum(each.raw_marks for each in judged)}",
        f"requests for a question that the model answered: {requests:.2f}",
        f"median wait for the model's first text: {statistics.median(waits) if waits else 0:.1f} s",
    )
    return "\n".join(lines)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--questions", type=Path, default=QUESTIONS, help="JSON lines with `question` and `kind`")
    parser.add_argument("--passages", type=int, default=3, help="passages handed to the model")
    parser.add_argument("--output-tokens", type=int, default=256, help="longest answer")
    parser.add_argument("--patience", type=float, default=240.0, help="longest wait for an answer, in seconds")
    arguments = parser.parse_args()
    url, model = os.environ.get("DOCS_CHAT_REAL_MODEL_URL"), os.environ.get("DOCS_CHAT_REAL_MODEL", "default")
    if not url:
        parser.error("set DOCS_CHAT_REAL_MODEL_URL to a server with OpenAI's API, or run `make bench-real-model`")
    print(table_head(), flush=True)
    asked = asyncio.run(measure(model, url, arguments))
    print(f"\n{model}: {summary(asked)}")
    RESULTS.mkdir(parents=True, exist_ok=True)
    target = RESULTS / f"real_model_{model.replace('/', '_')}.json"
    rows = [dataclasses.asdict(each) for each in asked]
    target.write_text(json.dumps(rows, ensure_ascii=False, indent=1), encoding="utf-8")
    print(f"written to {target}")


if __name__ == "__main__":
    main()
