"""What the pages about calling show: every snippet is run, every row of the table is tried with OpenAI's own client."""

import asyncio
import json
import re
import shutil
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import Any

import openai
import pytest
from langchain_core.messages import HumanMessage
from langchain_openai import ChatOpenAI
from openai import AsyncOpenAI

from tests.fakes.javascript import needs_packages, output_of

PAGES = Path(__file__).parents[3] / "docs" / "docs" / "ask"
WRITTEN_ADDRESS = "http://127.0.0.1:8000"
SNIPPET = re.compile(r'^```(\w+) title="([^"]+)"\n(.*?)^```$', re.MULTILINE | re.DOTALL)
FENCE = re.compile(r"^```\w", re.MULTILINE)
ROW = re.compile(r"^\| (.+?) \| .+ \|$", re.MULTILINE)
QUESTION: list[Any] = [{"role": "user", "content": "How do I retry?"}]
SOURCE = "[1] [Retry › Client › Backoff](https://docs.example.com/retry#backoff)"
RUN = ("http.mdx", "mcp.md", "openai.md")
SNIPPETS = {
    (page.name, title): (language, source)
    for page in sorted(PAGES.glob("*.md*"))
    for language, title, source in SNIPPET.findall(page.read_text())
    if page.name in RUN
}
TYPED_ANSWER = "Answer while typing"
SHOWN = {
    "ask.py": SOURCE,
    "ask.mjs": SOURCE,
    "ask_langchain.py": SOURCE,
    "ask_ai_sdk.mjs": SOURCE,
    "ask_without_marks.py": "https://docs.example.com/retry#backoff",
    "ask_mcp.py": "## Retry › Client › Backoff",
    "ask_mcp.mjs": "## Retry › Client › Backoff",
}


async def printed_by(*command: str) -> str:
    pipe = asyncio.subprocess.PIPE
    process = await asyncio.create_subprocess_exec(*command, stdout=pipe, stderr=pipe)
    out, errors = await process.communicate()
    assert process.returncode == 0, errors.decode()
    return out.decode()


@pytest.mark.parametrize(("page", "title"), [key for key, (language, _) in SNIPPETS.items() if language == "python"])
async def test_python_on_the_pages_runs(browser: Any, page: str, title: str) -> None:
    source = SNIPPETS[page, title][1].replace(WRITTEN_ADDRESS, str(browser.base_url).rstrip("/"))
    assert SHOWN[title] in await printed_by(sys.executable, "-c", source)


async def test_commands_on_the_pages_run(browser: Any) -> None:
    if shutil.which("curl") is None:
        pytest.skip("curl is not installed")
    address = str(browser.base_url).rstrip("/")
    search = SNIPPETS["http.mdx", "Terminal"][1].replace(WRITTEN_ADDRESS, address)
    assert json.loads(await printed_by("bash", "-c", search))["passages"]
    typing = SNIPPETS["http.mdx", "Terminal, while typing"][1].replace(WRITTEN_ADDRESS, address)
    answered = json.loads(await printed_by("bash", "-c", typing))
    assert answered.keys() == json.loads(SNIPPETS["http.mdx", TYPED_ANSWER][1]).keys()


@pytest.mark.node
@pytest.mark.parametrize(("page", "title"), [key for key, (language, _) in SNIPPETS.items() if language == "js"])
async def test_javascript_on_the_pages_runs(browser: Any, page: str, title: str) -> None:
    needs_packages()
    source = SNIPPETS[page, title][1].replace(WRITTEN_ADDRESS, str(browser.base_url).rstrip("/"))
    assert SHOWN[title] in await output_of(source=source)


@pytest.mark.parametrize(
    ("page", "title"),
    [key for key, (language, _) in SNIPPETS.items() if language == "json" and key[1] != TYPED_ANSWER],
)
async def test_configuration_on_the_pages_names_a_server_that_answers(browser: Any, page: str, title: str) -> None:
    (servers,) = json.loads(SNIPPETS[page, title][1]).values()
    path = servers["docs"]["url"].removeprefix(WRITTEN_ADDRESS)
    message = {"jsonrpc": "2.0", "id": 1, "method": "tools/list"}
    answer = await browser.post(path, json=message, headers={"Accept": "application/json, text/event-stream"})
    assert answer.json()["result"]["tools"]


def test_every_snippet_is_one_that_is_run() -> None:
    for page in RUN:
        text = (PAGES / page).read_text()
        assert len(FENCE.findall(text)) == len(SNIPPET.findall(text))
    assert {language for language, _ in SNIPPETS.values()} == {"bash", "python", "js", "json"}


class Door:
    """OpenAI's own client, and the gateway it talks to."""

    def __init__(self, browser: Any, agent: Any) -> None:
        self.agent = agent
        self.client = AsyncOpenAI(base_url=f"{browser.base_url}/v1", api_key="unused", max_retries=0)

    async def ask(self, **asked: Any) -> Any:
        asked = {"model": "docs-chat", "messages": QUESTION} | asked
        return await self.client.chat.completions.create(**asked)

    async def answers(self, **asked: Any) -> None:
        """The whole answer comes as if nothing special had been asked."""
        choice = (await self.ask(**asked)).choices[0]
        assert choice.message.content.endswith(SOURCE)
        assert choice.finish_reason == "stop"

    async def refuses(self, param: str, status: int = 400, **asked: Any) -> None:
        with pytest.raises(openai.APIStatusError) as refused:
            await self.ask(**asked)
        assert (refused.value.status_code, refused.value.param) == (status, param)

    async def told(self, *messages: dict[str, Any]) -> list[str]:
        """What the agent is told of a conversation."""
        await self.answers(messages=list(messages))
        return [message.text for message in self.agent.requests[-1].messages]


Case = Callable[[Door], Awaitable[None]]
CASES: dict[str, Case] = {}
FILE = {"type": "file", "file": {"file_id": "f"}}
SOUND = {"type": "input_audio", "input_audio": {"data": "", "format": "mp3"}}
PICTURE = {"type": "image_url", "image_url": {"url": "data:,"}}
FUNCTION = {"name": "look_up", "parameters": {"type": "object", "properties": {}}}
TOOL = {"type": "function", "function": FUNCTION}
CALL = {"id": "c", "type": "function", "function": {"name": "look_up", "arguments": "{}"}}


def row(sent: str) -> Callable[[Case], Case]:
    def keep(case: Case) -> Case:
        CASES[sent] = case
        return case

    return keep


@row("`model: docs-chat`")
async def _(door: Door) -> None:
    await door.answers(model="docs-chat")
    assert door.agent.requests[-1].site == ""


@row("`model: docs-chat/<site>`")
async def _(door: Door) -> None:
    await door.answers(model="docs-chat/docs")
    assert door.agent.requests[-1].site == "docs"


@row("another model, an unknown site")
async def _(door: Door) -> None:
    await door.refuses("model", 404, model="gpt-5")
    await door.refuses("model", 404, model="docs-chat/UNKNOWN")


@row("messages of `system` and `developer`")
async def _(door: Door) -> None:
    messages = [{"role": role, "content": "You are a pirate."} for role in ("system", "developer")]
    assert await door.told(*messages, *QUESTION) == ["How do I retry?"]
    assert await door.told(*QUESTION, *messages) == ["How do I retry?"]


@row("messages of `tool` and `function`, `tool_calls`")
async def _(door: Door) -> None:
    called = {"role": "assistant", "content": None, "tool_calls": [CALL]}
    results = [
        {"role": "tool", "tool_call_id": "c", "content": "result"},
        {"role": "function", "name": "look_up", "content": "result"},
    ]
    assert await door.told(*QUESTION, called, *results) == ["How do I retry?"]
    assert await door.told(*QUESTION, called, *results, {"role": "user", "content": "Now?"}) == [
        "How do I retry?",
        "Now?",
    ]


@row("assistant with `content: null`")
async def _(door: Door) -> None:
    assert await door.told(*QUESTION, {"role": "assistant", "content": None}, *QUESTION) == ["How do I retry?"] * 2


@row("parts of `text` and `refusal`")
async def _(door: Door) -> None:
    parts = [{"type": "text", "text": "How do "}, {"type": "text", "text": "I retry?"}]
    refusal = {"role": "assistant", "content": [{"type": "refusal", "refusal": "I cannot."}]}
    assert await door.told({"role": "user", "content": parts}, refusal, *QUESTION) == [
        "How do I retry?",
        "I cannot.",
        "How do I retry?",
    ]


@row("images, sound, files in the question")
async def _(door: Door) -> None:
    for part in (PICTURE, SOUND, FILE):
        content = [{"type": "text", "text": "What is this?"}, part]
        await door.refuses("messages[0].content[1].type", messages=[{"role": "user", "content": content}])


@row("images, sound, files before it")
async def _(door: Door) -> None:
    assert await door.told({"role": "user", "content": [PICTURE, SOUND, FILE]}, *QUESTION) == ["How do I retry?"]


@row("more than 100 messages")
async def _(door: Door) -> None:
    assert len(await door.told(*QUESTION * 150)) == 20


@row("a last message that is not the user's")
async def _(door: Door) -> None:
    await door.refuses("messages", messages=[*QUESTION, {"role": "assistant", "content": "Use"}])
    await door.refuses("messages", messages=[{"role": "system", "content": "x"}])


@row("`stream`, `stream_options`")
async def _(door: Door) -> None:
    stream = await door.ask(stream=True, stream_options={"include_usage": True})
    chunks = [chunk async for chunk in stream]
    assert "".join(chunk.choices[0].delta.content or "" for chunk in chunks if chunk.choices).endswith(SOURCE)
    assert chunks[-1].usage is not None


@row("`stop`")
async def _(door: Door) -> None:
    for stop in ("tries`", ["x", "tries`"]):
        choice = (await door.ask(stop=stop)).choices[0]
        assert (choice.message.content, choice.finish_reason) == ("Use `re", "stop")
    await door.refuses("stop", stop=["1", "2", "3", "4", "5"])


@row("`max_tokens`, `max_completion_tokens`")
async def _(door: Door) -> None:
    for name in ("max_tokens", "max_completion_tokens"):
        choice = (await door.ask(**{name: 2})).choices[0]
        assert (choice.message.content, choice.finish_reason) == ("Use `ret", "length")


@row("`n`")
async def _(door: Door) -> None:
    await door.answers(n=1)
    await door.refuses("n", n=2)


@row("`tools`, `functions`")
async def _(door: Door) -> None:
    await door.answers(tools=[TOOL])
    for choice in ("auto", "none"):
        await door.answers(tools=[TOOL], tool_choice=choice)
        await door.answers(functions=[FUNCTION], function_call=choice)


@row("`tool_choice: required`, or a named tool")
async def _(door: Door) -> None:
    await door.refuses("tool_choice", tools=[TOOL], tool_choice="required")
    await door.refuses("tool_choice", tools=[TOOL], tool_choice={"type": "function", "function": {"name": "look_up"}})
    await door.refuses("function_call", functions=[FUNCTION], function_call={"name": "look_up"})


@row("`response_format`")
async def _(door: Door) -> None:
    await door.answers(response_format={"type": "text"})
    await door.refuses("response_format", response_format={"type": "json_object"})
    schema = {"name": "x", "schema": {"type": "object"}}
    await door.refuses("response_format", response_format={"type": "json_schema", "json_schema": schema})


@row("`modalities` with `audio`")
async def _(door: Door) -> None:
    await door.answers(modalities=["text"])
    await door.refuses("modalities", modalities=["text", "audio"], audio={"voice": "alloy", "format": "mp3"})


@row("`logprobs: true`")
async def _(door: Door) -> None:
    await door.answers(logprobs=False)
    await door.refuses("logprobs", logprobs=True, top_logprobs=2)


@row("`temperature`, `top_p`, `seed`, penalties, `logit_bias`, `reasoning_effort`, `verbosity`")
async def _(door: Door) -> None:
    await door.answers(temperature=0.1, top_p=0.5, seed=7, presence_penalty=1, frequency_penalty=1)
    await door.answers(logit_bias={"50256": -100}, reasoning_effort="high", verbosity="low")


@row("`user`, `metadata`, `store`, `service_tier`, `safety_identifier`, `prompt_cache_key`")
async def _(door: Door) -> None:
    await door.answers(user="u", metadata={"a": "b"}, store=True, service_tier="auto")
    await door.answers(safety_identifier="s", prompt_cache_key="k")


@row("`parallel_tool_calls`, `prediction`, `web_search_options`")
async def _(door: Door) -> None:
    await door.answers(parallel_tool_calls=True, prediction={"type": "content", "content": "x"}, web_search_options={})


@row("unknown fields")
async def _(door: Door) -> None:
    await door.answers(extra_body={"chat_id": "1", "options": {"num_ctx": 4096}})


@row("`docs_chat.citations`")
async def _(door: Door) -> None:
    for citations, annotated in (("annotations", 1), ("none", 0)):
        message = (await door.ask(extra_body={"docs_chat": {"citations": citations}})).choices[0].message
        assert (message.content, len(message.annotations)) == ("Use `retries` 🎉.", annotated)
    await door.answers(extra_body={"docs_chat": {"citations": "markdown"}})


@row("`GET /v1/models/{id}`")
async def _(door: Door) -> None:
    assert (await door.client.models.retrieve("docs-chat/docs")).id == "docs-chat/docs"
    with pytest.raises(openai.NotFoundError):
        await door.client.models.retrieve("docs-chat/elsewhere")


@pytest.fixture
async def door(browser: Any, agent: Any) -> AsyncIterator[Door]:
    door = Door(browser, agent)
    yield door
    await door.client.close()


@pytest.mark.parametrize("sent", CASES)
async def test_a_row_of_the_table_holds(door: Door, sent: str) -> None:
    await CASES[sent](door)


def test_every_row_of_the_table_is_tried() -> None:
    section = (PAGES / "openai.md").read_text().partition("{#fields}")[2].partition("\n## ")[0]
    rows = [sent for sent in ROW.findall(section) if sent not in ("sent", "---")]
    assert rows == list(CASES)


async def test_langchain_shows_the_sources_and_may_offer_tools(browser: Any, agent: Any) -> None:
    docs = ChatOpenAI(base_url=f"{browser.base_url}/v1", api_key="unused", model="docs-chat", max_retries=0)
    answer = await docs.ainvoke("How do I retry?")
    assert answer.text.endswith(SOURCE)
    assert "".join([piece.text async for piece in docs.astream("How do I retry?")]).endswith(SOURCE)
    await docs.bind_tools([TOOL]).ainvoke([HumanMessage("How do I retry?"), answer, HumanMessage("And then?")])
    told = [message.text for message in agent.requests[-1].messages]
    assert told == ["How do I retry?", "Use `retries` 🎉.", "And then?"]
    assert (await docs.ainvoke("How do I retry?", stop=["tries`"])).text == "Use `re"
    with pytest.raises(openai.BadRequestError, match="no tools are called here"):
        await docs.bind_tools([TOOL], tool_choice="required").ainvoke("How do I retry?")
