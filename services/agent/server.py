"""Wires the agent together."""

import asyncio
import contextlib
import gc
import hashlib
import logging
from collections.abc import AsyncIterator
from dataclasses import dataclass

from docs_chat.agent.v1 import agent_service_pb2_grpc as rpc

from services.agent import telemetry
from services.agent.models.catalog import Catalog, OpenCatalog
from services.agent.models.chat_request import OpenRouterOptions, RequestOptions
from services.agent.models.guarded_stream import Patience
from services.agent.models.ladder import Ladder
from services.agent.models.openrouter import OpenRouter
from services.agent.models.provider import Provider
from services.agent.models.provider_poll import poll_provider
from services.agent.models.traits import KnownTraits
from services.agent.quota.counting import NO_LIMIT, QuotaLimits
from services.agent.quota.governor import QuotaGovernor
from services.agent.retriever_client import RetrieverClient
from services.agent.servicer import AgentServicer
from services.agent.settings import AgentSettings
from services.agent.state import State
from services.agent.state.sqlite import SqliteState
from services.agent.turn.answer_cache import AnswerCache
from services.agent.turn.answerer import Answerer
from services.agent.turn.evidence_finder import EvidenceFinder
from services.agent.turn.site_questions import SiteQuestions
from services.agent.turn.turns import Turns
from services.runtime.channels import ChannelSecurity, open_channel
from services.runtime.memory import keep_started_objects
from services.runtime.server import GrpcServer, prepare_process, running, stop_signal
from services.runtime.starting import CannotStart

logger = logging.getLogger(__name__)

SERVICE_NAME = "docs_chat.agent.v1.AgentService"


@dataclass(frozen=True, slots=True)
class RunningAgent:
    """The agent while it serves."""

    port: int
    turns: Turns
    ladder: Ladder | None


@contextlib.asynccontextmanager
async def serving(settings: AgentSettings) -> AsyncIterator[RunningAgent]:
    """The agent, ready for calls; everything it opened is closed on the way out."""
    async with contextlib.AsyncExitStack() as stack:
        channel = open_channel(settings.retriever_target, ChannelSecurity.from_settings(settings))
        await stack.enter_async_context(channel)
        retriever = RetrieverClient(channel, settings.retriever_timeout_s)
        state = _open_state(settings)
        stack.push_async_callback(state.close)
        ladder = await _ladder(settings, state, stack) if settings.has_provider else None
        if ladder is None:
            logger.info("neither OPENROUTER_API_KEY nor AGENT_BASE_URL is set: answers are quotations")
        turns = _turns(settings, retriever, ladder, state)
        servicer = AgentServicer(turns, settings.configured_models, ladder, settings.default_deadline_s)
        server = GrpcServer(
            "agent",
            settings,
            [SERVICE_NAME],
            lambda grpc_server: rpc.add_AgentServiceServicer_to_server(servicer, grpc_server),
        )
        await stack.enter_async_context(running(server))
        yield RunningAgent(server.port, turns, ladder)


async def serve(settings: AgentSettings) -> None:
    """Serve until asked to stop."""
    secrets = (settings.openrouter_api_key, settings.api_key, settings.redis_url)
    prepare_process("agent", settings, secrets=tuple(secret.get_secret_value() for secret in secrets))
    async with serving(settings):
        keep_started_objects()
        gc.set_threshold(10_000)  # turns leave little in cycles: one look for several of them, not several for each
        await stop_signal()


def _turns(settings: AgentSettings, retriever: RetrieverClient, ladder: Ladder | None, state: State) -> Turns:
    answerer = Answerer(
        retriever,
        ladder,
        tool_rounds=settings.tool_rounds,
        passage_limit=settings.passage_limit,
        history_tokens=settings.history_tokens,
        evidence_tokens=settings.evidence_tokens,
        longest_answer_s=settings.answer_timeout_s,
        trace_texts=settings.trace_texts,
    )
    cache = AnswerCache(state, _policy(settings)) if settings.answer_cache_entries and ladder else None
    finder = EvidenceFinder(retriever, settings.passage_limit, settings.evidence_passages)
    return Turns(finder, answerer, SiteQuestions(retriever), cache)


async def _ladder(settings: AgentSettings, state: State, stack: contextlib.AsyncExitStack) -> Ladder:
    try:
        provider, catalog, options = _provider(settings)
    except ValueError as error:
        raise CannotStart(str(error)) from error
    stack.push_async_callback(provider.close)
    governor = QuotaGovernor(state, _limits(settings), settings.queue_length)
    stack.push_async_callback(governor.close)
    ladder = Ladder(
        provider,
        catalog,
        governor,
        options,
        Patience(settings.first_text_timeout_s, settings.text_gap_timeout_s),
        max_attempts=settings.max_attempts,
        queue_wait_s=settings.queue_wait_s,
        traits=KnownTraits(state),
    )
    await ladder.recall()
    telemetry.QUEUE_LENGTH.set_function(lambda: governor.waiting)
    watch = asyncio.create_task(poll_provider(ladder, settings.catalog_interval_s))
    stack.push_async_callback(_cancelled, watch)
    return ladder


def _provider(settings: AgentSettings) -> tuple[Provider, Catalog, RequestOptions]:
    """Who is asked, for which models, and what every request says."""
    if settings.base_url:
        other = Provider(settings.base_url, settings.api_key)
        return other, OpenCatalog(other, settings.configured_models), RequestOptions(settings.max_output_tokens)
    openrouter = OpenRouter(settings.openrouter_base_url, settings.openrouter_api_key, site_url=settings.site_url)
    catalog = Catalog(openrouter, settings.configured_models, allow_paid=settings.allow_paid_models)
    options = OpenRouterOptions(settings.max_output_tokens, settings.reasoning_effort, settings.data_collection)
    return openrouter, catalog, options


def _limits(settings: AgentSettings) -> QuotaLimits:
    """OpenRouter's limits of free models unless others are set; another provider's only where they are."""
    is_kept = settings.model_fields_set if settings.base_url else {"requests_per_minute", "requests_per_day"}
    counts_days = "requests_per_day" in is_kept
    return QuotaLimits(
        settings.requests_per_minute if "requests_per_minute" in is_kept else NO_LIMIT,
        settings.requests_per_day if counts_days else NO_LIMIT,
        settings.daily_reserve if counts_days else 0,
        settings.network_minute_share,
        settings.network_day_share,
    )


def _open_state(settings: AgentSettings) -> State:
    max_age_s = settings.answer_cache_days * 86_400
    if url := settings.redis_url.get_secret_value():
        # A client the embedded default has no use for, so its memory is not spent either.
        from services.agent.state.redis import RedisState  # noqa: PLC0415

        return RedisState(url, account=account_name(settings), max_age_s=max_age_s)
    path = settings.data_dir / "state.sqlite"
    return SqliteState(path, max_answers=settings.answer_cache_entries, max_age_s=max_age_s)


def account_name(settings: AgentSettings) -> str:
    """A name for the account that tells nothing of its key; replicas with one key share one quota."""
    key = settings.openrouter_api_key.get_secret_value()
    if settings.base_url:
        key = f"{settings.api_key.get_secret_value()} at {settings.base_url}"
    return hashlib.sha256(f"docs-chat account {key}".encode()).hexdigest()[:16]


def _policy(settings: AgentSettings) -> str:
    parts: tuple[object, ...] = (
        *settings.configured_models,
        settings.max_output_tokens,
        settings.reasoning_effort,
        settings.passage_limit,
        settings.evidence_passages,
        settings.evidence_tokens,
    )
    parts += (settings.base_url,) if settings.base_url else ()
    return hashlib.sha256(repr(parts).encode()).hexdigest()[:16]


async def _cancelled(task: "asyncio.Task[None]") -> None:
    task.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await task
