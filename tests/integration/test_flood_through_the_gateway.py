"""A flood from one network through the real gateway and agent, and readers elsewhere who notice nothing."""

import asyncio
from pathlib import Path
from typing import Any

import httpx

from tests.fakes.agent_world import agent_world
from tests.fakes.gateway_world import gateway_before

LIMITS = {"requests_per_minute": 18, "queue_wait_s": 1.0, "answer_cache_entries": 0}
SHARE_OF_A_MINUTE = 6


async def _ask(address: str, client: str, question: str) -> dict[str, Any]:
    """One question of somebody new at an address; the answer with our own facts."""
    body = {"model": "docs-chat", "messages": [{"role": "user", "content": question}]}
    async with httpx.AsyncClient(base_url=address, timeout=60) as browser:
        response = await browser.post("/v1/chat/completions", json=body, headers={"X-Forwarded-For": client})
        assert response.status_code == 200, response.text
        facts: dict[str, Any] = response.json()["docs_chat"]
        return facts


async def test_readers_elsewhere_get_the_model_while_one_network_floods(tmp_path: Path) -> None:
    async with agent_world(tmp_path / "agent", **LIMITS) as world:
        agent_target = f"127.0.0.1:{world.agent.port}"
        proxied = {"trusted_proxies": ("127.0.0.1",), "turn_attempts": 1, "streams_per_reader": 99}
        async with gateway_before(agent_target, world.retriever_target, tmp_path / "gateway", **proxied) as (
            address,
            _,
        ):
            crowd = [
                asyncio.create_task(_ask(address, f"2001:db8:bad:{number:x}::1", f"How do I install package {number}?"))
                for number in range(40)
            ]
            await asyncio.wait(crowd, return_when=asyncio.FIRST_COMPLETED)
            honest = await asyncio.gather(
                *(_ask(address, f"198.51.{number}.7", f"How do I install thing {number}?") for number in range(10))
            )
            flooded = await asyncio.gather(*crowd)
    assert [facts["source"] for facts in honest] == ["model"] * 10
    assert sum(facts["source"] == "model" for facts in flooded) == SHARE_OF_A_MINUTE
    told = {" ".join(facts["notices"]) for facts in flooded if facts["source"] == "extractive"}
    assert all("your network" in text for text in told)
