"""A minimal documentation chat as LangChain's pages show it, to stand beside ours under the same load.

FastAPI, a retriever over Qdrant in memory with the same embedding model and the same pages, `ChatOpenAI` to the same
emulated model, streamed as server-sent events. It keeps no conversation, checks no citation, has no cache, no quota, no
fallback and no processes to cross: what it needs is about the least that such an endpoint can need in Python.
"""

import argparse
import contextlib
import importlib.util
import json
import os
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

from benchmarks.chat_world import KEY, ROOT, World, free_ports

_NEEDED = ("langchain_openai", "langchain_qdrant", "langchain_text_splitters")
_RULES = "Answer from these passages of the documentation and cite them as [n].\n\n"


@contextlib.contextmanager
def peer_running(world: World) -> Iterator[tuple[int, int] | None]:
    """The endpoint's port and process id; None, with a message, where LangChain is not installed."""
    missing = [name for name in _NEEDED if importlib.util.find_spec(name) is None]
    if missing:
        print(f"LangChain is left out: {', '.join(missing)} missing (pip install 'docs-chat[bench]')")
        yield None
        return
    port = free_ports(1)[0]
    command = [sys.executable, "-m", "benchmarks.chat_peer", str(port), str(world.emulator_port)]
    environment = os.environ | {"PYTHONPATH": f"{ROOT}:{ROOT / 'protos' / 'gen'}"}
    process = subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True)
    try:
        assert process.stdout is not None
        if "ready" not in process.stdout.readline():
            raise RuntimeError("the LangChain endpoint did not start")
        yield port, process.pid
    finally:
        process.terminate()
        process.wait(30)


def _store() -> Any:
    """The pages of `docs/`, split and indexed as LangChain's tutorials do."""
    from langchain_qdrant import QdrantVectorStore  # noqa: PLC0415  # installed only for the comparison
    from langchain_text_splitters import RecursiveCharacterTextSplitter  # noqa: PLC0415

    from benchmarks.peer_models import PeerModel, for_langchain  # noqa: PLC0415
    from services.retriever.embedding.local_embedder import LocalEmbedder  # noqa: PLC0415

    model = PeerModel(LocalEmbedder())
    pages = sorted(Path(ROOT / "docs" / "docs").rglob("*.md*"))
    splitter = RecursiveCharacterTextSplitter(chunk_size=1_000, chunk_overlap=200)
    chunks = splitter.create_documents(
        [page.read_text("utf-8") for page in pages], [{"source": str(page)} for page in pages]
    )
    return QdrantVectorStore.from_documents(chunks, for_langchain(model), location=":memory:", collection_name="docs")


def _serve(port: int, emulator_port: int) -> None:
    import uvicorn  # noqa: PLC0415
    from fastapi import FastAPI, Request  # noqa: PLC0415
    from fastapi.responses import StreamingResponse  # noqa: PLC0415
    from langchain_openai import ChatOpenAI  # noqa: PLC0415

    retriever = _store().as_retriever(search_kwargs={"k": 8})
    model = ChatOpenAI(
        model="z-ai/glm-5.2:free", base_url=f"http://127.0.0.1:{emulator_port}/api/v1", api_key=KEY, streaming=True
    )

    @contextlib.asynccontextmanager
    async def life(_: FastAPI) -> AsyncIterator[None]:
        print("ready", flush=True)
        yield

    app = FastAPI(lifespan=life)

    @app.post("/chat")
    async def chat(request: Request) -> StreamingResponse:
        question = (await request.json())["messages"][-1]["content"]
        return StreamingResponse(answer(question), media_type="text/event-stream")

    async def answer(question: str) -> AsyncIterator[str]:
        found = await retriever.ainvoke(question)
        yield _event({"passages": [document.metadata["source"] for document in found]})
        passages = "\n\n".join(f"[{at}] {document.page_content}" for at, document in enumerate(found, start=1))
        async for piece in model.astream([("system", _RULES + passages), ("human", question)]):
            if piece.content:
                yield _event({"text": piece.content})
        yield "data: [DONE]\n\n"

    uvicorn.run(app, host="127.0.0.1", port=port, log_level="warning")


def _event(facts: dict[str, Any]) -> str:
    return f"data: {json.dumps(facts)}\n\n"


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("port", type=int)
    parser.add_argument("emulator_port", type=int)
    arguments = parser.parse_args()
    _serve(arguments.port, arguments.emulator_port)
