"""A plain server with OpenAI's API, as Ollama, vLLM, llama.cpp, Groq or a company's gateway are, with their habits."""

import json
import re
import time
from dataclasses import dataclass, field
from typing import Any

from tools.openrouter_emulator.answers import write_answer
from tools.openrouter_emulator.http import Reply, Request

OPENAI_FIELDS = frozenset(
    {"model", "messages", "stream", "stream_options", "temperature", "max_tokens", "max_completion_tokens", "user"}
    | {"tools", "tool_choice", "parallel_tool_calls"}
)
"""Fields of a request that OpenAI documents, as far as docs-chat has a use for them."""


@dataclass(slots=True)
class PlainServer:
    """One such server, strict about what it is sent.

    Args:
        models: Entries of its list.
        key: The only key that is known; empty asks for none.
        refused: What it answers to fields it does not take, by field.
        has_list: Whether there is a list of models.
        bare_list: Send the list without an object around it, as Together does.
        says_done: Whether a stream ends with `[DONE]`, as OpenAI has it; some servers just stop after `finish_reason`.
        spaced: Whether a blank follows `data:`; the standard leaves it open.
        thinks: Put this into `reasoning_content` first, as vLLM and DeepSeek do.
        context_tokens: Refuse longer requests, counted as four characters a token, as vLLM does; 0 reads everything.
    """

    models: list[dict[str, Any]] = field(default_factory=lambda: [{"id": "local-model", "object": "model"}])
    key: str = ""
    refused: dict[str, str] = field(default_factory=dict)
    has_list: bool = True
    bare_list: bool = False
    says_done: bool = True
    spaced: bool = True
    thinks: str = ""
    context_tokens: int = 0
    text: str = ""
    """What it says instead of quoting; empty lets it quote."""
    bodies: list[dict[str, Any]] = field(default_factory=list)
    headers: list[dict[str, str]] = field(default_factory=list)
    paths: list[str] = field(default_factory=list)
    connections: int = 0
    prefix: str = "/v1"

    def connected(self) -> None:
        """Count a connection."""
        self.connections += 1

    async def handle(self, request: Request, reply: Reply) -> None:
        """Serve one request."""
        path = request.path.partition("?")[0].removeprefix(self.prefix)
        self.paths.append(path)
        self.headers.append(request.headers)
        if self.key and request.headers.get("authorization") != f"Bearer {self.key}":
            await reply.send_json(401, _error("Incorrect API key provided.", code="invalid_api_key"))
        elif path == "/models" and self.has_list:
            await reply.send_json(200, self.models if self.bare_list else {"object": "list", "data": self.models})
        elif path == "/chat/completions" and request.method == "POST":
            await self._chat(request.json(), reply)
        else:
            await reply.send_json(404, {"detail": "Not Found"})

    async def _chat(self, body: dict[str, Any], reply: Reply) -> None:
        self.bodies.append(body)
        if problem := self._problem(body):
            await reply.send_json(400, problem)
            return
        text = self.text or write_answer(body["messages"])
        reply.start_stream({})
        await reply.send_chunk(b": keep-alive\n\n:\n\nretry: 3000\n\n")
        await self._event(reply, body, {"role": "assistant", "content": ""})
        if self.thinks:
            await self._event(reply, body, {"reasoning_content": self.thinks})
        for piece in re.findall(r"\S+\s*|\s+", text):
            await self._event(reply, body, {"content": piece})
        await self._event(reply, body, {}, finish="stop")
        if self.says_done:
            if (body.get("stream_options") or {}).get("include_usage"):
                usage = {"prompt_tokens": 7, "completion_tokens": 3, "total_tokens": 10}
                await self._send(reply, {**_frame(body), "choices": [], "usage": usage})
            await reply.send_chunk(b"data: [DONE]\n\n")
        await reply.end_stream()

    def _problem(self, body: dict[str, Any]) -> dict[str, Any] | None:
        if body.get("model") not in [entry["id"] for entry in self.models]:
            return _error(f"The model `{body.get('model')}` does not exist", code="model_not_found")
        if unknown := sorted(body.keys() - OPENAI_FIELDS):
            return _error(f"Unrecognized request argument supplied: {unknown[0]}")
        length = len(json.dumps(body["messages"])) // 4
        if self.context_tokens and length > self.context_tokens:
            return _error(
                f"This model's maximum context length is {self.context_tokens} tokens. However, you requested "
                f"{length} tokens in the messages, please reduce the length of the messages."
            )
        return next((_error(why) for name, why in self.refused.items() if name in body), None)

    async def _event(
        self, reply: Reply, body: dict[str, Any], delta: dict[str, Any], finish: str | None = None
    ) -> None:
        choice = {"index": 0, "delta": delta, "logprobs": None, "finish_reason": finish or None}
        await self._send(reply, {**_frame(body), "choices": [choice], "usage": None})

    async def _send(self, reply: Reply, chunk: dict[str, Any]) -> None:
        await reply.send_chunk(f"data:{' ' if self.spaced else ''}{json.dumps(chunk)}\n\n".encode())


def _frame(body: dict[str, Any]) -> dict[str, Any]:
    return {
        "id": "chatcmpl-1",
        "object": "chat.completion.chunk",
        "created": int(time.time()),
        "model": body.get("model"),
        "system_fingerprint": "fp_plain",
    }


def _error(message: str, *, code: str | None = None) -> dict[str, Any]:
    return {"error": {"message": message, "type": "invalid_request_error", "param": None, "code": code}}
