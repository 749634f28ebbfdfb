"""The MCP server, with the official client and with raw messages."""

import importlib.metadata
import json
from typing import Any

import pytest
from docs_chat.retriever.v1 import documents_pb2, passages_pb2
from docs_chat.retriever.v1 import retriever_service_pb2 as retriever_pb
from mcp import Client, MCPError

from services.runtime.errors import IndexUnavailable, shown
from tests.contract.gateway.conftest import BASE_URL, PASSAGE

HEADERS = {"Accept": "application/json, text/event-stream", "Content-Type": "application/json"}


class Assistant:
    """The official client, connected again for each call: the server keeps no sessions."""

    def __init__(self, address: str) -> None:
        self.address = address

    async def call(self, method: str, /, *args: Any, **kwargs: Any) -> Any:
        async with Client(self.address) as client:
            try:
                return await getattr(client, method)(*args, **kwargs)
            except MCPError as error:  # raised in here it would come out in a group
                failure = error
        raise failure

    async def call_tool(self, name: str, arguments: dict[str, Any]) -> Any:
        return await self.call("call_tool", name, arguments)


@pytest.fixture
def client(browser: Any) -> Assistant:
    return Assistant(f"{browser.base_url}/mcp")


async def text_of(client: Assistant, tool: str, **arguments: Any) -> str:
    return (await client.call_tool(tool, arguments)).content[0].text


async def test_the_server_names_itself_and_announces_only_what_is_there(client: Assistant) -> None:
    async with Client(client.address) as connected:
        assert connected.server_info is not None
        assert connected.server_info.name == "docs-chat"
        assert connected.server_info.version == importlib.metadata.version("docs-chat")
        capabilities = connected.server_capabilities.model_dump(exclude_none=True)
    assert set(capabilities) == {"tools", "resources"}
    assert not any(capabilities["resources"].values())


async def test_an_assistant_searches_and_gets_text_and_data(client: Assistant, retriever: Any) -> None:
    found = await client.call_tool("search_docs", {"query": "retries", "version": "2.1", "limit": "3"})
    assert found.content[0].text.startswith(
        "## Retry › Client › Backoff (version 2.1)\nhttps://docs.example.com/retry#backoff\n\nSet `retries`"
    )
    data = found.structured_content
    assert (data["site"], data["answerability"], data["passages"][0]["uri"]) == ("docs", "unknown", PASSAGE.uri)
    asked = retriever.searches[-1]
    assert (asked.limit, list(asked.scope.versions)) == (3, ["2.1"])


async def test_results_fit_the_schemas_that_are_announced(client: Assistant) -> None:
    tools = {tool.name: tool for tool in (await client.call("list_tools")).tools}
    assert set(tools) == {"search_docs", "read_page"}
    assert all(tool.output_schema and tool.annotations.read_only_hint for tool in tools.values())
    for name, arguments in [("search_docs", {"query": "x"}), ("read_page", {"uri": PASSAGE.uri})]:
        assert not (await client.call_tool(name, arguments)).is_error  # the client checks the schema


async def test_an_assistant_is_told_what_the_search_did(client: Assistant, retriever: Any) -> None:
    verdict = passages_pb2.Answerability(verdict=passages_pb2.ANSWERABILITY_VERDICT_NOT_COVERED)
    retriever.found = retriever_pb.SearchPassagesResponse(
        passages=[PASSAGE], site="docs", answerability=verdict, widening=passages_pb2.Widening(versions=["1.0"])
    )
    text = await text_of(client, "search_docs", query="retries")
    assert text.startswith("The documentation does not seem to cover this question.")
    assert "come from version 1.0." in text
    assert "## Retry" in text


async def test_an_assistant_reads_a_page_a_section_and_a_long_page_in_pieces(client: Assistant, retriever: Any) -> None:
    text = await text_of(client, "read_page", uri=PASSAGE.uri)
    assert text.startswith("# Retry\n\nhttps://docs.example.com/retry\n\nCalls are tried again.")
    assert "### Backoff" in text
    assert "Calls are tried" not in await text_of(client, "read_page", uri=PASSAGE.uri, section="backoff")
    retriever.chunks = [documents_pb2.Chunk(ordinal=at, text=f"{at} " + "x" * 900) for at in range(100)]
    read, offset = "", 0
    while offset is not None:
        result = await client.call_tool("read_page", {"uri": PASSAGE.uri, "offset": offset})
        assert len(result.content[0].text) < 31_000
        read, offset = read + result.structured_content["text"], result.structured_content["next_offset"]
        assert (offset is None) == ("It goes on: read_page with offset" not in result.content[0].text)
    assert [f"\n\n{at} xxx" in read for at in range(100)] == [True] * 100


@pytest.mark.parametrize(
    ("tool", "arguments", "sentence"),
    [
        ("search_docs", {}, "query is missing: give a text of 1 to 8,000 characters."),
        ("search_docs", {"query": ""}, "query must be a text of 1 to 8,000 characters."),
        ("search_docs", {"query": "x" * 8001}, "query must be a text of 1 to 8,000 characters."),
        ("search_docs", {"query": ["x"]}, "query must be a text of 1 to 8,000 characters."),
        ("search_docs", {"query": "x", "limit": 50}, "limit must be a whole number from 1 to 20."),
        ("search_docs", {"query": "x", "limit": "many"}, "limit must be a whole number from 1 to 20."),
        ("search_docs", {"query": "x", "pages": 1},
         "There is no argument 'pages': search_docs takes query, limit, version, locale, site."),
        ("search_docs", {"query": "x", "site": "../etc"},
         "site must be the name of a site: lower-case letters, digits and hyphens, at most 64."),
        ("search_docs", {"query": "x", "site": "elsewhere"}, "site must be one of: docs."),
        ("read_page", {"uri": "https://docs.example.com/none"}, "This page is not in the documentation (any more)."),
        ("read_page", {"uri": PASSAGE.uri, "section": "x" * 200},
         f"The page has no section {shown('x' * 200)}. Its sections: backoff."),
        ("read_page", {"uri": PASSAGE.uri, "offset": -1}, "offset must be a whole number, 0 or more."),
        ("read_page", {"uri": PASSAGE.uri, "offset": 10**9},
         "offset must be below 134: so many characters are there to read."),
        ("x" * 500, {}, f"There is no tool {shown('x' * 500)}: there are search_docs and read_page."),
    ],
)  # fmt: skip
async def test_a_wrong_argument_is_told_in_one_sentence(
    client: Assistant, tool: str, arguments: dict[str, Any], sentence: str
) -> None:
    result = await client.call_tool(tool, arguments)
    assert result.is_error
    assert result.content[0].text == sentence


async def test_a_site_must_be_named_when_there_are_several(client: Assistant, retriever: Any) -> None:
    retriever.sites = ["guide", "reference"]
    assert await text_of(client, "search_docs", query="x") == "site must be one of: guide, reference."


async def test_a_failure_of_ours_is_told_in_words(client: Assistant, retriever: Any) -> None:
    retriever.failure = IndexUnavailable("engine exploded at /secret/path")
    text = await text_of(client, "search_docs", query="x")
    assert text == "The answering service cannot be reached at the moment. Please try again soon."


async def test_pages_are_listed_as_resources_portion_by_portion(client: Assistant, retriever: Any) -> None:
    retriever.sites = ["guide", "reference"]
    names, cursor = [], None
    while True:
        listed = await client.call("list_resources", cursor=cursor)
        names += [resource.name for resource in listed.resources]
        cursor = listed.next_cursor
        if cursor is None:
            break
    assert names == ["guide first", "guide second", "reference first", "reference second"]


async def test_a_page_is_read_by_its_address(client: Assistant) -> None:
    read = await client.call("read_resource", PASSAGE.document_uri)
    assert read.contents[0].mime_type == "text/markdown"
    assert read.contents[0].text.startswith("# Retry")


async def test_a_site_without_pages_and_wrong_addresses_are_told(client: Assistant, retriever: Any) -> None:
    for uri in (f"{BASE_URL}none", "https://elsewhere.example/", "file:///etc/passwd", BASE_URL + "x" * 9000):
        with pytest.raises(MCPError):
            await client.call("read_resource", uri)
    for cursor in ("none of ours", "WyJhIl0=", "WzEsIDJd", "WyJnb25lIiwgIiJd"):
        with pytest.raises(MCPError, match="cursor"):
            await client.call("list_resources", cursor=cursor)
    retriever.sites = []
    assert (await client.call("list_resources")).resources == []


@pytest.mark.parametrize("method", ["GET", "DELETE", "PUT"])
@pytest.mark.parametrize("version", ["2025-06-18", "2026-07-28"])
async def test_only_posts_are_answered_and_nothing_stays_open(browser: Any, method: str, version: str) -> None:
    headers = HEADERS | {"Accept": "text/event-stream", "MCP-Protocol-Version": version}
    response = await browser.request(method, "/mcp", headers=headers)
    assert (response.status_code, response.headers["allow"]) == (405, "POST")
    assert response.json()["error"]["message"] == "Send each message as a POST."


CALL = {"jsonrpc": "2.0", "id": 1, "method": "tools/list"}


@pytest.mark.parametrize(
    "body",
    [[CALL], [CALL] * 2000, [], 7, None, {}, {"id": 1}, CALL | {"jsonrpc": "1.0"}, CALL | {"method": "x" * 5000},
     CALL | {"method": ["x"]}, CALL | {"params": 7}],
)  # fmt: skip
async def test_what_is_no_single_message_is_refused_in_one_sentence(browser: Any, body: Any) -> None:
    for headers in (HEADERS, HEADERS | {"MCP-Protocol-Version": "2026-07-28"}):
        response = await browser.post("/mcp", content=json.dumps(body), headers=headers)
        assert response.status_code == 400
        assert len(response.json()["error"]["message"]) < 100


async def test_what_a_failure_repeats_is_bounded(browser: Any) -> None:
    headers = HEADERS | {"MCP-Protocol-Version": "z" * 5000}
    assert len((await browser.post("/mcp", json=CALL, headers=headers)).text) < 200


@pytest.mark.parametrize("body", ["", "{", "[" * 100_000, '{"a":' * 20_000])
async def test_what_is_no_json_is_refused(browser: Any, body: str) -> None:
    response = await browser.post("/mcp", content=body, headers=HEADERS)
    assert (response.status_code, response.json()["error"]["message"]) == (400, "The body must be JSON.")


async def test_an_unknown_method_is_an_error_of_the_protocol(browser: Any) -> None:
    for method in ("prompts/list", "resources/templates/list", "logging/setLevel", "subscriptions/listen"):
        response = await browser.post("/mcp", json=CALL | {"method": method, "params": {}}, headers=HEADERS)
        assert response.json()["error"]["code"] in (-32601, -32602)


async def test_requests_are_counted_under_their_route(browser: Any, client: Assistant) -> None:
    await client.call("list_tools")
    assert 'route="/mcp"' in (await browser.get("/metrics")).text
