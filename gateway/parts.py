"""The parts of one gateway process, put together once and handed to the routes."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

import grpc

from gateway.chatkit.answers import Answers, ChatPolicy
from gateway.chatkit.conversations import Conversations
from gateway.http.event_stream import Streams
from gateway.readers.api_keys import parse_api_key
from gateway.readers.authentication import ReaderPolicy, Readers
from gateway.readers.limits import LimitPolicy, Limits
from gateway.readers.logins import LoginPolicy
from gateway.readers.signing_secret import load_secrets
from gateway.reindexing.ingest_client import IngestClient
from gateway.reindexing.runs import Runs
from gateway.retrieval.retriever_client import RetrieverClient
from gateway.setting_values import named_values
from gateway.settings import GatewaySettings
from gateway.store.database import Database, migrated, open_database
from gateway.store.shared_threads import SharedThreads
from gateway.store.thread_store import ThreadStore
from gateway.store.turn_records import TurnRecords
from gateway.turns.agent_client import AgentClient
from gateway.turns.retries import RetryPolicy
from gateway.turns.runner import Turns
from services.runtime.channels import ChannelSecurity, open_channel


@dataclass(frozen=True, slots=True)
class Gateway:
    """What a route may use."""

    settings: GatewaySettings
    database: Database
    agent_channel: grpc.aio.Channel
    retriever_channel: grpc.aio.Channel
    retriever: RetrieverClient
    turns: Turns
    records: TurnRecords
    store: ThreadStore
    shared: SharedThreads
    answers: Answers
    conversations: Conversations
    readers: Readers
    limits: Limits
    streams: Streams
    runs: Runs


@asynccontextmanager
async def open_gateway(settings: GatewaySettings) -> AsyncIterator[Gateway]:
    """Connect everything and migrate the tables; on the way out, wait for streams to end and records to be saved."""
    security = ChannelSecurity.from_settings(settings)
    async with (
        migrated(open_database(settings.database_url.get_secret_value(), settings.data_dir)) as database,
        open_channel(settings.agent_target, security) as agent_channel,
        open_channel(settings.retriever_target, security) as retriever_channel,
        open_channel(settings.ingest_target, security) as ingest_channel,
    ):
        runs = Runs(IngestClient(ingest_channel, settings.hook_run_timeout_s), dict(named_values(settings.hook_sites)))
        gateway = _assemble(settings, database, agent_channel, retriever_channel, runs)
        try:
            yield gateway
        finally:
            await gateway.runs.close()
            await gateway.streams.drained()
            await gateway.turns.saved()
            gateway.limits.close()


def _assemble(
    settings: GatewaySettings,
    database: Database,
    agent_channel: grpc.aio.Channel,
    retriever_channel: grpc.aio.Channel,
    runs: Runs,
) -> Gateway:
    records = TurnRecords(database, store_texts=settings.store_texts)
    retriever = RetrieverClient(retriever_channel, settings.search_timeout_s)
    agent = AgentClient(agent_channel, _retry_policy(settings))
    turns = Turns(agent, retriever, records)
    store = ThreadStore(database)
    return Gateway(
        settings=settings,
        database=database,
        agent_channel=agent_channel,
        retriever_channel=retriever_channel,
        retriever=retriever,
        turns=turns,
        records=records,
        store=store,
        shared=SharedThreads(database, days=settings.share_link_days),
        answers=Answers(store, turns, _chat_policy(settings)),
        conversations=Conversations(store, records, settings.image_domains),
        readers=Readers(_reader_policy(settings)),
        limits=Limits(settings.limits_url, _limit_policy(settings)),
        streams=Streams(),
        runs=runs,
    )


def _retry_policy(settings: GatewaySettings) -> RetryPolicy:
    return RetryPolicy(
        deadline_s=settings.turn_deadline_s,
        patience_s=settings.patience_s,
        quotation_reserve_s=settings.quotation_reserve_s,
        attempts=settings.turn_attempts,
        backoff_base_s=settings.backoff_base_s,
        backoff_cap_s=settings.backoff_cap_s,
    )


def _chat_policy(settings: GatewaySettings) -> ChatPolicy:
    return ChatPolicy(
        default_site=settings.site,
        history_messages=settings.history_messages,
        max_message_chars=settings.max_question_chars,
        image_domains=settings.image_domains,
    )


def _reader_policy(settings: GatewaySettings) -> ReaderPolicy:
    return ReaderPolicy(
        secrets=load_secrets(tuple(secret.get_secret_value() for secret in settings.secret), settings.data_dir),
        login=LoginPolicy(
            secret=settings.login_secret.get_secret_value(),
            public_key=settings.login_public_key,
            jwks_url=settings.login_jwks_url,
            audience=settings.login_audience,
            issuer=settings.login_issuer,
        ),
        api_keys=tuple(parse_api_key(key.get_secret_value()) for key in settings.api_keys),
        require_login=settings.require_login,
    )


def _limit_policy(settings: GatewaySettings) -> LimitPolicy:
    return LimitPolicy(
        turns_per_reader=settings.turns_per_reader,
        turns_per_address=settings.turns_per_address,
        turns_per_network=settings.turns_per_network,
        turns_per_key=settings.turns_per_key,
        requests_per_address=settings.requests_per_address,
        requests_per_network=settings.requests_per_network,
        requests_per_key=settings.requests_per_key,
        typed_searches_per_reader=settings.typed_searches_per_reader,
        typed_searches_per_address=settings.typed_searches_per_address,
        typed_searches_per_network=settings.typed_searches_per_network,
        new_readers_per_address=settings.new_readers_per_address,
        new_readers_per_network=settings.new_readers_per_network,
        streams_per_reader=settings.streams_per_reader,
        streams_per_key=settings.streams_per_key,
        streams_per_network=settings.streams_per_network,
        streams=settings.streams,
    )
