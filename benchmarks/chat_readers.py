"""Readers as plain sockets, so that the load generator measures itself as little as possible."""

import asyncio
import json
import random
import time
from dataclasses import dataclass

from benchmarks.chat_world import KEY

_LONGEST_LINE = 4 * 1024 * 1024
_PATIENCE_S = 120.0
QUESTIONS = (
    "How do I index my own site?",
    "How do I roll back an index to the revision before?",
    "What happens when the free quota is used up?",
    "Which model writes the answers and how do I choose another one?",
    "How do I put the panel into my Docusaurus site?",
    "How do I use Postgres for the conversations?",
    "How do I run it with a Qdrant server?",
    "Can other programs call it over gRPC?",
    "How are citations checked?",
    "What is stored about readers?",
)


@dataclass
class Waits:
    """Seconds one reader waited, from asking; 0 for what never came."""

    passages: float = 0.0
    first_text: float = 0.0
    completed: float = 0.0
    error: str = ""
    """What the reader was told instead of an answer, or where the stream ended."""

    @property
    def is_whole(self) -> bool:
        return self.completed > 0


@dataclass(frozen=True)
class Endpoint:
    """A streaming chat endpoint on this machine, and how its events look.

    Args:
        port: Port on 127.0.0.1.
        path: Path of the POST.
        passages: Bytes of the event that shows what was found.
        text: Bytes of an event with text; the first one counts.
        end: Bytes of the event after which the answer is whole.
        prompt: Said before the question, where the endpoint is a bare model.
    """

    port: int
    path: str
    passages: bytes
    text: bytes
    end: bytes
    prompt: str = ""

    def request(self, question: str) -> bytes:
        """The whole HTTP request."""
        body = json.dumps(
            _chatkit_body(question) if self.path == "/chatkit" else _completion_body(question, self.prompt)
        )
        return (
            f"POST {self.path} HTTP/1.1\r\nHost: 127.0.0.1:{self.port}\r\nAuthorization: Bearer {KEY}\r\n"
            f"Content-Type: application/json\r\nConnection: close\r\nContent-Length: {len(body.encode())}\r\n\r\n{body}"
        ).encode()


def docs_chat(port: int) -> Endpoint:
    """Our gateway."""
    return Endpoint(port, "/chatkit", b"docs_chat.passages", b"text_delta", b'docs_chat.answer"')


def bare_model(port: int) -> Endpoint:
    """The emulated model itself: the same answer with nothing of anybody's in between."""
    return Endpoint(port, "/api/v1/chat/completions", b"\0", b'"content": "S', b"[DONE]", prompt="Answer.")


def peer(port: int) -> Endpoint:
    """The minimal endpoint of `benchmarks.chat_peer`."""
    return Endpoint(port, "/chat", b'"passages"', b'"text"', b"[DONE]")


async def ask(endpoint: Endpoint, question: str) -> Waits:
    """One question, timed at the moments a reader notices."""
    waits, started = Waits(), time.perf_counter()
    reader, writer = await asyncio.open_connection("127.0.0.1", endpoint.port, limit=_LONGEST_LINE)
    writer.write(endpoint.request(question))
    try:
        async with asyncio.timeout(_PATIENCE_S):
            while line := await reader.readline():
                now = time.perf_counter() - started
                if endpoint.text in line:
                    waits.first_text = waits.first_text or now
                elif endpoint.passages in line:
                    waits.passages = waits.passages or now
                if endpoint.end in line:
                    waits.completed = now
                elif b'"type":"error"' in line:
                    waits.error = line.decode(errors="replace").strip()
                elif line == b"0\r\n":  # the last chunk; the server may keep the connection
                    break
    except (TimeoutError, OSError) as error:
        waits.completed, waits.error = 0.0, repr(error)
    finally:
        writer.close()
    return waits


async def crowd(endpoint: Endpoint, questions: list[str], within_s: float, seed: int = 0) -> list[Waits]:
    """Every question by a reader of its own, at moments spread at random over `within_s` seconds; 0 is at once."""
    moments = random.Random(seed)

    async def one(question: str, after_s: float) -> Waits:
        await asyncio.sleep(after_s)
        return await ask(endpoint, question)

    return await asyncio.gather(*(one(question, moments.uniform(0, within_s)) for question in questions))


def different_questions(count: int, name: str) -> list[str]:
    """Questions that no cache has seen."""
    return [f"{QUESTIONS[at % len(QUESTIONS)]} (case {name}-{at // len(QUESTIONS)})" for at in range(count)]


def _chatkit_body(question: str) -> dict[str, object]:
    content = [{"type": "input_text", "text": question}]
    inputs = {"content": content, "attachments": [], "quoted_text": "", "inference_options": {}}
    return {"type": "threads.create", "params": {"input": inputs}}


def _completion_body(question: str, prompt: str) -> dict[str, object]:
    messages = [{"role": "system", "content": prompt}, {"role": "user", "content": question}]
    return {"model": "z-ai/glm-5.2:free", "stream": True, "messages": messages}
