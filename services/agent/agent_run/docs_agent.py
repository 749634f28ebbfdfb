"""The agent of the OpenAI Agents SDK: its instructions, its two tools, and how a run becomes text."""

import json
from collections.abc import AsyncGenerator, Callable
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from agents import Agent, FunctionTool, Model, RunConfig, Runner, Tool, set_tracing_disabled
from agents.items import TResponseInputItem
from agents.tool_context import ToolContext
from docs_chat.retriever.v1.passages_pb2 import Scope

from services.agent.agent_run.instructions import defused, render_passage
from services.agent.evidence import Evidence
from services.agent.retriever_client import RetrieverClient, WeightedQuery
from services.runtime.errors import DocumentNotFound, InvalidRequest, ServiceError

# Traces go to our own collector; the SDK's would go to OpenAI.
set_tracing_disabled(True)

_PAGE_CHARACTERS = 12_000
_MAX_TURNS = 2


@dataclass(slots=True)
class SecondLook:
    """What the tools of one turn work with.

    Args:
        retriever: Where they look.
        evidence: Where what they find is numbered.
        scope: The turn's own; tools cannot leave it.
        limit: Passages a search gives.
        on_look: Told when a tool starts.
    """

    retriever: RetrieverClient
    evidence: Evidence
    scope: Scope
    limit: int
    on_look: Callable[[], None]

    async def search_docs(self, query: str) -> str:
        """Passages for the model's own words, numbered on."""
        self.on_look()
        found = await self.retriever.search(
            [WeightedQuery(query[:500])], site=self.evidence.site, scope=self.scope, limit=self.limit
        )
        numbered = self.evidence.add(found.passages)
        return "\n\n".join(render_passage(number, passage) for number, passage in numbered) or "Nothing was found."

    async def read_page(self, number: int) -> str:
        """The page of a numbered passage, whole; only pages that were found can be read."""
        self.on_look()
        passage = self.evidence.passage(number)
        if passage is None:
            return f"There is no passage {number}; use a number between 1 and {len(self.evidence.passages)}."
        page = await self.retriever.read_page(passage.document_uri, site=self.evidence.site)
        text = "\n\n".join(chunk.text for chunk in page.chunks)[:_PAGE_CHARACTERS]
        return f'<passage number="{number}" from="{defused(page.title)}">\n{defused(text)}\n</passage>'


@lru_cache(maxsize=64)
def docs_agent(rules: str, *, with_tools: bool) -> Agent[SecondLook]:
    """The agent that answers by these rules; the model it asks is each run's own."""
    tools: list[Tool] = [_SEARCH_DOCS, _READ_PAGE] if with_tools else []
    return Agent(name="docs-chat", instructions=rules, tools=tools)


async def stream_text(
    agent: Agent[SecondLook], model: Model, items: list[TResponseInputItem], look: SecondLook
) -> AsyncGenerator[str, None]:
    """Run the agent and give its text piece by piece; leaving early ends the run and its connection.

    Raises:
        ServiceError: What the model raised; AgentsException if the run itself failed.
    """
    config = RunConfig(model=model, tracing_disabled=True, tool_not_found_behavior="return_error_to_model")
    result = Runner.run_streamed(agent, items, context=look, max_turns=_MAX_TURNS, run_config=config)
    try:
        async for event in result.stream_events():
            if event.type == "raw_response_event" and event.data.type == "response.output_text.delta":
                yield event.data.delta
    finally:
        result.cancel()
        if result.run_loop_task is not None and not result.run_loop_task.done():
            result.run_loop_task.cancel()


def _tool(name: str, description: str, parameter: str, schema: dict[str, str], kind: type) -> FunctionTool:
    async def invoke(context: ToolContext[Any], arguments: str) -> str:
        try:
            value = _argument(arguments, parameter, kind)
            return str(await getattr(context.context, name)(value))
        except ValueError as error:
            return str(error)
        except (DocumentNotFound, InvalidRequest):
            return "Nothing was found. Answer from the passages you have."
        except ServiceError:
            return "The documentation cannot be searched at the moment. Answer from the passages you have."

    return FunctionTool(
        name=name,
        description=description,
        params_json_schema={
            "type": "object",
            "properties": {parameter: schema},
            "required": [parameter],
            "additionalProperties": False,
        },
        on_invoke_tool=invoke,
        timeout_seconds=10,
    )


def _argument(arguments: str, parameter: str, kind: type) -> Any:
    """The one argument of a tool, out of whatever a small model wrote.

    Raises:
        ValueError: With what the model should write instead.
    """
    hint = f'Write the arguments as JSON: {{"{parameter}": …}}.'
    try:
        parsed = json.loads(arguments or "{}")
    except ValueError:
        raise ValueError(f"The arguments are not valid JSON. {hint}") from None
    value = parsed.get(parameter) if isinstance(parsed, dict) else parsed
    if kind is int and isinstance(value, str) and value.strip().isdigit():
        value = int(value)
    if not isinstance(value, kind) or value == "":
        raise ValueError(f"The argument {parameter} is missing or has the wrong type. {hint}")
    return value


_SEARCH_DOCS = _tool(
    "search_docs",
    "Search the documentation again with other words. Use it once, only if the passages miss what the question needs.",
    "query",
    {"type": "string", "description": "A few words that name what is missing, identifiers as they are spelled."},
    str,
)
_READ_PAGE = _tool(
    "read_page",
    "Read the whole page that a passage was taken from.",
    "number",
    {"type": "integer", "description": "Number of a passage of that page."},
    int,
)
