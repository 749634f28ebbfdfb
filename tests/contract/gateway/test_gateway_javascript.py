"""The clients that JavaScript programs use: OpenAI's, Vercel's AI SDK, MCP's and its inspector."""

import importlib.metadata
import json
from typing import Any

import pytest

from tests.fakes.javascript import CLIENTS, answer_of, needs_packages, output_of

pytestmark = pytest.mark.node

CONTENT = (
    "Use `retries` [1] 🎉.\n\n**Sources**\n\n[1] [Retry › Client › Backoff](https://docs.example.com/retry#backoff)"
)
MODULES = CLIENTS / "node_modules"  # the inspector looks for a package.json in the folder above the current one
INSPECTOR = "@modelcontextprotocol/inspector-cli/build/cli.js"


@pytest.fixture(autouse=True)
def _packages() -> None:
    needs_packages()


async def test_openais_client_shows_the_sources(browser: Any) -> None:
    answer = await answer_of("openai.mjs", f"{browser.base_url}/v1")
    assert (answer["content"], answer["streamed"], answer["marked"]) == (CONTENT, CONTENT, "[1]")
    assert answer["refused"] == {"status": 400, "param": "n", "code": "unsupported_value"}
    assert answer["models"] == ["docs-chat", "docs-chat/docs"]


async def test_the_ai_sdk_shows_the_sources(browser: Any) -> None:
    answer = await answer_of("ai_sdk.mjs", f"{browser.base_url}/v1")
    assert (answer["content"], answer["streamed"], answer["offered"]) == (CONTENT, CONTENT, CONTENT)
    assert (answer["finish"], answer["limited"]) == ("stop", {"text": "Use ", "finish": "length"})
    assert answer["forced"] == {"status": 400, "body": "tool_choice"}
    assert answer["plain"] == "Use `retries` 🎉."


async def test_mcps_client_searches_reads_and_lists(browser: Any) -> None:
    answer = await answer_of("mcp.mjs", f"{browser.base_url}/mcp")
    assert (answer["server"]["name"], answer["server"]["version"]) == (
        "docs-chat",
        importlib.metadata.version("docs-chat"),
    )
    assert answer["capabilities"] == ["resources", "tools"]
    assert answer["tools"] == ["search_docs", "read_page"]
    assert answer["found"].startswith("## Retry › Client › Backoff (version 2.1)")
    assert answer["page"].startswith("# Retry\n")
    assert answer["wrong"] == {"isError": True, "text": "limit must be a whole number from 1 to 20."}
    assert (answer["resources"], answer["read"]) == (["docs first"], "text/markdown")


@pytest.mark.parametrize(
    ("method", "key"),
    [
        (["tools/list"], "tools"),
        (["resources/list"], "resources"),
        (["resources/read", "--uri", "https://docs.example.com/retry"], "contents"),
        (["tools/call", "--tool-name", "search_docs", "--tool-arg", "query=retries"], "structuredContent"),
    ],
)
async def test_the_inspector_talks_to_us(browser: Any, method: list[str], key: str) -> None:
    address = f"{browser.base_url}/mcp"
    printed = await output_of(INSPECTOR, "--cli", address, "--transport", "http", "--method", *method, folder=MODULES)
    assert json.loads(printed)[key]
