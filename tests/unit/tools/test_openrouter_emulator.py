"""The emulated models keep the pace of models far away."""

import asyncio
import json
from collections.abc import Mapping
from dataclasses import dataclass, field

from tools.openrouter_emulator.account import Account
from tools.openrouter_emulator.chat import ChatModels, Pace
from tools.openrouter_emulator.http import Reply, Request


@dataclass
class Clock:
    now: float = 100.0

    def __call__(self) -> float:
        return self.now


@dataclass
class SlowMachine(Reply):
    """Needs a while to send, and notes for how long it was asked to rest."""

    clock: Clock = field(default_factory=Clock)
    busy_s: float = 0.0
    rests: list[float] = field(default_factory=list)
    sent: list[bytes] = field(default_factory=list)

    def start_stream(self, headers: Mapping[str, str] | None = None, content_type: str = "text/event-stream") -> None:
        self.sent.clear()

    async def send_chunk(self, payload: bytes) -> None:
        self.sent.append(payload)
        if b'"content": "' in payload:
            self.clock.now += self.busy_s

    async def end_stream(self) -> None:
        self.keep_alive = False

    async def pause(self, seconds: float) -> None:
        if seconds > 0:
            self.rests.append(round(seconds, 3))
            self.clock.now += seconds


async def answered(busy_s: float) -> SlowMachine:
    clock = Clock()
    reply = SlowMachine(None, asyncio.Event(), clock=clock, busy_s=busy_s)  # type: ignore[arg-type]
    models = ChatModels(Account(), Pace(first_token_s=0.4, tokens_per_s=50), scripted_text="one two three", clock=clock)
    body = json.dumps({"model": "any", "stream": True, "messages": []}).encode()
    await models.answer(Request("POST", "/chat/completions", {}, body), reply)
    return reply


async def test_an_idle_machine_rests_between_tokens() -> None:
    assert (await answered(busy_s=0.0)).rests == [0.4, 0.02, 0.02, 0.02]


async def test_late_tokens_catch_up_with_the_pace() -> None:
    reply = await answered(busy_s=0.03)
    assert reply.rests == [0.4]
    assert [b"one" in chunk for chunk in reply.sent].count(True) == 1
    assert reply.sent[-1] == b"data: [DONE]\n\n"
