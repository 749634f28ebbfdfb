"""`python -m tools.openrouter_emulator --port 8090` and then `OPENROUTER_BASE_URL=http://127.0.0.1:8090/api/v1`."""

import argparse
import asyncio
import contextlib

from tools.openrouter_emulator.chat import Pace
from tools.openrouter_emulator.plain import PlainServer
from tools.openrouter_emulator.server import Emulator, emulating


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="An emulator of OpenRouter's API.")
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=8090)
    parser.add_argument("--first-token-ms", type=float, default=400, help="median time to the first token")
    parser.add_argument("--tokens-per-second", type=float, default=50, help="0: as fast as the wire")
    parser.add_argument("--spread", type=float, default=0.3, help="sigma of the log-normal factor on the first token")
    parser.add_argument("--per-minute", type=int, default=20)
    parser.add_argument("--per-day", type=int, default=1000)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--plain", action="store_true", help="a plain server with OpenAI's API instead, without limits")
    return parser.parse_args()


async def _main() -> None:
    arguments = _arguments()
    if arguments.plain:
        async with emulating(PlainServer(), arguments.host, arguments.port) as base_url:
            print(f"A plain server listens: AGENT_BASE_URL={base_url}", flush=True)
            await asyncio.Event().wait()
    emulator = Emulator(seed=arguments.seed)
    emulator.chat.pace = Pace(arguments.first_token_ms / 1000, arguments.tokens_per_second, arguments.spread)
    emulator.chat.account.per_minute, emulator.chat.account.per_day = arguments.per_minute, arguments.per_day
    async with emulating(emulator, arguments.host, arguments.port) as base_url:
        print(f"OpenRouter is emulated at {base_url}; direct it with POST {base_url}/_control", flush=True)
        await asyncio.Event().wait()


if __name__ == "__main__":
    with contextlib.suppress(KeyboardInterrupt):
        asyncio.run(_main())
