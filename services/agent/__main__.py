"""`python -m services.agent` runs the agent."""

import asyncio

from services.agent.server import serve

if __name__ == "__main__":
    asyncio.run(serve())
