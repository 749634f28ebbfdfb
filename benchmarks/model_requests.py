"""How many model requests a question costs, by the emulated provider's own count.

    DOCS_CHAT_BENCH_INDEX=… python -m benchmarks.model_requests [--questions FILE …]

After `python -m benchmarks.corpora`. Asks the questions of `questions.jsonl` beside this file, and of the folder
DOCS_CHAT_EVAL if set, whose sites are in the index, through the agent: once each, all of them again, some of them by
ten readers at the same moment, off-topic ones, and those the docs do not answer. A share of first answers, set by
`--second-looks`, asks to search again, which costs a second request. The quota is lifted: it has tests.
"""

import argparse
import asyncio
import contextlib
import json
import os
import random
import tempfile
from collections import Counter
from collections.abc import AsyncIterator, Sequence
from pathlib import Path
from typing import Any

from docs_chat.agent.v1 import agent_service_pb2 as pb
from docs_chat.agent.v1 import agent_service_pb2_grpc as rpc
from docs_chat.agent.v1 import turn_events_pb2 as events
from docs_chat.retriever.v1 import retriever_service_pb2 as retriever_pb
from docs_chat.retriever.v1 import retriever_service_pb2_grpc as retriever_rpc

from benchmarks.chat_world import KEY, free_ports
from benchmarks.corpora import INDEX
from benchmarks.processes import service
from cli.eval_metrics import Question
from cli.eval_questions import read_questions
from services.agent.server import serving
from services.agent.settings import AgentSettings
from services.runtime.channels import ChannelSecurity, open_channel
from tools.openrouter_emulator.server import Emulator, emulating

_AT_ONCE = 4
_SAME_MOMENT = 10
_SECOND_LOOK = "tool"
HERE = Path(__file__).parent


class Asked:
    """What came of a list of questions."""

    def __init__(self, emulator: Emulator) -> None:
        self._emulator = emulator
        self._before = emulator.chat.counters.requests
        self.sources: Counter[str] = Counter()

    def note(self, completed: events.TurnCompleted) -> None:
        self.sources[events.AnswerSource.Name(completed.source).removeprefix("ANSWER_SOURCE_").lower()] += 1

    def told(self, what: str) -> str:
        requests, turns = self._emulator.chat.counters.requests - self._before, sum(self.sources.values())
        answered = turns - self.sources["not_covered"]
        each = f"{requests / answered:.2f} an answered question" if answered else "none was answered"
        return f"{what}: {turns} turns, {requests} model requests, {each}; answers from {dict(self.sources)}"


@contextlib.asynccontextmanager
async def agent_over_corpora() -> AsyncIterator[tuple[rpc.AgentServiceStub, Emulator, set[str]]]:
    """An agent between the benchmark index and an emulated provider; the names of the sites too."""
    emulator = Emulator()
    emulator.chat.account.per_minute = emulator.chat.account.per_day = 1_000_000
    async with contextlib.AsyncExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        index = {"RETRIEVER_DATA_DIR": str(INDEX.resolve())}
        retriever = await stack.enter_async_context(service("retriever", folder, **index))
        stub = retriever_rpc.RetrieverServiceStub(retriever.channel)
        sites = await stub.ListSites(retriever_pb.ListSitesRequest())
        names = {site.profile.site for site in sites.sites}
        base_url = await stack.enter_async_context(emulating(emulator))
        settings = AgentSettings(
            _env_file=None,
            port=free_ports(1)[0],
            data_dir=folder,
            retriever_target=f"127.0.0.1:{retriever.port}",
            openrouter_api_key=KEY,
            openrouter_base_url=base_url,
            requests_per_minute=1_000_000,
            requests_per_day=1_000_000,
        )
        agent = await stack.enter_async_context(serving(settings))
        channel = await stack.enter_async_context(open_channel(f"127.0.0.1:{agent.port}", ChannelSecurity()))
        yield rpc.AgentServiceStub(channel), emulator, names


async def ask(stub: Any, question: Question) -> events.TurnCompleted:
    """One turn to its end."""
    last = pb.RunTurnResponse()
    message = pb.Message(role=pb.MESSAGE_ROLE_USER, text=question.text)
    async for response in stub.RunTurn(pb.RunTurnRequest(messages=[message], site=question.site), timeout=120):
        last = response
    return last.turn_completed


async def ask_all(stub: Any, emulator: Emulator, questions: Sequence[Question]) -> Asked:
    """All of them, a few at a time."""
    asked, places = Asked(emulator), asyncio.Semaphore(_AT_ONCE)

    async def one(question: Question) -> None:
        async with places:
            asked.note(await ask(stub, question))

    await asyncio.gather(*(one(question) for question in questions))
    return asked


async def measure(questions: Sequence[Question], unanswerable: Sequence[Question], second_looks: float) -> None:
    """Everything, reported line by line."""
    async with agent_over_corpora() as (stub, emulator, sites):
        known = [question for question in questions if question.site in sites]
        wishes = random.Random(0)
        emulator.direct({"queue": [_SECOND_LOOK if wishes.random() < second_looks else "ok" for _ in known]})
        print((await ask_all(stub, emulator, known)).told("once each"), flush=True)
        emulator.chat.queue.clear()
        print((await ask_all(stub, emulator, known)).told("the same again"), flush=True)
        asked = Asked(emulator)
        for question in known[::10]:
            other = Question(question.id, f"Please tell me: {question.text}", question.gold, site=question.site)
            for completed in await asyncio.gather(*(ask(stub, other) for _ in range(_SAME_MOMENT))):
                asked.note(completed)
        print(asked.told(f"{_SAME_MOMENT} readers with one question at the same moment"), flush=True)
        for site in sorted(sites):
            print((await ask_all(stub, emulator, _off_topic(site))).told(f"off topic on {site}"), flush=True)
        rest = [question for question in unanswerable if question.site in sites]
        if rest:
            print((await ask_all(stub, emulator, rest)).told("not answered by the docs"), flush=True)


def _off_topic(site: str) -> list[Question]:
    """The off-topic questions that verdicts are fitted on, asked of one site."""
    rows = map(json.loads, (HERE / "answerability.jsonl").read_text("utf-8").splitlines())
    texts = [row["question"] for row in rows if row["kind"] == "off-topic"]
    return [Question(str(at), text, (), site=site) for at, text in enumerate(texts)]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--questions", type=Path, nargs="*", help="JSON lines, as for `make eval`")
    parser.add_argument("--second-looks", type=float, default=0.05, help="share of first answers that ask for a tool")
    arguments = parser.parse_args()
    folder = os.environ.get("DOCS_CHAT_EVAL")
    files = arguments.questions or [HERE / "questions.jsonl", *([Path(folder) / "questions.jsonl"] if folder else [])]
    questions = [question for file in files for question in read_questions(file, "")]
    unanswerable = read_questions(Path(folder) / "unanswerable.jsonl", "") if folder else []
    asyncio.run(measure(questions, unanswerable, arguments.second_looks))


if __name__ == "__main__":
    main()
